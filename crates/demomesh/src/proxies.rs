//! The simulated proxies: what pilot-agent and Envoy do with plugins, without traffic. They really fetch what they are
//! told to run, and check it as Envoy does; nothing ever counts as loaded that was not fetched.

mod engine;
mod fetch;
mod fleet;
mod module;
mod oci;
mod order;
mod unpack;
mod view;

use std::sync::Arc;

use marketplace_domain::state::{ProxyState, ProxyStates};

pub(crate) use engine::run;
pub(crate) use fleet::Fleet;

use crate::{
    DemoMesh,
    kinds::{POD, WASM_PLUGIN},
};

impl ProxyStates for DemoMesh {
    fn state(&self, plugin: &str, proxy: &str) -> ProxyState {
        let (Some((plugin_ns, plugin_name)), Some((proxy_ns, pod))) = (plugin.split_once('/'), proxy.split_once('/'))
        else {
            return ProxyState::Unknown;
        };
        let state = self.inner.store.lock();
        let Some(object) = state.get(WASM_PLUGIN, plugin_ns, plugin_name).cloned() else { return ProxyState::Unknown };
        if state.get(POD, proxy_ns, pod).is_none() {
            return ProxyState::Unknown;
        }
        drop(state);
        let version = object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        self.inner.fleet.lock().state(plugin, version, proxy)
    }

    fn on_change(&self, changed: Box<dyn Fn() + Send + Sync>) {
        self.inner.fleet.lock().listeners.push(Arc::from(changed));
    }
}
