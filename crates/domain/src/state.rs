//! What a proxy really does with a plugin.

use serde::{Deserialize, Serialize};

/// The state of one plugin on one proxy (`wasmplugin.md` §11.6).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ProxyState {
    /// The wanted version runs.
    Loaded,
    /// An earlier version runs still.
    LoadedOldVersion,
    /// The module could not be had, and the proxy refuses all traffic in its place (403).
    SubstitutedDeny(String),
    /// The module could not be had, and traffic passes without the plugin.
    SubstitutedAllow(String),
    /// On its way. Never becomes `Loaded` by waiting alone.
    Pending,
    /// Envoy refused it; the reason in its own words where known.
    Rejected(String),
    /// It ran and crashed.
    Crashed(String),
    /// It is in order, but another plugin of the proxy answers first.
    Blocked(String),
    /// It was not sent to this proxy.
    NotDelivered(String),
    /// Nobody knows.
    Unknown,
}

impl ProxyState {
    /// Worst first, for the one colour that stands for many proxies.
    pub fn severity(&self) -> Severity {
        match self {
            Self::Loaded => Severity::Good,
            Self::LoadedOldVersion | Self::Pending => Severity::Waiting,
            Self::Unknown => Severity::Unknown,
            Self::SubstitutedAllow(_) => Severity::Warning,
            Self::SubstitutedDeny(_)
            | Self::Rejected(_)
            | Self::Crashed(_)
            | Self::Blocked(_)
            | Self::NotDelivered(_) => Severity::Bad,
        }
    }

    /// The reason, where there is one.
    pub fn reason(&self) -> Option<&str> {
        match self {
            Self::SubstitutedDeny(reason)
            | Self::SubstitutedAllow(reason)
            | Self::Rejected(reason)
            | Self::Crashed(reason)
            | Self::Blocked(reason)
            | Self::NotDelivered(reason) => Some(reason).filter(|reason| !reason.is_empty()).map(String::as_str),
            Self::Loaded | Self::LoadedOldVersion | Self::Pending | Self::Unknown => None,
        }
    }
}

/// Who knows what proxies do. Answers from memory, at once.
pub trait ProxyStates: Send + Sync {
    /// The state of the plugin `namespace/name` on the proxy `namespace/pod`.
    fn state(&self, plugin: &str, proxy: &str) -> ProxyState;

    /// Calls `changed` whenever an answer may have changed.
    fn on_change(&self, changed: Box<dyn Fn() + Send + Sync>);
}

/// For clusters whose proxies nobody asks yet: every state is unknown, honestly.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl ProxyStates for Unobserved {
    fn state(&self, _plugin: &str, _proxy: &str) -> ProxyState {
        ProxyState::Unknown
    }

    fn on_change(&self, _changed: Box<dyn Fn() + Send + Sync>) {}
}

/// How bad a state is; later is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// As wanted.
    Good,
    /// Not known.
    Unknown,
    /// Not there yet.
    Waiting,
    /// Traffic flows without the plugin.
    Warning,
    /// Traffic is refused, or the plugin is not there.
    Bad,
}
