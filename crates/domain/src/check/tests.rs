//! The rules of `wasmplugin.md` §2 and §3. The same good and bad ones go to a real API server in `cluster`'s tests.

use std::collections::BTreeMap;

use serde_json::json;

use super::*;
use crate::{MatchRule, extension::EnvVar};

fn good() -> ExtensionSpec {
    ExtensionSpec { url: "oci://r.example.com/p:1".into(), priority: Some(10), ..ExtensionSpec::default() }
}

fn problems(spec: &ExtensionSpec) -> Vec<(String, Reason)> {
    let found = check(spec, &"shop".parse().unwrap(), &"p".parse().unwrap());
    found.into_iter().map(|problem| (problem.field, problem.reason)).collect()
}

fn one(change: impl FnOnce(&mut ExtensionSpec)) -> (String, Reason) {
    let mut spec = good();
    change(&mut spec);
    let mut found = problems(&spec);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

fn none(change: impl FnOnce(&mut ExtensionSpec)) {
    let mut spec = good();
    change(&mut spec);
    assert_eq!(problems(&spec), []);
}

fn inline(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.into(), value: EnvValue::Inline(value.into()) }
}

fn at(field: &str, reason: Reason) -> (String, Reason) {
    (field.into(), reason)
}

#[test]
fn addresses_and_secrets() {
    none(|_| {});
    assert_eq!(one(|spec| spec.url = String::new()), at("url", Reason::Required));
    let no_scheme = Reason::AddressBad(BadUrl::NoScheme("oci://10.0.0.5:5000/p".into()));
    assert_eq!(one(|spec| spec.url = "10.0.0.5:5000/p".into()), at("url", no_scheme));
    assert_eq!(one(|spec| spec.url = "OCI://r.example.com/p:1".into()).0, "url");
    none(|spec| spec.pull_secret = Some("registry.login".into()));
    assert_eq!(one(|spec| spec.pull_secret = Some("Bad_Name".into())), at("pullSecret", Reason::SecretMalformed));
    let on_http = one(|spec| {
        spec.url = "https://bucket/x.wasm".into();
        spec.pull_secret = Some("login".into());
    });
    assert_eq!(on_http, at("pullSecret", Reason::SecretNotImage));
}

#[test]
fn priorities() {
    assert_eq!(one(|spec| spec.priority = None), at("priority", Reason::Required));
    for bad in [0, 1001, -1, i32::MAX] {
        assert_eq!(one(|spec| spec.priority = Some(bad)), at("priority", Reason::PriorityOutOfRange));
    }
}

#[test]
fn configurations() {
    none(|spec| {
        spec.config = Some(json!({ "n": 9_007_199_254_740_992_u64, "f": 0.1, "m": -9_007_199_254_740_992_i64 }))
    });
    assert_eq!(one(|spec| spec.config = Some(json!([1]))), at("config", Reason::ConfigNotAnObject));
    let big = one(|spec| spec.config = Some(json!({ "a/b": [1, 9_007_199_254_740_993_u64] })));
    assert_eq!(big, at("config/a~1b/1", Reason::NumberChanges("9007199254740993".into())));
    assert_eq!(one(|spec| spec.config = Some(json!({ "n": u64::MAX }))).0, "config/n");
    assert_eq!(one(|spec| spec.config = Some(json!({ "n": 1e21 }))).0, "config/n");
    let large = one(|spec| spec.config = Some(json!({ "t": "x".repeat(MAX_CONFIG) })));
    assert_eq!(large, at("config", Reason::ConfigTooLarge(1 << 20)));
}

#[test]
fn environments() {
    none(|spec| spec.env = vec![inline("_A1", ""), EnvVar { name: "B".into(), value: EnvValue::Host }]);
    let name = |name: &str| one(|spec| spec.env = vec![inline(name, "x")]);
    assert_eq!(name(""), at("env.0.name", Reason::Required));
    assert_eq!(name("1A"), at("env.0.name", Reason::EnvNameMalformed));
    assert_eq!(name("a-b"), at("env.0.name", Reason::EnvNameMalformed));
    assert_eq!(name("ISTIO_META_X"), at("env.0.name", Reason::EnvReserved));
    assert_eq!(name(&"A".repeat(257)), at("env.0.name", Reason::TooLong(256)));
    let host = EnvVar { name: "ISTIO_META_CLUSTER_ID".into(), value: EnvValue::Host };
    assert_eq!(one(|spec| spec.env = vec![host]), at("env.0.name", Reason::EnvReserved));
    let twice = one(|spec| spec.env = vec![inline("A", "1"), inline("B", "2"), inline("A", "3")]);
    assert_eq!(twice, at("env.2.name", Reason::EnvDuplicate));
    let long = one(|spec| spec.env = vec![inline("A", &"x".repeat(2049))]);
    assert_eq!(long, at("env.0.value", Reason::TooLong(2048)));
    let many = one(|spec| spec.env = (0..257).map(|at| inline(&format!("A{at}"), "")).collect());
    assert_eq!(many, at("env", Reason::TooMany(256)));
}

#[test]
fn ports_selectors_and_targets() {
    let ports = |ports: &[u16]| one(|spec| spec.matches = vec![MatchRule { direction: None, ports: ports.to_vec() }]);
    assert_eq!(ports(&[80, 0]), at("match.0.ports", Reason::PortMalformed));
    assert_eq!(ports(&[80, 80]), at("match.0.ports", Reason::PortDuplicate));
    let selector = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    none(|spec| spec.selector = Some(selector("app.kubernetes.io/name", "reviews")));
    for (key, value) in [("", "x"), ("a*", "x"), ("a", "*"), ("a", &"x".repeat(64)), ("a b", "x")] {
        assert_eq!(one(|spec| spec.selector = Some(selector(key, value))).1, Reason::NameMalformed, "{key} {value}");
    }
    let target = |kind: &str| TargetRef { group: String::new(), kind: kind.into(), name: "x".into() };
    none(|spec| spec.targets = vec![target("Service")]);
    assert_eq!(one(|spec| spec.targets = vec![target("Deployment")]), at("targets.0.kind", Reason::NotAChoice));
    assert_eq!(one(|spec| spec.targets = vec![target("Service"); 17]), at("targets", Reason::TooMany(16)));
    let both = one(|spec| {
        spec.selector = Some(selector("app", "x"));
        spec.targets = vec![target("Service")];
    });
    assert_eq!(both, at("selector", Reason::NotAChoice));
}

#[test]
fn what_a_foreign_author_wrote_may_stay() {
    let (namespace, name) = ("shop".parse().unwrap(), "p".parse().unwrap());
    let before = ExtensionSpec { url: "file:///opt/x.wasm".into(), priority: None, ..ExtensionSpec::default() };
    let mut after = ExtensionSpec { config: Some(json!({ "a": 1 })), ..before.clone() };
    assert_eq!(check_edit(&before, &after, &namespace, &name), []);
    after.priority = Some(5000);
    let problems = check_edit(&before, &after, &namespace, &name);
    assert_eq!(problems, [Problem::at("priority", Reason::PriorityOutOfRange)]);
}
