//! In which order a request passes Istio's filters and the plugins of a proxy (`wasmplugin.md` §6).

use std::cmp::Reverse;

use crate::{
    Extension, Namespace, Phase,
    mesh::{MeshSettings, ProxyKind},
};

/// Istio's own filters of an HTTP chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum IstioFilter {
    /// Exchange of metadata between proxies.
    PeerMetadata,
    /// AuthorizationPolicy with action CUSTOM (an external authorizer).
    CustomAuthz,
    /// RequestAuthentication.
    Jwt,
    /// AuthorizationPolicy.
    Rbac,
    /// gRPC-web and statistics of gRPC.
    GrpcStats,
    /// Choice of the protocol towards the service.
    Alpn,
    /// Faults of a VirtualService.
    Fault,
    /// CORS policy of a VirtualService.
    Cors,
    /// Istio's metrics and access logs.
    Telemetry,
    /// The end: the request leaves the proxy.
    Router,
}

/// One filter of a chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link<'a> {
    /// One of Istio's.
    Istio(IstioFilter),
    /// A plugin.
    Plugin(&'a Extension),
}

/// The chain of a proxy in the order in which a request passes it; a response passes it the other way round.
///
/// `plugins` are those that reach the proxy, in any order; `own` is the proxy's namespace. Network plugins stand in front
/// of all HTTP filters. Empty for a pod without an Envoy.
pub fn chain<'a>(kind: ProxyKind, plugins: &[&'a Extension], own: &Namespace, mesh: &MeshSettings) -> Vec<Link<'a>> {
    use IstioFilter::*;
    if !kind.runs_plugins() {
        return Vec::new();
    }
    let of = |network: bool, phase: Phase| {
        let mut sorted: Vec<&'a Extension> = plugins
            .iter()
            .copied()
            .filter(|plugin| plugin.spec.network == network && plugin.spec.phase == phase)
            .collect();
        sort(&mut sorted, own, mesh);
        sorted.into_iter().map(Link::Plugin)
    };
    let istio = |filters: &'static [IstioFilter]| filters.iter().copied().map(Link::Istio);

    let mut chain: Vec<Link<'a>> = Phase::ALL.into_iter().flat_map(|phase| of(true, phase)).collect();
    // The waypoint's chain in §6 begins with the external authorizer.
    if kind != ProxyKind::Waypoint {
        chain.extend(istio(&[PeerMetadata]));
    }
    chain.extend(istio(&[CustomAuthz]));
    chain.extend(of(false, Phase::Authn));
    chain.extend(istio(&[Jwt]));
    chain.extend(of(false, Phase::Authz));
    chain.extend(istio(&[Rbac]));
    if kind == ProxyKind::Waypoint {
        chain.extend(istio(&[GrpcStats, Fault, Cors]));
    }
    chain.extend(of(false, Phase::Stats));
    chain.extend(of(false, Phase::Default));
    if kind != ProxyKind::Waypoint {
        chain.extend(istio(&[GrpcStats, Alpn, Fault, Cors]));
    }
    chain.extend(istio(&[Telemetry, Router]));
    chain
}

/// Sorts plugins of one phase as Istio does: higher priority first, unset below every number; then the proxy's own
/// namespace before the root namespace before those of served services; then the older, then by name.
pub fn sort(plugins: &mut [&Extension], own: &Namespace, mesh: &MeshSettings) {
    plugins.sort_by(|a, b| order(a, own, mesh).cmp(&order(b, own, mesh)));
}

fn order<'a>(plugin: &'a Extension, own: &Namespace, mesh: &MeshSettings) -> (Reverse<i32>, u8, i64, &'a str, &'a str) {
    let rank = match &plugin.namespace {
        namespace if namespace == own => 0,
        namespace if *namespace == mesh.root_namespace => 1,
        _ => 2,
    };
    // The namespace last makes the order total for plugins of one name in two served namespaces, as in Istio's compare.
    let priority = Reverse(plugin.spec.priority.unwrap_or(i32::MIN));
    (priority, rank, plugin.created, plugin.name.as_str(), plugin.namespace.as_str())
}

#[cfg(test)]
mod tests;
