//! What kind of proxy a pod runs (`wasmplugin.md` §13), and what else of a pod matters here.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, Pod, PodStatus};
use kube::ResourceExt;
use marketplace_domain::{
    Namespace,
    mesh::{Labels, Proxy, ProxyKind},
};
use serde_json::Value;

const GATEWAY_NAME: &str = "gateway.networking.k8s.io/gateway-name";
const GATEWAY_CLASS: &str = "gateway.networking.k8s.io/gateway-class-name";
const MANAGED: &str = "gateway.istio.io/managed";

/// A pod as far as plugins are concerned.
#[derive(Debug, Clone)]
pub(crate) struct PodFacts {
    /// What the pod itself says; what other objects say about it is added in [`crate::live`].
    pub proxy: Arc<Proxy>,
    /// Whether the pod itself says if it belongs to the ambient mesh (label `istio.io/dataplane-mode`).
    pub ambient: Option<bool>,
    /// Container ports by name, for services that target them by name.
    pub ports: Vec<(String, u16)>,
    /// The version of Istio, when this is a pod of the control plane.
    pub istio_version: Option<String>,
}

/// What a pod says, or why it cannot be understood. `None` for a pod that has ended and takes no traffic any more.
pub(crate) fn read_pod(pod: &Pod) -> Result<Option<PodFacts>, String> {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    if matches!(phase, Some("Succeeded" | "Failed")) {
        return Ok(None);
    }
    let meta = &pod.metadata;
    let namespace: Namespace =
        meta.namespace.as_deref().unwrap_or_default().parse().map_err(|bad| format!("metadata.namespace: {bad}"))?;
    let name = meta.name.clone().ok_or("metadata.name is missing")?;
    let kind = kind_of(pod);
    let proxy = Proxy {
        workload: workload_of(pod, &name),
        gateway: pod.labels().get(GATEWAY_NAME).cloned().filter(|_| kind.runs_plugins()),
        revision: revision_of(pod).filter(|revision| revision != "default"),
        labels: pod.labels().clone(),
        ready: is_ready(pod),
        serves: Vec::new(),
        namespace,
        pod: name,
        kind,
    };
    Ok(Some(PodFacts {
        proxy: Arc::new(proxy),
        ambient: pod.labels().get("istio.io/dataplane-mode").map(|mode| mode == "ambient"),
        ports: named_ports(pod),
        istio_version: istio_version(pod),
    }))
}

fn containers(pod: &Pod) -> impl Iterator<Item = &Container> {
    // Native sidecars are init containers.
    pod.spec.iter().flat_map(|spec| spec.containers.iter().chain(spec.init_containers.iter().flatten()))
}

fn kind_of(pod: &Pod) -> ProxyKind {
    let (labels, annotations) = (pod.labels(), pod.annotations());
    let has_proxy = containers(pod).any(|container| container.name == "istio-proxy");
    let word = |of: &Labels, key: &str| of.get(key).cloned().unwrap_or_default();
    let templates = word(annotations, "inject.istio.io/templates");
    let template = |name: &str| templates.split(',').any(|template| template.trim() == name);
    if has_proxy {
        let class = word(labels, GATEWAY_CLASS);
        if template("grpc-agent") {
            return ProxyKind::Proxyless;
        }
        // Agentgateway is managed by Istio as gateways are, and is no Envoy.
        if class.contains("agentgateway") {
            return ProxyKind::None;
        }
        if word(labels, MANAGED) == "istio.io-mesh-controller" || class == "istio-waypoint" {
            return ProxyKind::Waypoint;
        }
        if labels.contains_key(GATEWAY_NAME) {
            return ProxyKind::ApiGateway;
        }
        if annotations.contains_key("sidecar.istio.io/status") {
            return if template("gateway") { ProxyKind::Gateway } else { ProxyKind::Sidecar };
        }
    }
    match annotations.get("ambient.istio.io/redirection").map(String::as_str) {
        Some("enabled" | "pending") => ProxyKind::Ambient,
        _ => ProxyKind::None,
    }
}

/// The revision that runs: in the sidecar's status, or an annotation.
fn revision_of(pod: &Pod) -> Option<String> {
    let annotations = pod.annotations();
    let status = annotations.get("sidecar.istio.io/status");
    let status = status.and_then(|status| serde_json::from_str::<Value>(status).ok());
    let revision = status.as_ref().and_then(|status| status.get("revision")?.as_str()).map(str::to_owned);
    revision.filter(|revision| !revision.is_empty()).or_else(|| annotations.get("istio.io/rev").cloned())
}

/// The owner's name; for a ReplicaSet that of its Deployment, which it begins with.
fn workload_of(pod: &Pod, name: &str) -> String {
    let owners = pod.owner_references();
    let Some(owner) = owners.iter().find(|owner| owner.controller == Some(true)).or(owners.first()) else {
        return name.to_owned();
    };
    let hash = pod.labels().get("pod-template-hash");
    let deployment = hash
        .filter(|_| owner.kind == "ReplicaSet")
        .and_then(|hash| owner.name.strip_suffix(hash.as_str()).and_then(|name| name.strip_suffix('-')));
    deployment.unwrap_or(&owner.name).to_owned()
}

fn is_ready(pod: &Pod) -> bool {
    let ready = |status: &PodStatus| {
        status.conditions.iter().flatten().any(|condition| condition.type_ == "Ready" && condition.status == "True")
    };
    pod.metadata.deletion_timestamp.is_none() && pod.status.as_ref().is_some_and(ready)
}

fn named_ports(pod: &Pod) -> Vec<(String, u16)> {
    containers(pod)
        .flat_map(|container| container.ports.iter().flatten())
        .filter_map(|port| Some((port.name.clone()?, u16::try_from(port.container_port).ok()?)))
        .collect()
}

/// The image's tag, where it begins like a version; else the label of Istio's charts, which says the chart's version.
fn istio_version(pod: &Pod) -> Option<String> {
    let labels = pod.labels();
    if labels.get("app").map(String::as_str) != Some("istiod") {
        return None;
    }
    let image = containers(pod).find(|container| container.name == "discovery").and_then(|it| it.image.as_deref());
    let tag = image.and_then(|image| image.rsplit_once(':')).map(|(_, tag)| tag).filter(|tag| !tag.contains('/'));
    let version = tag.map(|tag| tag.split_once('-').map_or(tag, |(version, _)| version));
    let version = version.filter(|version| version.starts_with(|first: char| first.is_ascii_digit()));
    version.map(str::to_owned).or_else(|| labels.get("app.kubernetes.io/version").cloned())
}

#[cfg(test)]
mod tests;
