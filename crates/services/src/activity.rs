//! Who did what.

use marketplace_catalogue::{ActivityFilter, EntryRow};
use marketplace_domain::views::activity::{ActivityEntry, ActivityPage};

use crate::{Services, diff, error::Result};

/// Entries on a page.
const PER_PAGE: u32 = 50;

impl Services {
    /// What was done, newest first; `before` is the last entry of the page before.
    pub async fn activity(&self, before: Option<i64>) -> Result<ActivityPage> {
        let filter = ActivityFilter { before_id: before, limit: PER_PAGE, ..ActivityFilter::default() };
        let rows = self.catalogue().activity(&filter).await?;
        let next = rows.last().filter(|_| rows.len() == PER_PAGE as usize).map(|row| row.id);
        Ok(ActivityPage { entries: rows.into_iter().map(entry).collect(), next })
    }
}

fn entry(row: EntryRow) -> ActivityEntry {
    let entry = row.entry;
    let within = |name: Option<String>| match (&entry.namespace, name) {
        (Some(namespace), Some(name)) => Some(format!("{namespace}/{name}")),
        (None, name) => name,
        (_, None) => None,
    };
    let diff = match (&entry.before, &entry.after) {
        (None, None) => Vec::new(),
        (before, after) => diff::lines(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default()),
    };
    ActivityEntry {
        id: row.id,
        at: row.at.timestamp(),
        who: entry.who.clone(),
        action: entry.action.as_str().replace('-', "_"),
        plugin: entry.plugin.clone(),
        service: within(entry.service.clone()),
        resource: within(entry.resource.clone()),
        diff,
        outcome: entry.outcome.clone(),
    }
}
