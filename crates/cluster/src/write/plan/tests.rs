use marketplace_domain::{Digest, FailStrategy, extension::ExtensionSpec};

use super::*;

fn desired(spec: ExtensionSpec) -> Desired {
    Desired::new("shop".parse().unwrap(), "p".parse().unwrap(), spec)
}

fn spec() -> ExtensionSpec {
    ExtensionSpec { url: "oci://r.example.com/p:1".into(), priority: Some(10), ..ExtensionSpec::default() }
}

fn stored(spec: Value, owners: &[(&str, &str, Value)]) -> Value {
    let entry = |(manager, operation, fields): &(&str, &str, Value)| json!({"manager": manager, "operation": operation, "fieldsV1": fields});
    let owners: Vec<Value> = owners.iter().map(entry).collect();
    json!({"metadata": {"name": "p", "namespace": "shop", "managedFields": owners}, "spec": spec})
}

#[test]
fn a_new_one_is_small_and_says_what_matters() {
    let plan = plan(&desired(spec()), None);
    let wanted = json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
        "metadata": {"name": "p", "namespace": "shop"},
        "spec": {"url": "oci://r.example.com/p:1", "phase": "UNSPECIFIED_PHASE", "priority": 10,
            "match": [{"mode": "CLIENT_AND_SERVER"}]},
    });
    assert_eq!(plan, Plan { sent: wanted, changed: true, kept_by_others: vec![] });
}

#[test]
fn nothing_differs_nothing_changes() {
    let sent = plan(&desired(spec()), None).sent;
    let stored = stored(sent["spec"].clone(), &[]);
    assert!(!plan(&desired(spec()), Some(&stored)).changed);
    let labelled = Desired { labels: [("a".into(), "b".into())].into(), ..desired(spec()) };
    assert!(plan(&labelled, Some(&stored)).changed);
}

#[test]
fn a_default_is_said_where_something_else_is_stored() {
    let stored = stored(json!({"url": "oci://r.example.com/p:1", "failStrategy": "FAIL_OPEN"}), &[]);
    let plan = plan(&desired(spec()), Some(&stored));
    assert_eq!(plan.sent["spec"]["failStrategy"], json!(FailStrategy::Close));
}

#[test]
fn ours_may_go_theirs_may_not() {
    let have =
        json!({"url": "oci://r.example.com/p:1", "sha256": "a".repeat(64), "pluginName": "x", "verificationKey": "k"});
    let ours = ("plugin-marketplace", "Apply", json!({"f:spec": {"f:sha256": {}}}));
    let theirs = ("kubectl", "Update", json!({"f:spec": {"f:pluginName": {}, "f:verificationKey": {}}}));
    let stored = stored(have, &[ours, theirs]);
    let plan = plan(&desired(spec()), Some(&stored));
    assert!(plan.changed);
    assert_eq!(plan.kept_by_others, [("spec.pluginName".to_owned(), "kubectl".to_owned())]);
}

#[test]
fn of_a_foreign_one_only_what_differs_is_sent_and_what_is_ours_kept() {
    let have = json!({"url": "oci://r.example.com/p:1", "priority": 10, "sha256": "a".repeat(64),
        "pluginConfig": {"a": 1, "b": {"c": 2}}});
    let ours = ("plugin-marketplace", "Apply", json!({"f:spec": {"f:priority": {}}}));
    let stored = stored(have, &[ours]);
    let wanted = ExtensionSpec {
        sha256: "a".repeat(64).parse::<Digest>().ok(),
        config: Some(json!({"a": 1, "b": {"c": 3}})),
        ..spec()
    };
    let plan = plan(&Desired { foreign: true, ..desired(wanted) }, Some(&stored));
    assert_eq!(plan.sent["spec"], json!({"priority": 10, "pluginConfig": {"b": {"c": 3}}}));
    assert_eq!(plan.kept_by_others, []);
}

#[test]
fn other_words_for_the_same_are_left_alone() {
    let have = json!({"url": "oci://r.example.com/p:1", "priority": 10, "phase": "UNSPECIFIED_PHASE", "match": [{}],
        "targetRef": {"kind": "Service", "name": "x"}, "pluginConfig": {}, "type": "HTTP"});
    let same = crate::plugin::read_spec(&have).unwrap();
    let plan = plan(&Desired { foreign: true, ..desired(same) }, Some(&stored(have, &[])));
    assert_eq!(plan.sent.get("spec"), None);
    assert!(!plan.changed);
}

#[test]
fn the_version_that_was_seen_goes_along() {
    let seen = Desired { resource_version: Some("7".into()), ..desired(spec()) };
    assert_eq!(plan(&seen, None).sent["metadata"]["resourceVersion"], "7");
}

#[test]
fn people_do_not_look_at_managed_fields_and_status() {
    let mut stored = stored(json!({"url": "x"}), &[]);
    stored["status"] = json!({"conditions": []});
    assert_eq!(presentable(&stored), json!({"metadata": {"name": "p", "namespace": "shop"}, "spec": {"url": "x"}}));
}
