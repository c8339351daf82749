//! The kinds of objects this API serves.

/// One kind and where it is served.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// API group; empty for the core group.
    pub group: &'static str,
    /// API version.
    pub version: &'static str,
    /// Its plural, as in addresses.
    pub plural: &'static str,
    /// Its kind, as in objects.
    pub kind: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
}

const fn kind(
    group: &'static str,
    version: &'static str,
    plural: &'static str,
    kind: &'static str,
    namespaced: bool,
) -> Kind {
    Kind { group, version, plural, kind, namespaced }
}

/// All kinds.
pub(crate) static KINDS: [Kind; 10] = [
    kind("", "v1", "namespaces", "Namespace", false),
    kind("", "v1", "pods", "Pod", true),
    kind("", "v1", "services", "Service", true),
    kind("", "v1", "secrets", "Secret", true),
    kind("apps", "v1", "deployments", "Deployment", true),
    kind("apps", "v1", "replicasets", "ReplicaSet", true),
    kind("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice", true),
    kind("gateway.networking.k8s.io", "v1", "gateways", "Gateway", true),
    kind("gateway.networking.k8s.io", "v1", "gatewayclasses", "GatewayClass", false),
    kind("extensions.istio.io", "v1alpha1", "wasmplugins", "WasmPlugin", true),
];

/// WasmPlugin, the one kind with rules of its own.
pub(crate) static WASM_PLUGIN: &Kind = &KINDS[9];
/// Namespace.
pub(crate) static NAMESPACE: &Kind = &KINDS[0];
/// Pod.
pub(crate) static POD: &Kind = &KINDS[1];
/// Service.
pub(crate) static SERVICE: &Kind = &KINDS[2];

impl Kind {
    /// By what an object says of itself.
    pub fn of(kind: &str) -> Option<&'static Kind> {
        KINDS.iter().find(|known| known.kind == kind)
    }

    /// `group/version`, or `version` for the core group.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { self.version.to_owned() } else { format!("{}/{}", self.group, self.version) }
    }

    /// `plural.group`, how errors name it.
    pub fn resource(&self) -> String {
        dotted(self.plural, self.group)
    }

    /// `Kind.group`, how validation names it.
    pub fn dotted_kind(&self) -> String {
        dotted(self.kind, self.group)
    }
}

fn dotted(word: &str, group: &str) -> String {
    if group.is_empty() { word.to_owned() } else { format!("{word}.{group}") }
}
