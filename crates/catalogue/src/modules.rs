//! Bytes of hosted modules, by digest.

use marketplace_domain::Digest;
use sha2::{Digest as _, Sha256};
use sqlx::PgExecutor;

use crate::{Catalogue, CatalogueError};

impl Catalogue {
    /// Keeps a module. The same bytes are kept once.
    pub async fn put_module(&self, bytes: &[u8]) -> Result<Digest, CatalogueError> {
        put(&self.pool, bytes).await
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
        "INSERT INTO module (sha256, bytes) VALUES ($1, $2) ON CONFLICT (sha256) DO NOTHING",
        digest.as_str(),
        bytes
    )
    .execute(executor)
    .await?;
    Ok(digest)
}
