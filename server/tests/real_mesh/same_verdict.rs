//! What the product writes, and what is refused, is the same on the demo mesh and on the real API server with istiod's
//! webhook; and our own rules let nothing through that these refuse.

use std::{path::PathBuf, time::Duration};

use marketplace_cluster::{Cluster, Connect, Desired, DryRun, WriteError};
use marketplace_demomesh::DemoMesh;
use marketplace_domain::{
    Direction, EnvVar, MatchRule, TargetRef, check,
    extension::{EnvValue, ExtensionSpec},
};
use serde_json::{Value, json};

use crate::cluster::{Kubectl, kubeconfig};

/// A namespace that both clusters have.
const NAMESPACE: &str = "default";

fn with(change: impl FnOnce(&mut ExtensionSpec)) -> ExtensionSpec {
    let mut spec = ExtensionSpec {
        url: "oci://registry.example.com/team/plugin:1".into(),
        priority: Some(10),
        matches: vec![MatchRule { direction: Some(Direction::Server), ports: vec![] }],
        selector: Some([("app".to_owned(), "reviews".to_owned())].into()),
        ..ExtensionSpec::default()
    };
    change(&mut spec);
    spec
}

fn url(url: &str) -> ExtensionSpec {
    with(|spec| spec.url = url.into())
}

fn env(variables: &[(&str, Option<&str>)]) -> ExtensionSpec {
    let value = |text: &Option<&str>| text.map_or(EnvValue::Host, |text| EnvValue::Inline(text.into()));
    with(|spec| spec.env = variables.iter().map(|(n, v)| EnvVar { name: (*n).into(), value: value(v) }).collect())
}

fn target(group: &str, kind: &str) -> ExtensionSpec {
    with(|spec| {
        spec.selector = None;
        spec.targets = vec![TargetRef { group: group.into(), kind: kind.into(), name: "orders".into() }];
    })
}

fn ports(ports: &[u16]) -> ExtensionSpec {
    with(|spec| spec.matches = vec![MatchRule { direction: Some(Direction::Client), ports: ports.to_vec() }])
}

/// What is wanted of us.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Verdict {
    /// Good: everybody takes it.
    Good,
    /// The cluster refuses it, and we do before it.
    Bad,
    /// The cluster takes it, and we refuse it on purpose: it would be dropped, never be fetched, or arrive changed.
    Stricter,
}

/// `wasmplugin.md` §2 (fields) and §3 (addresses).
fn table() -> Vec<(Verdict, ExtensionSpec)> {
    use Verdict::{Bad, Good, Stricter};
    let digest = "b".repeat(64);
    let config = |config: Value| with(|spec| spec.config = Some(config));
    let selected = |key: &str, value: &str| with(|spec| spec.selector = Some([(key.into(), value.into())].into()));
    let secret = |name: &str| with(|spec| spec.pull_secret = Some(name.into()));
    vec![
        (Good, with(|_| {})),
        (Good, with(|spec| spec.sha256 = digest.parse().ok())),
        (Good, url("https://bucket.example.com/filters/openid.wasm")),
        (Good, url("http://198.18.0.2:7420/modules/x.wasm")),
        (Good, url("oci://10.0.0.5:5000/p:1")),
        (Good, url(&format!("oci://r.example.com/p@sha256:{digest}"))),
        (Bad, url("")),
        (Bad, url("r.example.com:5000/p:1")),
        (Bad, url("localhost:5000/p")),
        (Bad, url("p:1")),
        (Bad, url("ftp://r.example.com/p")),
        (Stricter, url("10.0.0.5:5000/p:1")),
        (Stricter, url("my_reg:5000/p")),
        (Stricter, url("[::1]:5000/p")),
        (Stricter, url("oci://r.example.com:abc/p")),
        (Stricter, url("ftp://bad host/x")),
        (Stricter, url("oci://")),
        (Stricter, url("oci://r.example.com:99999/p")),
        (Stricter, url("oci://r.example.com/Upper")),
        (Stricter, url("OCI://r.example.com/p:1")),
        (Stricter, url("r.example.com/p:1")),
        (Stricter, url("file:///opt/x.wasm")),
        (Stricter, url("/opt/x.wasm")),
        (Good, secret("registry-pull")),
        (Stricter, secret("Not A Secret")),
        (Bad, secret(&"s".repeat(254))),
        (Good, config(json!({ "a": { "b": [1, 0.5, null, "数据"] } }))),
        (Bad, config(json!([1]))),
        (Stricter, config(json!({ "n": 9_007_199_254_740_993_u64 }))),
        (Good, with(|spec| spec.priority = Some(1000))),
        (Stricter, with(|spec| spec.priority = Some(0))),
        (Stricter, with(|spec| spec.priority = Some(1001))),
        (Stricter, with(|spec| spec.priority = None)),
        (Good, with(|spec| spec.root_id = Some("r".repeat(256)))),
        (Bad, with(|spec| spec.root_id = Some("r".repeat(257)))),
        (Good, env(&[("A", Some("1")), ("HOME", None)])),
        (Bad, env(&[("A", Some("1")), ("A", Some("2"))])),
        (Bad, env(&[("", Some("1"))])),
        (Bad, env(&[("A", Some(&"x".repeat(2049)))])),
        (Stricter, env(&[("not-an-identifier", Some("1"))])),
        (Stricter, env(&[("ISTIO_META_CLUSTER_ID", None)])),
        (Good, ports(&[1, 65535])),
        (Bad, ports(&[0])),
        (Bad, ports(&[80, 80])),
        (Good, with(|spec| spec.selector = None)),
        (Good, selected("app.kubernetes.io/name", "reviews")),
        (Bad, selected("app", "*")),
        (Bad, selected("app", &"x".repeat(64))),
        (Stricter, selected("app", "not a label")),
        (Good, target("", "Service")),
        (Good, target("gateway.networking.k8s.io", "Gateway")),
        (Good, target("networking.istio.io", "ServiceEntry")),
        (Bad, target("apps", "Deployment")),
        (Bad, target("gateway.networking.k8s.io", "HTTPRoute")),
        (Bad, with(|spec| spec.targets = target("", "Service").targets)),
    ]
}

/// Both clusters, as the product sees them.
struct Both {
    real: Cluster,
    demo: Cluster,
    _mesh: DemoMesh,
}

async fn both(path: PathBuf) -> Both {
    let mesh = DemoMesh::start();
    let demo = Cluster::over(mesh.service(), DemoMesh::NAME);
    let real = Cluster::connect(Connect::Kubeconfig { path: Some(path), context: None }).await.unwrap();
    for cluster in [&real, &demo] {
        assert!(cluster.ready(Duration::from_secs(30)).await, "{}: {:?}", cluster.name(), cluster.health());
    }
    Both { real, demo, _mesh: mesh }
}

fn desired(name: &str, spec: &ExtensionSpec) -> Desired {
    Desired::new(NAMESPACE.parse().unwrap(), name.parse().unwrap(), spec.clone())
}

/// An answer without what differs from cluster to cluster.
fn comparable(answer: Result<DryRun, WriteError>) -> Result<(bool, Value, Value), WriteError> {
    answer.map(|dry| (dry.changed, dry.sent, without_identity(dry.object)))
}

fn without_identity(mut object: Value) -> Value {
    for field in ["uid", "resourceVersion", "creationTimestamp"] {
        object["metadata"].as_object_mut().unwrap().remove(field);
    }
    object
}

#[tokio::test]
async fn good_and_bad_resources_get_one_verdict() {
    let Some(path) = kubeconfig() else { return };
    Kubectl::new(path.clone()).await.delete(NAMESPACE, "verdict").await;
    let both = both(path).await;
    let mut wrong = Vec::new();
    for (wanted, spec) in table() {
        let ours = check::check(&spec, &NAMESPACE.parse().unwrap(), &"verdict".parse().unwrap());
        let desired = desired("verdict", &spec);
        let real = comparable(both.real.dry_run(&desired).await);
        let demo = comparable(both.demo.dry_run(&desired).await);
        let found = match (ours.is_empty(), real.is_ok()) {
            (true, true) => Some(Verdict::Good),
            (false, false) => Some(Verdict::Bad),
            (false, true) => Some(Verdict::Stricter),
            (true, false) => None,
        };
        if found != Some(wanted) || real != demo {
            wrong.push(format!(
                "{wanted:?}, found {found:?}: {spec:?}\n  ours {ours:?}\n  real {real:?}\n  demo {demo:?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table().len(), wrong.join("\n"));
}

/// Applied, again, edited, seen too late, deleted, deleted again: each step ends the same.
#[tokio::test]
async fn a_life_is_the_same_on_both() {
    let Some(path) = kubeconfig() else { return };
    Kubectl::new(path.clone()).await.delete(NAMESPACE, "life").await;
    let both = both(path).await;
    let mut lives = Vec::new();
    for cluster in [&both.real, &both.demo] {
        lives.push(life(cluster).await);
    }
    assert_eq!(lives[0], lives[1]);
}

fn words(of: impl std::fmt::Debug) -> Value {
    format!("{of:?}").into()
}

async fn life(cluster: &Cluster) -> Vec<(&'static str, Value)> {
    let mut steps = Vec::new();
    let mut note = |step, what: Value| steps.push((step, what));
    let mut wanted = desired("life", &with(|spec| spec.config = Some(json!({ "keep": 1, "drop": { "deep": true } }))));
    wanted.spec.env = env(&[("A", Some("1")), ("B", None)]).env;

    let first = cluster.apply(&wanted).await.unwrap();
    note("applied", json!([first.changed, first.created, without_identity(first.object)]));
    let again = cluster.apply(&wanted).await.unwrap();
    note("again", json!([again.changed, again.resource_version == first.resource_version]));

    wanted.spec.priority = Some(11);
    note("by somebody who saw nothing", words(cluster.apply(&wanted).await.unwrap_err()));
    wanted.resource_version = Some(first.resource_version.clone());
    wanted.spec.config = Some(json!({ "keep": 2 }));
    wanted.spec.env.remove(0);
    let edited = cluster.apply(&wanted).await.unwrap();
    note("edited", json!([edited.changed, edited.uid == first.uid, without_identity(edited.object)]));

    wanted.spec.priority = Some(12);
    note("too late", words(cluster.apply(&wanted).await.unwrap_err()));
    let (namespace, name) = (wanted.namespace.clone(), wanted.name.clone());
    note("another of its name", words(cluster.delete(&namespace, &name, Some("no-such-uid")).await));
    note("deleted", words(cluster.delete(&namespace, &name, Some(&edited.uid)).await));
    note("deleted again", words(cluster.delete(&namespace, &name, Some(&edited.uid)).await));
    note("edited when gone", words(cluster.apply(&wanted).await.unwrap_err()));
    wanted.namespace = "no-such-namespace".parse().unwrap();
    wanted.resource_version = None;
    note("nowhere", words(cluster.apply(&wanted).await.unwrap_err()));
    steps
}
