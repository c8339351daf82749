use serde_json::{Value, json};

use super::*;

fn service(labels: Value, ports: Value) -> ServiceFacts {
    let service = json!({
        "metadata": {"name": "reviews", "namespace": "shop", "labels": labels},
        "spec": {"selector": {"app": "reviews"}, "ports": ports},
    });
    read_service(&serde_json::from_value(service).unwrap()).unwrap()
}

fn http(port: Value) -> Option<bool> {
    service(json!({}), json!([port])).ports[0].0.http
}

#[test]
fn protocols_by_app_protocol_name_and_port() {
    assert_eq!(http(json!({"port": 80, "name": "http"})), Some(true));
    assert_eq!(http(json!({"port": 80, "name": "grpc-api"})), Some(true));
    assert_eq!(http(json!({"port": 80, "name": "grpc-web"})), Some(true));
    assert_eq!(http(json!({"port": 80, "name": "tcp-x"})), Some(false));
    assert_eq!(http(json!({"port": 443, "name": "https"})), Some(false), "encrypted: Istio sees TLS");
    assert_eq!(http(json!({"port": 80, "name": "web"})), None);
    assert_eq!(http(json!({"port": 80})), None);
    assert_eq!(http(json!({"port": 3306})), Some(false));
    assert_eq!(http(json!({"port": 80, "name": "tcp", "appProtocol": "http"})), Some(true), "appProtocol wins");
    assert_eq!(http(json!({"port": 80, "name": "x", "appProtocol": "kubernetes.io/h2c"})), Some(true));
    assert_eq!(http(json!({"port": 80, "name": "http", "protocol": "UDP"})), Some(false));
}

#[test]
fn targets_of_ports() {
    let facts =
        service(json!({}), json!([{"port": 80}, {"port": 81, "targetPort": 8081}, {"port": 82, "targetPort": "web"}]));
    let targets: Vec<_> = facts.ports.iter().map(|(port, named)| (port.target, named.as_deref())).collect();
    assert_eq!(targets, [(Some(80), None), (Some(8081), None), (None, Some("web"))]);
    assert!(facts.has_named_targets());
}

#[test]
fn waypoints_by_label() {
    let of = |labels: Value| service(labels, json!([])).waypoint;
    let at = |namespace: &str, name: &str| Some(Some((namespace.parse().unwrap(), name.to_owned())));
    assert_eq!(of(json!({})), None);
    assert_eq!(of(json!({"istio.io/use-waypoint": "w"})), at("shop", "w"));
    let elsewhere = json!({"istio.io/use-waypoint": "w", "istio.io/use-waypoint-namespace": "infra"});
    assert_eq!(of(elsewhere), at("infra", "w"));
    assert_eq!(of(json!({"istio.io/use-waypoint": "none"})), Some(None));
    assert_eq!(of(json!({"gateway.istio.io/managed": "istio.io-mesh-controller"})), Some(None), "its own service");
}

#[test]
fn namespaces_say_who_is_injected() {
    let of = |labels: Value| {
        let namespace = json!({"metadata": {"name": "shop", "labels": labels}});
        read_namespace(&serde_json::from_value(namespace).unwrap()).unwrap().1
    };
    assert!(of(json!({"istio-injection": "enabled"})).injected);
    assert!(of(json!({"istio.io/rev": "canary"})).injected);
    assert!(!of(json!({"istio.io/rev": "canary", "istio-injection": "disabled"})).injected);
    assert!(!of(json!({})).injected);
    assert!(of(json!({"istio.io/dataplane-mode": "ambient"})).ambient);
}
