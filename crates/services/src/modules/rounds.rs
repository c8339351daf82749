//! Rounds: modules that nobody looked at, or not lately, one after the other. Never more than one at a time, and never in
//! the way of somebody who waits for a page.

use std::{collections::HashSet, sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use marketplace_catalogue::Staleness;

use super::checker;
use crate::{Change, Services, error::Result};

/// How often there is a round when nothing happens.
const EVERY: Duration = Duration::from_secs(300);
/// What is behind an address without a digest may change.
const UNPINNED_HOURS: i64 = 24;
/// What could not be fetched may be there later.
const FAILED_HOURS: i64 = 1;
/// How many are looked at before the list is read again.
const BATCH: u32 = 16;
/// Addresses that somebody only typed, and uploads that nobody saved, are forgotten after so long.
const FORGET_DAYS: i64 = 14;

impl Services {
    /// Looks at modules for as long as the services live.
    pub(crate) fn start_rounds(self: &Arc<Self>) {
        let weak = Arc::downgrade(self);
        tokio::spawn(async move {
            while let Some(services) = weak.upgrade() {
                if let Err(error) = services.round().await {
                    tracing::warn!(%error, "the round of modules broke off");
                }
                // Let go while nothing happens, so that the services can end.
                let wake = services.looking.wake.clone();
                drop(services);
                let _ = tokio::time::timeout(EVERY, wake.notified()).await;
            }
        });
    }

    /// Something may have come onto the list.
    pub(crate) fn wake_rounds(&self) {
        self.looking.wake.notify_one();
    }

    async fn round(&self) -> Result<()> {
        let now = Utc::now();
        let _ = self.parts.catalogue.purge_uploads(now - TimeDelta::days(FORGET_DAYS)).await;
        let _ = self.parts.catalogue.purge_probes(now - TimeDelta::days(FORGET_DAYS)).await;
        let stale = Staleness {
            checker: checker(),
            unpinned_before: now - TimeDelta::hours(UNPINNED_HOURS),
            failed_before: now - TimeDelta::hours(FAILED_HOURS),
        };
        // What fails by our fault stays on the list: not again in this round.
        let mut seen = HashSet::new();
        loop {
            let limit = BATCH + u32::try_from(seen.len()).unwrap_or(u32::MAX - BATCH);
            let mut pending = self.parts.catalogue.pending(&stale, limit).await?;
            pending.retain(|one| seen.insert((one.address.clone(), one.pin.clone())));
            if pending.is_empty() {
                return Ok(());
            }
            for one in &pending {
                if let Err(error) = self.look_at(&one.address, one.pin.as_ref()).await {
                    tracing::warn!(plugin = %one.plugin, %error, "a module could not be looked at");
                }
            }
            let _ = self.changes.send(Change::Catalogue);
        }
    }
}
