//! Resources that others made: seen, edited with care, never taken over.

use marketplace_domain::{Reason, draft::Draft};
use serde_json::{Value, json};

use crate::setup::{WHO, edit, only, refused, setup, until};

/// Fields of which the product knows nothing: `verificationKey`, labels and annotations.
fn stranger() -> Value {
    json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
        "metadata": {
            "namespace": "bookinfo", "name": "stranger",
            "labels": { "team": "payments" }, "annotations": { "why": "audit 7" },
        },
        "spec": {
            "url": "oci://registry.example.com/stranger:1", "verificationKey": "key", "type": "HTTP",
            "selector": { "matchLabels": { "app": "ratings" } }, "pluginConfig": { "a": { "b": [1, 2] } },
        },
    })
}

#[tokio::test]
async fn a_field_of_another_manager_is_a_conflict_that_names_it() {
    let setup = setup().await;
    let before = setup.stored("shop", "request-tagger");
    let target = edit("shop", "request-tagger");
    let (kept, problems) = refused(setup.send(&target, &[("priority", "900")]).await);
    let owner = ("spec.priority".to_owned(), "argocd-controller".to_owned());
    assert_eq!(only(&problems), ("", &Reason::Conflict(vec![owner])));
    assert_eq!(setup.stored("shop", "request-tagger"), before);
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    assert_eq!(view.draft.get("priority"), "900");
    assert!(view.foreign);
}

/// A page asks again at each change of the cluster, and whenever something is typed.
#[tokio::test]
async fn what_the_cluster_refused_stands_until_something_else_is_typed() {
    let setup = setup().await;
    let target = edit("shop", "request-tagger");
    let (kept, problems) = refused(setup.send(&target, &[("priority", "900")]).await);
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    let mut typed = view.draft;
    let of_preview = async |typed: &Draft, kept| setup.services.preview(&target, typed, kept).await.unwrap().problems;
    assert_eq!(of_preview(&typed, Some(kept)).await, problems);
    assert_eq!(of_preview(&typed, None).await, []);

    // Going to another step keeps the same draft.
    let kept = setup.services.keep_apply(&target, &typed, Some(kept), None).await.unwrap();
    assert_eq!(setup.services.apply_view(&target, Some(kept)).await.unwrap().problems, problems);

    typed.set("priority", "901");
    assert_eq!(of_preview(&typed, Some(kept)).await, []);
    let kept = setup.services.keep_apply(&target, &typed, Some(kept), None).await.unwrap();
    assert_eq!(setup.services.apply_view(&target, Some(kept)).await.unwrap().problems, []);
}

#[tokio::test]
async fn an_edit_keeps_what_we_do_not_know_and_claims_only_what_it_changes() {
    let setup = setup().await;
    let before = setup.mesh.create_as("kubectl-create", &stranger()).unwrap();
    until("it is in the list", async || setup.row("bookinfo", "stranger").await.is_some()).await;
    let target = edit("bookinfo", "stranger");

    let view = setup.services.apply_view(&target, None).await.unwrap();
    assert!(view.plugin.is_none() && view.diff.iter().all(|line| line.sign == ' '), "{:?}", view.diff);
    let after = setup.applied(&target, &[("priority", "50"), ("failStrategy", "FAIL_OPEN")]).await;
    let mut wanted = before["spec"].clone();
    wanted["priority"] = json!(50);
    wanted["failStrategy"] = json!("FAIL_OPEN");
    assert_eq!(after["spec"], wanted);
    for field in ["labels", "annotations", "uid"] {
        assert_eq!(after["metadata"][field], before["metadata"][field]);
    }
    let managers = after["metadata"]["managedFields"].as_array().unwrap();
    let ours = managers.iter().find(|entry| entry["manager"] == "plugin-marketplace").unwrap();
    assert_eq!(ours["fieldsV1"], json!({ "f:spec": { "f:priority": {}, "f:failStrategy": {} } }));
}

#[tokio::test]
async fn an_edit_of_nothing_writes_nothing() {
    let setup = setup().await;
    setup.mesh.create_as("kubectl-create", &stranger()).unwrap();
    until("it is in the list", async || setup.row("bookinfo", "stranger").await.is_some()).await;
    let before = setup.everything();
    for (namespace, name) in [("bookinfo", "stranger"), ("shop", "request-tagger"), ("shop", "fraud-check")] {
        let applied = setup.send(&edit(namespace, name), &[]).await.unwrap();
        assert!(!applied.changed, "{name}");
    }
    assert_eq!(setup.everything(), before);
}

#[tokio::test]
async fn an_odd_resource_stays_odd_until_somebody_mends_it() {
    let setup = setup().await;
    let mut odd = stranger();
    odd["spec"]["url"] = json!("10.0.0.5:5000/stranger");
    setup.mesh.create_as("kubectl-create", &odd).unwrap();
    until("it is in the list", async || setup.row("bookinfo", "stranger").await.is_some()).await;
    let target = edit("bookinfo", "stranger");
    let stored = setup.applied(&target, &[("priority", "3")]).await;
    assert_eq!(stored["spec"]["url"], "10.0.0.5:5000/stranger");
    // What is typed anew is held to the rules.
    let (_, problems) = refused(setup.send(&target, &[("url", "10.0.0.6:5000/stranger")]).await);
    let (field, reason) = only(&problems);
    assert!(field == "url" && matches!(reason, Reason::AddressBad(_)), "{problems:?}");
}

#[tokio::test]
async fn others_plugins_can_be_uninstalled() {
    let setup = setup().await;
    let row = setup.row("shop", "fraud-check").await.unwrap();
    assert!(!row.ours && row.plugin.is_none());
    assert_eq!(row.manager.as_deref(), Some("kubectl-client-side-apply"));
    let (namespace, name) = ("shop".parse().unwrap(), "fraud-check".parse().unwrap());
    setup.services.uninstall(&namespace, &name, &row.uid, WHO).await.unwrap();
    assert_eq!(setup.stored("shop", "fraud-check"), Value::Null);
}
