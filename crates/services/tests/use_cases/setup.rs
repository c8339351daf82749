//! What every test begins with.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use marketplace_cluster::Cluster;
use marketplace_demomesh::DemoMesh;
use marketplace_domain::{
    Problem, Reason,
    draft::Draft,
    mesh::ServiceKey,
    views::{apply::Applied, apply::ApplyTarget, traffic::InstalledQuery, traffic::InstalledRow},
};
use marketplace_registry::{self as registry, Fetcher};
use marketplace_sandbox::{Exchange, Limits, Module, Modules, Report, RunError, Runner, check, engine};
use marketplace_services::{Parts, Result, ServiceError, Services};
use marketplace_testkit::TestDatabase;
use serde_json::Value;
use uuid::Uuid;

/// Where proxies would find our modules; none of these tests has one fetched.
pub const BASE: &str = "http://127.0.0.1:9";
/// Who does it.
pub const WHO: &str = "sre";

/// Of a module's bytes.
pub fn digest(bytes: &[u8]) -> String {
    marketplace_sandbox::modules::sha256_hex(bytes)
}

/// Runs exchanges in this process, and remembers which modules it was to make ready.
#[derive(Default)]
pub struct InProcess {
    pub ready: Mutex<Vec<String>>,
}

impl Runner for InProcess {
    fn run(&self, exchange: &Exchange, modules: &Modules, limits: &Limits) -> std::result::Result<Report, RunError> {
        Ok(engine::run(exchange, modules, limits))
    }

    fn make_ready(&self, module: &Module) {
        self.ready.lock().unwrap().push(module.sha256().to_owned());
    }
}

/// The use cases, the cluster under them and the built-in plugin `data-masking` in the catalogue.
pub struct Setup {
    pub runner: Arc<InProcess>,
    pub services: Arc<Services>,
    pub mesh: DemoMesh,
    pub builtin: BuiltIn,
    _database: TestDatabase,
}

pub async fn setup() -> Setup {
    let database = TestDatabase::new().await;
    let mesh = DemoMesh::start();
    let cluster = Cluster::over(mesh.service(), DemoMesh::NAME);
    assert!(cluster.ready(Duration::from_secs(10)).await, "the demo mesh is read at once");
    let fetching =
        registry::Options { networks: "127.0.0.1".parse().unwrap(), attempts: 1, ..registry::Options::default() };
    let runner = Arc::new(InProcess::default());
    let services = Services::new(Parts {
        catalogue: database.catalogue().await,
        cluster,
        states: Arc::new(mesh.clone()),
        module_base_url: BASE.to_owned(),
        demo: true,
        fetcher: Fetcher::new(fetching).unwrap(),
        checker: Arc::new(|bytes: &[u8]| Ok(check::look(bytes))),
        runner: runner.clone(),
    });
    let services = services.await.unwrap();
    let builtin = BuiltIn::data_masking(&[0]);
    assert_eq!(services.seed(&builtin.folder).await.unwrap(), 1);
    Setup { runner, services, mesh, builtin, _database: database }
}

impl Setup {
    /// Fills the form as a person finds it, changes these fields and sends it.
    pub async fn send(&self, target: &ApplyTarget, changes: &[(&str, &str)]) -> Result<Applied> {
        let draft = self.typed(target, changes).await;
        self.services.apply(target, &draft, None, WHO).await
    }

    /// The same, for what has to succeed; waits until it was seen.
    pub async fn applied(&self, target: &ApplyTarget, changes: &[(&str, &str)]) -> Value {
        let applied = self.send(target, changes).await.unwrap();
        let stored = self.stored(&applied.namespace, &applied.resource);
        let version = stored["metadata"]["resourceVersion"].as_str().unwrap().to_owned();
        self.seen(&applied.namespace, &applied.resource, &version).await;
        stored
    }

    /// The form with these fields changed; an empty change of a box or an item takes it away.
    pub async fn typed(&self, target: &ApplyTarget, changes: &[(&str, &str)]) -> Draft {
        let mut draft = self.services.apply_view(target, None).await.unwrap().draft;
        change(&mut draft, changes);
        draft
    }

    /// A resource as the API server holds it.
    pub fn stored(&self, namespace: &str, name: &str) -> Value {
        self.mesh.get("WasmPlugin", namespace, name).unwrap_or_default()
    }

    /// All resources, with their versions: equal when nothing was written.
    pub fn everything(&self) -> BTreeMap<String, String> {
        let text = |object: &Value, field: &str| object["metadata"][field].as_str().unwrap().to_owned();
        let all = self.mesh.list("WasmPlugin");
        all.iter().map(|object| (text(object, "name"), text(object, "resourceVersion"))).collect()
    }

    /// The row of a resource in the list of all; `None` when it is not there.
    pub async fn row(&self, namespace: &str, name: &str) -> Option<InstalledRow> {
        let query = InstalledQuery { namespace: namespace.to_owned(), text: name.to_owned(), ..Default::default() };
        let found = self.services.installed(&query).await.unwrap();
        found.rows.into_iter().find(|row| row.resource == name)
    }

    /// Waits until memory holds this version of a resource: the form then says it.
    pub async fn seen(&self, namespace: &str, name: &str, version: &str) {
        let target = edit(namespace, name);
        until("the write is seen", async || match self.services.apply_view(&target, None).await {
            Ok(view) => view.draft.get("seen") == version,
            Err(_) => false,
        })
        .await;
    }
}

/// Asks again until it is so.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(20), wait).await.is_ok(), "in time: {what}");
}

/// A plugin of the catalogue to a service.
pub fn new(service: &str, plugin: &str) -> ApplyTarget {
    ApplyTarget::New { service: key(service), plugin: plugin.to_owned(), version: String::new() }
}

/// A resource that is there.
pub fn edit(namespace: &str, resource: &str) -> ApplyTarget {
    ApplyTarget::Edit { namespace: namespace.to_owned(), resource: resource.to_owned() }
}

/// A service, written `namespace/name`.
pub fn key(service: &str) -> ServiceKey {
    let (namespace, name) = service.split_once('/').unwrap();
    ServiceKey { namespace: namespace.parse().unwrap(), name: name.parse().unwrap() }
}

pub fn change(draft: &mut Draft, changes: &[(&str, &str)]) {
    for (field, text) in changes {
        draft.set(*field, *text);
    }
}

/// What a refused form says, and where it is kept.
#[track_caller]
pub fn refused(result: Result<impl std::fmt::Debug>) -> (Uuid, Vec<Problem>) {
    match result {
        Err(ServiceError::Invalid { draft: Some(draft), problems }) => (draft, problems),
        other => panic!("not refused with problems: {other:?}"),
    }
}

/// The only problem.
#[track_caller]
pub fn only(problems: &[Problem]) -> (&str, &Reason) {
    match problems {
        [Problem { field, reason }] => (field, reason),
        other => panic!("not one problem: {other:?}"),
    }
}

/// A folder of built-in plugins as the build makes it, with a module of a few bytes in place of the real one.
pub struct BuiltIn {
    pub folder: PathBuf,
}

impl BuiltIn {
    /// The texts and the schema of `data-masking`; each number makes another module.
    pub fn data_masking(number: &[u8; 1]) -> Self {
        let folder = std::env::temp_dir().join(format!("marketplace-services-{}", Uuid::new_v4()));
        let built = Self { folder };
        let plugin = built.plugin();
        std::fs::create_dir_all(&plugin).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/data-masking");
        for name in ["plugin.toml", "schema.json", "example.yaml", "README.md", "README.zh.md"] {
            std::fs::copy(source.join(name), plugin.join(name)).unwrap();
        }
        built.put_module(number[0]);
        built
    }

    pub fn plugin(&self) -> PathBuf {
        self.folder.join("data-masking")
    }

    pub fn put_module(&self, number: u8) {
        std::fs::write(self.plugin().join("module.wasm"), marketplace_testkit::wasm(number)).unwrap();
    }

    /// Changes `plugin.toml`.
    pub fn rewrite(&self, from: &str, to: &str) {
        let path = self.plugin().join("plugin.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "plugin.toml holds {from}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }
}

impl Drop for BuiltIn {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}
