//! How well we see the cluster: what was read of each kind, and since when nothing answers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

/// What can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Namespaces.
    Namespaces,
    /// Services.
    Services,
    /// Pods, and the proxies in them.
    Pods,
    /// WasmPlugin resources.
    Plugins,
    /// Not a kind of object: how well we see the cluster.
    Health,
}

impl Kind {
    /// The kinds of objects that are watched.
    pub const WATCHED: [Kind; 4] = [Kind::Namespaces, Kind::Services, Kind::Pods, Kind::Plugins];

    /// The kind's plural in addresses of the API.
    pub fn plural(self) -> &'static str {
        match self {
            Kind::Namespaces => "namespaces",
            Kind::Services => "services",
            Kind::Pods => "pods",
            Kind::Plugins => "wasmplugins",
            Kind::Health => "",
        }
    }
}

/// Something of this kind changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What changed.
    pub kind: Kind,
}

/// How far the reading of one kind is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KindState {
    /// Nothing was read yet.
    Waiting,
    /// All objects are known, and changes arrive.
    Synced,
    /// The cluster does not know this kind: Istio's CRD is not installed. Asked again now and then.
    CrdMissing,
    /// We have no right to read it; the cluster's words.
    Forbidden(String),
    /// Reading fails otherwise; in the words of whoever failed. What was read before is still shown.
    Failing(String),
}

/// How well we see the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// Each watched kind.
    pub kinds: BTreeMap<Kind, KindState>,
    /// Since when the API server does not answer at all; `None` while it does.
    pub unreachable_since: Option<DateTime<Utc>>,
    /// Why it does not answer, in the words of whoever failed.
    pub unreachable_why: Option<String>,
}

impl Default for Health {
    fn default() -> Self {
        let kinds = Kind::WATCHED.into_iter().map(|kind| (kind, KindState::Waiting)).collect();
        Self { kinds, unreachable_since: None, unreachable_why: None }
    }
}

impl Health {
    /// How far the reading of a kind is.
    pub fn of(&self, kind: Kind) -> &KindState {
        self.kinds.get(&kind).unwrap_or(&KindState::Waiting)
    }

    /// Whether all there is to know is known: a missing CRD is knowledge, too.
    pub fn is_ready(&self) -> bool {
        self.kinds.values().all(|state| matches!(state, KindState::Synced | KindState::CrdMissing))
    }

    /// Whether everything is as it should be.
    pub fn is_good(&self) -> bool {
        self.unreachable_since.is_none() && self.kinds.values().all(|state| *state == KindState::Synced)
    }
}
