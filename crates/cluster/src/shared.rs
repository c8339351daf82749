//! What the handle, the watching tasks and the connection share.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::AtomicU8, atomic::Ordering};

use chrono::Utc;
use tokio::sync::{Notify, broadcast};

use crate::{Change, Kind, KindState, Snapshot, live::Live};

/// How many changes a slow listener may lag behind; there are only five different ones.
const LAG: usize = 64;

pub(crate) struct Shared {
    live: Mutex<Live>,
    changes: broadcast::Sender<Change>,
    /// The kinds that changed since they were last told, one bit each.
    pending: AtomicU8,
    pub wake: Notify,
}

impl Shared {
    pub fn new(live: Live) -> Arc<Self> {
        let (changes, _) = broadcast::channel(LAG);
        Arc::new(Self { live: Mutex::new(live), changes, pending: AtomicU8::new(0), wake: Notify::new() })
    }

    /// Nothing panics while it holds the lock; if something did, what was read is still good.
    pub fn live(&self) -> MutexGuard<'_, Live> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.live().snapshot()
    }

    pub fn subscribe(&self) -> broadcast::Receiver<Change> {
        self.changes.subscribe()
    }

    /// Something of this kind changed: told soon.
    pub fn changed(&self, kind: Kind) {
        self.pending.fetch_or(bit(kind), Ordering::AcqRel);
        self.wake.notify_one();
    }

    /// Tells what changed since the last time.
    pub fn tell(&self) {
        let pending = self.pending.swap(0, Ordering::AcqRel);
        for kind in Kind::WATCHED.into_iter().chain([Kind::Health]) {
            if pending & bit(kind) != 0 {
                // Nobody listening is fine.
                let _ = self.changes.send(Change { kind });
            }
        }
    }

    pub fn set_kind(&self, kind: Kind, state: KindState) {
        let changed = self.live().change_health(|health| _ = health.kinds.insert(kind, state));
        if changed {
            self.changed(Kind::Health);
        }
    }

    /// The API server answered.
    pub fn answered(&self) {
        let changed = self.live().change_health(|health| {
            health.unreachable_since = None;
            health.unreachable_why = None;
        });
        if changed {
            self.changed(Kind::Health);
        }
    }

    /// The API server did not answer; since when is when that began.
    pub fn silent(&self, why: String) {
        let changed = self.live().change_health(|health| {
            if health.unreachable_since.is_none() {
                health.unreachable_since = Some(Utc::now());
                health.unreachable_why = Some(why);
            }
        });
        if changed {
            self.changed(Kind::Health);
        }
    }

    /// A watch runs again after it failed: what is known is current. Before the first list it says nothing.
    pub fn watching_again(&self, kind: Kind) {
        let changed = self.live().change_health(|health| {
            if let Some(state @ KindState::Failing(_)) = health.kinds.get_mut(&kind) {
                *state = KindState::Synced;
            }
        });
        if changed {
            self.changed(Kind::Health);
        }
    }
}

fn bit(kind: Kind) -> u8 {
    1 << match kind {
        Kind::Namespaces => 0,
        Kind::Services => 1,
        Kind::Pods => 2,
        Kind::Plugins => 3,
        Kind::Health => 4,
    }
}
