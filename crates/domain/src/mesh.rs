//! The mesh as far as plugins are concerned: namespaces, services, pods and the proxies in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Namespace, ServiceName};

/// Labels of an object.
pub type Labels = BTreeMap<String, String>;

/// What kind of proxy a pod runs, or why it runs none that takes plugins (`wasmplugin.md` §13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProxyKind {
    /// An injected sidecar.
    Sidecar,
    /// A gateway that was injected (classic Istio gateway).
    Gateway,
    /// A gateway made from a Gateway resource of the Gateway API.
    ApiGateway,
    /// An ambient waypoint.
    Waypoint,
    /// In the ambient mesh without an Envoy of its own: only a waypoint can run plugins for it.
    Ambient,
    /// A proxyless gRPC workload: `istio-proxy` is there, but no Envoy.
    Proxyless,
    /// Not in the mesh at all.
    None,
}

impl ProxyKind {
    /// Whether an Envoy runs here that can load plugins.
    pub fn runs_plugins(self) -> bool {
        matches!(self, Self::Sidecar | Self::Gateway | Self::ApiGateway | Self::Waypoint)
    }
}

/// One pod and the proxy in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// The pod's namespace.
    pub namespace: Namespace,
    /// The pod's name.
    pub pod: String,
    /// The workload it belongs to, e.g. `reviews-v1`: the owner without the ReplicaSet's hash.
    pub workload: String,
    /// The pod's labels.
    pub labels: Labels,
    /// What runs in it.
    pub kind: ProxyKind,
    /// The Gateway (Gateway API) it was made from, for [`ProxyKind::ApiGateway`] and [`ProxyKind::Waypoint`].
    pub gateway: Option<String>,
    /// The control plane revision it is connected to; `None` is the default one.
    pub revision: Option<String>,
    /// For waypoints: what they serve.
    pub serves: Vec<ServiceKey>,
    /// Whether the pod is ready.
    pub ready: bool,
}

impl Proxy {
    /// `namespace/pod`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.pod)
    }
}

/// A Service by namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ServiceKey {
    /// The namespace.
    pub namespace: Namespace,
    /// The name.
    pub name: ServiceName,
}

impl std::fmt::Display for ServiceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// A Service and how the mesh reaches it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Where it is.
    pub key: ServiceKey,
    /// Its own selector; empty for one without (headless to elsewhere, ExternalName).
    pub selector: Labels,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// The waypoint in front of it, `(namespace, name)`, if it has one (label `istio.io/use-waypoint` on it or its namespace).
    pub waypoint: Option<(Namespace, String)>,
}

/// One port of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePort {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// The service's port: what outbound matches use.
    pub port: u16,
    /// The container's port: what inbound matches use; `None` when it is a name that no pod resolves.
    pub target: Option<u16>,
    /// Whether Istio treats it as HTTP: by `appProtocol` or the port's name; `None` when it detects the protocol.
    pub http: Option<bool>,
}

/// Settings of the mesh as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MeshSettings {
    /// The root namespace; plugins in it reach the whole mesh.
    pub root_namespace: Namespace,
}
