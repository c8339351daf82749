//! What `check` lets pass, the API server and istiod take; what they refuse or drop, `check` refuses before. Every row of
//! the limits and addresses in Istio's CRD and webhook.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::{Real, spec};
use marketplace_domain::{
    EnvVar, FailStrategy, MatchRule, Phase, Problem, PullPolicy, TargetRef, check,
    extension::{EnvValue, ExtensionSpec},
};
use serde_json::json;

fn with(change: impl FnOnce(&mut ExtensionSpec)) -> ExtensionSpec {
    let mut spec = spec();
    change(&mut spec);
    spec
}

fn inline(name: &str, value: &str) -> EnvVar {
    EnvVar { name: name.into(), value: EnvValue::Inline(value.into()) }
}

fn targets(group: &str, kind: &str, many: usize) -> ExtensionSpec {
    let target = |at| TargetRef { group: group.into(), kind: kind.into(), name: format!("x{at}") };
    with(|spec| (spec.selector, spec.targets) = (None, (0..many).map(target).collect()))
}

fn selector(key: &str, value: &str) -> ExtensionSpec {
    with(|spec| spec.selector = Some([(key.to_owned(), value.to_owned())].into()))
}

fn good() -> Vec<ExtensionSpec> {
    let digest = "a".repeat(64);
    let mut specs = vec![
        spec(),
        with(|spec| spec.sha256 = digest.parse().ok()),
        with(|spec| spec.pull_policy = PullPolicy::Always),
        with(|spec| spec.pull_secret = Some("registry.login".into())),
        with(|spec| spec.config = Some(json!({"a": {"b": [1, 0.5, null, "数据"]}, "n": 9_007_199_254_740_992_u64}))),
        with(|spec| spec.root_id = Some("r".repeat(256))),
        with(|spec| spec.network = true),
        with(|spec| spec.matches = vec![]),
        with(|spec| spec.matches = vec![MatchRule { direction: None, ports: vec![1, 65535] }]),
        with(|spec| spec.env = (0..256).map(|at| inline(&format!("A{at}"), "x")).collect()),
        with(|spec| spec.env = vec![inline(&"A".repeat(256), &"x".repeat(2048))]),
        with(|spec| spec.env = vec![EnvVar { name: "HOME".into(), value: EnvValue::Host }]),
        with(|spec| spec.selector = None),
        with(|spec| spec.selector = Some(Default::default())),
        selector("app.kubernetes.io/name", &"x".repeat(63)),
        targets("", "Service", 16),
        targets("core", "Service", 1),
        targets("networking.istio.io", "ServiceEntry", 1),
        targets("gateway.networking.k8s.io", "Gateway", 1),
        targets("gateway.networking.k8s.io", "GatewayClass", 1),
    ];
    let urls = [
        "oci://r.example.com:5000/team/p:1",
        "oci://r.example.com/p",
        "oci://10.0.0.5:5000/p",
        "oci://[::1]:5000/p",
        "oci://my_reg:5000/p",
        "oci://localhost:5000/p",
        "https://bucket/filters/openid.wasm",
        "http://host.mesh:8080/modules/x.wasm?v=1",
    ];
    specs.extend(urls.map(|url| with(|spec| spec.url = url.into())));
    specs.push(with(|spec| spec.url = format!("oci://r.example.com/p@sha256:{digest}")));
    specs.extend(Phase::ALL.map(|phase| with(|spec| spec.phase = phase)));
    specs.extend(FailStrategy::ALL.map(|strategy| with(|spec| spec.fail_strategy = strategy)));
    specs.extend([1, 1000].map(|number| with(|spec| spec.priority = Some(number))));
    specs
}

/// What the cluster refuses.
fn refused() -> Vec<ExtensionSpec> {
    let mut specs = vec![
        with(|spec| spec.pull_secret = Some("x".repeat(254))),
        with(|spec| spec.config = Some(json!([1]))),
        with(|spec| spec.root_id = Some("r".repeat(257))),
        with(|spec| spec.root_id = Some("é".repeat(200))),
        with(|spec| spec.matches = vec![MatchRule { direction: None, ports: vec![0] }]),
        with(|spec| spec.matches = vec![MatchRule { direction: None, ports: vec![80, 80] }]),
        with(|spec| spec.env = (0..257).map(|at| inline(&format!("A{at}"), "x")).collect()),
        with(|spec| spec.env = vec![inline("A", "1"), inline("A", "2")]),
        with(|spec| spec.env = vec![inline("", "1")]),
        with(|spec| spec.env = vec![inline(&"A".repeat(257), "1")]),
        with(|spec| spec.env = vec![inline("A", &"x".repeat(2049))]),
        with(|spec| spec.targets = targets("", "Service", 1).targets),
        selector("", "x"),
        selector("app", "*"),
        selector("a*", "x"),
        selector("app", &"x".repeat(64)),
        targets("", "Service", 17),
        targets("apps", "Deployment", 1),
        targets("gateway.networking.k8s.io", "HTTPRoute", 1),
        targets("networking.istio.io", "Gateway", 1),
    ];
    let urls = ["", "r.example.com:5000/p:1", "localhost:5000/p", "p:1", "ftp://r.example.com/p"];
    specs.extend(urls.map(|url| with(|spec| spec.url = url.into())));
    specs
}

/// What the cluster takes and then drops, never fetches, or changes.
fn useless() -> Vec<ExtensionSpec> {
    let urls = [
        "10.0.0.5:5000/p:1",
        "my_reg:5000/p",
        "1reg:5000/p",
        "[::1]:5000/p",
        "oci://r.example.com:abc/p",
        "oci://r%20x/p",
        "ftp://bad host/x",
        "?",
        "//r.example.com/p:1",
        "oci://",
        "oci:r.example.com/p",
        "http:///x.wasm",
        "oci://r.example.com:99999/p",
        "oci://r.example.com/Upper",
        "oci://r.example.com/p:1:2",
        "/opt/x.wasm",
        "p",
    ];
    let mut specs = urls.map(|url| with(|spec| spec.url = url.into())).to_vec();
    specs.extend([
        with(|spec| spec.priority = None),
        with(|spec| spec.priority = Some(0)),
        with(|spec| spec.priority = Some(i32::MAX)),
        with(|spec| spec.pull_secret = Some("Not A Secret".into())),
        with(|spec| spec.config = Some(json!({"n": 9_007_199_254_740_993_u64}))),
        with(|spec| spec.config = Some(json!({"n": u64::MAX}))),
        with(|spec| spec.env = vec![inline("not-an-identifier", "1")]),
        with(|spec| spec.env = vec![inline("ISTIO_META_X", "1")]),
        with(|spec| spec.env = vec![EnvVar { name: "ISTIO_META_CLUSTER_ID".into(), value: EnvValue::Host }]),
    ]);
    specs
}

fn problems(real: &Real, spec: &ExtensionSpec) -> Vec<Problem> {
    check::check(spec, &real.namespace, &"verdict".parse().unwrap())
}

fn short(of: &impl std::fmt::Debug) -> String {
    format!("{of:?}").chars().take(300).collect()
}

#[tokio::test]
async fn check_and_the_cluster_agree() {
    let Some(real) = Real::new("cluster-verdicts").await else { return };
    let mut wrong = Vec::new();
    for (name, specs) in [("good", good()), ("refused", refused()), ("useless", useless())] {
        for spec in specs {
            let ours = problems(&real, &spec);
            let body = real.cluster.render(&real.desired("verdict", spec.clone()))["spec"].clone();
            let theirs = real.verdict("verdict", &body).await;
            let as_wanted = match name {
                "good" => ours.is_empty() && theirs.is_ok(),
                "refused" => !ours.is_empty() && theirs.is_err(),
                _ => !ours.is_empty() && theirs.is_ok(),
            };
            if !as_wanted {
                wrong.push(format!("{name}: {}\n  ours {ours:?}\n  theirs {}", short(&body), short(&theirs)));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Forms that our types cannot even hold, and that the product therefore never sends.
#[tokio::test]
async fn what_only_others_could_write() {
    let Some(real) = Real::new("cluster-others").await else { return };
    let url = "oci://r.example.com/p:1";
    let refused = [
        json!({"url": url, "failStrategy": "FAIL_CLOSED"}),
        json!({"url": url, "imagePullPolicy": "Never"}),
        json!({"url": url, "phase": "UNSPECIFIED"}),
        json!({"url": url, "sha256": "A".repeat(64)}),
        json!({"url": url, "sha256": format!("sha256:{}", "a".repeat(64))}),
        json!({"url": url, "priority": "10"}),
        json!({"url": url, "priority": 1.5}),
        json!({"url": url, "priority": 4_294_967_296_u64}),
        json!({"url": url, "imagePullSecret": ""}),
        json!({"url": url, "vmConfig": {"env": [{"name": "A", "value": "", "valueFrom": "HOST"}]}}),
        json!({"url": url, "selector": {"matchLabels": {"a": "b"}}, "targetRefs": []}),
        json!({"url": url, "targetRef": {"kind": "Service", "name": "x", "namespace": "other"}}),
        json!({"url": url, "defaultConfig": {}}),
    ];
    for spec in refused {
        assert!(real.verdict("others", &spec).await.is_err(), "{spec}");
    }
    let taken = [
        json!({"url": url, "sha256": ""}),
        json!({"url": url, "priority": null}),
        json!({"url": url, "priority": 10.0}),
        json!({"url": "file:///opt/x.wasm"}),
        json!({"url": "r.example.com/p:1"}),
        json!({"url": "OCI://r.example.com/p:1"}),
        json!({"url": url, "match": [{"mode": "UNDEFINED"}], "type": "UNSPECIFIED_PLUGIN_TYPE"}),
        json!({"url": url, "targetRef": {"kind": "Service", "name": "x"}}),
    ];
    for spec in taken {
        let verdict = real.verdict("others", &spec).await;
        assert!(verdict.is_ok(), "{spec} {verdict:?}");
    }
}
