//! The simulated proxies: they fetch for real, and the failure matrix is theirs.
#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod common;

use std::{
    collections::HashMap,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, http::StatusCode, http::Uri};
use common::plugin;
use marketplace_demomesh::DemoMesh;
use marketplace_domain::state::{ProxyState, ProxyStates};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

/// A web server of a test: its address, its files, and what was asked of it.
struct Server {
    base: String,
    files: Files,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start() -> Self {
        let (files, asked) = (Files::default(), Arc::new(Mutex::new(Vec::new())));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("127.0.0.1:{}", listener.local_addr().unwrap().port());
        let (served, log) = (files.clone(), asked.clone());
        let router = Router::new().fallback(async move |uri: Uri| {
            log.lock().unwrap().push(uri.path().to_owned());
            served.lock().unwrap().get(uri.path()).cloned().ok_or(StatusCode::NOT_FOUND)
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { base, files, asked }
    }

    fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) -> String {
        self.files.lock().unwrap().insert(path.to_owned(), bytes.into());
        format!("http://{}{path}", self.base)
    }

    fn asked(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|one| *one == path).count()
    }
}

/// A module with these exports, all of the one function it has, and optionally an import of `env`.
fn module(exports: &[&str], import: Option<&str>) -> Vec<u8> {
    let section = |id: u8, content: Vec<u8>| [vec![id, u8::try_from(content.len()).unwrap()], content].concat();
    let name = |name: &str| [vec![u8::try_from(name.len()).unwrap()], name.as_bytes().to_vec()].concat();
    let mut module = b"\0asm\x01\0\0\0".to_vec();
    module.extend(section(1, b"\x01\x60\x01\x7f\x01\x7f".to_vec()));
    if let Some(import) = import {
        module.extend(section(2, [vec![1], name("env"), name(import), vec![0, 0]].concat()));
    }
    module.extend(section(3, b"\x01\0".to_vec()));
    let index = u8::from(import.is_some());
    let each: Vec<u8> = exports.iter().flat_map(|export| [name(export), vec![0, index]].concat()).collect();
    module.extend(section(7, [vec![u8::try_from(exports.len()).unwrap()], each].concat()));
    module.extend(section(10, b"\x01\x04\0\x20\0\x0b".to_vec()));
    module
}

fn good() -> Vec<u8> {
    module(&["malloc", "proxy_abi_version_0_2_1"], None)
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn make(mesh: &DemoMesh, namespace: &str, name: &str, spec: Value) {
    let mut object = plugin(name, spec);
    object["metadata"]["namespace"] = namespace.into();
    mesh.create_as("test", &object).unwrap();
}

fn pods(mesh: &DemoMesh, namespace: &str, app: &str) -> Vec<String> {
    let all = mesh
        .list("Pod")
        .into_iter()
        .filter(|pod| pod["metadata"]["namespace"] == namespace && pod["metadata"]["labels"]["app"] == app);
    all.map(|pod| format!("{namespace}/{}", pod["metadata"]["name"].as_str().unwrap())).collect()
}

/// Waits until the states of a plugin on the pods of an app are as wanted.
async fn until(
    mesh: &DemoMesh,
    plugin: &str,
    pods: &[String],
    wanted: impl Fn(&ProxyState) -> bool,
) -> Vec<ProxyState> {
    assert!(!pods.is_empty());
    let mut states = Vec::new();
    for _ in 0..400 {
        states = pods.iter().map(|pod| mesh.state(plugin, pod)).collect();
        if states.iter().all(&wanted) {
            return states;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("{plugin} on {pods:?}: {states:?}");
}

fn reviews(url: String) -> Value {
    json!({ "url": url, "selector": { "matchLabels": { "app": "reviews" } } })
}

#[tokio::test]
async fn a_good_module_is_fetched_and_loaded_everywhere() {
    let (mesh, server) = (DemoMesh::start(), Server::start().await);
    let changes = Arc::new(Mutex::new(0));
    let count = changes.clone();
    mesh.on_change(Box::new(move || *count.lock().unwrap() += 1));
    let mut spec = reviews(server.put("/good.wasm", good()));
    spec["sha256"] = sha256(&good()).into();
    let pods = pods(&mesh, "bookinfo", "reviews");
    assert_eq!(pods.len(), 4);
    make(&mesh, "bookinfo", "good", spec);
    assert!(
        pods.iter().all(|pod| mesh.state("bookinfo/good", pod) == ProxyState::Pending),
        "pending from the first moment"
    );
    until(&mesh, "bookinfo/good", &pods, |state| *state == ProxyState::Loaded).await;
    assert_eq!(server.asked("/good.wasm"), 1, "proxies that ask together share a download");
    assert!(*changes.lock().unwrap() > 1);
    let other = &self::pods(&mesh, "bookinfo", "ratings")[0];
    assert!(matches!(mesh.state("bookinfo/good", other), ProxyState::NotDelivered(_)));

    // Another configuration is on its way and there, without another download.
    mesh.edit("test", "WasmPlugin", "bookinfo", "good", &json!({ "spec": { "pluginConfig": { "a": 1 } } })).unwrap();
    assert!(pods.iter().all(|pod| mesh.state("bookinfo/good", pod) == ProxyState::Pending));
    until(&mesh, "bookinfo/good", &pods, |state| *state == ProxyState::Loaded).await;
    assert_eq!(server.asked("/good.wasm"), 1);

    // A new pod fetches it anew.
    let mut pod = mesh.get("Pod", "bookinfo", pods[0].split_once('/').unwrap().1).unwrap();
    mesh.delete("Pod", "bookinfo", pod["metadata"]["name"].as_str().unwrap()).unwrap();
    pod["metadata"]["name"] = "reviews-new".into();
    pod["metadata"]["resourceVersion"] = Value::Null;
    mesh.create_as("test", &pod).unwrap();
    until(&mesh, "bookinfo/good", &["bookinfo/reviews-new".into()], |state| *state == ProxyState::Loaded).await;
    assert_eq!(server.asked("/good.wasm"), 2);

    mesh.delete("WasmPlugin", "bookinfo", "good").unwrap();
    assert_eq!(mesh.state("bookinfo/good", "bookinfo/reviews-new"), ProxyState::Unknown);
}

#[tokio::test]
async fn what_cannot_be_fetched_is_substituted() {
    let (mesh, server) = (DemoMesh::start(), Server::start().await);
    let pods = pods(&mesh, "bookinfo", "details");
    let spec = |url: &str| json!({ "url": url, "selector": { "matchLabels": { "app": "details" } } });
    let deny = |words: &'static str| move |state: &ProxyState| matches!(state, ProxyState::SubstitutedDeny(reason) if reason.contains(words));
    let mut wrong = spec(&server.put("/good.wasm", good()));
    wrong["sha256"] = "0".repeat(64).into();
    let page = server.put("/page.wasm", "<html>not a module, but long enough</html>");
    let missing = format!("http://{}/missing.wasm", server.base);
    for (name, spec, words) in [
        ("wrong", wrong.clone(), "which does not match"),
        ("missing", spec(&missing), "404"),
        ("page", spec(&page), "is invalid"),
        ("nobody", spec("http://127.0.0.1:9/x.wasm"), "refused"),
        ("image", spec("oci://127.0.0.1:9/x:1"), "could not fetch Wasm OCI image"),
    ] {
        make(&mesh, "bookinfo", name, spec);
        until(&mesh, &format!("bookinfo/{name}"), &pods, deny(words)).await;
        mesh.delete("WasmPlugin", "bookinfo", name).unwrap();
    }
    let mut open = wrong;
    open["failStrategy"] = "FAIL_OPEN".into();
    make(&mesh, "bookinfo", "open", open);
    until(&mesh, "bookinfo/open", &pods, |state| matches!(state, ProxyState::SubstitutedAllow(_))).await;

    // The module turns up: nobody notices, until something is written.
    make(&mesh, "bookinfo", "late", spec(&missing));
    until(&mesh, "bookinfo/late", &pods, deny("404")).await;
    server.put("/missing.wasm", good());
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert!(deny("404")(&mesh.state("bookinfo/late", &pods[0])));
    mesh.edit("test", "WasmPlugin", "bookinfo", "late", &json!({ "metadata": { "annotations": { "a": "b" } } }))
        .unwrap();
    until(&mesh, "bookinfo/late", &pods, |state| *state == ProxyState::Loaded).await;
}

#[tokio::test]
async fn what_envoy_refuses_freezes_the_proxy() {
    let (mesh, server) = (DemoMesh::start(), Server::start().await);
    let pods = pods(&mesh, "bookinfo", "reviews");
    let url = server.put("/good.wasm", good());
    make(&mesh, "bookinfo", "first", reviews(url.clone()));
    until(&mesh, "bookinfo/first", &pods, |state| *state == ProxyState::Loaded).await;

    let foreign = server.put("/foreign.wasm", module(&["malloc", "proxy_abi_version_0_2_1"], Some("proxy_redis_init")));
    make(&mesh, "bookinfo", "bad", reviews(foreign.clone()));
    let reason = "Failed to load Wasm module due to a missing import: env.proxy_redis_init";
    until(&mesh, "bookinfo/bad", &pods, |state| *state == ProxyState::Rejected(reason.into())).await;
    until(&mesh, "bookinfo/first", &pods, |state| matches!(state, ProxyState::Blocked(by) if by.contains("500"))).await;
    make(&mesh, "bookinfo", "later", reviews(url));
    let frozen = |state: &ProxyState| matches!(state, ProxyState::NotDelivered(why) if why.contains("bookinfo/bad"));
    until(&mesh, "bookinfo/later", &pods, frozen).await;
    mesh.delete("WasmPlugin", "bookinfo", "bad").unwrap();
    until(&mesh, "bookinfo/later", &pods, |state| *state == ProxyState::Loaded).await;
    until(&mesh, "bookinfo/first", &pods, |state| *state == ProxyState::Loaded).await;

    // A version that ran goes on when its successor is refused.
    mesh.edit("test", "WasmPlugin", "bookinfo", "first", &json!({ "spec": { "url": foreign } })).unwrap();
    until(&mesh, "bookinfo/first", &pods, |state| *state == ProxyState::LoadedOldVersion).await;
    assert_eq!(mesh.state("bookinfo/later", &pods[0]), ProxyState::Loaded);
    // An address that istiod cannot parse removes it instead.
    mesh.edit("test", "WasmPlugin", "bookinfo", "first", &json!({ "spec": { "url": "10.0.0.5:5000/p" } })).unwrap();
    let dropped = |state: &ProxyState| matches!(state, ProxyState::NotDelivered(why) if why.contains("istiod drops"));
    until(&mesh, "bookinfo/first", &pods, dropped).await;
}

#[tokio::test]
async fn images_come_from_registries() {
    let (mesh, server) = (DemoMesh::start(), Server::start().await);
    let mut tar = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_ustar();
    header.set_size(good().len() as u64);
    header.set_cksum();
    tar.append_data(&mut header, "plugin.wasm", good().as_slice()).unwrap();
    let mut layer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    layer.write_all(&tar.into_inner().unwrap()).unwrap();
    let layer = layer.finish().unwrap();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "layers": [{ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": format!("sha256:{}", sha256(&layer)) }],
    });
    let manifest = manifest.to_string();
    server.put("/v2/team/p/manifests/1", manifest.clone());
    server.put(&format!("/v2/team/p/blobs/sha256:{}", sha256(&layer)), layer);
    let pods = pods(&mesh, "shop", "cart");
    let image = json!({
        "url": format!("oci://{}/team/p:1", server.base), "sha256": sha256(manifest.as_bytes()),
        "selector": { "matchLabels": { "app": "cart" } },
    });
    make(&mesh, "shop", "image", image.clone());
    until(&mesh, "shop/image", &pods, |state| *state == ProxyState::Loaded).await;
    mesh.edit("test", "WasmPlugin", "shop", "image", &json!({ "spec": { "sha256": "0".repeat(64) } })).unwrap();
    let mismatch = |state: &ProxyState| matches!(state, ProxyState::SubstitutedDeny(why) if why.starts_with("wasm image digest mismatch: wanted 000"));
    until(&mesh, "shop/image", &pods, mismatch).await;
    mesh.edit("test", "WasmPlugin", "shop", "image", &json!({ "spec": { "imagePullSecret": "none" } })).unwrap();
    let secret = |state: &ProxyState| matches!(state, ProxyState::SubstitutedDeny(why) if why.contains("missing image pulling secret"));
    until(&mesh, "shop/image", &pods, secret).await;
}

#[tokio::test]
async fn the_plugins_of_others_are_there_from_the_start() {
    let mesh = DemoMesh::start();
    let (storefront, checkout) = (pods(&mesh, "shop", "storefront"), pods(&mesh, "shop", "checkout"));
    until(&mesh, "shop/request-tagger", &storefront, |state| *state == ProxyState::Loaded).await;
    let deny = |state: &ProxyState| matches!(state, ProxyState::SubstitutedDeny(why) if why.contains("does not match"));
    until(&mesh, "shop/fraud-check", &checkout, deny).await;
}

#[tokio::test]
async fn waypoints_and_gateways_take_targets() {
    let (mesh, server) = (DemoMesh::start(), Server::start().await);
    let url = server.put("/good.wasm", good());
    make(&mesh, "ambient", "orders", json!({ "url": url, "targetRefs": [{ "kind": "Service", "name": "orders" }] }));
    make(
        &mesh,
        "ambient",
        "ports",
        json!({ "url": url, "targetRefs": [{ "kind": "Service", "name": "orders" }],
        "match": [{ "ports": [{ "number": 80 }] }] }),
    );
    let gateway = json!([{ "group": "gateway.networking.k8s.io", "kind": "Gateway", "name": "bookinfo-gateway" }]);
    make(&mesh, "bookinfo", "edge", json!({ "url": url, "targetRefs": gateway }));
    let waypoint = pods(&mesh, "ambient", "waypoint");
    until(&mesh, "ambient/orders", &waypoint, |state| *state == ProxyState::Loaded).await;
    until(&mesh, "ambient/ports", &waypoint, |state| matches!(state, ProxyState::NotDelivered(_))).await;
    until(&mesh, "bookinfo/edge", &pods(&mesh, "bookinfo", "bookinfo-gateway-istio"), |state| {
        *state == ProxyState::Loaded
    })
    .await;
}
