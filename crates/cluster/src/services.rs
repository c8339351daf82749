//! How the mesh reaches a service (`wasmplugin.md` §5, §13): its ports, which of them are HTTP, its waypoint.

use k8s_openapi::{
    api::core::v1::{Namespace as K8sNamespace, Service as K8sService, ServicePort as K8sPort},
    apimachinery::pkg::util::intstr::IntOrString,
};
use kube::ResourceExt;
use marketplace_domain::{
    Namespace,
    mesh::{Labels, ServiceKey, ServicePort},
};

use crate::NamespaceInfo;

const USE_WAYPOINT: &str = "istio.io/use-waypoint";

/// A service as far as it speaks for itself; pods and its namespace complete it in [`crate::live`].
#[derive(Debug, Clone)]
pub(crate) struct ServiceFacts {
    pub key: ServiceKey,
    pub selector: Labels,
    /// Each port, with the name of the container port where it targets one by name.
    pub ports: Vec<(ServicePort, Option<String>)>,
    /// Its own word about its waypoint; `Some(None)` says that it wants none.
    pub waypoint: Option<Option<(Namespace, String)>>,
}

impl ServiceFacts {
    pub fn has_named_targets(&self) -> bool {
        self.ports.iter().any(|(_, name)| name.is_some())
    }
}

/// What a service says, or why it cannot be understood.
pub(crate) fn read_service(service: &K8sService) -> Result<ServiceFacts, String> {
    let namespace: Namespace = namespace_of(service.metadata.namespace.as_deref())?;
    let name = service.name_any().parse().map_err(|bad| format!("metadata.name: {bad}"))?;
    let spec = service.spec.as_ref();
    let ports = spec.iter().flat_map(|spec| spec.ports.iter().flatten()).map(read_port).collect::<Result<_, _>>()?;
    Ok(ServiceFacts {
        // A waypoint's own service lies in the namespace it serves, and not behind itself.
        waypoint: match service.labels().get("gateway.istio.io/managed").map(String::as_str) {
            Some("istio.io-mesh-controller") => Some(None),
            _ => waypoint_in(service.labels(), &namespace),
        },
        key: ServiceKey { namespace, name },
        selector: spec.and_then(|spec| spec.selector.clone()).unwrap_or_default(),
        ports,
    })
}

/// What a namespace says, or why it cannot be understood.
pub(crate) fn read_namespace(namespace: &K8sNamespace) -> Result<(Namespace, NamespaceInfo), String> {
    let name = namespace_of(namespace.metadata.name.as_deref())?;
    let labels = namespace.labels();
    let revision = labels.get("istio.io/rev").filter(|revision| !revision.is_empty()).cloned();
    let info = NamespaceInfo {
        // `istio-injection` takes precedence over a revision.
        injected: labels.get("istio-injection").map_or(revision.is_some(), |word| word == "enabled"),
        revision,
        ambient: labels.get("istio.io/dataplane-mode").is_some_and(|mode| mode == "ambient"),
        waypoint: waypoint_in(labels, &name).flatten(),
        labels: labels.clone(),
    };
    Ok((name, info))
}

fn namespace_of(text: Option<&str>) -> Result<Namespace, String> {
    text.unwrap_or_default().parse().map_err(|bad| format!("namespace: {bad}"))
}

/// `istio.io/use-waypoint` and its namespace; `none` opts out of what a wider label says.
fn waypoint_in(labels: &Labels, own: &Namespace) -> Option<Option<(Namespace, String)>> {
    let name = labels.get(USE_WAYPOINT).filter(|name| !name.is_empty())?;
    if name == "none" {
        return Some(None);
    }
    let other = labels.get("istio.io/use-waypoint-namespace").and_then(|namespace| namespace.parse().ok());
    Some(Some((other.unwrap_or_else(|| own.clone()), name.clone())))
}

fn read_port(port: &K8sPort) -> Result<(ServicePort, Option<String>), String> {
    let number = u16::try_from(port.port).map_err(|_| format!("spec.ports: {} is no port", port.port))?;
    let (target, named) = match &port.target_port {
        None => (Some(number), None),
        Some(IntOrString::Int(0)) => (Some(number), None),
        Some(IntOrString::Int(target)) => (u16::try_from(*target).ok(), None),
        Some(IntOrString::String(name)) => (None, Some(name.clone())),
    };
    let name = port.name.clone().filter(|name| !name.is_empty());
    Ok((ServicePort { http: is_http(port, number), name, port: number, target }, named))
}

/// As Istio chooses the protocol: `appProtocol`, else the port's name up to the first hyphen, else a few ports that are
/// known not to be HTTP; `None` where it looks at the traffic. (istio.io, "Protocol Selection")
fn is_http(port: &K8sPort, number: u16) -> Option<bool> {
    if matches!(port.protocol.as_deref(), Some("UDP" | "SCTP")) {
        return Some(false);
    }
    let word = match (port.app_protocol.as_deref(), port.name.as_deref()) {
        (Some(protocol), _) => protocol.to_ascii_lowercase(),
        (None, Some(name)) => name.split_once('-').map_or(name, |(word, _)| word).to_ascii_lowercase(),
        (None, None) => String::new(),
    };
    match word.as_str() {
        "http" | "http2" | "h2c" | "grpc" | "grpc-web" | "kubernetes.io/h2c" | "kubernetes.io/ws" => Some(true),
        "tcp" | "tls" | "https" | "mongo" | "redis" | "mysql" | "udp" | "kubernetes.io/wss" => Some(false),
        _ if matches!(number, 25 | 53 | 3306 | 27017) => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
