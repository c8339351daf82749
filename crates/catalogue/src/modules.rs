//! Bytes of hosted modules, by digest.

use chrono::{DateTime, Utc};
use marketplace_domain::Digest;
use sha2::{Digest as _, Sha256};
use sqlx::PgExecutor;

use crate::{Catalogue, CatalogueError};

impl Catalogue {
    /// Keeps a module. The same bytes are kept once.
    pub async fn put_module(&self, bytes: &[u8]) -> Result<Digest, CatalogueError> {
        put(&self.pool, bytes).await
    }

    /// Keeps a module that no release has yet. Unless one takes it, it may be forgotten.
    pub async fn put_upload(&self, bytes: &[u8]) -> Result<Digest, CatalogueError> {
        let digest = digest_of(bytes);
        sqlx::query!(
            "INSERT INTO module (sha256, bytes, unclaimed_since) VALUES ($1, $2, now())
             ON CONFLICT (sha256) DO UPDATE SET unclaimed_since = now() WHERE module.unclaimed_since IS NOT NULL",
            digest.as_str(),
            bytes
        )
        .execute(&self.pool)
        .await?;
        Ok(digest)
    }

    /// Forgets modules that were uploaded before this moment and that no release ever took; how many they were.
    pub async fn purge_uploads(&self, before: DateTime<Utc>) -> Result<u64, CatalogueError> {
        let result = sqlx::query!(
            "DELETE FROM module WHERE unclaimed_since < $1 AND NOT EXISTS (SELECT FROM release WHERE hosted = module.sha256)",
            before
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }

    /// The bytes of a module.
    pub async fn module(&self, digest: &Digest) -> Result<Option<Vec<u8>>, CatalogueError> {
        Ok(sqlx::query_scalar!("SELECT bytes FROM module WHERE sha256 = $1", digest.as_str())
            .fetch_optional(&self.pool)
            .await?)
    }

    /// The size of a module in bytes, without reading it.
    pub async fn module_size(&self, digest: &Digest) -> Result<Option<i64>, CatalogueError> {
        Ok(sqlx::query_scalar!(r#"SELECT size AS "size!" FROM module WHERE sha256 = $1"#, digest.as_str())
            .fetch_optional(&self.pool)
            .await?)
    }
}

/// The digest of a module's bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

pub(crate) async fn put(executor: impl PgExecutor<'_>, bytes: &[u8]) -> Result<Digest, CatalogueError> {
    let digest = digest_of(bytes);
    sqlx::query!(
        "INSERT INTO module (sha256, bytes) VALUES ($1, $2)
         ON CONFLICT (sha256) DO UPDATE SET unclaimed_since = NULL WHERE module.unclaimed_since IS NOT NULL",
        digest.as_str(),
        bytes
    )
    .execute(executor)
    .await?;
    Ok(digest)
}
