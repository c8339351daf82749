//! The record of what was done: written, read, never changed.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use marketplace_domain::placement::BadWord;
use sqlx::PgExecutor;

use crate::{Catalogue, CatalogueError, rows::parse, without_nul};

/// The most entries one call answers.
const PAGE_LIMIT: u32 = 500;

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// A plugin was added to the catalogue.
    PluginAdded,
    /// A plugin of the catalogue was changed.
    PluginEdited,
    /// A plugin was taken out of the catalogue.
    PluginDeleted,
    /// A built-in plugin came or changed with the program.
    PluginSeeded,
    /// A plugin was applied to a service.
    Applied,
    /// A plugin of the cluster was changed.
    Edited,
    /// A plugin was taken off the cluster.
    Uninstalled,
}

impl Action {
    /// All actions.
    pub const ALL: [Action; 7] = [
        Self::PluginAdded,
        Self::PluginEdited,
        Self::PluginDeleted,
        Self::PluginSeeded,
        Self::Applied,
        Self::Edited,
        Self::Uninstalled,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PluginAdded => "plugin-added",
            Self::PluginEdited => "plugin-edited",
            Self::PluginDeleted => "plugin-deleted",
            Self::PluginSeeded => "plugin-seeded",
            Self::Applied => "applied",
            Self::Edited => "edited",
            Self::Uninstalled => "uninstalled",
        }
    }
}

impl FromStr for Action {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
    }
}

/// One thing that was done, or tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Who did it.
    pub who: String,
    /// What.
    pub action: Action,
    /// The plugin of the catalogue, by name.
    pub plugin: Option<String>,
    /// The namespace in the cluster.
    pub namespace: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The resource's name.
    pub resource: Option<String>,
    /// How it was, YAML.
    pub before: Option<String>,
    /// How it became, YAML.
    pub after: Option<String>,
    /// How it went: `ok`, or what was said against it.
    pub outcome: String,
}

impl Entry {
    /// An entry that went well, with nothing said about where.
    pub fn new(who: impl Into<String>, action: Action) -> Self {
        Self {
            who: who.into(),
            action,
            plugin: None,
            namespace: None,
            service: None,
            resource: None,
            before: None,
            after: None,
            outcome: "ok".to_owned(),
        }
    }
}

/// An entry as it stands in the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryRow {
    /// Its number; later entries have higher ones.
    pub id: i64,
    /// When.
    pub at: DateTime<Utc>,
    /// What.
    pub entry: Entry,
}

/// Which entries are asked for; what is `None` does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ActivityFilter {
    /// Of this namespace.
    pub namespace: Option<String>,
    /// Of this service.
    pub service: Option<String>,
    /// Of this plugin.
    pub plugin: Option<String>,
    /// Older than this entry, for the next page.
    pub before_id: Option<i64>,
    /// At most so many, and never more than 500; 0 asks for 500.
    pub limit: u32,
}

impl Catalogue {
    /// Writes an entry.
    pub async fn record(&self, entry: &Entry) -> Result<(), CatalogueError> {
        record(&self.pool, entry).await
    }

    /// Entries, newest first.
    pub async fn activity(&self, filter: &ActivityFilter) -> Result<Vec<EntryRow>, CatalogueError> {
        let limit = if filter.limit == 0 { PAGE_LIMIT } else { filter.limit.min(PAGE_LIMIT) };
        let text = |text: &Option<String>| text.as_deref().map(|text| without_nul(text).into_owned());
        let rows = sqlx::query!(
            "SELECT id, at, who, action, plugin, namespace, service, resource, before, after, outcome
             FROM activity
             WHERE ($1::text IS NULL OR namespace = $1) AND ($2::text IS NULL OR service = $2)
               AND ($3::text IS NULL OR plugin = $3) AND ($4::bigint IS NULL OR id < $4)
             ORDER BY id DESC LIMIT $5",
            text(&filter.namespace),
            text(&filter.service),
            text(&filter.plugin),
            filter.before_id,
            i64::from(limit)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(EntryRow {
                    id: row.id,
                    at: row.at,
                    entry: Entry {
                        who: row.who,
                        action: parse("action", &row.action)?,
                        plugin: row.plugin,
                        namespace: row.namespace,
                        service: row.service,
                        resource: row.resource,
                        before: row.before,
                        after: row.after,
                        outcome: row.outcome,
                    },
                })
            })
            .collect()
    }
}

/// Writes an entry in the caller's transaction.
pub(crate) async fn record(executor: impl PgExecutor<'_>, entry: &Entry) -> Result<(), CatalogueError> {
    let text = |text: &Option<String>| text.as_deref().map(|text| without_nul(text).into_owned());
    sqlx::query!(
        "INSERT INTO activity (who, action, plugin, namespace, service, resource, before, after, outcome)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        &without_nul(&entry.who),
        entry.action.as_str(),
        text(&entry.plugin),
        text(&entry.namespace),
        text(&entry.service),
        text(&entry.resource),
        text(&entry.before),
        text(&entry.after),
        &without_nul(&entry.outcome)
    )
    .execute(executor)
    .await?;
    Ok(())
}
