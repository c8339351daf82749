//! The use cases of Plugin Marketplace: they join the catalogue with the cluster. No HTTP, no pages.

pub mod error;

use std::sync::Arc;

pub use error::{Result, ServiceError};
use marketplace_domain::{
    Digest, Namespace, ObjectName, PluginName, Problem,
    draft::Draft,
    mesh::ServiceKey,
    state::ProxyStates,
    views::{
        activity::ActivityPage,
        apply::{Applied, ApplyTarget, ApplyView},
        frame::Frame,
        market::{MarketPage, MarketQuery, PluginForm, PluginPage},
        traffic::{InstalledPage, InstalledQuery, ServicePage, TrafficPage, TrafficQuery},
    },
};
use uuid::Uuid;

/// Something that open pages show has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Objects of the cluster, or the state of a proxy.
    Cluster,
    /// The catalogue.
    Catalogue,
}

impl Change {
    /// The word in the stream of events.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::Catalogue => "catalogue",
        }
    }
}

/// Whether the parts we depend on answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readiness {
    /// The database.
    pub database: bool,
    /// The cluster's objects are in memory.
    pub cluster: bool,
}

/// The use cases.
pub struct Services {}

impl Services {
    // -- frame and events
    pub async fn frame(&self) -> Frame { unreached() }
    pub fn changes(&self) -> tokio::sync::broadcast::Receiver<Change> { unreached() }
    pub async fn readiness(&self) -> Readiness { unreached() }
    pub async fn module(&self, digest: &Digest) -> Result<Option<Vec<u8>>> { unreached() }
    // -- catalogue
    pub async fn market(&self, query: &MarketQuery, lang: marketplace_domain::Lang) -> Result<MarketPage> { unreached() }
    pub async fn plugin_page(&self, name: &PluginName, version: Option<&str>) -> Result<PluginPage> { unreached() }
    /// The Add (`editing` = None) or Edit form; with `draft`, as it was typed and with its problems.
    pub async fn plugin_form(&self, editing: Option<&PluginName>, draft: Option<Uuid>) -> Result<PluginForm> { unreached() }
    /// Checks while typing; writes nothing.
    pub async fn check_plugin_form(&self, editing: Option<&PluginName>, draft: &Draft) -> Result<Vec<Problem>> { unreached() }
    /// Adds or edits. `Invalid{draft: Some(id), ..}` keeps what was typed.
    pub async fn save_plugin(&self, editing: Option<&PluginName>, draft: &Draft, kept: Option<Uuid>, who: &str) -> Result<PluginName> { unreached() }
    pub async fn delete_plugin(&self, name: &PluginName, who: &str) -> Result<()> { unreached() }
    // -- cluster
    pub async fn traffic(&self, query: &TrafficQuery) -> Result<TrafficPage> { unreached() }
    pub async fn service_page(&self, key: &ServiceKey) -> Result<ServicePage> { unreached() }
    pub async fn installed(&self, query: &InstalledQuery) -> Result<InstalledPage> { unreached() }
    // -- apply
    /// All the steps show; with a kept draft, as it was typed.
    pub async fn apply_view(&self, target: &ApplyTarget, draft: Option<Uuid>) -> Result<ApplyView> { unreached() }
    /// Live: the same for what is typed now; keeps nothing, writes nothing.
    pub async fn preview(&self, target: &ApplyTarget, draft: &Draft) -> Result<ApplyView> { unreached() }
    /// Keeps what was typed (after carrying out `do`: `add:…`, `remove:…`), returns where.
    pub async fn keep_apply(&self, target: &ApplyTarget, draft: &Draft, kept: Option<Uuid>, edit: Option<&str>) -> Result<Uuid> { unreached() }
    /// Validates, dry-runs, applies, records. `Invalid{draft: Some(id), ..}` keeps what was typed.
    pub async fn apply(&self, target: &ApplyTarget, draft: &Draft, kept: Option<Uuid>, who: &str) -> Result<Applied> { unreached() }
    pub async fn uninstall(&self, namespace: &Namespace, resource: &ObjectName, uid: &str, who: &str) -> Result<()> { unreached() }
    // -- activity
    pub async fn activity(&self, before: Option<i64>) -> Result<ActivityPage> { unreached() }
}

#[allow(clippy::panic)]
fn unreached() -> ! {
    panic!("being written")
}

#[allow(unused)]
type States = Arc<dyn ProxyStates>;
