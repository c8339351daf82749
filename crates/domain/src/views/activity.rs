//! Who did what.

use serde::{Deserialize, Serialize};

use super::apply::DiffLine;

/// The activity page: newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityPage {
    /// The entries.
    pub entries: Vec<ActivityEntry>,
    /// Where the next page begins: `before=<id>`.
    pub next: Option<i64>,
}

/// One entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActivityEntry {
    /// Its number.
    pub id: i64,
    /// When.
    pub at: i64,
    /// Who.
    pub who: String,
    /// What was done: `plugin_added`, `plugin_edited`, `plugin_deleted`, `plugin_seeded`, `applied`, `edited`, `uninstalled`.
    pub action: String,
    /// Which plugin.
    pub plugin: Option<String>,
    /// To which service, `namespace/name`.
    pub service: Option<String>,
    /// Which resource, `namespace/name`.
    pub resource: Option<String>,
    /// The difference it made; in a list its first lines.
    pub diff: Vec<DiffLine>,
    /// How many lines of it are left out.
    pub diff_left_out: u32,
    /// How it ended: `ok`, or why not.
    pub outcome: String,
}
