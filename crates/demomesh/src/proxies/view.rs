//! The cluster's objects as the domain's types.

use std::collections::BTreeMap;

use marketplace_domain::{
    Digest, Extension, MatchRule, TargetRef,
    extension::{EnvValue, EnvVar, ExtensionSpec},
    mesh::{Labels, Proxy, ProxyKind, ServiceKey},
};
use serde_json::Value;

use crate::{
    kinds::{NAMESPACE, POD, SERVICE},
    store::State,
};

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

fn labels(value: &Value) -> Labels {
    let each = value.as_object().into_iter().flatten();
    each.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn word<T: std::str::FromStr + Default>(value: &Value, field: &str) -> T {
    text(value, field).parse().unwrap_or_default()
}

/// A WasmPlugin, if it can be read as one.
pub(super) fn extension(object: &Value) -> Option<Extension> {
    let (metadata, spec) = (&object["metadata"], object["spec"].as_object()?);
    let spec_value = &object["spec"];
    let list = |field: &str| spec_value[field].as_array().cloned().unwrap_or_default();
    let target = |target: &Value| TargetRef {
        group: match text(target, "group") {
            "core" => String::new(),
            group => group.to_owned(),
        },
        kind: text(target, "kind").to_owned(),
        name: text(target, "name").to_owned(),
    };
    let mut targets: Vec<_> = list("targetRefs").iter().map(target).collect();
    if targets.is_empty() {
        targets.extend(spec.get("targetRef").map(target));
    }
    Some(Extension {
        namespace: text(metadata, "namespace").parse().ok()?,
        name: text(metadata, "name").parse().ok()?,
        uid: text(metadata, "uid").to_owned(),
        resource_version: text(metadata, "resourceVersion").to_owned(),
        created: 0,
        manager: None,
        labels: labels(&metadata["labels"]),
        annotations: BTreeMap::new(),
        spec: ExtensionSpec {
            url: spec.get("url")?.as_str()?.to_owned(),
            sha256: text(spec_value, "sha256").parse::<Digest>().ok(),
            pull_policy: word(spec_value, "imagePullPolicy"),
            pull_secret: spec.get("imagePullSecret").and_then(Value::as_str).map(str::to_owned),
            config: spec.get("pluginConfig").cloned(),
            root_id: spec.get("pluginName").and_then(Value::as_str).map(str::to_owned),
            phase: word(spec_value, "phase"),
            priority: spec_value["priority"].as_i64().and_then(|number| number.try_into().ok()),
            fail_strategy: word(spec_value, "failStrategy"),
            env: spec_value["vmConfig"]["env"].as_array().into_iter().flatten().map(variable).collect(),
            matches: list("match").iter().map(rule).collect(),
            network: spec_value["type"] == "NETWORK",
            selector: spec.get("selector").filter(|value| !value.is_null()).map(|value| labels(&value["matchLabels"])),
            targets,
        },
        deleting: !metadata["deletionTimestamp"].is_null(),
    })
}

fn variable(value: &Value) -> EnvVar {
    let from =
        if value["valueFrom"] == "HOST" { EnvValue::Host } else { EnvValue::Inline(text(value, "value").to_owned()) };
    EnvVar { name: text(value, "name").to_owned(), value: from }
}

fn rule(value: &Value) -> MatchRule {
    let ports = value["ports"].as_array().into_iter().flatten();
    MatchRule {
        direction: text(value, "mode").parse().ok(),
        ports: ports.filter_map(|port| u16::try_from(port["number"].as_u64()?).ok()).collect(),
    }
}

/// All proxies that can run plugins, each with the uid of its pod.
pub(super) fn proxies(state: &State) -> Vec<(Proxy, String)> {
    let pods = state.list(POD, None).filter_map(|(_, pod)| {
        let mut proxy = proxy(pod)?;
        if proxy.kind == ProxyKind::Waypoint {
            proxy.serves = served(state, &proxy);
        }
        Some((proxy, text(&pod["metadata"], "uid").to_owned()))
    });
    pods.filter(|(proxy, _)| proxy.kind.runs_plugins()).collect()
}

fn proxy(pod: &Value) -> Option<Proxy> {
    let metadata = &pod["metadata"];
    let pod_labels = labels(&metadata["labels"]);
    let annotation = |name: &str| metadata["annotations"][name].as_str();
    let has_proxy = ["containers", "initContainers"].iter().any(|list| {
        pod["spec"][list].as_array().into_iter().flatten().any(|container| container["name"] == "istio-proxy")
    });
    let kind = match pod_labels.get("gateway.istio.io/managed").map(String::as_str) {
        Some("istio.io-mesh-controller") => ProxyKind::Waypoint,
        Some("istio.io-gateway-controller") => ProxyKind::ApiGateway,
        _ if annotation("inject.istio.io/templates") == Some("gateway") => ProxyKind::Gateway,
        _ if annotation("inject.istio.io/templates").is_some_and(|name| name.contains("grpc-agent")) => {
            ProxyKind::Proxyless
        }
        _ if annotation("sidecar.istio.io/status").is_some() && has_proxy => ProxyKind::Sidecar,
        _ if annotation("ambient.istio.io/redirection") == Some("enabled") => ProxyKind::Ambient,
        _ => ProxyKind::None,
    };
    let conditions = pod["status"]["conditions"].as_array();
    Some(Proxy {
        namespace: text(metadata, "namespace").parse().ok()?,
        pod: text(metadata, "name").to_owned(),
        workload: String::new(),
        gateway: pod_labels.get("gateway.networking.k8s.io/gateway-name").cloned(),
        labels: pod_labels,
        kind,
        revision: annotation("istio.io/rev").map(str::to_owned),
        serves: Vec::new(),
        ready: conditions.is_some_and(|all| all.iter().any(|one| one["type"] == "Ready" && one["status"] == "True")),
    })
}

/// The services that a waypoint serves: those that name it, or whose namespace does.
fn served(state: &State, waypoint: &Proxy) -> Vec<ServiceKey> {
    let uses = |object: &Value, namespace: &str| {
        let labels = &object["metadata"]["labels"];
        let name = labels["istio.io/use-waypoint"].as_str()?.to_owned();
        let namespace = labels["istio.io/use-waypoint-namespace"].as_str().unwrap_or(namespace).to_owned();
        Some((namespace, name))
    };
    let services = state.list(SERVICE, None).filter_map(|((_, namespace, name), service)| {
        let used = uses(service, namespace)
            .or_else(|| state.get(NAMESPACE, "", namespace).and_then(|object| uses(object, namespace)))?;
        let mine = used.0 == waypoint.namespace.as_str() && Some(&used.1) == waypoint.gateway.as_ref();
        // A gateway does not serve itself.
        let gateway = !service["metadata"]["labels"]["gateway.istio.io/managed"].is_null();
        let key = || Some(ServiceKey { namespace: namespace.parse().ok()?, name: name.parse().ok()? });
        (mine && !gateway).then(key)?
    });
    services.collect()
}
