//! Which proxies get a plugin, and which of their traffic passes it (`wasmplugin.md` §4 and §5), as Istio decides it.

use crate::{
    Direction, Extension, MatchRule, Namespace, TargetRef,
    mesh::{Labels, MeshSettings, Proxy, ProxyKind, ServiceKey},
};

/// The label that binds a plugin to one control plane revision.
pub const REVISION_LABEL: &str = "istio.io/rev";
/// The only GatewayClass a plugin can name (§4).
pub const WAYPOINT_CLASS: &str = "istio-waypoint";
/// The API group of Gateway and GatewayClass.
const GATEWAY_GROUP: &str = "gateway.networking.k8s.io";

/// Whether a proxy gets a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// It does.
    Yes,
    /// It does not.
    No(WhyNot),
}

impl Reach {
    /// Whether it does.
    pub fn is_yes(self) -> bool {
        self == Reach::Yes
    }
}

/// Why a proxy does not get a plugin: the rows of §4.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// The pod is not in the mesh: no proxy at all.
    NotInMesh,
    /// An ambient pod: ztunnel runs no plugins, only a waypoint could.
    Ambient,
    /// Proxyless gRPC: there is no Envoy.
    Proxyless,
    /// The plugin is bound to another control plane revision.
    OtherRevision,
    /// The plugin is in another namespace, and not in the root namespace.
    OtherNamespace,
    /// The selector does not match the pod's labels.
    Labels,
    /// `targetRefs` never apply to sidecars and injected gateways.
    TargetsOnSidecar,
    /// None of the targets is the Gateway of this proxy.
    OtherGateway,
    /// Waypoints take plugins by `targetRefs` only.
    WaypointNeedsTarget,
    /// None of the targets is this waypoint, a service it serves, or the waypoints' class in the root namespace.
    NotServed,
}

/// Whether a proxy gets a plugin.
pub fn reaches(plugin: &Extension, proxy: &Proxy, mesh: &MeshSettings) -> Reach {
    let verdict = match proxy.kind {
        ProxyKind::None => Err(WhyNot::NotInMesh),
        ProxyKind::Ambient => Err(WhyNot::Ambient),
        ProxyKind::Proxyless => Err(WhyNot::Proxyless),
        _ if !in_revision(plugin, proxy) => Err(WhyNot::OtherRevision),
        _ if !candidate_namespaces(proxy, mesh).contains(&&plugin.namespace) => Err(WhyNot::OtherNamespace),
        ProxyKind::Sidecar | ProxyKind::Gateway if !plugin.spec.targets.is_empty() => Err(WhyNot::TargetsOnSidecar),
        ProxyKind::Sidecar | ProxyKind::Gateway => selected(plugin, proxy),
        ProxyKind::ApiGateway => api_gateway(plugin, proxy),
        ProxyKind::Waypoint => waypoint(plugin, proxy, mesh),
    };
    verdict.map_or_else(Reach::No, |()| Reach::Yes)
}

/// The namespaces whose plugins a proxy may get, in the order that settles ties (§6): its own, the root namespace and,
/// for a waypoint, those of the services it serves.
pub fn candidate_namespaces<'a>(proxy: &'a Proxy, mesh: &'a MeshSettings) -> Vec<&'a Namespace> {
    let mut namespaces = vec![&proxy.namespace];
    let served = proxy.serves.iter().filter(|_| proxy.kind == ProxyKind::Waypoint).map(|service| &service.namespace);
    for namespace in std::iter::once(&mesh.root_namespace).chain(served) {
        if !namespaces.contains(&namespace) {
            namespaces.push(namespace);
        }
    }
    namespaces
}

/// Whether requests to this service pass the plugin on a proxy that gets it. A waypoint puts a plugin for a service on
/// that service's chain only; everything else runs for all traffic of the proxy.
pub fn passes(plugin: &Extension, proxy: &Proxy, service: &ServiceKey) -> bool {
    if proxy.kind != ProxyKind::Waypoint {
        return true;
    }
    let targets = &plugin.spec.targets;
    targets.iter().any(|target| is_kind(target, GATEWAY_GROUP, "Gateway") || is_class(target))
        || targets.iter().any(|target| is_service(target, plugin, service))
}

/// Whether all of `wanted` is among `labels`; nothing wanted is always there.
pub fn contains_all(labels: &Labels, wanted: &Labels) -> bool {
    wanted.iter().all(|(key, value)| labels.get(key) == Some(value))
}

fn in_revision(plugin: &Extension, proxy: &Proxy) -> bool {
    let running = proxy.revision.as_deref().unwrap_or("default");
    plugin.labels.get(REVISION_LABEL).is_none_or(|wanted| wanted == running)
}

fn selected(plugin: &Extension, proxy: &Proxy) -> Result<(), WhyNot> {
    let good = plugin.spec.selector.as_ref().is_none_or(|wanted| contains_all(&proxy.labels, wanted));
    if good { Ok(()) } else { Err(WhyNot::Labels) }
}

fn api_gateway(plugin: &Extension, proxy: &Proxy) -> Result<(), WhyNot> {
    if plugin.spec.targets.is_empty() {
        return selected(plugin, proxy);
    }
    let good = plugin.spec.targets.iter().any(|target| is_gateway_of(target, plugin, proxy));
    if good { Ok(()) } else { Err(WhyNot::OtherGateway) }
}

fn waypoint(plugin: &Extension, proxy: &Proxy, mesh: &MeshSettings) -> Result<(), WhyNot> {
    if plugin.spec.targets.is_empty() {
        return Err(WhyNot::WaypointNeedsTarget);
    }
    let in_root = plugin.namespace == mesh.root_namespace;
    let good = plugin.spec.targets.iter().any(|target| {
        is_gateway_of(target, plugin, proxy)
            || in_root && is_class(target)
            || proxy.serves.iter().any(|service| is_service(target, plugin, service))
    });
    if good { Ok(()) } else { Err(WhyNot::NotServed) }
}

fn is_kind(target: &TargetRef, group: &str, kind: &str) -> bool {
    target.group == group && target.kind == kind
}

fn is_class(target: &TargetRef) -> bool {
    is_kind(target, GATEWAY_GROUP, "GatewayClass") && target.name == WAYPOINT_CLASS
}

fn is_gateway_of(target: &TargetRef, plugin: &Extension, proxy: &Proxy) -> bool {
    is_kind(target, GATEWAY_GROUP, "Gateway")
        && plugin.namespace == proxy.namespace
        && Some(target.name.as_str()) == proxy.gateway.as_deref()
}

/// The group `""` is the same as `core` (§4).
fn is_service(target: &TargetRef, plugin: &Extension, service: &ServiceKey) -> bool {
    matches!(target.group.as_str(), "" | "core")
        && target.kind == "Service"
        && plugin.namespace == service.namespace
        && target.name == service.name.as_str()
}

/// Which side of a proxy a request passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It arrives at the workload: the port is the container's.
    Inbound,
    /// It leaves the workload, or passes a gateway: the port is the service's, or the gateway's.
    Outbound,
}

/// Whether a request passes a plugin with these rules (§5). Gateways count as CLIENT whatever the side, and waypoints as
/// SERVER with port 0, so that a rule with ports never matches there.
pub fn matches_traffic(rules: &[MatchRule], kind: ProxyKind, side: Side, port: u16) -> bool {
    let (side, port) = match kind {
        ProxyKind::Gateway | ProxyKind::ApiGateway => (Side::Outbound, port),
        ProxyKind::Waypoint => (Side::Inbound, 0),
        ProxyKind::Sidecar => (side, port),
        ProxyKind::Ambient | ProxyKind::Proxyless | ProxyKind::None => return false,
    };
    rules.is_empty() || rules.iter().any(|rule| direction_matches(rule, side) && port_matches(rule, port))
}

/// Whether any request through a proxy of this kind could pass the plugin (§5).
pub fn ever_matches(plugin: &Extension, kind: ProxyKind) -> bool {
    let rules = &plugin.spec.matches;
    let ever = |rule: &MatchRule| match kind {
        ProxyKind::Gateway | ProxyKind::ApiGateway => direction_matches(rule, Side::Outbound),
        ProxyKind::Waypoint => direction_matches(rule, Side::Inbound) && port_matches(rule, 0),
        _ => true,
    };
    kind.runs_plugins() && (rules.is_empty() || rules.iter().any(ever))
}

/// No direction means both.
fn direction_matches(rule: &MatchRule, side: Side) -> bool {
    match rule.direction {
        None | Some(Direction::Both) => true,
        Some(Direction::Server) => side == Side::Inbound,
        Some(Direction::Client) => side == Side::Outbound,
    }
}

/// No ports means all.
fn port_matches(rule: &MatchRule, port: u16) -> bool {
    rule.ports.is_empty() || rule.ports.contains(&port)
}

#[cfg(test)]
mod tests;
