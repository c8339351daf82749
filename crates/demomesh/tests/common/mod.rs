//! What the tests share.
#![allow(dead_code, reason = "each test uses some of it")]

use kube::{
    Api, Client,
    api::{ApiResource, DynamicObject, GroupVersionKind, Patch, PatchParams},
};
use marketplace_demomesh::DemoMesh;
use serde_json::{Value, json};

pub fn client(mesh: &DemoMesh) -> Client {
    Client::new(mesh.service(), "default")
}

pub fn plugins(mesh: &DemoMesh, namespace: &str) -> Api<DynamicObject> {
    let kind = ApiResource::from_gvk(&GroupVersionKind::gvk("extensions.istio.io", "v1alpha1", "WasmPlugin"));
    Api::namespaced_with(client(mesh), namespace, &kind)
}

pub fn plugin(name: &str, spec: Value) -> Value {
    json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "metadata": { "name": name }, "spec": spec,
    })
}

pub async fn apply(api: &Api<DynamicObject>, manager: &str, name: &str, spec: Value) -> kube::Result<DynamicObject> {
    api.patch(name, &PatchParams::apply(manager), &Patch::Apply(plugin(name, spec))).await
}

pub fn status(error: kube::Error) -> Value {
    match error {
        kube::Error::Api(status) => serde_json::to_value(status).expect("a status"),
        other => panic!("no answer of the API: {other}"),
    }
}
