//! Drafts of forms: what was typed and not sent.

use chrono::{Duration, Utc};
use marketplace_domain::draft::Draft;
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Catalogue, CatalogueError, without_nul};

/// The most a draft may hold, in bytes of its names and texts: several times the largest configuration a form takes.
pub const DRAFT_LIMIT: usize = 512 * 1024;

impl Catalogue {
    /// Keeps a draft in place of an earlier one of the same id. NUL characters, which Postgres cannot hold, go.
    pub async fn put_draft(&self, id: Uuid, kind: &str, draft: &Draft) -> Result<(), CatalogueError> {
        let size: usize = draft.fields.iter().map(|(name, text)| name.len() + text.len()).sum();
        if size > DRAFT_LIMIT {
            return Err(CatalogueError::TooLarge(DRAFT_LIMIT));
        }
        let fields = draft.fields.iter().map(|(name, text)| (without_nul(name).into(), without_nul(text).into()));
        let draft = Draft { fields: fields.collect() };
        sqlx::query!(
            "INSERT INTO draft (id, kind, body) VALUES ($1, $2, $3)
             ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, body = excluded.body, updated_at = now()",
            id,
            kind,
            Json(draft) as _
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// A draft; `None` when it is not there or belongs to another kind of form.
    pub async fn draft(&self, id: Uuid, kind: &str) -> Result<Option<Draft>, CatalogueError> {
        let body = sqlx::query_scalar!(
            r#"SELECT body AS "body: Json<Draft>" FROM draft WHERE id = $1 AND kind = $2"#,
            id,
            kind
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(body.map(|Json(draft)| draft))
    }

    /// Forgets a draft; one that is not there is forgotten already.
    pub async fn delete_draft(&self, id: Uuid) -> Result<(), CatalogueError> {
        sqlx::query!("DELETE FROM draft WHERE id = $1", id).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets drafts that nobody touched for so long; how many they were.
    pub async fn purge_drafts(&self, older_than: Duration) -> Result<u64, CatalogueError> {
        let Some(limit) = Utc::now().checked_sub_signed(older_than) else { return Ok(0) };
        let result = sqlx::query!("DELETE FROM draft WHERE updated_at < $1", limit).execute(&self.pool).await?;
        Ok(result.rows_affected())
    }
}
