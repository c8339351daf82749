//! Runs of the sandbox, each under an address of its own for as long as it is kept.

use chrono::{DateTime, Duration, Utc};
use uuid::Uuid;

use crate::{Catalogue, CatalogueError, without_nul};

/// The most one run may take, in bytes of its texts.
pub const RUN_LIMIT: usize = 8 * 1024 * 1024;

/// What is kept of a run. Its texts are their writer's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredRun {
    /// Who asked for it.
    pub who: String,
    /// Where it came from.
    pub about: String,
    /// What was asked for.
    pub exchange: String,
    /// What came of it.
    pub report: String,
}

/// How long and how many runs are kept.
#[derive(Debug, Clone, Copy)]
pub struct RunsKept {
    /// No longer than this.
    pub age: Duration,
    /// No more than so many, the newest.
    pub runs: i64,
    /// No more than so many bytes, the newest.
    pub bytes: i64,
}

impl Catalogue {
    /// Keeps a run.
    pub async fn put_run(&self, id: Uuid, run: &StoredRun) -> Result<(), CatalogueError> {
        let size = run.about.len() + run.exchange.len() + run.report.len();
        if size > RUN_LIMIT {
            return Err(CatalogueError::TooLarge(RUN_LIMIT));
        }
        sqlx::query!(
            "INSERT INTO run (id, who, about, exchange, report) VALUES ($1, $2, $3, $4, $5)",
            id,
            &without_nul(&run.who),
            &without_nul(&run.about),
            &without_nul(&run.exchange),
            &without_nul(&run.report)
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A run, and when it ran; `None` when it is not kept.
    pub async fn run(&self, id: Uuid) -> Result<Option<(DateTime<Utc>, StoredRun)>, CatalogueError> {
        let row = sqlx::query!("SELECT created_at, who, about, exchange, report FROM run WHERE id = $1", id)
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.map(|row| {
            let run = StoredRun { who: row.who, about: row.about, exchange: row.exchange, report: row.report };
            (row.created_at, run)
        }))
    }

    /// Forgets runs that are more than may be kept; how many they were.
    pub async fn purge_runs(&self, kept: RunsKept) -> Result<u64, CatalogueError> {
        let oldest = Utc::now().checked_sub_signed(kept.age).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let result = sqlx::query!(
            "DELETE FROM run WHERE created_at < $1 OR id IN (
                 SELECT id FROM (
                     SELECT id, row_number() OVER newest_first AS place, (sum(size) OVER newest_first)::bigint AS bytes
                     FROM run WINDOW newest_first AS (ORDER BY created_at DESC, id)
                 ) AS counted
                 WHERE place > $2 OR bytes > $3)",
            oldest,
            kept.runs,
            kept.bytes
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }
}
