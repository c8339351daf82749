//! The real cluster, as somebody with kubectl has it.

use std::path::PathBuf;

use k8s_openapi::api::core::v1::Namespace;
use kube::{
    Api, Client, Config,
    api::{DeleteParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
    core::{ApiResource, DynamicObject, GroupVersionKind},
};
use serde_json::{Value, json};

/// The kubeconfig; without one, a word that the test did not run.
pub fn kubeconfig() -> Option<PathBuf> {
    variable("TEST_KUBECONFIG").map(PathBuf::from)
}

/// An environment variable; without it, a word that the test did not run.
pub fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok().filter(|value| !value.is_empty());
    if value.is_none() {
        println!("skipped: {name} is not set");
    }
    value
}

/// A client of our own, not the product's.
pub struct Kubectl {
    client: Client,
}

impl Kubectl {
    pub async fn new(path: PathBuf) -> Self {
        let kubeconfig = Kubeconfig::read_from(path).unwrap();
        let config = Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default()).await.unwrap();
        Self { client: Client::try_from(config).unwrap() }
    }

    pub fn plugins(&self, namespace: &str) -> Api<DynamicObject> {
        let kind = GroupVersionKind::gvk("extensions.istio.io", "v1alpha1", "WasmPlugin");
        let resource = ApiResource::from_gvk_with_plural(&kind, "wasmplugins");
        Api::namespaced_with(self.client.clone(), namespace, &resource)
    }

    /// Makes a namespace, or finds it there.
    pub async fn namespace(&self, name: &str) {
        let body: Namespace = serde_json::from_value(json!({ "metadata": { "name": name } })).unwrap();
        let _ = Api::<Namespace>::all(self.client.clone()).create(&PostParams::default(), &body).await;
    }

    /// As `kubectl create` does it.
    pub async fn create(&self, namespace: &str, name: &str, spec: &Value) {
        let object = json!({
            "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
            "metadata": { "namespace": namespace, "name": name }, "spec": spec,
        });
        let params = PostParams { field_manager: Some("kubectl-create".into()), ..PostParams::default() };
        let object = serde_json::from_value(object).unwrap();
        self.plugins(namespace).create(&params, &object).await.unwrap();
    }

    pub async fn get(&self, namespace: &str, name: &str) -> Option<Value> {
        self.plugins(namespace).get_opt(name).await.unwrap().map(|object| serde_json::to_value(object).unwrap())
    }

    /// Takes a plugin away that an earlier run may have left.
    pub async fn delete(&self, namespace: &str, name: &str) {
        let _ = self.plugins(namespace).delete(name, &DeleteParams::default()).await;
    }
}
