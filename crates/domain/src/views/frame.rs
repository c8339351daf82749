//! What the frame around every page shows.

use serde::{Deserialize, Serialize};

/// The rail: counts and the cluster's health.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Frame {
    /// Plugins in the catalogue; `None` when the database does not answer.
    pub plugins: Option<u64>,
    /// What pages show of the catalogue is what was last seen, since this moment.
    pub database_away_since: Option<i64>,
    /// Plugin resources in the cluster.
    pub installed: u64,
    /// The cluster.
    pub cluster: ClusterView,
    /// Who is signed in; for now whoever runs the product.
    pub user: String,
}

/// The cluster, as the foot of the rail says it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClusterView {
    /// Its name: `demo mesh`, or the kubeconfig's context.
    pub name: String,
    /// Whether it is the demo mesh in our own process.
    pub demo: bool,
    /// Istio's version, where it can be read off istiod.
    pub istio_version: Option<String>,
    /// What is known is what was last seen, since this moment.
    pub stale_since: Option<i64>,
    /// Whether the cluster has no WasmPlugin resource at all (Istio is not installed).
    pub crd_missing: bool,
    /// Kinds we may not read, e.g. `pods`.
    pub forbidden: Vec<String>,
    /// Objects that could not be read, e.g. `WasmPlugin shop/odd: …`.
    pub malformed: Vec<String>,
}
