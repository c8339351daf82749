//! What was applied is there after a restart.
#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

use std::{fs, path::Path, time::Duration};

use marketplace_demomesh::DemoMesh;
use serde_json::{Value, json};

fn plugin(name: &str) -> Value {
    json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
        "metadata": {"namespace": "shop", "name": name},
        "spec": {"url": "oci://registry.example.com/p:1", "priority": 7},
    })
}

/// Waits until the file says what is expected of it: it is written behind the requests.
async fn wait_for(file: &Path, holds: impl Fn(&str) -> bool) {
    let until = tokio::time::Instant::now() + Duration::from_secs(20);
    while !fs::read_to_string(file).is_ok_and(|text| holds(&text)) {
        assert!(tokio::time::Instant::now() < until, "{:?}", fs::read_to_string(file));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn plugins_outlive_the_mesh() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("demo-mesh.json");
    let first = DemoMesh::start_kept(file.clone());
    let others = first.list("WasmPlugin");
    first.apply_as("plugin-marketplace", &plugin("mine")).unwrap();
    let gone = others[0]["metadata"].clone();
    first.delete("WasmPlugin", gone["namespace"].as_str().unwrap(), gone["name"].as_str().unwrap()).unwrap();
    wait_for(&file, |text| text.contains("\"mine\"") && !text.contains(gone["uid"].as_str().unwrap())).await;
    let before = first.get("WasmPlugin", "shop", "mine").unwrap();
    first.shutdown();

    let second = DemoMesh::start_kept(file.clone());
    let mut after = second.get("WasmPlugin", "shop", "mine").unwrap();
    let version = |object: &Value| object["metadata"]["resourceVersion"].as_str().unwrap().parse::<u64>().unwrap();
    assert!(version(&after) > version(&before), "versions never come back");
    after["metadata"]["resourceVersion"] = before["metadata"]["resourceVersion"].clone();
    assert_eq!(after, before, "who owns which fields and since when included");
    assert_eq!(second.list("WasmPlugin").len(), others.len(), "one was added, one deleted");

    let served = |mesh: &DemoMesh| -> Vec<String> {
        let all = mesh.list("WasmPlugin");
        all.iter()
            .filter_map(|one| one["spec"]["url"].as_str())
            .filter(|url| url.contains("127.0.0.1"))
            .map(String::from)
            .collect()
    };
    assert!(!served(&second).is_empty(), "the mesh hosts modules of its own");
    for url in served(&second) {
        assert!(reqwest::get(&url).await.unwrap().status().is_success(), "{url} is where the mesh listens now");
    }
}

#[tokio::test]
async fn an_unreadable_file_is_put_aside() {
    for bad in
        ["", "{\"version\": 1", "[]", "{\"version\":1,\"base\":\"http://a\",\"plugins\":[{}, 5, {\"kind\":\"Pod\"}]}"]
    {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("demo-mesh.json");
        fs::write(&file, bad).unwrap();
        let mesh = DemoMesh::start_kept(file.clone());
        wait_for(&file, |text| text != bad).await;
        mesh.apply_as("plugin-marketplace", &plugin("mine")).unwrap();
        wait_for(&file, |text| text.contains("\"mine\"")).await;
        let aside = folder.path().join("demo-mesh.unreadable");
        let readable = bad.contains("plugins");
        assert_eq!(fs::read_to_string(aside).ok().as_deref(), (!readable).then_some(bad), "{bad}");
        assert_eq!(mesh.list("WasmPlugin").len() == 1, readable, "the first contents where nothing was kept");
    }
}
