//! The use cases of Plugin Marketplace: they join the catalogue with the cluster, with registries and with the sandbox.
//! No HTTP, no pages.
//!
//! Reads come from memory (the cluster's stores) and from the catalogue; writes go through [`Services::save_plugin`],
//! [`Services::apply`] and [`Services::uninstall`], each of which checks everything first and records what it did.

mod activity;
mod apply;
mod configure;
mod diff;
pub mod error;
mod frame;
mod installed;
mod known;
mod markdown;
mod market;
mod modules;
mod plugin_form;
mod remembered;
mod seed;
mod traffic;
mod trial;

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

pub use error::{Result, ServiceError};
use installed::Index;
use known::Known;
use marketplace_catalogue::Catalogue;
use marketplace_cluster::Cluster;
use marketplace_domain::{Digest, catalogue::Address, state::ProxyStates};
use marketplace_registry::Fetcher;
pub use modules::{Checker, Uploaded};
pub use plugin_form::FormWork;
use remembered::Remembered;
use tokio::sync::broadcast;
pub use trial::{AnyRunner, Asked, Checked, ToCheck, Tried};

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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Readiness {
    /// The database answers.
    pub database: bool,
    /// The cluster's objects are in memory.
    pub cluster: bool,
}

/// What the use cases are made of.
pub struct Parts {
    /// The catalogue.
    pub catalogue: Catalogue,
    /// The cluster.
    pub cluster: Cluster,
    /// Who knows what proxies do.
    pub states: Arc<dyn ProxyStates>,
    /// Under which address proxies reach our modules, without a slash at the end: `http://host:port`.
    pub module_base_url: String,
    /// Whether the cluster is the demo mesh.
    pub demo: bool,
    /// Who fetches modules from elsewhere.
    pub fetcher: Fetcher,
    /// Who looks into modules.
    pub checker: Arc<dyn Checker>,
    /// Who carries out runs of the sandbox.
    pub runner: AnyRunner,
}

/// The use cases.
pub struct Services {
    parts: Parts,
    catalogue: Remembered,
    changes: broadcast::Sender<Change>,
    known: RwLock<Arc<Known>>,
    index: RwLock<Option<Arc<Index>>>,
    looking: modules::Looking,
    rates: trial::Rates,
}

/// How often the catalogue's addresses are read again, for what other servers on the same database change.
const REFRESH: Duration = Duration::from_secs(30);

/// Drafts that nobody touched for so long are forgotten.
const DRAFT_DAYS: i64 = 14;

impl Services {
    /// Joins the parts and begins to listen to them.
    pub async fn new(parts: Parts) -> Result<Arc<Self>> {
        let (changes, _) = broadcast::channel(256);
        let catalogue = Remembered::new(parts.catalogue.clone());
        let services = Arc::new(Self {
            parts,
            catalogue,
            changes,
            known: RwLock::default(),
            index: RwLock::default(),
            looking: modules::Looking::default(),
            rates: trial::Rates::default(),
        });
        services.refresh_known().await?;
        services.listen();
        services.start_rounds();
        Ok(services)
    }

    /// Forwards what changes elsewhere, for as long as the services live.
    fn listen(self: &Arc<Self>) {
        let sender = self.changes.clone();
        self.parts.states.on_change(Box::new(move || {
            let _ = sender.send(Change::Cluster);
        }));
        let mut cluster = self.parts.cluster.changes();
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            loop {
                match cluster.recv().await {
                    Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return,
                }
                let Some(services) = weak.upgrade() else { return };
                let _ = services.changes.send(Change::Cluster);
            }
        });
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            let mut ticks = tokio::time::interval(REFRESH);
            loop {
                ticks.tick().await;
                let Some(services) = weak.upgrade() else { return };
                if let Err(error) = services.refresh_known().await {
                    tracing::warn!(%error, "the catalogue's addresses could not be read; the last ones are kept");
                }
                let _ = services.parts.catalogue.purge_drafts(chrono::Duration::days(DRAFT_DAYS)).await;
                services.purge_runs().await;
            }
        });
    }

    /// Reads the catalogue's addresses again and tells open pages.
    async fn refresh_known(&self) -> Result<()> {
        let rows = self.parts.catalogue.addresses().await?;
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(Known::new(rows));
        Ok(())
    }

    /// After a change of the catalogue by us. What was changed is changed: a failure to read it back is only logged.
    async fn catalogue_changed(&self) {
        if let Err(error) = self.refresh_known().await {
            tracing::warn!(%error, "the catalogue's addresses could not be read after a change");
        }
        self.wake_rounds();
        let _ = self.changes.send(Change::Catalogue);
    }

    /// The state of the cluster joined with the catalogue, made once for each state.
    fn index(&self) -> Arc<Index> {
        let snapshot = self.parts.cluster.snapshot();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(index) = self.index.read().unwrap_or_else(PoisonError::into_inner).as_ref()
            && Arc::ptr_eq(&index.snapshot, &snapshot)
            && Arc::ptr_eq(&index.known, &known)
        {
            return index.clone();
        }
        let index = Arc::new(Index::new(snapshot, known));
        *self.index.write().unwrap_or_else(PoisonError::into_inner) = Some(index.clone());
        index
    }

    fn catalogue(&self) -> &Remembered {
        &self.catalogue
    }

    fn cluster(&self) -> &Cluster {
        &self.parts.cluster
    }

    fn states(&self) -> &dyn ProxyStates {
        self.parts.states.as_ref()
    }

    /// The address of a release's module, as it goes into a resource.
    fn module_url(&self, address: &Address) -> String {
        match address {
            Address::Url(url) => url.to_string(),
            Address::Hosted(digest) => {
                format!("{}/modules/{digest}.wasm", self.parts.module_base_url.trim_end_matches('/'))
            }
        }
    }

    /// Changes that open pages want to know of.
    pub fn changes(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Whether the parts we depend on answer.
    pub async fn readiness(&self) -> Readiness {
        Readiness {
            database: self.parts.catalogue.ping().await.is_ok(),
            cluster: self.parts.cluster.health().is_ready(),
        }
    }

    /// A module that we serve.
    pub async fn module(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        Ok(self.parts.catalogue.module(digest).await?)
    }
}
