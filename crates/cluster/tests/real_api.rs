//! Writing and reading on a real API server with istiod's webhook.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use common::{Real, spec};
use marketplace_cluster::{Deleted, Desired, KindState, WriteError};
use marketplace_domain::{
    EnvVar, FailStrategy,
    extension::{EnvValue, ExtensionSpec},
};
use serde_json::json;

#[tokio::test]
async fn is_applied_edited_and_deleted() {
    let Some(real) = Real::new("cluster-lifecycle").await else { return };
    let cluster = &real.cluster;
    let mut desired = real.desired("p", spec());

    let dry = cluster.dry_run(&desired).await.unwrap();
    assert!(dry.changed && dry.sent == cluster.render(&desired));
    assert!(real.api().get_opt("p").await.unwrap().is_none(), "a dry run writes nothing");

    let first = cluster.apply(&desired).await.unwrap();
    assert!(first.changed && first.created);
    assert_eq!(real.stored("p").await, cluster.render(&desired)["spec"]);

    // The same again, as from a button pressed twice: nothing is written.
    let again = cluster.apply(&desired).await.unwrap();
    assert!(!again.changed && again.resource_version == first.resource_version);

    // Somebody who saw nothing cannot write over it.
    let other = Desired { spec: ExtensionSpec { priority: Some(11), ..spec() }, ..desired.clone() };
    assert_eq!(cluster.apply(&other).await.unwrap_err(), WriteError::ChangedMeanwhile);

    // An edit takes away what is not wanted any more.
    desired.resource_version = Some(first.resource_version.clone());
    desired.spec.config = Some(json!({"keep": 1, "drop": {"deep": true}}));
    desired.spec.fail_strategy = FailStrategy::Open;
    desired.spec.env = vec![
        EnvVar { name: "A".into(), value: EnvValue::Inline("1".into()) },
        EnvVar { name: "B".into(), value: EnvValue::Host },
    ];
    let second = cluster.apply(&desired).await.unwrap();
    desired.resource_version = Some(second.resource_version.clone());
    desired.spec.config = Some(json!({"keep": 2}));
    desired.spec.fail_strategy = FailStrategy::Close;
    desired.spec.env.remove(0);
    let third = cluster.apply(&desired).await.unwrap();
    let stored = real.stored("p").await;
    assert_eq!(stored["pluginConfig"], json!({"keep": 2}));
    assert_eq!(stored["vmConfig"], json!({"env": [{"name": "B", "valueFrom": "HOST"}]}));
    assert_eq!(stored.get("failStrategy").and_then(|word| word.as_str()).unwrap_or("FAIL_CLOSE"), "FAIL_CLOSE");

    // What was seen is not what is there any more.
    let stale = Desired { resource_version: Some(first.resource_version), ..other };
    assert_eq!(cluster.apply(&stale).await.unwrap_err(), WriteError::ChangedMeanwhile);

    // Deleted: once, then gone already; another one of the name is not meant.
    let wrong = cluster.delete(&real.namespace, &desired.name, Some("no-such-uid")).await;
    assert_eq!(wrong.unwrap_err(), WriteError::ChangedMeanwhile);
    let delete = cluster.delete(&real.namespace, &desired.name, Some(&third.uid)).await;
    assert_eq!(delete.unwrap(), Deleted { existed: true });
    let delete = cluster.delete(&real.namespace, &desired.name, Some(&third.uid)).await;
    assert_eq!(delete.unwrap(), Deleted { existed: false });
    desired.resource_version = Some(third.resource_version);
    desired.spec.priority = Some(99);
    assert_eq!(cluster.apply(&desired).await.unwrap_err(), WriteError::Gone);
}

#[tokio::test]
async fn a_namespace_that_is_not_there() {
    let Some(real) = Real::new("cluster-nowhere").await else { return };
    let mut desired = real.desired("p", spec());
    desired.namespace = "no-such-namespace".parse().unwrap();
    assert_eq!(real.cluster.apply(&desired).await.unwrap_err(), WriteError::Gone);
}

#[tokio::test]
async fn a_foreign_resource_keeps_what_we_do_not_know() {
    let Some(real) = Real::new("cluster-foreign").await else { return };
    let theirs = json!({
        "url": "oci://r.example.com/p:1", "verificationKey": "unknown to us", "match": [{"mode": "UNDEFINED"}],
        "pluginConfig": {"a": 1, "b": {"c": [1, 2]}}, "vmConfig": {"env": [{"name": "A", "value": "1"}]},
    });
    let made = real.create("theirs", &theirs).await;
    real.until("the plugin is seen", |cluster| cluster.snapshot().plugins_in(&real.namespace).len() == 1).await;
    let seen = real.cluster.snapshot().plugins_in(&real.namespace)[0].clone();
    assert_eq!(seen.manager.as_deref(), Some("kubectl-create"));
    let mut desired = Desired {
        resource_version: made.metadata.resource_version.clone(),
        foreign: true,
        ..real.desired("theirs", seen.spec.clone())
    };

    // Nothing differs: nothing is sent, nothing is claimed.
    assert!(!real.cluster.apply(&desired).await.unwrap().changed);

    // What nobody owns yet is added, and only that is claimed.
    desired.spec.priority = Some(7);
    desired.spec.config = Some(json!({"a": 1, "b": {"c": [1, 2]}, "mine": true}));
    desired.spec.env.push(EnvVar { name: "B".into(), value: EnvValue::Inline("2".into()) });
    let sent = real.cluster.render(&desired)["spec"].clone();
    let wanted = json!({
        "priority": 7, "pluginConfig": {"mine": true}, "vmConfig": {"env": [{"name": "B", "value": "2"}]},
    });
    assert_eq!(sent, wanted);
    let applied = real.cluster.apply(&desired).await.unwrap();
    let stored = real.stored("theirs").await;
    assert_eq!(stored["verificationKey"], "unknown to us");
    assert_eq!(stored["match"], json!([{"mode": "UNDEFINED"}]));
    assert_eq!(stored["pluginConfig"], json!({"a": 1, "b": {"c": [1, 2]}, "mine": true}));
    assert_eq!(stored["vmConfig"]["env"].as_array().unwrap().len(), 2);

    // What is ours can be changed again, from what the watch sees by now.
    desired.resource_version = Some(applied.resource_version.clone());
    desired.spec.priority = Some(8);
    let applied = real.cluster.apply(&desired).await.unwrap();
    assert!(applied.changed);

    // What is theirs is a conflict that names them: a change, and a removal that would silently not happen.
    desired.resource_version = Some(applied.resource_version.clone());
    let mut change = desired.clone();
    change.spec.url = "oci://r.example.com/p:2".into();
    let conflict = WriteError::Conflict(vec![("spec.url".into(), "kubectl-create".into())]);
    assert_eq!(real.cluster.dry_run(&change).await.unwrap_err(), conflict);
    assert_eq!(real.cluster.apply(&change).await.unwrap_err(), conflict);
    let mut removal = desired.clone();
    removal.spec.config = Some(json!({"b": {"c": [1, 2]}, "mine": true}));
    let conflict = WriteError::Conflict(vec![("spec.pluginConfig.a".into(), "kubectl-create".into())]);
    assert_eq!(real.cluster.apply(&removal).await.unwrap_err(), conflict);
    // What is ours can go again.
    desired.spec.env.pop();
    real.cluster.apply(&desired).await.unwrap();
    assert_eq!(real.stored("theirs").await["vmConfig"]["env"], json!([{"name": "A", "value": "1"}]));
}

#[tokio::test]
async fn refusals_name_their_field() {
    let Some(real) = Real::new("cluster-refused").await else { return };
    let bad = ExtensionSpec { url: "r.example.com:5000/p:1".into(), ..spec() };
    let Err(WriteError::Refused { causes, message }) = real.cluster.apply(&real.desired("p", bad)).await else {
        panic!("an address the CRD refuses was taken");
    };
    assert!(causes.iter().any(|cause| cause.field == "spec.url"), "{message} {causes:?}");
    // Only istiod's webhook knows which kinds can be targets.
    let target = marketplace_domain::TargetRef { group: "apps".into(), kind: "Deployment".into(), name: "x".into() };
    let bad = ExtensionSpec { selector: None, targets: vec![target], ..spec() };
    let refused = real.cluster.dry_run(&real.desired("p", bad)).await.unwrap_err();
    assert!(matches!(&refused, WriteError::Refused { message, .. } if message.contains("denied")), "{refused:?}");
}

#[tokio::test]
async fn changes_arrive_quickly() {
    let Some(real) = Real::new("cluster-latency").await else { return };
    assert_eq!(*real.cluster.health().of(marketplace_cluster::Kind::Plugins), KindState::Synced);
    let mut waits = Vec::new();
    for at in 0..20 {
        let name = format!("p{at}");
        real.create(&name, &json!({"url": "oci://r.example.com/p:1"})).await;
        let written = Instant::now();
        real.until("the plugin is seen", |cluster| cluster.snapshot().plugins_in(&real.namespace).len() == at + 1)
            .await;
        waits.push(written.elapsed());
    }
    waits.sort();
    println!("write answered -> seen by a listener: median {:?}, worst {:?}", waits[10], waits[19]);
    assert!(waits[10] < Duration::from_millis(100), "{waits:?}");
}
