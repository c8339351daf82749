//! Who did what.

use marketplace_catalogue::{ActivityFilter, EntryRow};
use marketplace_domain::views::activity::{ActivityEntry, ActivityPage};

use crate::{Services, diff, error::Result};

/// Entries on a page.
const PER_PAGE: u32 = 50;

/// Lines of one difference in a list. A built-in plugin that comes is a thousand of them: texts, schema, samples.
const LINES_IN_LIST: usize = 40;

impl Services {
    /// What was done, newest first; `before` is the last entry of the page before.
    pub async fn activity(&self, before: Option<i64>) -> Result<ActivityPage> {
        let filter = ActivityFilter { before_id: before, limit: PER_PAGE, ..ActivityFilter::default() };
        let rows = self.catalogue().activity(&filter).await?;
        let next = rows.last().filter(|_| rows.len() == PER_PAGE as usize).map(|row| row.id);
        Ok(ActivityPage { entries: rows.into_iter().map(|row| entry(row, LINES_IN_LIST)).collect(), next })
    }

    /// One entry with the whole of its difference; no entry where there is none of this number.
    pub async fn activity_entry(&self, id: i64) -> Result<ActivityPage> {
        let filter = ActivityFilter { before_id: Some(id.saturating_add(1)), limit: 1, ..ActivityFilter::default() };
        let rows = self.catalogue().activity(&filter).await?;
        let found = rows.into_iter().filter(|row| row.id == id);
        Ok(ActivityPage { entries: found.map(|row| entry(row, usize::MAX)).collect(), next: None })
    }
}

fn entry(row: EntryRow, lines: usize) -> ActivityEntry {
    let entry = row.entry;
    let within = |name: Option<String>| match (&entry.namespace, name) {
        (Some(namespace), Some(name)) => Some(format!("{namespace}/{name}")),
        (None, name) => name,
        (_, None) => None,
    };
    let mut diff = match (&entry.before, &entry.after) {
        (None, None) => Vec::new(),
        (before, after) => diff::lines(before.as_deref().unwrap_or_default(), after.as_deref().unwrap_or_default()),
    };
    let left_out = diff.len().saturating_sub(lines);
    diff.truncate(lines);
    ActivityEntry {
        id: row.id,
        at: row.at.timestamp(),
        who: entry.who.clone(),
        action: entry.action.as_str().replace('-', "_"),
        plugin: entry.plugin.clone(),
        service: within(entry.service.clone()),
        resource: within(entry.resource.clone()),
        diff,
        diff_left_out: u32::try_from(left_out).unwrap_or(u32::MAX),
        outcome: entry.outcome.clone(),
    }
}
