//! The handle on a cluster.

use std::{sync::Arc, time::Duration};

use k8s_openapi::api::core::v1::{Namespace as K8sNamespace, Pod, Service as K8sService};
use kube::{
    Api, Client,
    client::Body,
    core::{DeserializeGuard, DynamicObject},
};
use marketplace_domain::{Namespace, ObjectName, extension::ExtensionKey, mesh::MeshSettings, problem::BadSecret};
use serde_json::Value;
use tokio::{sync::broadcast, task::JoinSet};
use tower::{BoxError, Layer, Service};

use crate::{
    Applied, Change, Connect, ConnectError, Deleted, Desired, DryRun, Health, Kind, Snapshot, WriteError, connect,
    live::Live,
    mesh_config,
    observe::ObserveLayer,
    plugin, secret,
    shared::Shared,
    watch::watch,
    write::{self, Writer},
};

/// Changes are told at once, and then at most once in this time.
const COALESCE: Duration = Duration::from_millis(20);
/// How often to see whether the API server answers: watches alone do not notice a connection that died quietly.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often to read the mesh's settings again, in heartbeats.
const SETTINGS_EVERY: u32 = 12;

/// A cluster: read from memory, written through its API. Cheap to clone; the last clone stops all watching.
#[derive(Clone)]
pub struct Cluster {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    shared: Arc<Shared>,
    client: Client,
    writer: Writer,
    // Dropped with the handle, which ends the tasks.
    _tasks: JoinSet<()>,
}

impl Cluster {
    /// Begins to watch a cluster. Fails only when the settings are no good; a cluster that does not answer is asked
    /// again and again, and [`Cluster::health`] says so.
    pub async fn connect(choice: Connect) -> Result<Cluster, ConnectError> {
        let shared = new_shared();
        let (client, name) = connect::client(choice, &shared).await?;
        Ok(Self::start(client, name, shared))
    }

    /// Begins to watch a cluster whose API is a service in this process. Needs a Tokio runtime.
    pub fn over<S, B>(service: S, name: &str) -> Cluster
    where
        S: Service<http::Request<Body>, Response = http::Response<B>> + Send + 'static,
        S::Future: Send + 'static,
        S::Error: Into<BoxError>,
        B: http_body::Body<Data = bytes::Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let shared = new_shared();
        let client = Client::new(ObserveLayer(Arc::clone(&shared)).layer(service), "default");
        Self::start(client, name.to_owned(), shared)
    }

    fn start(client: Client, name: String, shared: Arc<Shared>) -> Cluster {
        let mut tasks = JoinSet::new();
        tasks.spawn(watch::<K8sNamespace>(Api::all(client.clone()), Arc::clone(&shared)));
        tasks.spawn(watch::<K8sService>(Api::all(client.clone()), Arc::clone(&shared)));
        tasks.spawn(watch::<Pod>(Api::all(client.clone()), Arc::clone(&shared)));
        let plugins: Api<DeserializeGuard<DynamicObject>> = Api::all_with(client.clone(), &plugin::resource());
        tasks.spawn(watch::<DynamicObject>(plugins, Arc::clone(&shared)));
        tasks.spawn(heartbeat(client.clone(), Arc::clone(&shared)));
        tasks.spawn(tell(Arc::clone(&shared)));
        let writer = Writer::new(client.clone());
        Cluster { inner: Arc::new(Inner { name, shared, client, writer, _tasks: tasks }) }
    }

    /// The cluster's name: the context's, or what it was called.
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// The cluster as it is known now, from memory.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.inner.shared.snapshot()
    }

    /// Tells what changes, at most 20 ms after it was seen. A listener that lags misses nothing but repetitions, if it
    /// looks at the newest snapshot then.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.inner.shared.subscribe()
    }

    /// How well we see the cluster.
    pub fn health(&self) -> Health {
        self.inner.shared.live().health().clone()
    }

    /// Waits until everything was read once; `false` when that took longer.
    pub async fn ready(&self, timeout: Duration) -> bool {
        let mut changes = self.changes();
        let wait = async {
            while !self.health().is_ready() {
                // A lag is as good as a change.
                let _ = changes.recv().await;
            }
        };
        tokio::time::timeout(timeout, wait).await.is_ok()
    }

    /// What applying would do, by the word of the cluster: its schema, its webhooks and who owns what. Writes nothing.
    pub async fn dry_run(&self, desired: &Desired) -> Result<DryRun, WriteError> {
        let seen = self.seen(desired);
        self.inner.writer.dry_run(desired, seen.as_deref()).await
    }

    /// Makes a WasmPlugin what is desired, by server-side apply without force. Writes nothing when nothing differs.
    pub async fn apply(&self, desired: &Desired) -> Result<Applied, WriteError> {
        let seen = self.seen(desired);
        self.inner.writer.apply(desired, seen.as_deref()).await
    }

    /// Deletes a WasmPlugin. With `uid` only that very one: another one of its name is
    /// [`WriteError::ChangedMeanwhile`]. One that is gone already is success.
    pub async fn delete(
        &self,
        namespace: &Namespace,
        name: &ObjectName,
        uid: Option<&str>,
    ) -> Result<Deleted, WriteError> {
        self.inner.writer.delete(namespace, name, uid).await
    }

    /// The login of a pull secret, its `.dockerconfigjson`, asked for now and remembered nowhere. Our account may well lack
    /// the right.
    pub async fn pull_secret(&self, namespace: &Namespace, name: &ObjectName) -> Result<String, BadSecret> {
        secret::read(&self.inner.client, namespace.as_str(), name.as_str()).await
    }

    /// A WasmPlugin as it is stored, without `managedFields` and `status`.
    pub fn raw(&self, namespace: &Namespace, name: &ObjectName) -> Option<Value> {
        let key = ExtensionKey { namespace: namespace.clone(), name: name.clone() };
        let raw = self.inner.shared.live().raw.get(&key).cloned();
        raw.map(|raw| write::presentable(&raw))
    }

    /// Exactly what [`Cluster::apply`] would send, as far as memory knows what is there.
    pub fn render(&self, desired: &Desired) -> Value {
        let key = ExtensionKey { namespace: desired.namespace.clone(), name: desired.name.clone() };
        let stored = self.inner.shared.live().raw.get(&key).cloned();
        write::plan(desired, stored.as_deref()).sent
    }

    /// What is stored, with owners, when memory holds just the version that the person saw.
    fn seen(&self, desired: &Desired) -> Option<Arc<Value>> {
        let key = ExtensionKey { namespace: desired.namespace.clone(), name: desired.name.clone() };
        let live = self.inner.shared.live();
        let version = live.plugin(&key).map(|plugin| plugin.resource_version.clone());
        let stored = live.raw.get(&key).cloned();
        stored.filter(|_| version.is_some() && version == desired.resource_version)
    }
}

impl std::fmt::Debug for Cluster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cluster").field("name", &self.inner.name).finish_non_exhaustive()
    }
}

fn new_shared() -> Arc<Shared> {
    // `istio-system` is a good name; the type cannot know.
    let settings = mesh_config::default_settings();
    let settings: MeshSettings = settings.expect("istio-system is a namespace's name");
    Shared::new(Live::new(settings))
}

/// Tells changes: the first at once, more of them together.
async fn tell(shared: Arc<Shared>) {
    loop {
        shared.wake.notified().await;
        shared.tell();
        tokio::time::sleep(COALESCE).await;
    }
}

/// Sees whether the API server answers, and what the mesh says about itself.
async fn heartbeat(client: Client, shared: Arc<Shared>) {
    for beat in 0_u32.. {
        if beat % SETTINGS_EVERY == 0
            && let Some(settings) = mesh_config::read(&client).await
            && shared.live().set_settings(settings)
        {
            shared.changed(Kind::Namespaces);
        }
        // Whatever it answers is an answer: the layer below notes it.
        if let Ok(request) = http::Request::get("/version").body(Vec::new())
            && tokio::time::timeout(HEARTBEAT, client.request_text(request)).await.is_err()
        {
            shared.silent("no answer in time".to_owned());
        }
        tokio::time::sleep(HEARTBEAT).await;
    }
}
