//! The product with all its parts, as the program puts them together.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use marketplace_cluster::{Cluster, Connect};
use marketplace_demomesh::DemoMesh;
use marketplace_domain::state::{ProxyStates, Unobserved};
use marketplace_registry::{self as registry, Fetcher};
use marketplace_sandbox::check;
use marketplace_services::{Parts, Services};
use marketplace_testkit::TestDatabase;
use server::{
    events::Events,
    hosts::Hosts,
    router,
    shutdown::{self, Trigger},
    state::{AppState, leptos_options},
};

/// The address that pages believe to be served on.
pub const ADDRESS: &str = "127.0.0.1:7420";

pub struct Product {
    pub router: Router,
    pub services: Arc<Services>,
    pub database: TestDatabase,
    _stop: Trigger,
}

impl Product {
    /// On the demo mesh, with two built-in plugins; their modules are a few bytes.
    pub async fn demo() -> (Self, DemoMesh) {
        let mesh = DemoMesh::start();
        let cluster = Cluster::over(mesh.service(), DemoMesh::NAME);
        let address = ADDRESS.parse().unwrap();
        let product = Self::new(cluster, Arc::new(mesh.clone()), true, &format!("http://{ADDRESS}"), address).await;
        let plugins = Sources::new();
        assert_eq!(product.services.seed(&plugins.0).await.unwrap(), 2);
        (product, mesh)
    }

    /// On a real cluster, with the built-in plugins as they were built.
    pub async fn real(kubeconfig: PathBuf, module_base: &str, address: SocketAddr) -> Self {
        let cluster = Cluster::connect(Connect::Kubeconfig { path: Some(kubeconfig), context: None }).await.unwrap();
        let product = Self::new(cluster, Arc::new(Unobserved), false, module_base, address).await;
        let plugins = built_plugins();
        assert!(product.services.seed(&plugins).await.unwrap() > 0, "no plugins in {}", plugins.display());
        product
    }

    async fn new(
        cluster: Cluster,
        states: Arc<dyn ProxyStates>,
        demo: bool,
        module_base: &str,
        address: SocketAddr,
    ) -> Self {
        assert!(cluster.ready(Duration::from_secs(30)).await, "the cluster is read: {:?}", cluster.health());
        let database = TestDatabase::new().await;
        let catalogue = database.catalogue().await;
        let fetch =
            registry::Options { networks: "127.0.0.1".parse().unwrap(), attempts: 1, ..registry::Options::default() };
        let parts = Parts {
            catalogue,
            cluster,
            states,
            module_base_url: module_base.to_owned(),
            demo,
            fetcher: Fetcher::new(fetch).unwrap(),
            // In this process: these tests are about pages, and read modules of our own making.
            checker: Arc::new(|module: &[u8]| Ok(check::look(module))),
            runner: Arc::new(marketplace_sandbox::engine::run),
        };
        let services = Services::new(parts).await.unwrap();
        let (stop, shutdown) = shutdown::pair();
        let subscribe = {
            let services = services.clone();
            move || services.changes()
        };
        // No files for browsers: names in pages have no hashes then.
        let site = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("no-site");
        let state = AppState {
            leptos_options: leptos_options(&site),
            services: services.clone(),
            events: Events::new(subscribe, shutdown),
            hosts: Hosts::new(address, None),
            site,
        };
        Self { router: router::router(&state), services, _stop: stop, database }
    }

    /// Serves it on a port, until the test ends.
    pub fn serve_on(&self, listener: tokio::net::TcpListener) {
        let router = self.router.clone();
        tokio::spawn(async move { axum::serve(listener, router).await });
    }
}

/// The folder that `xtask plugins` makes.
pub fn built_plugins() -> PathBuf {
    let given = std::env::var_os("PLUGINS_DIR").map(PathBuf::from);
    let folder = given.unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("../plugins-dist"));
    assert!(folder.is_dir(), "{} is not there; run `cargo run -p xtask -- plugins`", folder.display());
    folder
}

/// A folder of the built-in plugins whose modules are not built.
struct Sources(PathBuf);

impl Sources {
    fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("marketplace-pages-{}", uuid::Uuid::new_v4()));
        for (number, plugin) in ["data-masking", "notice"].into_iter().enumerate() {
            let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../plugins").join(plugin);
            let to = folder.join(plugin);
            std::fs::create_dir_all(&to).unwrap();
            for name in ["plugin.toml", "schema.json", "example.yaml", "README.md", "README.zh.md"] {
                std::fs::copy(from.join(name), to.join(name)).unwrap();
            }
            // One that runs, and one that is only bytes.
            let module =
                if number == 0 { marketplace_testkit::tagger() } else { marketplace_testkit::wasm(number as u8) };
            std::fs::write(to.join("module.wasm"), module).unwrap();
        }
        Self(folder)
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
