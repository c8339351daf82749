//! Good and bad resources get the verdict that a real API server 1.36 with istiod's webhook (1.31) gave: code and words.
//! `verdicts.json` was recorded there; each resource was created and applied, both strictly and as a dry run.
#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod common;

use axum::body::Body;
use common::plugin;
use http::Request;
use marketplace_demomesh::DemoMesh;
use serde_json::Value;
use tower::ServiceExt;

const PLUGINS: &str = "/apis/extensions.istio.io/v1alpha1/namespaces/default/wasmplugins";

async fn verdict(mesh: &DemoMesh, method: &str, address: &str, kind: &str, object: &Value) -> (u16, String) {
    let request = Request::builder().method(method).uri(address).header("content-type", kind);
    let response = mesh.router().oneshot(request.body(Body::from(object.to_string())).unwrap()).await.unwrap();
    let code = response.status().as_u16();
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let status: Value = serde_json::from_slice(&body).unwrap();
    (code, if code < 300 { String::new() } else { status["message"].as_str().unwrap_or_default().to_owned() })
}

#[tokio::test]
async fn as_a_real_api_server() {
    let mesh = DemoMesh::start();
    let table: Vec<Value> = serde_json::from_str(include_str!("verdicts.json")).unwrap();
    assert!(table.len() > 190);
    let mut differ = Vec::new();
    for row in &table {
        let mut object = plugin("t", row["spec"].clone());
        for (field, value) in row["metadata"].as_object().into_iter().flatten() {
            object["metadata"][field] = value.clone();
        }
        let create = format!("{PLUGINS}?dryRun=All&fieldValidation=Strict");
        let apply = format!("{PLUGINS}/t?dryRun=All&fieldValidation=Strict&fieldManager=test");
        for (way, method, address, kind) in
            [("create", "POST", create, "application/json"), ("apply", "PATCH", apply, "application/apply-patch+yaml")]
        {
            let wanted = &row[way];
            let (code, message) = verdict(&mesh, method, &address, kind, &object).await;
            if wanted[0] != code || wanted[1].as_str().unwrap_or_default() != message {
                differ.push(format!("{way} {}\n  real {wanted}\n  demo [{code}, {message:?}]", row["spec"]));
            }
        }
    }
    assert!(differ.is_empty(), "{} differ:\n{}", differ.len(), differ.join("\n"));
}
