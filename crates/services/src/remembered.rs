//! The catalogue, with a memory for when the database is away: what was read lately is answered again, and what was typed
//! is kept. A shadow for an outage, never a second truth: whenever the database answers, its answer counts.

use std::{
    any::Any,
    collections::HashMap,
    future::Future,
    ops::Deref,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use marketplace_catalogue::{
    ActivityFilter, Catalogue, CatalogueError, EntryRow, ModuleCheck, PluginRecord, Probe, SearchPage, SearchQuery,
};
use marketplace_domain::{Digest, ModuleUrl, PluginName, Release, draft::Draft};
use uuid::Uuid;

/// How many answers are remembered, and how many drafts.
const MOST: usize = 256;

/// A catalogue that remembers.
pub struct Remembered {
    catalogue: Catalogue,
    memory: Mutex<Memory>,
}

#[derive(Default)]
struct Memory {
    /// Since when the database has not answered.
    since: Option<DateTime<Utc>>,
    /// Counts uses: the answer that was used longest ago makes room.
    uses: u64,
    answers: HashMap<String, (u64, Arc<dyn Any + Send + Sync>)>,
    /// What was typed while the database was away.
    drafts: HashMap<Uuid, (u64, String, Draft)>,
}

impl Remembered {
    /// Begins with an empty memory.
    pub fn new(catalogue: Catalogue) -> Self {
        Self { catalogue, memory: Mutex::default() }
    }

    /// Since when the database has not answered; `None` while it does.
    pub fn away_since(&self) -> Option<DateTime<Utc>> {
        self.memory().since
    }

    /// See [`Catalogue::search`].
    pub async fn search(&self, query: &SearchQuery, usage: &[(PluginName, i64)]) -> Result<SearchPage, CatalogueError> {
        self.read(format!("search {query:?}"), self.catalogue.search(query, usage)).await
    }

    /// See [`Catalogue::count`].
    pub async fn count(&self) -> Result<u64, CatalogueError> {
        self.read("count".to_owned(), self.catalogue.count()).await
    }

    /// See [`Catalogue::plugin`].
    pub async fn plugin(&self, name: &PluginName) -> Result<Option<PluginRecord>, CatalogueError> {
        self.read(format!("plugin {name}"), self.catalogue.plugin(name)).await
    }

    /// See [`Catalogue::release`].
    pub async fn release(&self, name: &PluginName, version: Option<&str>) -> Result<Option<Release>, CatalogueError> {
        self.read(format!("release {name} {version:?}"), self.catalogue.release(name, version)).await
    }

    /// See [`Catalogue::module_size`].
    pub async fn module_size(&self, digest: &Digest) -> Result<Option<i64>, CatalogueError> {
        self.read(format!("size {digest}"), self.catalogue.module_size(digest)).await
    }

    /// See [`Catalogue::check`].
    pub async fn check(&self, sha256: &Digest) -> Result<Option<ModuleCheck>, CatalogueError> {
        self.read(format!("check {sha256}"), self.catalogue.check(sha256)).await
    }

    /// See [`Catalogue::probe`].
    pub async fn probe(&self, url: &ModuleUrl, pin: Option<&Digest>) -> Result<Option<Probe>, CatalogueError> {
        self.read(format!("probe {url} {pin:?}"), self.catalogue.probe(url, pin)).await
    }

    /// See [`Catalogue::activity`].
    pub async fn activity(&self, filter: &ActivityFilter) -> Result<Vec<EntryRow>, CatalogueError> {
        self.read(format!("activity {filter:?}"), self.catalogue.activity(filter)).await
    }

    /// Keeps a draft: in the database, and while that is away, here.
    pub async fn put_draft(&self, id: Uuid, kind: &str, draft: &Draft) -> Result<(), CatalogueError> {
        match self.catalogue.put_draft(id, kind, draft).await {
            Err(CatalogueError::Unavailable(_)) => {
                let mut memory = self.memory();
                memory.uses += 1;
                let now = memory.uses;
                memory.drafts.insert(id, (now, kind.to_owned(), draft.clone()));
                make_room(&mut memory.drafts, |(used, ..)| *used);
                Ok(())
            }
            kept => {
                self.memory().drafts.remove(&id);
                kept
            }
        }
    }

    /// A draft, wherever it is kept; `None` when nobody knows it.
    pub async fn draft(&self, id: Uuid, kind: &str) -> Result<Option<Draft>, CatalogueError> {
        let here = self.memory().drafts.get(&id).filter(|(_, of, _)| of == kind).map(|(.., draft)| draft.clone());
        if here.is_some() {
            return Ok(here);
        }
        match self.catalogue.draft(id, kind).await {
            // The form is shown as it is without the draft, and the banner says why.
            Err(CatalogueError::Unavailable(_)) => Ok(None),
            found => found,
        }
    }

    /// Forgets a draft.
    pub async fn delete_draft(&self, id: Uuid) -> Result<(), CatalogueError> {
        self.memory().drafts.remove(&id);
        self.catalogue.delete_draft(id).await
    }

    /// Reads; what was read last time where the database is away.
    async fn read<T: Clone + Send + Sync + 'static>(
        &self,
        what: String,
        read: impl Future<Output = Result<T, CatalogueError>>,
    ) -> Result<T, CatalogueError> {
        let answer = read.await;
        let mut memory = self.memory();
        memory.uses += 1;
        let now = memory.uses;
        match answer {
            Ok(answer) => {
                memory.since = None;
                memory.answers.insert(what, (now, Arc::new(answer.clone())));
                make_room(&mut memory.answers, |(used, _)| *used);
                Ok(answer)
            }
            Err(error @ CatalogueError::Unavailable(_)) => {
                memory.since.get_or_insert_with(Utc::now);
                let last = memory.answers.get_mut(&what).and_then(|(used, last)| {
                    *used = now;
                    last.downcast_ref::<T>().cloned()
                });
                last.ok_or(error)
            }
            Err(error) => Err(error),
        }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Everything else, and every write, is the database's alone.
impl Deref for Remembered {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.catalogue
    }
}

/// Forgets what was used longest ago.
fn make_room<K: Clone + Eq + std::hash::Hash, V>(map: &mut HashMap<K, V>, used: impl Fn(&V) -> u64) {
    while map.len() > MOST {
        let Some(oldest) = map.iter().min_by_key(|(_, value)| used(value)).map(|(key, _)| key.clone()) else { return };
        map.remove(&oldest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_used_longest_ago_makes_room() {
        let mut map: HashMap<usize, u64> = (0..MOST + 3).map(|n| (n, n as u64)).collect();
        make_room(&mut map, |used| *used);
        assert_eq!(map.len(), MOST);
        assert!(!map.contains_key(&0) && map.contains_key(&3));
    }
}
