//! The proxies and what each of them does with each plugin (`wasmplugin.md` §9).

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use marketplace_domain::{Extension, FailStrategy, mesh::Proxy, reach, state::ProxyState};

use super::fetch::Order;

/// A listener of changes.
pub(super) type Listener = Arc<dyn Fn() + Send + Sync>;

/// A module that passed all checks, or why Envoy refuses it.
pub(super) type Checked = Result<(), String>;

/// All proxies, behind a lock.
#[derive(Debug, Default)]
pub(crate) struct Fleet(Mutex<Proxies>);

impl Fleet {
    /// Locks it.
    pub fn lock(&self) -> MutexGuard<'_, Proxies> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// All proxies, by `namespace/pod`.
#[derive(Default)]
pub(crate) struct Proxies {
    pub(super) all: BTreeMap<String, Running>,
    pub(super) listeners: Vec<Listener>,
    /// Versions of plugins that the control plane has dealt with; later ones are on their way.
    pub(super) seen: HashMap<String, String>,
}

impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proxies").field("all", &self.all).finish_non_exhaustive()
    }
}

/// One proxy.
#[derive(Debug)]
pub(super) struct Running {
    pub proxy: Proxy,
    /// Its pod's uid: another pod of the same name is another proxy.
    pub uid: String,
    pub slots: BTreeMap<String, Slot>,
    /// Modules this proxy has, as its agent's cache: they are gone with the proxy.
    pub cache: HashMap<(String, Option<String>), Checked>,
}

/// One plugin on one proxy.
#[derive(Debug)]
pub(super) struct Slot {
    pub plugin: Extension,
    pub order: Order,
    /// What became of it.
    pub outcome: Outcome,
    /// Whether some version of it runs.
    pub runs: bool,
    /// Whether Envoy refuses what it was sent last.
    pub refused: bool,
    /// Counts deliveries: an answer to an earlier one is void.
    pub attempt: u64,
}

/// What became of a plugin on a proxy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    Pending,
    Loaded,
    Refused(String),
    Deny(String),
    Allow(String),
    NotDelivered(String),
    /// Kept back as long as the proxy refuses another plugin.
    Frozen(String),
}

impl Slot {
    /// Takes over the answer to a delivery: fetched and good, refused by Envoy, or not fetched.
    pub fn settle(&mut self, answer: Result<Checked, String>) {
        match answer {
            Ok(Ok(())) => {
                self.outcome = Outcome::Loaded;
                self.runs = true;
                self.refused = false;
            }
            Ok(Err(reason)) => {
                self.outcome = Outcome::Refused(reason);
                self.refused = true;
            }
            // The agent puts an RBAC filter in the plugin's place, also in that of a version that ran.
            Err(reason) => {
                self.runs = false;
                self.refused = false;
                self.outcome = match self.plugin.spec.fail_strategy {
                    FailStrategy::Open => Outcome::Allow(reason),
                    FailStrategy::Close | FailStrategy::Reload => Outcome::Deny(reason),
                };
            }
        }
    }

    /// Whether requests end here before any other plugin matters.
    fn answers_first(&self) -> Option<&'static str> {
        match &self.outcome {
            Outcome::Deny(_) => Some("403"),
            Outcome::Refused(_) if !self.runs => Some("500"),
            _ => None,
        }
    }
}

impl Running {
    /// The plugin that Envoy refuses: until it is gone, nothing new arrives.
    pub fn frozen_by(&self) -> Option<&str> {
        self.slots.iter().find(|(_, slot)| slot.refused).map(|(key, _)| key.as_str())
    }

    /// Another plugin that answers all requests which would reach this one.
    fn blocked_by(&self, key: &str, slot: &Slot) -> Option<(&str, &'static str)> {
        self.slots.iter().filter(|(other, _)| *other != key).find_map(|(other, blocking)| {
            let code = blocking.answers_first()?;
            let serves = &self.proxy.serves;
            let shared = serves.is_empty()
                || serves.iter().any(|service| {
                    reach::passes(&slot.plugin, &self.proxy, service)
                        && reach::passes(&blocking.plugin, &self.proxy, service)
                });
            shared.then_some((other.as_str(), code))
        })
    }
}

impl Proxies {
    /// The state of a plugin of this version on a proxy.
    pub(super) fn state(&self, plugin: &str, version: &str, proxy: &str) -> ProxyState {
        if self.seen.get(plugin).is_none_or(|seen| seen != version) {
            return ProxyState::Pending;
        }
        let not_meant = || ProxyState::NotDelivered("the plugin is not meant for this proxy".into());
        let Some(running) = self.all.get(proxy) else { return not_meant() };
        let Some(slot) = running.slots.get(plugin) else { return not_meant() };
        match &slot.outcome {
            Outcome::Pending => ProxyState::Pending,
            Outcome::Loaded => match running.blocked_by(plugin, slot) {
                Some((other, code)) => {
                    ProxyState::Blocked(format!("{other} answers every request of this proxy with {code}"))
                }
                None => ProxyState::Loaded,
            },
            Outcome::Refused(_) if slot.runs => ProxyState::LoadedOldVersion,
            Outcome::Refused(reason) => ProxyState::Rejected(reason.clone()),
            Outcome::Deny(reason) => ProxyState::SubstitutedDeny(reason.clone()),
            Outcome::Allow(reason) => ProxyState::SubstitutedAllow(reason.clone()),
            Outcome::NotDelivered(reason) | Outcome::Frozen(reason) => ProxyState::NotDelivered(reason.clone()),
        }
    }
}
