//! Services, their proxies, and the plugins installed in the cluster.

use serde::{Deserialize, Serialize};

use crate::{
    FailStrategy, Localised, Phase,
    mesh::{ProxyKind, ServiceKey, ServicePort},
    problem::NoProxy,
    state::{ProxyState, Severity},
};

/// Which services are listed: the query string of the page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrafficQuery {
    /// Part of a service's name.
    pub text: String,
    /// Only this namespace; empty for all.
    pub namespace: String,
    /// The page, from 1.
    pub page: u32,
}

/// The services of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficPage {
    /// Namespaces with the number of their services.
    pub namespaces: Vec<(String, u32)>,
    /// The services found, by namespace and name.
    pub services: Vec<ServiceLine>,
    /// How many were found on all pages.
    pub total: u32,
    /// Which page this is, from 1.
    pub page: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
}

/// One service in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceLine {
    /// Where it is.
    pub key: ServiceKey,
    /// How many workloads stand behind it.
    pub workloads: u32,
    /// How many proxies run plugins for it.
    pub proxies: u32,
    /// What kind of proxies: the first one's.
    pub kind: ProxyKind,
    /// Why no plugin can reach it, if none can.
    pub cannot: Option<NoProxy>,
    /// Its plugins' names in the order they run.
    pub plugins: Vec<String>,
    /// The worst state of its plugins.
    pub worst: Option<Severity>,
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServicePage {
    /// Where it is.
    pub key: ServiceKey,
    /// Its ports.
    pub ports: Vec<ServicePort>,
    /// Its workloads with their proxies.
    pub workloads: Vec<WorkloadView>,
    /// The waypoint in front of it, `namespace/name`.
    pub waypoint: Option<String>,
    /// Why no plugin can reach it, if none can.
    pub cannot: Option<NoProxy>,
    /// Its plugins in the order they run on a request.
    pub plugins: Vec<InstalledRow>,
}

/// One workload of a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadView {
    /// Its name, e.g. `reviews-v2`.
    pub name: String,
    /// Its namespace.
    pub namespace: String,
    /// Its pods.
    pub proxies: Vec<ProxyView>,
}

/// One pod.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyView {
    /// Its name.
    pub pod: String,
    /// Its namespace.
    pub namespace: String,
    /// What runs in it.
    pub kind: ProxyKind,
    /// Whether it is ready.
    pub ready: bool,
}

/// How many proxies are in which state, and each of them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StateSummary {
    /// Each proxy that should have the plugin.
    pub proxies: Vec<ProxyStateView>,
    /// How many of them have loaded it.
    pub loaded: u32,
    /// The worst state; `None` without proxies.
    pub worst: Option<Severity>,
}

/// One proxy's state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProxyStateView {
    /// `namespace/pod`.
    pub proxy: String,
    /// The workload.
    pub workload: String,
    /// The state, with its reason.
    pub state: ProxyState,
}

/// Which plugin resources are listed: the query string of the page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InstalledQuery {
    /// Only this namespace; empty for all.
    pub namespace: String,
    /// Only this plugin of the catalogue (or resource name); empty for all.
    pub plugin: String,
    /// Only with this worst state, a word of [`state_word`]; empty for all.
    pub state: String,
    /// Part of a service's or a resource's name.
    pub text: String,
    /// The page, from 1.
    pub page: u32,
}

/// The words by which [`InstalledQuery::state`] filters.
pub fn state_word(severity: Option<Severity>) -> &'static str {
    match severity {
        Some(Severity::Good) => "loaded",
        Some(Severity::Unknown) => "unknown",
        Some(Severity::Waiting) => "waiting",
        Some(Severity::Warning) => "bypassed",
        Some(Severity::Bad) => "failing",
        None => "none",
    }
}

/// Every plugin resource of the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledPage {
    /// The rows found.
    pub rows: Vec<InstalledRow>,
    /// How many were found on all pages.
    pub total: u32,
    /// Which page this is, from 1.
    pub page: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// Namespaces that have a plugin.
    pub namespaces: Vec<String>,
    /// Plugins that are installed somewhere.
    pub plugins: Vec<String>,
}

/// One plugin resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstalledRow {
    /// The resource's namespace.
    pub namespace: String,
    /// The resource's name.
    pub resource: String,
    /// The object's identity, so that uninstalling never hits another of the same name.
    pub uid: String,
    /// The plugin of the catalogue, when it is one.
    pub plugin: Option<PluginRef>,
    /// The module's address.
    pub url: String,
    /// Whom it reaches.
    pub scope: Scope,
    /// Where it stands.
    pub phase: Phase,
    /// Its order; unset sorts last.
    pub priority: Option<i32>,
    /// What happens when it fails.
    pub fail_strategy: FailStrategy,
    /// How its proxies are.
    pub state: StateSummary,
    /// When it was made.
    pub created: i64,
    /// Who wrote it last: the field manager.
    pub manager: Option<String>,
    /// Whether we made it.
    pub ours: bool,
}

/// A plugin of the catalogue, in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginRef {
    /// Its name in addresses.
    pub name: String,
    /// Its names to show.
    pub title: Localised,
    /// Which version.
    pub version: String,
    /// Whether a newer one exists.
    pub outdated: bool,
}

/// Whom a plugin resource reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Scope {
    /// The pods of these services (by selector or target).
    Services(Vec<ServiceKey>),
    /// A gateway.
    Gateway(String),
    /// All of its namespace.
    Namespace,
    /// All of the mesh.
    Mesh,
    /// A selector that no service has; `key=value, …`.
    Selector(String),
}
