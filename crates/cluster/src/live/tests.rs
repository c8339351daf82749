use marketplace_domain::extension::ExtensionSpec;
use serde_json::json;

use super::*;
use crate::{
    classify::read_pod,
    samples::namespace,
    services::{read_namespace, read_service},
};

fn live() -> Live {
    Live::new(MeshSettings { root_namespace: namespace("istio-system") })
}

fn put_namespace(live: &mut Live, name: &str, labels: Value) {
    let object = json!({"metadata": {"name": name, "labels": labels}});
    let (name, info) = read_namespace(&serde_json::from_value(object).unwrap()).unwrap();
    live.put_namespace(name, Some(info));
}

fn put_service(live: &mut Live, of: &str, name: &str, labels: Value) {
    let facts = read_service(
        &serde_json::from_value(json!({
            "metadata": {"name": name, "namespace": of, "labels": labels},
            "spec": {"selector": {"app": name}, "ports": [{"port": 80, "targetPort": "web"}]},
        }))
        .unwrap(),
    )
    .unwrap();
    live.put_service(facts.key.clone(), Some(facts));
}

fn put_pod(live: &mut Live, of: &str, name: &str, labels: Value, proxy: bool) {
    let status = if proxy { json!({"sidecar.istio.io/status": "{}"}) } else { json!({}) };
    let pod = json!({
        "metadata": {"name": name, "namespace": of, "labels": labels, "annotations": status},
        "spec": {"containers": [
            {"name": "app", "ports": [{"name": "web", "containerPort": 9080}]},
            {"name": if proxy { "istio-proxy" } else { "other" }},
        ]},
    });
    let facts = read_pod(&serde_json::from_value(pod).unwrap()).unwrap().unwrap();
    live.put_pod(namespace(of), name.to_owned(), Some(facts));
}

fn plugin(of: &str, spec: ExtensionSpec) -> Extension {
    Extension {
        namespace: namespace(of),
        name: "p".parse().unwrap(),
        uid: String::new(),
        resource_version: String::new(),
        created: 0,
        manager: None,
        labels: BTreeMap::new(),
        annotations: BTreeMap::new(),
        spec,
        deleting: false,
    }
}

fn key(of: &str, name: &str) -> ServiceKey {
    ServiceKey { namespace: namespace(of), name: name.parse().unwrap() }
}

fn pods(proxies: &[Arc<Proxy>]) -> Vec<&str> {
    proxies.iter().map(|proxy| proxy.pod.as_str()).collect()
}

#[test]
fn joins_services_pods_and_plugins() {
    let mut live = live();
    put_namespace(&mut live, "shop", json!({}));
    put_service(&mut live, "shop", "cart", json!({}));
    put_pod(&mut live, "shop", "cart-1", json!({"app": "cart", "x": "y"}), true);
    put_pod(&mut live, "shop", "cart-2", json!({"app": "cart"}), false);
    put_pod(&mut live, "shop", "other", json!({"app": "other"}), true);
    let selector = Some([("app".to_owned(), "cart".to_owned())].into());
    let plugin = plugin("shop", ExtensionSpec { selector, ..ExtensionSpec::default() });
    live.put_plugin(plugin.id(), Some((plugin.clone(), json!({}))));
    let seen = live.snapshot();
    assert_eq!(pods(&seen.proxies_of(&key("shop", "cart"))), ["cart-1", "cart-2"]);
    assert_eq!(pods(&seen.proxies_reached(&plugin)), ["cart-1"], "no sidecar, no plugin");
    assert_eq!(seen.services_of(&plugin), [key("shop", "cart")]);
    let cart = seen.proxy(&namespace("shop"), "cart-1").unwrap();
    assert_eq!(seen.plugins_reaching(cart).len(), 1);
    assert_eq!(seen.service(&key("shop", "cart")).unwrap().ports[0].target, Some(9080), "by name, through a pod");
}

#[test]
fn a_snapshot_is_kept_until_something_changes() {
    let mut live = live();
    put_pod(&mut live, "shop", "a", json!({}), true);
    let first = live.snapshot();
    assert!(Arc::ptr_eq(&first, &live.snapshot()));
    put_pod(&mut live, "bank", "b", json!({}), true);
    let second = live.snapshot();
    assert_eq!((first.all_proxies().count(), second.all_proxies().count()), (1, 2));
    let untouched = |seen: &Snapshot| Arc::clone(&seen.proxies(&namespace("shop"))[0]);
    assert!(Arc::ptr_eq(&untouched(&first), &untouched(&second)));
    live.put_pod(namespace("bank"), "b".into(), None);
    assert_eq!(live.snapshot().all_proxies().count(), 1);
}

#[test]
fn waypoints_serve_what_names_them() {
    let mut live = live();
    let gateway = json!({"gateway.istio.io/managed": "istio.io-mesh-controller",
        "gateway.networking.k8s.io/gateway-name": "w"});
    put_pod(&mut live, "infra", "w-1", gateway, true);
    let elsewhere = json!({"istio.io/use-waypoint": "w", "istio.io/use-waypoint-namespace": "infra"});
    put_service(&mut live, "shop", "cart", elsewhere.clone());
    put_service(&mut live, "shop", "free", json!({}));
    let waypoint = |live: &mut Live| live.snapshot().proxy(&namespace("infra"), "w-1").unwrap().serves.clone();
    assert_eq!(waypoint(&mut live), [key("shop", "cart")]);
    assert_eq!(pods(&live.snapshot().proxies_of(&key("shop", "cart"))), ["w-1"]);
    // A label on the namespace comes later, and counts for services that say nothing.
    put_namespace(&mut live, "shop", elsewhere);
    assert_eq!(waypoint(&mut live), [key("shop", "cart"), key("shop", "free")]);
    put_service(&mut live, "shop", "free", json!({"istio.io/use-waypoint": "none"}));
    assert_eq!(waypoint(&mut live), [key("shop", "cart")]);

    let target =
        |name: &str| marketplace_domain::TargetRef { group: "".into(), kind: "Service".into(), name: name.into() };
    let plugin = plugin("shop", ExtensionSpec { targets: vec![target("cart")], ..ExtensionSpec::default() });
    let seen = live.snapshot();
    assert_eq!(pods(&seen.proxies_reached(&plugin)), ["w-1"]);
    assert_eq!(seen.services_of(&plugin), [key("shop", "cart")]);
}

#[test]
fn ambient_namespaces_make_ambient_pods() {
    let mut live = live();
    put_pod(&mut live, "shop", "a", json!({}), false);
    put_pod(&mut live, "shop", "b", json!({"istio.io/dataplane-mode": "none"}), false);
    put_pod(&mut live, "shop", "c", json!({}), true);
    put_namespace(&mut live, "shop", json!({"istio.io/dataplane-mode": "ambient"}));
    let kinds: Vec<_> = live.snapshot().proxies(&namespace("shop")).iter().map(|proxy| proxy.kind).collect();
    assert_eq!(kinds, [ProxyKind::Ambient, ProxyKind::None, ProxyKind::Sidecar]);
}

#[test]
fn what_is_malformed_is_said() {
    let mut live = live();
    live.put_malformed(Kind::Pods, "shop", "bad", Some("why".into()));
    assert_eq!(live.snapshot().malformed[0].name, "bad");
    assert!(live.known(Kind::Pods).contains(&("shop".into(), "bad".into())));
    live.put_malformed(Kind::Pods, "shop", "bad", None);
    assert!(live.snapshot().malformed.is_empty());
}
