//! Filling the mesh, and what tests do to it behind the product's back.

use std::{collections::HashMap, net::TcpListener, sync::Arc};

use axum::{Router, extract::State, response::IntoResponse};
use bytes::Bytes;
use chrono::{SecondsFormat, Utc};
use http::{StatusCode, Uri, header};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    DemoMesh, Refusal,
    api::{self, Format, Options, Target},
    content,
    kept::Kept,
    kinds::{Kind, POD, WASM_PLUGIN},
};

impl DemoMesh {
    /// Puts the contents in, which need no admission; with the plugins that were kept in place of those of others.
    pub(crate) fn fill(&self, base: &str, kept: Option<Kept>) {
        let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut state = self.inner.store.lock();
        for mut object in content::objects() {
            let Some(kind) = object["kind"].as_str().and_then(Kind::of) else { continue };
            let metadata = &mut object["metadata"];
            if metadata["uid"].is_null() {
                metadata["uid"] = uuid::Uuid::new_v4().to_string().into();
            }
            metadata["creationTimestamp"] = now.as_str().into();
            state.put(kind, object);
        }
        let first = kept.is_none();
        if let Some(kept) = kept {
            kept.restore(&mut state, base);
        }
        drop(state);
        for (manager, applied, plugin) in first.then(|| content::plugins(base)).into_iter().flatten() {
            let made = if applied { self.apply_as(manager, &plugin) } else { self.create_as(manager, &plugin) };
            if let Err(refusal) = made {
                tracing::error!(%refusal, "a plugin of the demo mesh was refused");
            }
        }
        self.inner.store.signal();
    }

    /// Creates an object as another manager, e.g. `kubectl-create`.
    pub fn create_as(&self, manager: &str, object: &Value) -> Result<Value, Refusal> {
        self.write_as(manager, object, Format::Create)
    }

    /// Applies an object (server-side, with force) as another manager, e.g. `argocd-controller`.
    pub fn apply_as(&self, manager: &str, object: &Value) -> Result<Value, Refusal> {
        self.write_as(manager, object, Format::Apply)
    }

    fn write_as(&self, manager: &str, object: &Value, format: Format) -> Result<Value, Refusal> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let kind = known(object["kind"].as_str().unwrap_or_default())?;
        let name = if format == Format::Create { None } else { text(&object["metadata"]["name"]) };
        let namespace = if kind.namespaced { text(&object["metadata"]["namespace"]) } else { None };
        self.write(&Target { kind, namespace, name }, format, object, manager)
    }

    /// Changes an object with a merge patch as another manager, e.g. `kubectl-edit`.
    pub fn edit(
        &self,
        manager: &str,
        kind: &str,
        namespace: &str,
        name: &str,
        patch: &Value,
    ) -> Result<Value, Refusal> {
        self.write(&at(kind, namespace, name)?, Format::Merge, patch, manager)
    }

    fn write(&self, target: &Target, format: Format, body: &Value, manager: &str) -> Result<Value, Refusal> {
        let options = Options { manager: manager.to_owned(), force: true, ..Options::default() };
        let body = Bytes::from(body.to_string());
        let change = api::write(&mut self.inner.store.lock(), target, format, &body, &options)?;
        self.inner.store.signal();
        Ok(change.object)
    }

    /// Deletes an object.
    pub fn delete(&self, kind: &str, namespace: &str, name: &str) -> Result<(), Refusal> {
        let target = at(kind, namespace, name)?;
        api::delete(&mut self.inner.store.lock(), &target, &Bytes::new(), &Options::default())?;
        self.inner.store.signal();
        Ok(())
    }

    /// One object as it stands.
    pub fn get(&self, kind: &str, namespace: &str, name: &str) -> Option<Value> {
        let kind = Kind::of(kind)?;
        self.inner.store.lock().get(kind, namespace, name).map(|object| Value::clone(object))
    }

    /// All objects of a kind.
    pub fn list(&self, kind: &str) -> Vec<Value> {
        let Some(kind) = Kind::of(kind) else { return Vec::new() };
        self.inner.store.lock().list(kind, None).map(|(_, object)| Value::clone(object)).collect()
    }

    /// Makes the API server unreachable: requests fail, open watches break.
    pub fn set_unreachable(&self, unreachable: bool) {
        self.inner.store.lock().faults.unreachable = unreachable;
        self.inner.store.signal();
    }

    /// Refuses all writes for lack of rights.
    pub fn set_forbidden(&self, forbidden: bool) {
        self.inner.store.lock().faults.forbidden = forbidden;
    }

    /// Removes the resource definition of WasmPlugin, and so all plugins.
    pub fn remove_crd(&self) {
        self.inner.store.lock().remove_crd();
        self.inner.store.signal();
    }

    /// Installs the resource definition again.
    pub fn install_crd(&self) {
        self.inner.store.lock().faults.crd_missing = false;
        self.inner.store.signal();
    }

    /// Forgets all past changes: open watches, and those from earlier versions, end with 410.
    pub fn expire_watches(&self) {
        self.inner.store.lock().forget();
        self.inner.store.signal();
    }

    /// Ends all open watches, as a restart of the API server does.
    pub fn end_watches(&self) {
        self.inner.store.lock().epoch += 1;
        self.inner.store.signal();
    }

    /// Puts a WasmPlugin and a Pod in that cannot be read as such, past all admission; both are `default/malformed`.
    pub fn put_malformed(&self) {
        let metadata = json!({
            "namespace": "default", "name": "malformed", "uid": uuid::Uuid::new_v4().to_string(),
            "creationTimestamp": Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true),
        });
        let mut state = self.inner.store.lock();
        let plugin = json!({
            "apiVersion": WASM_PLUGIN.api_version(), "kind": "WasmPlugin", "metadata": metadata,
            "spec": { "url": 5, "selector": [], "match": "all" },
        });
        state.put(WASM_PLUGIN, plugin);
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": "nonsense", "status": [],
        });
        state.put(POD, pod);
        drop(state);
        self.inner.store.signal();
    }
}

fn known(kind: &str) -> Result<&'static Kind, Refusal> {
    Kind::of(kind).ok_or_else(Refusal::no_page)
}

fn at(kind: &str, namespace: &str, name: &str) -> Result<Target, Refusal> {
    let kind = known(kind)?;
    let namespace = kind.namespaced.then(|| namespace.to_owned());
    Ok(Target { kind, namespace, name: Some(name.to_owned()) })
}

/// Serves the modules of the plugins that others made, on a port of its own; answers with the address.
pub(crate) fn serve_modules(tasks: &mut JoinSet<()>) -> String {
    let bound = TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| {
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        Ok((tokio::net::TcpListener::from_std(listener)?, address))
    });
    match bound {
        Ok((listener, address)) => {
            let modules: HashMap<_, _> = content::hosted().into_iter().map(|one| (one.path, one.bytes)).collect();
            let router = Router::new().fallback(module).with_state(Arc::new(modules));
            tasks.spawn(async move {
                if let Err(error) = axum::serve(listener, router).await {
                    tracing::warn!(%error, "the demo mesh no longer serves its modules");
                }
            });
            format!("http://{address}")
        }
        Err(error) => {
            // The demo goes on: its proxies then show what happens when nobody listens.
            tracing::warn!(%error, "the demo mesh cannot serve its modules");
            "http://127.0.0.1:9".into()
        }
    }
}

async fn module(State(modules): State<Arc<HashMap<&'static str, Bytes>>>, uri: Uri) -> impl IntoResponse {
    match modules.get(uri.path()) {
        Some(bytes) => Ok(([(header::CONTENT_TYPE, "application/wasm")], bytes.clone())),
        None => Err(StatusCode::NOT_FOUND),
    }
}
