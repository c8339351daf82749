//! The rows of `wasmplugin.md` §13 about pods.

use serde_json::{Value, json};

use super::*;

fn facts(pod: Value) -> PodFacts {
    read_pod(&serde_json::from_value(pod).unwrap()).unwrap().unwrap()
}

fn pod(labels: Value, annotations: Value, containers: &[&str]) -> Value {
    let containers: Vec<Value> = containers.iter().map(|name| json!({"name": name})).collect();
    json!({
        "metadata": {"name": "p-1", "namespace": "shop", "labels": labels, "annotations": annotations},
        "spec": {"containers": containers},
    })
}

fn kind(labels: Value, annotations: Value, containers: &[&str]) -> ProxyKind {
    facts(pod(labels, annotations, containers)).proxy.kind
}

fn injected(more: Value) -> Value {
    let mut annotations = json!({"sidecar.istio.io/status": "{\"revision\":\"canary\"}"});
    annotations.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    annotations
}

const BOTH: &[&str] = &["app", "istio-proxy"];

#[test]
fn sidecars_need_the_annotation_and_the_container() {
    assert_eq!(kind(json!({}), injected(json!({})), BOTH), ProxyKind::Sidecar);
    assert_eq!(kind(json!({}), injected(json!({})), &["app"]), ProxyKind::None);
    assert_eq!(kind(json!({}), json!({}), BOTH), ProxyKind::None);
}

#[test]
fn native_sidecars_are_init_containers() {
    let mut pod = pod(json!({}), injected(json!({})), &["app"]);
    pod["spec"]["initContainers"] = json!([{"name": "istio-init"}, {"name": "istio-proxy"}]);
    assert_eq!(facts(pod).proxy.kind, ProxyKind::Sidecar);
}

#[test]
fn templates_tell_gateways_and_proxyless() {
    let with = |template: &str| injected(json!({ "inject.istio.io/templates": template }));
    assert_eq!(kind(json!({"istio": "ingressgateway"}), with("gateway"), &["istio-proxy"]), ProxyKind::Gateway);
    assert_eq!(kind(json!({}), with("grpc-agent"), BOTH), ProxyKind::Proxyless);
    assert_eq!(kind(json!({}), with("sidecar, grpc-agent"), BOTH), ProxyKind::Proxyless);
}

#[test]
fn gateways_and_waypoints_of_the_gateway_api() {
    let managed = |by: &str, class: &str| json!({ MANAGED: by, GATEWAY_NAME: "gw", GATEWAY_CLASS: class });
    let gateway = facts(pod(managed("istio.io-gateway-controller", "istio"), json!({}), &["istio-proxy"]));
    assert_eq!(gateway.proxy.kind, ProxyKind::ApiGateway);
    assert_eq!(gateway.proxy.gateway.as_deref(), Some("gw"));
    let rev = json!({"istio.io/rev": "default"});
    let waypoint = facts(pod(managed("istio.io-mesh-controller", "istio-waypoint"), rev, &["istio-proxy"]));
    assert_eq!(waypoint.proxy.kind, ProxyKind::Waypoint);
    assert_eq!(waypoint.proxy.gateway.as_deref(), Some("gw"));
    assert_eq!(waypoint.proxy.revision, None, "the default revision");
    let agent = managed("istio.io-gateway-controller", "istio-agentgateway");
    assert_eq!(kind(agent, json!({}), &["istio-proxy"]), ProxyKind::None);
}

#[test]
fn ambient_pods_have_no_envoy() {
    let redirected = json!({"ambient.istio.io/redirection": "enabled"});
    assert_eq!(kind(json!({}), redirected, &["app"]), ProxyKind::Ambient);
    let opted_out = facts(pod(json!({"istio.io/dataplane-mode": "none"}), json!({}), &["app"]));
    assert_eq!((opted_out.proxy.kind, opted_out.ambient), (ProxyKind::None, Some(false)));
}

#[test]
fn revisions_of_sidecars_are_in_their_status() {
    assert_eq!(facts(pod(json!({}), injected(json!({})), BOTH)).proxy.revision.as_deref(), Some("canary"));
    let broken = json!({"sidecar.istio.io/status": "not JSON", "istio.io/rev": "stable"});
    assert_eq!(facts(pod(json!({}), broken, BOTH)).proxy.revision.as_deref(), Some("stable"));
}

#[test]
fn workloads_are_named_by_their_owners() {
    let workload = |kind: &str, owner: &str| {
        let mut pod = pod(json!({"pod-template-hash": "7d4b9c"}), json!({}), &["app"]);
        let owner = json!({"apiVersion": "v1", "kind": kind, "name": owner, "uid": "u", "controller": true});
        pod["metadata"]["ownerReferences"] = json!([owner]);
        facts(pod).proxy.workload.clone()
    };
    assert_eq!(workload("ReplicaSet", "reviews-v1-7d4b9c"), "reviews-v1");
    assert_eq!(workload("ReplicaSet", "by-hand"), "by-hand");
    assert_eq!(workload("StatefulSet", "db"), "db");
    assert_eq!(facts(pod(json!({}), json!({}), &["app"])).proxy.workload, "p-1");
}

#[test]
fn only_living_pods_count() {
    let mut ended = pod(json!({}), json!({}), &["app"]);
    ended["status"] = json!({"phase": "Succeeded"});
    assert!(read_pod(&serde_json::from_value(ended).unwrap()).unwrap().is_none());
    let mut ready = pod(json!({}), json!({}), &["app"]);
    ready["status"] = json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]});
    assert!(facts(ready.clone()).proxy.ready);
    ready["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    assert!(!facts(ready).proxy.ready);
}

#[test]
fn the_control_plane_says_its_version() {
    let mut istiod = pod(json!({"app": "istiod"}), json!({}), &["discovery"]);
    istiod["spec"]["containers"][0]["image"] = json!("registry:5000/istio/pilot:1.31.0-distroless");
    assert_eq!(facts(istiod.clone()).istio_version.as_deref(), Some("1.31.0"));
    istiod["spec"]["containers"][0]["image"] = json!("registry:5000/istio/pilot");
    assert_eq!(facts(istiod.clone()).istio_version, None);
    istiod["metadata"]["labels"]["app.kubernetes.io/version"] = json!("1.31.1");
    assert_eq!(facts(istiod).istio_version.as_deref(), Some("1.31.1"));
}
