//! Reading plugins and their releases.

use chrono::{DateTime, Utc};
use marketplace_domain::{Digest, Localised, PluginMeta, PluginName, Release, catalogue::Address};
use sqlx::{PgConnection, PgExecutor};

use crate::{
    Catalogue, CatalogueError,
    error::malformed,
    rows::{MetaRow, ReleaseRow, address, parse},
};

/// A plugin with its history.
#[derive(Debug, Clone, PartialEq)]
pub struct PluginRecord {
    /// What is said about it.
    pub meta: PluginMeta,
    /// When it came.
    pub created: DateTime<Utc>,
    /// When it or a release of it was last changed.
    pub updated: DateTime<Utc>,
    /// Who added it.
    pub created_by: String,
    /// Its releases, newest first.
    pub releases: Vec<ReleaseSummary>,
}

/// A release without its texts.
#[derive(Debug, Clone, PartialEq)]
pub struct ReleaseSummary {
    /// Its name.
    pub version: String,
    /// Where its module is.
    pub address: Address,
    /// The digest, where known.
    pub sha256: Option<Digest>,
    /// When it came.
    pub created: DateTime<Utc>,
    /// Whether it is the one that is offered.
    pub is_latest: bool,
    /// The module's size in bytes, when it is hosted here.
    pub size: Option<i64>,
}

/// One release's address, for telling which plugin a resource of the cluster is.
#[derive(Debug, Clone, PartialEq)]
pub struct AddressRow {
    /// The plugin.
    pub plugin: PluginName,
    /// Its names to show.
    pub title: Localised,
    /// The release.
    pub version: String,
    /// Where its module is.
    pub address: Address,
    /// The digest, where known.
    pub sha256: Option<Digest>,
    /// Whether it is the one that is offered.
    pub is_latest: bool,
}

impl Catalogue {
    /// How many plugins there are.
    pub async fn count(&self) -> Result<u64, CatalogueError> {
        let count = sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM plugin"#).fetch_one(&self.pool).await?;
        Ok(count.unsigned_abs())
    }

    /// A plugin by its name.
    pub async fn plugin(&self, name: &PluginName) -> Result<Option<PluginRecord>, CatalogueError> {
        let Some(row) = sqlx::query!(
            "SELECT id, name, title_en, title_zh, description_en, description_zh, category, origin,
                    created_at, updated_at, created_by
             FROM plugin WHERE name = $1",
            name.as_str()
        )
        .fetch_optional(&self.pool)
        .await?
        else {
            return Ok(None);
        };
        let releases = sqlx::query!(
            r#"SELECT version, url, hosted, release.sha256, release.created_at, is_latest, size AS "size?"
               FROM release LEFT JOIN module ON module.sha256 = hosted
               WHERE plugin_id = $1 ORDER BY release.id DESC"#,
            row.id
        )
        .fetch_all(&self.pool)
        .await?;
        let releases = releases
            .into_iter()
            .map(|row| {
                Ok(ReleaseSummary {
                    version: row.version,
                    address: address(row.url.as_deref(), row.hosted.as_deref())?,
                    sha256: digest(row.sha256)?,
                    created: row.created_at,
                    is_latest: row.is_latest,
                    size: row.size,
                })
            })
            .collect::<Result<_, CatalogueError>>()?;
        let meta = MetaRow {
            name: row.name,
            title_en: row.title_en,
            title_zh: row.title_zh,
            description_en: row.description_en,
            description_zh: row.description_zh,
            category: row.category,
            origin: row.origin,
        };
        Ok(Some(PluginRecord {
            meta: meta.try_into()?,
            created: row.created_at,
            updated: row.updated_at,
            created_by: row.created_by,
            releases,
        }))
    }

    /// A release of a plugin; the latest without a version.
    pub async fn release(&self, name: &PluginName, version: Option<&str>) -> Result<Option<Release>, CatalogueError> {
        let version = version.map(crate::without_nul);
        sqlx::query_as!(
            ReleaseRow,
            r#"SELECT version, url, hosted, sha256, schema AS "schema: serde_json::Value", example, readme_en, readme_zh,
                      release.phase, priority, fail_strategy, direction, samples AS "samples: serde_json::Value"
               FROM release JOIN plugin ON plugin.id = plugin_id
               WHERE name = $1 AND CASE WHEN $2::text IS NULL THEN is_latest ELSE version = $2 END"#,
            name.as_str(),
            version.as_deref()
        )
        .fetch_optional(&self.pool)
        .await?
        .map(Release::try_from)
        .transpose()
    }

    /// The addresses of all releases.
    pub async fn addresses(&self) -> Result<Vec<AddressRow>, CatalogueError> {
        let rows = sqlx::query!(
            "SELECT name, title_en, title_zh, version, url, hosted, sha256, is_latest
             FROM release JOIN plugin ON plugin.id = plugin_id
             ORDER BY name, release.id DESC"
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(AddressRow {
                    plugin: parse("name", &row.name)?,
                    title: Localised::new(row.title_en, row.title_zh),
                    version: row.version,
                    address: address(row.url.as_deref(), row.hosted.as_deref())?,
                    sha256: digest(row.sha256)?,
                    is_latest: row.is_latest,
                })
            })
            .collect()
    }
}

fn digest(text: Option<String>) -> Result<Option<Digest>, CatalogueError> {
    text.map(|text| text.parse().map_err(|error| malformed("sha256", error))).transpose()
}

/// Holds a plugin until the transaction ends, so that changes of it come one after the other. Its id, and what is said
/// about it.
pub(crate) async fn lock(
    connection: &mut PgConnection,
    name: &PluginName,
) -> Result<Option<(i64, PluginMeta)>, CatalogueError> {
    let Some(row) = sqlx::query!(
        "SELECT id, name, title_en, title_zh, description_en, description_zh, category, origin
         FROM plugin WHERE name = $1 FOR UPDATE",
        name.as_str()
    )
    .fetch_optional(connection)
    .await?
    else {
        return Ok(None);
    };
    let meta = MetaRow {
        name: row.name,
        title_en: row.title_en,
        title_zh: row.title_zh,
        description_en: row.description_en,
        description_zh: row.description_zh,
        category: row.category,
        origin: row.origin,
    };
    Ok(Some((row.id, meta.try_into()?)))
}

/// A release by the plugin's id, and whether it is the latest; the latest without a version.
pub(crate) async fn stored_release(
    executor: impl PgExecutor<'_>,
    plugin_id: i64,
    version: Option<&str>,
) -> Result<Option<Release>, CatalogueError> {
    sqlx::query_as!(
        ReleaseRow,
        r#"SELECT version, url, hosted, sha256, schema AS "schema: serde_json::Value", example, readme_en, readme_zh,
                  phase, priority, fail_strategy, direction, samples AS "samples: serde_json::Value"
           FROM release
           WHERE plugin_id = $1 AND CASE WHEN $2::text IS NULL THEN is_latest ELSE version = $2 END"#,
        plugin_id,
        version
    )
    .fetch_optional(executor)
    .await?
    .map(Release::try_from)
    .transpose()
}
