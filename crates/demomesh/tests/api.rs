//! The API under a real client.
#![allow(clippy::unwrap_used, reason = "a test may panic, its helpers too")]

mod common;

use common::{apply, client, plugin, plugins, status};
use futures::{StreamExt, TryStreamExt};
use k8s_openapi::api::core::v1::{Namespace, Pod, Service};
use kube::{
    Api,
    api::{
        DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams, Preconditions, WatchEvent, WatchParams,
    },
    runtime::watcher::{self, Event},
};
use marketplace_demomesh::DemoMesh;
use serde_json::{Value, json};

const URL: &str = "oci://r.example.com/p:1";

fn fields(object: &DynamicObject) -> Vec<(String, String, Value)> {
    let entries = object.metadata.managed_fields.clone().unwrap_or_default();
    entries
        .into_iter()
        .map(|entry| {
            let fields = entry.fields_v1.map(|fields| fields.0).unwrap_or_default();
            (entry.manager.unwrap_or_default(), entry.operation.unwrap_or_default(), fields)
        })
        .collect()
}

#[tokio::test]
async fn holds_a_mesh_that_typed_clients_can_read() {
    let mesh = DemoMesh::start();
    let client = client(&mesh);
    let version = client.apiserver_version().await.unwrap();
    assert_eq!((version.major.as_str(), version.minor.as_str()), ("1", "36"));
    let namespaces = Api::<Namespace>::all(client.clone()).list(&ListParams::default()).await.unwrap();
    let names: Vec<_> = namespaces.items.iter().filter_map(|one| one.metadata.name.as_deref()).collect();
    assert_eq!(names, ["ambient", "ambient-bare", "bookinfo", "default", "istio-system", "plain", "shop"]);
    let pods = Api::<Pod>::namespaced(client.clone(), "bookinfo");
    let reviews = pods.list(&ListParams::default().labels("app=reviews,version in (v1, v2)")).await.unwrap();
    assert_eq!(reviews.items.len(), 3);
    let services = Api::<Service>::all(client.clone()).list(&ListParams::default().limit(3)).await.unwrap();
    assert_eq!(services.items.len(), 3);
    let more = ListParams::default().continue_token(&services.metadata.continue_.unwrap());
    assert!(Api::<Service>::all(client.clone()).list(&more).await.unwrap().items.len() > 5);
    let istiod = Api::<Pod>::namespaced(client, "istio-system");
    let istiod = istiod.list(&ListParams::default().labels("app=istiod")).await.unwrap();
    let image = istiod.items[0].spec.as_ref().unwrap().containers[0].image.clone().unwrap();
    assert!(image.ends_with(":1.30.3"), "{image}");
}

#[tokio::test]
async fn watchers_see_what_happens() {
    let mesh = DemoMesh::start();
    let api = plugins(&mesh, "shop");
    for config in [watcher::Config::default(), watcher::Config::default().streaming_lists()] {
        let mut events = Box::pin(watcher::watcher(api.clone(), config));
        let mut there = Vec::new();
        loop {
            match events.next().await.unwrap().unwrap() {
                Event::Init => {}
                Event::InitApply(object) => there.push(object.metadata.name.unwrap()),
                Event::InitDone => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(there, ["fraud-check", "request-tagger"]);
        apply(&api, "us", "new", json!({ "url": URL })).await.unwrap();
        mesh.edit("kubectl-edit", "WasmPlugin", "shop", "new", &json!({ "spec": { "priority": 7 } })).unwrap();
        mesh.delete("WasmPlugin", "shop", "new").unwrap();
        let mut next = async || events.next().await.unwrap().unwrap();
        assert!(matches!(next().await, Event::Apply(object) if object.data["spec"]["priority"].is_null()));
        assert!(matches!(next().await, Event::Apply(object) if object.data["spec"]["priority"] == 7));
        assert!(matches!(next().await, Event::Delete(object) if object.metadata.name.as_deref() == Some("new")));
    }
}

#[tokio::test]
async fn watches_expire_break_and_end() {
    let mesh = DemoMesh::start();
    let api = plugins(&mesh, "shop");
    let old = api.watch(&WatchParams::default(), "1").await.unwrap().try_collect::<Vec<_>>().await.unwrap();
    assert!(
        matches!(&old[..], [WatchEvent::Error(status)] if status.code == 410 && status.reason == "Expired"),
        "{old:?}"
    );
    let version = api.list(&ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
    let mut watch = Box::pin(api.watch(&WatchParams::default(), &version).await.unwrap());
    mesh.expire_watches();
    assert!(matches!(watch.next().await, Some(Ok(WatchEvent::Error(status))) if status.code == 410));
    let version = api.list(&ListParams::default()).await.unwrap().metadata.resource_version.unwrap();
    let mut watch = Box::pin(api.watch(&WatchParams::default(), &version).await.unwrap());
    mesh.set_unreachable(true);
    assert!(matches!(watch.next().await, Some(Err(_))));
    assert!(matches!(api.list(&ListParams::default()).await, Err(kube::Error::Service(_))));
    mesh.set_unreachable(false);
    let mut watch = Box::pin(api.watch(&WatchParams::default(), &version).await.unwrap());
    mesh.end_watches();
    assert!(watch.next().await.is_none());
    mesh.remove_crd();
    assert_eq!(status(api.list(&ListParams::default()).await.unwrap_err())["code"], 404);
    mesh.install_crd();
    assert!(api.list(&ListParams::default()).await.unwrap().items.is_empty());
    mesh.set_forbidden(true);
    assert_eq!(status(apply(&api, "us", "x", json!({ "url": URL })).await.unwrap_err())["code"], 403);
    mesh.put_malformed();
    assert!(plugins(&mesh, "default").get("malformed").await.is_ok());
    assert!(Api::<Pod>::namespaced(client(&mesh), "default").get("malformed").await.is_err());
}

#[tokio::test]
async fn who_applies_owns() {
    let mesh = DemoMesh::start();
    let api = plugins(&mesh, "bookinfo");
    let spec = json!({
        "url": URL, "priority": 5, "vmConfig": { "env": [{ "name": "A", "value": "1" }] }, "selector": { "matchLabels": { "app": "x" } },
        "match": [{ "mode": "SERVER", "ports": [{ "number": 80 }] }], "pluginConfig": { "a": { "b": [1] } },
    });
    let made = apply(&api, "one", "a1", spec.clone()).await.unwrap();
    // As a real API server wrote it.
    let owned = json!({ "f:spec": {
        "f:match": {}, "f:pluginConfig": { "f:a": { ".": {}, "f:b": {} } }, "f:priority": {},
        "f:selector": { "f:matchLabels": { "f:app": {} } }, "f:url": {},
        "f:vmConfig": { "f:env": { "k:{\"name\":\"A\"}": { ".": {}, "f:name": {}, "f:value": {} } } },
    }});
    assert_eq!(fields(&made), [("one".into(), "Apply".into(), owned)]);
    let same = apply(&api, "one", "a1", spec).await.unwrap();
    assert_eq!(same, made, "nothing changed, so nothing is written");

    let other =
        json!({ "url": URL, "priority": 6, "vmConfig": { "env": [{ "name": "A", "value": "2" }, { "name": "B" }] } });
    let refused = status(apply(&api, "two", "a1", other.clone()).await.unwrap_err());
    assert_eq!(
        refused["message"],
        "Apply failed with 2 conflicts: conflicts with \"one\":\n- .spec.priority\n- .spec.vmConfig.env[name=\"A\"].value"
    );
    assert_eq!(refused["details"]["causes"][1]["field"], ".spec.vmConfig.env[name=\"A\"].value");
    let force = PatchParams::apply("two").force();
    let taken = api.patch("a1", &force, &Patch::Apply(plugin("a1", other))).await.unwrap();
    assert_eq!(taken.metadata.generation, Some(2));
    assert_eq!(
        fields(&taken)[0].2["f:spec"]["f:vmConfig"]["f:env"]["k:{\"name\":\"A\"}"],
        json!({ ".": {}, "f:name": {} })
    );

    // What nobody else owns goes with its owner; what both own stays.
    let less = apply(&api, "one", "a1", json!({ "url": URL })).await.unwrap();
    let env = json!([{ "name": "A", "value": "2" }, { "name": "B" }]);
    assert_eq!(less.data["spec"], json!({ "url": URL, "priority": 6, "vmConfig": { "env": env } }));

    let patch = json!({ "spec": { "priority": 9, "phase": "AUTHN" } });
    let edited = mesh.edit("kubectl-edit", "WasmPlugin", "bookinfo", "a1", &patch).unwrap();
    assert_eq!(
        edited["metadata"]["managedFields"][2]["fieldsV1"],
        json!({ "f:spec": { "f:phase": {}, "f:priority": {} } })
    );
    let refused = status(apply(&api, "one", "a1", json!({ "url": URL, "priority": 1 })).await.unwrap_err());
    let by = "conflict with \"kubectl-edit\" using extensions.istio.io/v1alpha1";
    assert_eq!(refused["message"], format!("Apply failed with 1 conflict: {by}: .spec.priority"));
    let cause = json!({ "reason": "FieldManagerConflict", "message": by, "field": ".spec.priority" });
    assert_eq!(refused["details"]["causes"], json!([cause]));
    assert_eq!((&refused["code"], &refused["reason"]), (&json!(409), &json!("Conflict")));
    let agreed = apply(&api, "one", "a1", json!({ "url": URL, "priority": 9 })).await.unwrap();
    assert_eq!(
        fields(&agreed)[0].2,
        json!({ "f:spec": { "f:priority": {}, "f:url": {} } }),
        "the same value is no conflict"
    );
}

#[tokio::test]
async fn created_objects_belong_to_who_created_them() {
    let mesh = DemoMesh::start();
    let api = plugins(&mesh, "bookinfo");
    let object =
        serde_json::from_value(plugin("b1", json!({ "url": URL, "selector": { "matchLabels": {} } }))).unwrap();
    let params = PostParams { field_manager: Some("kubectl-create".into()), ..PostParams::default() };
    let made = api.create(&params, &object).await.unwrap();
    let owned = json!({ "f:spec": { ".": {}, "f:selector": { ".": {}, "f:matchLabels": {} }, "f:url": {} } });
    assert_eq!(fields(&made), [("kubectl-create".into(), "Update".into(), owned)]);
    let again = status(api.create(&params, &object).await.unwrap_err());
    assert_eq!((&again["code"], &again["reason"]), (&json!(409), &json!("AlreadyExists")));
    let mut newer = made.clone();
    newer.data["spec"]["priority"] = 3.into();
    let newer = api.replace("b1", &params, &newer).await.unwrap();
    assert_eq!(newer.metadata.generation, Some(2));
    let stale = status(api.replace("b1", &params, &made).await.unwrap_err());
    assert!(stale["message"].as_str().unwrap().contains("the object has been modified"), "{stale}");
    let labelled = json!({ "metadata": { "annotations": { "a": "b" } } });
    let labelled = api.patch("b1", &PatchParams::default(), &Patch::Merge(labelled)).await.unwrap();
    assert_eq!(labelled.metadata.generation, Some(2), "metadata does not count");
    assert_ne!(labelled.metadata.resource_version, newer.metadata.resource_version);
    let other = Preconditions { uid: Some("other".into()), ..Preconditions::default() };
    let refused = api.delete("b1", &DeleteParams { preconditions: Some(other), ..DeleteParams::default() }).await;
    assert_eq!(status(refused.unwrap_err())["code"], 409);
    assert!(api.delete("b1", &DeleteParams::default()).await.is_ok());
    assert_eq!(status(api.get("b1").await.unwrap_err())["reason"], "NotFound");
}

#[tokio::test]
async fn dry_runs_change_nothing() {
    let mesh = DemoMesh::start();
    let api = plugins(&mesh, "bookinfo");
    let version = async || api.list(&ListParams::default()).await.unwrap().metadata.resource_version;
    let before = version().await;
    let dry = PatchParams { dry_run: true, ..PatchParams::apply("us") };
    let shown = api.patch("x", &dry, &Patch::Apply(plugin("x", json!({ "url": URL })))).await.unwrap();
    assert_eq!(shown.data["spec"]["url"], URL);
    assert_eq!(shown.metadata.resource_version, None);
    api.delete("x", &DeleteParams::default().dry_run()).await.unwrap_err();
    assert_eq!(version().await, before);
    assert!(plugins(&mesh, "shop").delete("fraud-check", &DeleteParams::default().dry_run()).await.is_ok());
    assert_eq!(version().await, before);
    assert!(mesh.get("WasmPlugin", "shop", "fraud-check").is_some());
}

#[tokio::test]
async fn says_what_is_wrong_with_a_request() {
    let mesh = DemoMesh::start();
    let api = plugins(&mesh, "nowhere");
    let refused = status(apply(&api, "us", "x", json!({ "url": URL })).await.unwrap_err());
    assert_eq!(refused["message"], "namespaces \"nowhere\" not found");
    let api = plugins(&mesh, "shop");
    let yaml = "apiVersion: extensions.istio.io/v1alpha1\nkind: WasmPlugin\nmetadata: {name: y}\nspec: {url: 'oci://a/b', priority: 3}\n";
    let request =
        http::Request::patch("/apis/extensions.istio.io/v1alpha1/namespaces/shop/wasmplugins/y?fieldManager=us")
            .header("content-type", "application/apply-patch+yaml")
            .body(yaml.as_bytes().to_vec())
            .unwrap();
    let made: DynamicObject = client(&mesh).request(request).await.unwrap();
    assert_eq!(made.data["spec"], json!({ "url": "oci://a/b", "priority": 3 }));
    let object = serde_json::from_value(plugin("Bad_Name", json!({ "url": URL }))).unwrap();
    let refused = status(api.create(&PostParams::default(), &object).await.unwrap_err());
    assert_eq!(refused["details"]["causes"][0]["field"], "metadata.name");
}
