//! The order of `wasmplugin.md` §6, rule by rule.

use super::*;
use crate::extension::ExtensionSpec;

fn plugin(namespace: &str, name: &str, phase: Phase, priority: Option<i32>, created: i64) -> Extension {
    Extension {
        namespace: namespace.parse().unwrap(),
        name: name.parse().unwrap(),
        uid: String::new(),
        resource_version: String::new(),
        created,
        manager: None,
        labels: Default::default(),
        annotations: Default::default(),
        spec: ExtensionSpec { phase, priority, ..ExtensionSpec::default() },
        deleting: false,
    }
}

fn words(kind: ProxyKind, plugins: &[Extension]) -> String {
    let mesh = MeshSettings { root_namespace: "istio-system".parse().unwrap() };
    let plugins: Vec<&Extension> = plugins.iter().collect();
    let word = |link: &Link<'_>| match link {
        Link::Istio(filter) => format!("{filter:?}"),
        Link::Plugin(plugin) => plugin.name.to_string(),
    };
    chain(kind, &plugins, &"shop".parse().unwrap(), &mesh).iter().map(word).collect::<Vec<_>>().join(" ")
}

fn one_of_each_phase() -> Vec<Extension> {
    let names = [(Phase::Default, "last"), (Phase::Stats, "stats"), (Phase::Authz, "authz"), (Phase::Authn, "authn")];
    names.map(|(phase, name)| plugin("shop", name, phase, Some(1), 0)).to_vec()
}

#[test]
fn sidecars_and_gateways() {
    let wanted = "PeerMetadata CustomAuthz authn Jwt authz Rbac stats last GrpcStats Alpn Fault Cors Telemetry Router";
    for kind in [ProxyKind::Sidecar, ProxyKind::Gateway, ProxyKind::ApiGateway] {
        assert_eq!(words(kind, &one_of_each_phase()), wanted);
    }
}

#[test]
fn waypoints() {
    let wanted = "CustomAuthz authn Jwt authz Rbac GrpcStats Fault Cors stats last Telemetry Router";
    assert_eq!(words(ProxyKind::Waypoint, &one_of_each_phase()), wanted);
}

#[test]
fn network_plugins_stand_in_front() {
    let mut plugins = one_of_each_phase();
    plugins.iter_mut().for_each(|plugin| plugin.spec.network = true);
    assert!(words(ProxyKind::Sidecar, &plugins).starts_with("authn authz stats last PeerMetadata"));
}

#[test]
fn no_envoy_no_chain() {
    assert_eq!(words(ProxyKind::Ambient, &one_of_each_phase()), "");
}

fn sorted(plugins: &[Extension]) -> String {
    let chain = words(ProxyKind::Sidecar, plugins);
    let (_, rest) = chain.split_once("Rbac ").unwrap();
    rest.split_once(" GrpcStats").unwrap().0.to_owned()
}

#[test]
fn higher_priority_first_and_unset_below_all() {
    let of = |name, priority| plugin("shop", name, Phase::Default, priority, 0);
    let plugins = [of("unset", None), of("minus", Some(-5)), of("zero", Some(0)), of("ten", Some(10))];
    assert_eq!(sorted(&plugins), "ten zero minus unset");
}

#[test]
fn ties_by_namespace_then_age_then_name() {
    let of = |namespace, name, created| plugin(namespace, name, Phase::Default, Some(1), created);
    let plugins = [
        of("other", "served", 1),
        of("istio-system", "root", 2),
        of("shop", "young", 9),
        of("shop", "old-b", 5),
        of("shop", "old-a", 5),
    ];
    assert_eq!(sorted(&plugins), "old-a old-b young root served");
    // Priority comes before all of it.
    let mut plugins = plugins;
    plugins[0].spec.priority = Some(2);
    assert_eq!(sorted(&plugins), "served old-a old-b young root");
}
