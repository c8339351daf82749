//! What the demo mesh holds at its start.

mod plugins;
mod pods;

use serde_json::{Value, json};

pub(crate) use plugins::{hosted, plugins};
use pods::{Dataplane, Workload};

/// The version of Istio that the demo mesh claims to be.
pub(crate) const ISTIO: &str = "1.30.3";

/// Everything but plugins, in the order of creation.
pub(crate) fn objects() -> Vec<Value> {
    let mut all = namespaces();
    all.extend(system());
    all.extend(bookinfo());
    all.extend(shop());
    all.extend(ambient());
    all
}

fn namespaces() -> Vec<Value> {
    let namespace = |name: &str, labels: Value| {
        let mut all = json!({ "kubernetes.io/metadata.name": name });
        for (key, value) in labels.as_object().into_iter().flatten() {
            all[key] = value.clone();
        }
        json!({
            "apiVersion": "v1", "kind": "Namespace", "metadata": { "name": name, "labels": all },
            "spec": { "finalizers": ["kubernetes"] }, "status": { "phase": "Active" },
        })
    };
    vec![
        namespace("default", json!({})),
        namespace("istio-system", json!({})),
        namespace("bookinfo", json!({ "istio-injection": "enabled" })),
        namespace("shop", json!({ "istio-injection": "enabled" })),
        namespace("ambient", json!({ "istio.io/dataplane-mode": "ambient", "istio.io/use-waypoint": "waypoint" })),
        namespace("ambient-bare", json!({ "istio.io/dataplane-mode": "ambient" })),
        namespace("plain", json!({})),
    ]
}

fn system() -> Vec<Value> {
    let mut all = Workload::new("istio-system", "istiod", "")
        .label("istio", "pilot")
        .label("istio.io/rev", "default")
        .container("discovery", &format!("docker.io/istio/pilot:{ISTIO}"), 15012)
        .objects();
    all.push(service(
        "istio-system",
        "istiod",
        &json!({ "app": "istiod" }),
        &[("https-dns", 15012, 15012), ("http-monitoring", 15014, 15014)],
    ));
    all.extend(
        Workload::new("istio-system", "ztunnel", "")
            .container("istio-proxy", &format!("docker.io/istio/ztunnel:{ISTIO}-distroless"), 15020)
            .objects(),
    );
    all.push(gateway_class("istio", "istio.io/gateway-controller"));
    all.push(gateway_class("istio-waypoint", "istio.io/mesh-controller"));
    all
}

fn bookinfo() -> Vec<Value> {
    let mut all = Vec::new();
    let parts: [(&str, &[(&str, usize)]); 4] = [
        ("productpage", &[("v1", 1)]),
        ("details", &[("v1", 1)]),
        ("reviews", &[("v1", 2), ("v2", 1), ("v3", 1)]),
        ("ratings", &[("v1", 1)]),
    ];
    for (app, versions) in parts {
        for (version, replicas) in versions {
            all.extend(
                Workload::new("bookinfo", app, version)
                    .replicas(*replicas)
                    .container(app, &format!("docker.io/istio/examples-bookinfo-{app}-{version}:1.20.3"), 9080)
                    .dataplane(Dataplane::NativeSidecar)
                    .objects(),
            );
        }
        all.push(service("bookinfo", app, &json!({ "app": app }), &[("http", 9080, 9080)]));
    }
    all.extend(gateway("bookinfo", "bookinfo-gateway", "istio", 80));
    all.push(pull_secret("bookinfo"));
    all
}

fn shop() -> Vec<Value> {
    let mut all = Vec::new();
    for (app, replicas) in [("storefront", 2), ("cart", 1), ("checkout", 2)] {
        all.extend(
            Workload::new("shop", app, "v1")
                .replicas(replicas)
                .container(app, &format!("registry.example.com/shop/{app}:3.2.0"), 8080)
                .dataplane(Dataplane::Sidecar)
                .objects(),
        );
        all.push(service("shop", app, &json!({ "app": app }), &[("http", 80, 8080)]));
    }
    all.push(pull_secret("shop"));
    all
}

fn ambient() -> Vec<Value> {
    let mut all = Vec::new();
    for (namespace, app, dataplane) in [
        ("ambient", "orders", Dataplane::Ambient),
        ("ambient-bare", "inventory", Dataplane::Ambient),
        ("plain", "legacy", Dataplane::None),
    ] {
        all.extend(
            Workload::new(namespace, app, "v1")
                .container(app, &format!("registry.example.com/{namespace}/{app}:1.0.4"), 8080)
                .dataplane(dataplane)
                .objects(),
        );
        all.push(service(namespace, app, &json!({ "app": app }), &[("http", 80, 8080)]));
    }
    all.extend(gateway("ambient", "waypoint", "istio-waypoint", 15008));
    all
}

fn service(namespace: &str, name: &str, selector: &Value, ports: &[(&str, u16, u16)]) -> Value {
    let ports: Vec<_> = ports
        .iter()
        .map(|(name, port, target)| json!({ "name": name, "port": port, "targetPort": target, "protocol": "TCP" }))
        .collect();
    let address = pods::address("10.96", &format!("{namespace}/{name}"));
    json!({
        "apiVersion": "v1", "kind": "Service",
        "metadata": { "namespace": namespace, "name": name, "labels": { "app": name, "service": name } },
        "spec": {
            "type": "ClusterIP", "clusterIP": address, "clusterIPs": [address], "selector": selector, "ports": ports,
            "sessionAffinity": "None", "internalTrafficPolicy": "Cluster", "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
        },
        "status": { "loadBalancer": {} },
    })
}

/// A Gateway, and what Istio makes of it.
fn gateway(namespace: &str, name: &str, class: &str, port: u16) -> Vec<Value> {
    let waypoint = class == "istio-waypoint";
    let (listener, protocol) = if waypoint { ("mesh", "HBONE") } else { ("http", "HTTP") };
    // Istio names a waypoint's parts as the waypoint, those of other gateways `<name>-<class>`.
    let made = if waypoint { name.to_owned() } else { format!("{name}-{class}") };
    let mut all = vec![json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway",
        "metadata": { "namespace": namespace, "name": name },
        "spec": {
            "gatewayClassName": class,
            "listeners": [{ "name": listener, "port": port, "protocol": protocol }],
        },
        "status": { "conditions": [{ "type": "Programmed", "status": "True", "reason": "Programmed", "message": "" }] },
    })];
    let controller = if waypoint { "istio.io-mesh-controller" } else { "istio.io-gateway-controller" };
    all.extend(
        Workload::new(namespace, &made, "")
            .label("gateway.istio.io/managed", controller)
            .label("gateway.networking.k8s.io/gateway-name", name)
            .label("gateway.networking.k8s.io/gateway-class-name", class)
            .label("service.istio.io/canonical-name", &made)
            .label("service.istio.io/canonical-revision", "latest")
            .label("istio.io/dataplane-mode", "none")
            .annotation("istio.io/rev", "default")
            .container("istio-proxy", &format!("docker.io/istio/proxyv2:{ISTIO}"), port)
            .objects(),
    );
    let ports: &[(&str, u16, u16)] = if waypoint {
        &[("status-port", 15021, 15021), ("mesh", 15008, 15008)]
    } else {
        &[("status-port", 15021, 15021), ("http", 80, 80)]
    };
    let mut service = service(namespace, &made, &json!({ "gateway.networking.k8s.io/gateway-name": name }), ports);
    service["metadata"]["labels"] = json!({
        "gateway.istio.io/managed": controller, "gateway.networking.k8s.io/gateway-name": name,
        "gateway.networking.k8s.io/gateway-class-name": class,
    });
    all.push(service);
    all
}

fn gateway_class(name: &str, controller: &str) -> Value {
    json!({
        "apiVersion": "gateway.networking.k8s.io/v1", "kind": "GatewayClass", "metadata": { "name": name },
        "spec": { "controllerName": controller },
    })
}

/// Credentials of a registry that does not exist: `{"auths":{}}`.
fn pull_secret(namespace: &str) -> Value {
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
        "metadata": { "namespace": namespace, "name": "registry-pull" },
        "data": { ".dockerconfigjson": "eyJhdXRocyI6e319" },
    })
}
