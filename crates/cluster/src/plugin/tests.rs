use marketplace_domain::{FailStrategy, Phase, PullPolicy};
use serde_json::json;

use super::*;

fn object(value: Value) -> DynamicObject {
    serde_json::from_value(value).unwrap()
}

#[test]
fn reads_all_that_people_decide() {
    let spec = read_spec(&json!({
        "url": "oci://r.example.com/p:1", "sha256": "a".repeat(64), "imagePullPolicy": "Always", "imagePullSecret": "s",
        "pluginConfig": {"a": 1}, "pluginName": "root", "phase": "AUTHN", "priority": -5, "failStrategy": "FAIL_OPEN",
        "vmConfig": {"env": [{"name": "A", "value": "1"}, {"name": "B", "valueFrom": "HOST"}]}, "type": "NETWORK",
        "match": [{"mode": "CLIENT", "ports": [{"number": 80}]}, {"mode": "UNDEFINED"}, {}],
        "selector": {"matchLabels": {"app": "x"}},
    }))
    .unwrap();
    assert_eq!((spec.phase, spec.priority, spec.network), (Phase::Authn, Some(-5), true));
    assert_eq!((spec.fail_strategy, spec.pull_policy), (FailStrategy::Open, PullPolicy::Always));
    assert_eq!(spec.env[1].value, EnvValue::Host);
    assert_eq!(spec.matches[0], MatchRule { direction: Some(Direction::Client), ports: vec![80] });
    assert_eq!((spec.matches[1].direction, spec.matches[2].direction), (None, None), "both");
    assert_eq!(spec.selector.unwrap()["app"], "x");
}

#[test]
fn takes_what_it_does_not_know_as_unset() {
    let spec = read_spec(&json!({
        "url": "p", "phase": "NEXT_YEAR", "failStrategy": 5, "priority": "x", "match": {"no": "list"}, "later": true,
        "vmConfig": null, "selector": {}, "pluginConfig": null,
    }))
    .unwrap();
    let wanted = ExtensionSpec { url: "p".into(), selector: Some(BTreeMap::new()), ..ExtensionSpec::default() };
    assert_eq!(spec, wanted);
}

#[test]
fn one_old_target_counts_where_there_are_no_new_ones() {
    let old = json!({"kind": "Service", "name": "old"});
    let spec = read_spec(&json!({"url": "p", "targetRef": old})).unwrap();
    assert_eq!(spec.targets, [TargetRef { group: String::new(), kind: "Service".into(), name: "old".into() }]);
    let both = json!({"url": "p", "targetRef": old, "targetRefs": [{"kind": "Service", "name": "new"}]});
    assert_eq!(read_spec(&both).unwrap().targets[0].name, "new");
}

#[test]
fn says_who_wrote_the_spec_last() {
    let entry =
        |manager: &str, time: &str, fields: Value| json!({"manager": manager, "time": time, "fieldsV1": fields});
    let plugin = read_plugin(&object(json!({
        "metadata": {"name": "p", "namespace": "shop", "creationTimestamp": "1970-01-01T00:01:00Z", "managedFields": [
            entry("kubectl", "2026-01-01T00:00:00Z", json!({"f:spec": {}})),
            entry("argocd", "2026-01-02T00:00:00Z", json!({"f:spec": {}})),
            entry("labeller", "2026-01-03T00:00:00Z", json!({"f:metadata": {}})),
        ]},
        "spec": {"url": "p"},
    })))
    .unwrap();
    assert_eq!(plugin.manager.as_deref(), Some("argocd"));
    assert_eq!(plugin.created, 60);
}

#[test]
fn an_address_is_all_it_needs() {
    let no_url = object(json!({"metadata": {"name": "p", "namespace": "shop"}, "spec": {}}));
    assert_eq!(read_plugin(&no_url).unwrap_err(), "spec.url is missing");
    let no_spec = object(json!({"metadata": {"name": "p", "namespace": "shop"}}));
    assert!(read_plugin(&no_spec).is_err());
}
