//! The demo mesh: a cluster with Istio inside of this process. A Kubernetes API (an axum router, to be put under
//! `kube::Client`), a few namespaces of services, and simulated proxies that really fetch the modules they are told to
//! run. It is what people see who have no cluster at hand, and what tests run against.
//!
//! The answers of its API were compared with a real API server 1.36 and with istiod's webhook.

mod admission;
mod api;
mod content;
mod fields;
mod hooks;
mod kept;
mod kinds;
mod proxies;
mod schema;
mod service;
mod status;
mod store;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use axum::Router;
use tokio::task::JoinSet;

pub use service::DemoService;
pub use status::Refusal;

use crate::{kept::Kept, proxies::Fleet, store::Store};

/// A cluster in memory. Clones are the same cluster; it ends with the last of them.
#[derive(Debug, Clone)]
pub struct DemoMesh {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    store: Arc<Store>,
    fleet: Arc<Fleet>,
    /// What runs in the background; dropping the set ends it.
    tasks: Mutex<JoinSet<()>>,
}

impl DemoMesh {
    /// What the cluster is called wherever its name is shown.
    pub const NAME: &'static str = "demo mesh";

    /// Starts a cluster with its contents, in memory only. Needs a Tokio runtime.
    pub fn start() -> Self {
        Self::begin(None)
    }

    /// Starts a cluster whose plugins are kept in a file: what was applied before is there again. Needs a Tokio runtime.
    /// A file that cannot be read is put aside and said in the log; the mesh then begins anew.
    pub fn start_kept(file: PathBuf) -> Self {
        Self::begin(Some(file))
    }

    fn begin(file: Option<PathBuf>) -> Self {
        // Proxies fetch by https too, and reqwest brings no cryptography of its own here. Somebody may have said it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = Inner { store: Arc::new(Store::new()), fleet: Arc::default(), tasks: Mutex::default() };
        let mesh = Self { inner: Arc::new(inner) };
        let mut tasks = mesh.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        let base = hooks::serve_modules(&mut tasks);
        mesh.fill(&base, file.as_deref().and_then(Kept::read));
        tasks.spawn(proxies::run(mesh.inner.store.clone(), mesh.inner.fleet.clone()));
        if let Some(file) = file {
            tasks.spawn(kept::keep(mesh.inner.store.clone(), base, file));
        }
        drop(tasks);
        mesh
    }

    /// The API, as a router.
    pub fn router(&self) -> Router {
        api::router(self.inner.store.clone())
    }

    /// The API as a service that can be away: what to put under `kube::Client`.
    pub fn service(&self) -> DemoService {
        DemoService::new(self.router(), self.inner.store.clone())
    }

    /// Stops the simulated proxies and the server of their modules. The API stays.
    pub fn shutdown(&self) {
        self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner).abort_all();
    }
}
