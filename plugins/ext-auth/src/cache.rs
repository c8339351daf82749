//! Answers, for a while. Keys are digests, so no credentials are kept.

use std::collections::BTreeMap;

use crate::verdict::Verdict;

/// The digest of all that an answer depends on.
pub type Key = [u8; 32];

/// The most answers a worker keeps.
pub const MAX_ENTRIES: usize = 4096;

/// The answers.
#[derive(Debug, Default)]
pub struct Cache(BTreeMap<Key, (u64, Verdict)>);

impl Cache {
    /// The answer that is good at this time (seconds).
    pub fn get(&self, key: &Key, now: u64) -> Option<&Verdict> {
        self.0.get(key).filter(|(until, _)| now < *until).map(|(_, verdict)| verdict)
    }

    /// Keeps an answer for some seconds. When it is full, the old ones go; if none is old, all go.
    pub fn put(&mut self, key: Key, verdict: Verdict, now: u64, seconds: u64) {
        if self.0.len() >= MAX_ENTRIES {
            self.0.retain(|_, (until, _)| now < *until);
            if self.0.len() >= MAX_ENTRIES {
                self.0.clear();
            }
        }
        self.0.insert(key, (now.saturating_add(seconds), verdict));
    }
}
