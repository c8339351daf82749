//! What a full cluster costs: 50,000 pods, 10,000 services, 10,000 plugins. `cargo bench -p marketplace-cluster`.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs, reason = "a bench prints, and may panic")]

use std::{
    convert::Infallible,
    sync::Arc,
    time::{Duration, Instant},
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use kube::client::Body;
use marketplace_cluster::Cluster;
use serde_json::{Value, json};

fn list(items: Vec<Value>) -> Value {
    json!({"metadata": {"resourceVersion": "1"}, "items": items})
}

fn pod(at: usize) -> Value {
    let (namespace, app) = (at % 200, at % 10_000);
    json!({
        "metadata": {
            "name": format!("app-{app}-6d5f7c9b4-{at:05}"), "namespace": format!("ns-{namespace}"),
            "labels": {"app": format!("app-{app}"), "version": "v1", "pod-template-hash": "6d5f7c9b4",
                "security.istio.io/tlsMode": "istio", "service.istio.io/canonical-name": format!("app-{app}")},
            "annotations": {"sidecar.istio.io/status": "{\"revision\":\"default\"}"},
            "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "controller": true, "uid": "u",
                "name": format!("app-{app}-6d5f7c9b4")}],
        },
        "spec": {"containers": [{"name": "app", "image": "x", "ports": [{"name": "http", "containerPort": 8080}]},
            {"name": "istio-proxy", "image": "istio/proxyv2:1.31.0"}]},
        "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
    })
}

fn service_of(at: usize) -> Value {
    json!({
        "metadata": {"name": format!("app-{at}"), "namespace": format!("ns-{}", at % 200)},
        "spec": {"selector": {"app": format!("app-{at}")},
            "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    })
}

fn plugin(at: usize) -> Value {
    json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
        "metadata": {"name": format!("plugin-{at}"), "namespace": format!("ns-{}", at % 200), "resourceVersion": "1"},
        "spec": {"url": "oci://r.example.com/p:1", "priority": 1, "selector": {"matchLabels": {"app": format!("app-{at}")}}},
    })
}

#[tokio::main]
async fn main() {
    // `cargo test --benches` asks only whether it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let namespaces = (0..200).map(|at| json!({"metadata": {"name": format!("ns-{at}")}})).collect();
    let lists = [
        ("/api/v1/namespaces", list(namespaces).to_string()),
        ("/api/v1/pods", list((0..50_000).map(pod).collect()).to_string()),
        ("/api/v1/services", list((0..10_000).map(service_of).collect()).to_string()),
        ("/apis/extensions.istio.io/v1alpha1/wasmplugins", list((0..10_000).map(plugin).collect()).to_string()),
    ];
    let lists = Arc::new(lists.map(|(path, body)| (path, Bytes::from(body))));
    let service = tower::service_fn(move |request: Request<Body>| {
        let lists = Arc::clone(&lists);
        async move {
            if request.uri().query().unwrap_or_default().contains("watch=true") {
                std::future::pending::<()>().await;
            }
            let found = lists.iter().find(|(path, _)| *path == request.uri().path()).map(|(_, body)| body.clone());
            Ok::<_, Infallible>(Response::new(Full::new(found.unwrap_or_default())))
        }
    });
    let start = Instant::now();
    let cluster = Cluster::over(service, "full");
    assert!(cluster.ready(Duration::from_secs(300)).await, "{:?}", cluster.health());
    println!("everything read: {:?}", start.elapsed());
    let timed = |what: &str, work: &dyn Fn() -> usize| {
        let start = Instant::now();
        let found = work();
        println!("{what}: {found} in {:?}", start.elapsed());
    };
    timed("first snapshot, pods", &|| cluster.snapshot().all_proxies().count());
    timed("next snapshot, plugins", &|| cluster.snapshot().plugins.len());
    let seen = cluster.snapshot();
    let proxies = || seen.services.keys().map(|key| seen.proxies_of(key).len()).sum();
    timed("proxies of all services", &proxies);
    timed("proxies of all services again", &proxies);
    timed("plugins reaching all proxies", &|| seen.all_proxies().map(|proxy| seen.plugins_reaching(proxy).len()).sum());
    timed("services of all plugins", &|| seen.plugins.values().map(|plugin| seen.services_of(plugin).len()).sum());
}
