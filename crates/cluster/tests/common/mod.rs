//! What the tests on a real API server share. They run when `TEST_KUBECONFIG` names one.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "helpers of tests")]
// Each test binary uses a part of it.
#![allow(dead_code)]

use std::{path::PathBuf, time::Duration};

use kube::{
    Api, Client, Config,
    api::{DeleteParams, Patch, PatchParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use marketplace_cluster::{Cluster, Connect, Desired};
use marketplace_domain::{Direction, MatchRule, Namespace, Phase, extension::ExtensionSpec};
use serde_json::{Value, json};

/// The kubeconfig, or a word that the test did not run.
pub fn kubeconfig() -> Option<PathBuf> {
    let path = std::env::var_os("TEST_KUBECONFIG").map(PathBuf::from);
    if path.is_none() {
        println!("skipped: TEST_KUBECONFIG is not set");
    }
    path
}

/// A cluster, an ordinary client of it, and a namespace of the test's own.
pub struct Real {
    pub cluster: Cluster,
    pub client: Client,
    pub namespace: Namespace,
}

impl Real {
    pub async fn new(namespace: &str) -> Option<Real> {
        let path = kubeconfig()?;
        let choice = Connect::Kubeconfig { path: Some(path.clone()), context: None };
        let cluster = Cluster::connect(choice).await.unwrap();
        assert!(cluster.ready(Duration::from_secs(30)).await, "{:?}", cluster.health());
        let kubeconfig = Kubeconfig::read_from(path).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        let client = Client::try_from(config).unwrap();
        let namespaces: Api<k8s_openapi::api::core::v1::Namespace> = Api::all(client.clone());
        let body: k8s_openapi::api::core::v1::Namespace =
            serde_json::from_value(json!({"metadata": {"name": namespace}})).unwrap();
        let _ = namespaces.create(&PostParams::default(), &body).await;
        let real = Real { cluster, client, namespace: namespace.parse().unwrap() };
        for plugin in real.api().list(&Default::default()).await.unwrap() {
            let _ = real.api().delete(&plugin.metadata.name.unwrap(), &DeleteParams::default()).await;
        }
        Some(real)
    }

    pub fn api(&self) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk("extensions.istio.io", "v1alpha1", "WasmPlugin");
        let resource = ApiResource::from_gvk_with_plural(&kind, "wasmplugins");
        Api::namespaced_with(self.client.clone(), self.namespace.as_str(), &resource)
    }

    /// What the API server and istiod say about a spec, without storing it. Istio's webhook needs a moment when the
    /// mesh is young; its refusal of what it must refuse says that it is there.
    pub async fn verdict(&self, name: &str, spec: &Value) -> Result<Value, kube::Error> {
        let params = PatchParams { dry_run: true, ..PatchParams::apply("test").validation_strict() };
        self.api().patch(name, &params, &Patch::Apply(self.body(name, spec))).await.map(|object| object.data)
    }

    /// As kubectl does it.
    pub async fn create(&self, name: &str, spec: &Value) -> DynamicObject {
        let object = serde_json::from_value(self.body(name, spec)).unwrap();
        let params = PostParams { field_manager: Some("kubectl-create".into()), ..PostParams::default() };
        self.api().create(&params, &object).await.unwrap()
    }

    pub fn body(&self, name: &str, spec: &Value) -> Value {
        json!({
            "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
            "metadata": {"name": name, "namespace": self.namespace}, "spec": spec,
        })
    }

    pub fn desired(&self, name: &str, spec: ExtensionSpec) -> Desired {
        Desired::new(self.namespace.clone(), name.parse().unwrap(), spec)
    }

    pub async fn stored(&self, name: &str) -> Value {
        self.api().get(name).await.unwrap().data["spec"].clone()
    }

    /// Waits until the cluster's memory says so.
    pub async fn until(&self, what: &str, is_so: impl Fn(&Cluster) -> bool) {
        let mut changes = self.cluster.changes();
        let wait = async {
            while !is_so(&self.cluster) {
                let _ = changes.recv().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait).await.expect(what);
    }
}

/// A plugin as the product writes it.
pub fn spec() -> ExtensionSpec {
    ExtensionSpec {
        url: "oci://registry.example.com/team/plugin:1".into(),
        phase: Phase::Authn,
        priority: Some(10),
        matches: vec![MatchRule { direction: Some(Direction::Server), ports: vec![] }],
        selector: Some([("app".to_owned(), "reviews".to_owned())].into()),
        ..ExtensionSpec::default()
    }
}
