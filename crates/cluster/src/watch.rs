//! One task for each kind: lists and watches it, converts each object once, and says when something changed.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures::{StreamExt, pin_mut};
use k8s_openapi::api::core::v1::{Namespace as K8sNamespace, Pod, Service as K8sService};
use kube::{
    Api, Resource, ResourceExt,
    core::{DeserializeGuard, DynamicObject},
    runtime::{
        WatchStreamExt,
        utils::Backoff,
        watcher::{self, Error as WatchError, Event, watcher},
    },
};
use marketplace_domain::{extension::ExtensionKey, mesh::ServiceKey};
use serde::de::DeserializeOwned;

use crate::{
    Kind, KindState,
    classify::read_pod,
    live::Live,
    observe::innermost,
    plugin::read_plugin,
    services::{read_namespace, read_service},
    shared::Shared,
};

/// How often to ask again for a kind that the cluster does not know.
const CRD_POLL: Duration = Duration::from_secs(30);

/// A kind of objects that is watched.
pub(crate) trait Watched: Resource + Clone + std::fmt::Debug + DeserializeOwned + Send + Sync + 'static {
    /// Which kind.
    const KIND: Kind;

    /// Keeps an object, or says why it cannot be understood.
    fn put(live: &mut Live, object: Self) -> Result<(), String>;

    /// Forgets an object.
    fn forget(live: &mut Live, namespace: &str, name: &str);
}

impl Watched for K8sNamespace {
    const KIND: Kind = Kind::Namespaces;

    fn put(live: &mut Live, object: Self) -> Result<(), String> {
        let (name, info) = read_namespace(&object)?;
        live.put_namespace(name, Some(info));
        Ok(())
    }

    fn forget(live: &mut Live, _namespace: &str, name: &str) {
        if let Ok(name) = name.parse() {
            live.put_namespace(name, None);
        }
    }
}

impl Watched for K8sService {
    const KIND: Kind = Kind::Services;

    fn put(live: &mut Live, object: Self) -> Result<(), String> {
        let facts = read_service(&object)?;
        live.put_service(facts.key.clone(), Some(facts));
        Ok(())
    }

    fn forget(live: &mut Live, namespace: &str, name: &str) {
        if let (Ok(namespace), Ok(name)) = (namespace.parse(), name.parse()) {
            live.put_service(ServiceKey { namespace, name }, None);
        }
    }
}

impl Watched for Pod {
    const KIND: Kind = Kind::Pods;

    fn put(live: &mut Live, object: Self) -> Result<(), String> {
        match read_pod(&object)? {
            Some(facts) => live.put_pod(facts.proxy.namespace.clone(), facts.proxy.pod.clone(), Some(facts)),
            None => Self::forget(live, &object.namespace().unwrap_or_default(), &object.name_any()),
        }
        Ok(())
    }

    fn forget(live: &mut Live, namespace: &str, name: &str) {
        if let Ok(namespace) = namespace.parse() {
            live.put_pod(namespace, name.to_owned(), None);
        }
    }
}

impl Watched for DynamicObject {
    const KIND: Kind = Kind::Plugins;

    fn put(live: &mut Live, mut object: Self) -> Result<(), String> {
        // Who owns what is needed to write; it is kept beside the rest and left out where people look.
        let plugin = read_plugin(&object)?;
        if let Some(data) = object.data.as_object_mut() {
            data.remove("status");
        }
        let raw = serde_json::to_value(&object).map_err(|error| error.to_string())?;
        live.put_plugin(plugin.id(), Some((plugin, raw)));
        Ok(())
    }

    fn forget(live: &mut Live, namespace: &str, name: &str) {
        if let (Ok(namespace), Ok(name)) = (namespace.parse(), name.parse()) {
            live.put_plugin(ExtensionKey { namespace, name }, None);
        }
    }
}

/// Watches one kind for ever.
pub(crate) async fn watch<K: Watched>(api: Api<DeserializeGuard<K>>, shared: Arc<Shared>) {
    loop {
        let stream = watcher(api.clone(), watcher::Config::default()).backoff(Patience::default()).modify(|object| {
            // Half of a pod's bytes, and of no use here.
            if K::KIND != Kind::Plugins {
                object.managed_fields_mut().clear();
            }
        });
        pin_mut!(stream);
        // A list comes object by object, and takes the place of what was known when it is complete.
        let mut listed: Vec<DeserializeGuard<K>> = Vec::new();
        let (mut missing, mut expired) = (false, false);
        while let Some(event) = stream.next().await {
            match event {
                Ok(Event::Init) => listed.clear(),
                Ok(Event::InitApply(object)) => listed.push(object),
                Ok(Event::InitDone) => {
                    replace(&shared, std::mem::take(&mut listed));
                    shared.set_kind(K::KIND, KindState::Synced);
                    shared.changed(K::KIND);
                }
                Ok(Event::Apply(object)) => {
                    put(&mut shared.live(), object);
                    shared.changed(K::KIND);
                }
                Ok(Event::Delete(object)) => {
                    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
                    forget::<K>(&mut shared.live(), &namespace, &name);
                    shared.changed(K::KIND);
                }
                Err(error) => {
                    let state = state_of(K::KIND, &error);
                    missing = state == KindState::CrdMissing;
                    expired = is_expired(&error);
                    tracing::warn!(kind = ?K::KIND, error = %error, "a watch failed");
                    shared.set_kind(K::KIND, state);
                    if missing || expired {
                        break;
                    }
                }
            }
        }
        if missing {
            replace::<K>(&shared, Vec::new());
            shared.changed(K::KIND);
            tokio::time::sleep(CRD_POLL).await;
        }
        if expired {
            // After an outage: the server is there again, and only the place in its history is lost.
            tokio::time::sleep(Patience::FIRST).await;
        }
    }
}

/// Makes a complete list what is known.
fn replace<K: Watched>(shared: &Shared, objects: Vec<DeserializeGuard<K>>) {
    let mut live = shared.live();
    let mut gone: BTreeSet<(String, String)> = live.known(K::KIND);
    for object in objects {
        gone.remove(&(object.namespace().unwrap_or_default(), object.name_any()));
        put(&mut live, object);
    }
    for (namespace, name) in gone {
        forget::<K>(&mut live, &namespace, &name);
    }
}

fn put<K: Watched>(live: &mut Live, object: DeserializeGuard<K>) {
    let (namespace, name) = (object.namespace().unwrap_or_default(), object.name_any());
    let kept = match object.0 {
        Ok(object) => K::put(live, object),
        Err(invalid) => Err(invalid.error),
    };
    if let Err(why) = &kept {
        // What was known of it is out of date.
        K::forget(live, &namespace, &name);
        tracing::warn!(kind = ?K::KIND, namespace, name, why, "an object cannot be understood");
    }
    live.put_malformed(K::KIND, &namespace, &name, kept.err());
}

fn forget<K: Watched>(live: &mut Live, namespace: &str, name: &str) {
    K::forget(live, namespace, name);
    live.put_malformed(K::KIND, namespace, name, None);
}

fn state_of(kind: Kind, error: &WatchError) -> KindState {
    let status = match error {
        WatchError::InitialListFailed(kube::Error::Api(status))
        | WatchError::WatchStartFailed(kube::Error::Api(status))
        | WatchError::WatchFailed(kube::Error::Api(status))
        | WatchError::WatchError(status) => Some(status),
        _ => None,
    };
    match status {
        Some(status) if status.code == 404 && kind == Kind::Plugins => KindState::CrdMissing,
        Some(status) if matches!(status.code, 401 | 403) => KindState::Forbidden(status.message.clone()),
        Some(status) => KindState::Failing(status.message.clone()),
        None => KindState::Failing(innermost(error)),
    }
}

/// Whether the API server has forgotten where the watch stood; a new list helps, and patience does not.
fn is_expired(error: &WatchError) -> bool {
    match error {
        WatchError::WatchError(status) | WatchError::WatchStartFailed(kube::Error::Api(status)) => status.code == 410,
        _ => false,
    }
}

/// Waits 0.2 s, then twice as long each time, at most 2 s: kube's default waits up to 30 s, and people look at the page.
#[derive(Default)]
struct Patience {
    failures: u32,
}

impl Patience {
    const FIRST: Duration = Duration::from_millis(200);
}

impl Iterator for Patience {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let wait = Self::FIRST * (1 << self.failures.min(5));
        self.failures += 1;
        Some(wait.min(Duration::from_secs(2)))
    }
}

impl Backoff for Patience {
    fn reset(&mut self) {
        self.failures = 0;
    }
}
