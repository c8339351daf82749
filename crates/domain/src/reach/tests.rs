//! The rows of `wasmplugin.md` §4 and §5, one by one.

use super::*;
use crate::extension::ExtensionSpec;

fn mesh() -> MeshSettings {
    MeshSettings { root_namespace: "istio-system".parse().unwrap() }
}

fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

fn service(namespace: &str, name: &str) -> ServiceKey {
    ServiceKey { namespace: namespace.parse().unwrap(), name: name.parse().unwrap() }
}

fn plugin(namespace: &str) -> Extension {
    Extension {
        namespace: namespace.parse().unwrap(),
        name: "p".parse().unwrap(),
        uid: String::new(),
        resource_version: String::new(),
        created: 0,
        manager: None,
        labels: Labels::new(),
        annotations: Labels::new(),
        spec: ExtensionSpec::default(),
        deleting: false,
    }
}

fn selecting(namespace: &str, pairs: &[(&str, &str)]) -> Extension {
    let spec = ExtensionSpec { selector: Some(labels(pairs)), ..ExtensionSpec::default() };
    Extension { spec, ..plugin(namespace) }
}

fn targeting(namespace: &str, group: &str, kind: &str, name: &str) -> Extension {
    let targets = vec![TargetRef { group: group.into(), kind: kind.into(), name: name.into() }];
    Extension { spec: ExtensionSpec { targets, ..ExtensionSpec::default() }, ..plugin(namespace) }
}

fn gateway_target(namespace: &str, name: &str) -> Extension {
    targeting(namespace, GATEWAY_GROUP, "Gateway", name)
}

fn proxy(namespace: &str, kind: ProxyKind) -> Proxy {
    Proxy {
        namespace: namespace.parse().unwrap(),
        pod: "pod".into(),
        workload: "w".into(),
        labels: labels(&[("app", "reviews"), ("version", "v1")]),
        kind,
        gateway: matches!(kind, ProxyKind::ApiGateway | ProxyKind::Waypoint).then(|| "gw".into()),
        revision: None,
        serves: if kind == ProxyKind::Waypoint { vec![service("shop", "cart"), service("other", "o")] } else { vec![] },
        ready: true,
    }
}

const REVIEWS: &[(&str, &str)] = &[("app", "reviews")];

#[test]
fn sidecars_and_injected_gateways() {
    for kind in [ProxyKind::Sidecar, ProxyKind::Gateway] {
        let pod = proxy("shop", kind);
        let of = |plugin: &Extension| reaches(plugin, &pod, &mesh());
        assert_eq!(of(&plugin("shop")), Reach::Yes, "no selector");
        assert_eq!(of(&plugin("bank")), Reach::No(WhyNot::OtherNamespace));
        assert_eq!(of(&selecting("shop", REVIEWS)), Reach::Yes);
        assert_eq!(of(&selecting("shop", &[])), Reach::Yes, "an empty selector is all pods");
        assert_eq!(of(&selecting("shop", &[("app", "reviews"), ("version", "v2")])), Reach::No(WhyNot::Labels));
        assert_eq!(of(&gateway_target("shop", "gw")), Reach::No(WhyNot::TargetsOnSidecar));
        assert_eq!(of(&targeting("shop", "", "Service", "reviews")), Reach::No(WhyNot::TargetsOnSidecar));
    }
}

#[test]
fn gateways_of_the_gateway_api() {
    let pod = proxy("shop", ProxyKind::ApiGateway);
    let of = |plugin: &Extension| reaches(plugin, &pod, &mesh());
    assert_eq!(of(&plugin("shop")), Reach::Yes);
    assert_eq!(of(&selecting("shop", REVIEWS)), Reach::Yes);
    assert_eq!(of(&selecting("shop", &[("app", "x")])), Reach::No(WhyNot::Labels));
    assert_eq!(of(&gateway_target("shop", "gw")), Reach::Yes);
    assert_eq!(of(&gateway_target("shop", "other")), Reach::No(WhyNot::OtherGateway));
    assert_eq!(of(&gateway_target("istio-system", "gw")), Reach::No(WhyNot::OtherGateway), "same namespace only");
    assert_eq!(of(&targeting("shop", "", "Service", "cart")), Reach::No(WhyNot::OtherGateway));
    let classic = targeting("shop", "networking.istio.io", "Gateway", "gw");
    assert_eq!(of(&classic), Reach::No(WhyNot::OtherGateway));
}

#[test]
fn waypoints() {
    let pod = proxy("infra", ProxyKind::Waypoint);
    let of = |plugin: &Extension| reaches(plugin, &pod, &mesh());
    assert_eq!(of(&plugin("infra")), Reach::No(WhyNot::WaypointNeedsTarget));
    assert_eq!(of(&selecting("infra", REVIEWS)), Reach::No(WhyNot::WaypointNeedsTarget));
    assert_eq!(of(&gateway_target("infra", "gw")), Reach::Yes);
    assert_eq!(of(&gateway_target("infra", "other")), Reach::No(WhyNot::NotServed));
    assert_eq!(of(&gateway_target("shop", "gw")), Reach::No(WhyNot::NotServed), "same namespace only");
    assert_eq!(of(&targeting("shop", "", "Service", "cart")), Reach::Yes, "a served namespace is a candidate");
    assert_eq!(of(&targeting("shop", "core", "Service", "cart")), Reach::Yes);
    assert_eq!(of(&targeting("shop", "", "Service", "o")), Reach::No(WhyNot::NotServed));
    assert_eq!(of(&targeting("bank", "", "Service", "cart")), Reach::No(WhyNot::OtherNamespace));
    let class = |namespace, name| targeting(namespace, GATEWAY_GROUP, "GatewayClass", name);
    assert_eq!(of(&class("istio-system", WAYPOINT_CLASS)), Reach::Yes);
    assert_eq!(of(&class("istio-system", "istio")), Reach::No(WhyNot::NotServed));
    assert_eq!(of(&class("infra", WAYPOINT_CLASS)), Reach::No(WhyNot::NotServed), "root namespace only");
}

#[test]
fn a_plugin_for_a_service_runs_on_its_chain_only() {
    let pod = proxy("infra", ProxyKind::Waypoint);
    let cart = targeting("shop", "", "Service", "cart");
    assert!(passes(&cart, &pod, &service("shop", "cart")));
    assert!(!passes(&cart, &pod, &service("other", "o")));
    assert!(passes(&gateway_target("infra", "gw"), &pod, &service("other", "o")));
    assert!(passes(&plugin("shop"), &proxy("shop", ProxyKind::Sidecar), &service("shop", "cart")));
}

#[test]
fn no_envoy_no_plugin() {
    let of = |kind| reaches(&plugin("shop"), &proxy("shop", kind), &mesh());
    assert_eq!(of(ProxyKind::Ambient), Reach::No(WhyNot::Ambient));
    assert_eq!(of(ProxyKind::Proxyless), Reach::No(WhyNot::Proxyless));
    assert_eq!(of(ProxyKind::None), Reach::No(WhyNot::NotInMesh));
}

#[test]
fn the_root_namespace_reaches_the_whole_mesh() {
    let sidecar = proxy("shop", ProxyKind::Sidecar);
    assert_eq!(reaches(&plugin("istio-system"), &sidecar, &mesh()), Reach::Yes);
    assert_eq!(reaches(&selecting("istio-system", REVIEWS), &sidecar, &mesh()), Reach::Yes);
    assert_eq!(reaches(&selecting("istio-system", &[("a", "b")]), &sidecar, &mesh()), Reach::No(WhyNot::Labels));
    assert_eq!(reaches(&plugin("istio-system"), &proxy("shop", ProxyKind::ApiGateway), &mesh()), Reach::Yes);
    let waypoint = reaches(&plugin("istio-system"), &proxy("shop", ProxyKind::Waypoint), &mesh());
    assert_eq!(waypoint, Reach::No(WhyNot::WaypointNeedsTarget));
    let other = MeshSettings { root_namespace: "mesh-root".parse().unwrap() };
    assert_eq!(reaches(&plugin("istio-system"), &sidecar, &other), Reach::No(WhyNot::OtherNamespace));
}

#[test]
fn revisions() {
    let bound = |to: &str| Extension { labels: labels(&[(REVISION_LABEL, to)]), ..plugin("shop") };
    let of = |plugin: &Extension, revision: Option<&str>| {
        let pod = Proxy { revision: revision.map(str::to_owned), ..proxy("shop", ProxyKind::Sidecar) };
        reaches(plugin, &pod, &mesh())
    };
    assert_eq!(of(&plugin("shop"), Some("canary")), Reach::Yes, "unlabelled is for all");
    assert_eq!(of(&bound("canary"), Some("canary")), Reach::Yes);
    assert_eq!(of(&bound("canary"), None), Reach::No(WhyNot::OtherRevision));
    assert_eq!(of(&bound("default"), None), Reach::Yes);
}

fn rule(direction: Option<Direction>, ports: &[u16]) -> MatchRule {
    MatchRule { direction, ports: ports.to_vec() }
}

#[test]
fn traffic_of_sidecars() {
    let of = |rules: &[MatchRule], side, port| matches_traffic(rules, ProxyKind::Sidecar, side, port);
    assert!(of(&[], Side::Inbound, 80) && of(&[], Side::Outbound, 80), "no rules are all traffic");
    let server = [rule(Some(Direction::Server), &[])];
    assert!(of(&server, Side::Inbound, 80) && !of(&server, Side::Outbound, 80));
    let client = [rule(Some(Direction::Client), &[80])];
    assert!(of(&client, Side::Outbound, 80));
    assert!(!of(&client, Side::Outbound, 81) && !of(&client, Side::Inbound, 80), "AND-ed in one item");
    let both = [rule(None, &[80]), rule(Some(Direction::Both), &[90])];
    assert!(of(&both, Side::Inbound, 80) && of(&both, Side::Outbound, 90), "items are OR-ed");
}

#[test]
fn traffic_of_gateways_and_waypoints() {
    for kind in [ProxyKind::Gateway, ProxyKind::ApiGateway] {
        assert!(matches_traffic(&[rule(Some(Direction::Client), &[80])], kind, Side::Outbound, 80));
        assert!(!matches_traffic(&[rule(Some(Direction::Server), &[])], kind, Side::Inbound, 80));
    }
    let waypoint = |rules: &[MatchRule]| matches_traffic(rules, ProxyKind::Waypoint, Side::Inbound, 80);
    assert!(waypoint(&[]) && waypoint(&[rule(Some(Direction::Server), &[])]) && waypoint(&[rule(None, &[])]));
    assert!(!waypoint(&[rule(Some(Direction::Client), &[])]));
    assert!(!waypoint(&[rule(Some(Direction::Server), &[80])]), "ports never match");
    assert!(!matches_traffic(&[], ProxyKind::Ambient, Side::Inbound, 80));
}

#[test]
fn what_can_never_match() {
    let with = |rules: Vec<MatchRule>| Extension {
        spec: ExtensionSpec { matches: rules, ..ExtensionSpec::default() },
        ..plugin("shop")
    };
    let server = with(vec![rule(Some(Direction::Server), &[])]);
    let client = with(vec![rule(Some(Direction::Client), &[])]);
    let ports = with(vec![rule(None, &[80])]);
    let of = |plugin: &Extension| {
        [ProxyKind::Sidecar, ProxyKind::Gateway, ProxyKind::Waypoint, ProxyKind::None]
            .map(|kind| ever_matches(plugin, kind))
    };
    assert_eq!(of(&plugin("shop")), [true, true, true, false]);
    assert_eq!(of(&server), [true, false, true, false]);
    assert_eq!(of(&client), [true, true, false, false]);
    assert_eq!(of(&ports), [true, true, false, false]);
}
