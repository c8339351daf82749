//! Adding, changing and deleting plugins. Each change and its entry in the record are one transaction.

use marketplace_domain::{Origin, PluginMeta, PluginName, Release};
use sqlx::PgConnection;

use crate::{
    Action, Catalogue, CatalogueError, Entry, activity,
    plugins::{lock, stored_release},
    rows::{address_columns, samples_column},
    search::SearchDocument,
    verdicts::{self, Affected},
    without_nul,
};

impl Catalogue {
    /// Adds a plugin with its first release. Its origin is [`Origin::Added`], whatever `meta` says.
    pub async fn create(&self, meta: &PluginMeta, release: &Release, who: &str) -> Result<(), CatalogueError> {
        let meta = PluginMeta { origin: Origin::Added, ..meta.clone() };
        let mut transaction = self.pool.begin().await?;
        let id = insert_plugin(&mut transaction, &meta, release, who).await?;
        insert_release(&mut transaction, id, release).await?;
        write_text(&mut transaction, id, &meta, release).await?;
        let entry = entry(who, Action::PluginAdded, &meta.name, None, Some((&meta, release)));
        activity::record(&mut *transaction, &entry).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Changes a plugin. A release of a version that is there takes that version's place; one of a new version is
    /// added and becomes the latest.
    pub async fn update(&self, meta: &PluginMeta, release: &Release, who: &str) -> Result<(), CatalogueError> {
        let meta = PluginMeta { origin: Origin::Added, ..meta.clone() };
        let mut transaction = self.pool.begin().await?;
        let (id, old) = lock(&mut transaction, &meta.name).await?.ok_or(CatalogueError::NotFound)?;
        if old.origin == Origin::Builtin {
            return Err(CatalogueError::Builtin);
        }
        let version = without_nul(&release.version);
        let before = match stored_release(&mut *transaction, id, Some(&version)).await? {
            Some(stored) => {
                update_release(&mut transaction, id, release).await?;
                Some(stored)
            }
            None => {
                let latest = stored_release(&mut *transaction, id, None).await?;
                insert_release(&mut transaction, id, release).await?;
                latest
            }
        };
        // A change of an older version leaves the latest as it is.
        let latest = stored_release(&mut *transaction, id, None).await?.ok_or(CatalogueError::NotFound)?;
        update_plugin(&mut transaction, id, &meta, &latest).await?;
        write_text(&mut transaction, id, &meta, &latest).await?;
        let before = before.as_ref().map(|release| (&old, release));
        let entry = entry(who, Action::PluginEdited, &meta.name, before, Some((&meta, release)));
        activity::record(&mut *transaction, &entry).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Deletes a plugin and its releases. Bytes of modules stay: a proxy may ask for them still.
    pub async fn delete(&self, name: &PluginName, who: &str) -> Result<(), CatalogueError> {
        let mut transaction = self.pool.begin().await?;
        let (id, old) = lock(&mut transaction, name).await?.ok_or(CatalogueError::NotFound)?;
        if old.origin == Origin::Builtin {
            return Err(CatalogueError::Builtin);
        }
        let latest = stored_release(&mut *transaction, id, None).await?;
        sqlx::query!("DELETE FROM plugin WHERE id = $1", id).execute(&mut *transaction).await?;
        let before = latest.as_ref().map(|release| (&old, release));
        activity::record(&mut *transaction, &entry(who, Action::PluginDeleted, name, before, None)).await?;
        transaction.commit().await?;
        Ok(())
    }
}

pub(crate) async fn insert_plugin(
    connection: &mut PgConnection,
    meta: &PluginMeta,
    release: &Release,
    who: &str,
) -> Result<i64, CatalogueError> {
    let id = sqlx::query_scalar!(
        "INSERT INTO plugin (name, title_en, title_zh, description_en, description_zh, category, origin, phase, created_by)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
        meta.name.as_str(),
        &without_nul(&meta.title.en),
        &without_nul(&meta.title.zh),
        &without_nul(&meta.description.en),
        &without_nul(&meta.description.zh),
        meta.category.as_str(),
        meta.origin.as_str(),
        release.proposal.phase.as_str(),
        &without_nul(who)
    )
    .fetch_one(connection)
    .await?;
    Ok(id)
}

pub(crate) async fn update_plugin(
    connection: &mut PgConnection,
    id: i64,
    meta: &PluginMeta,
    latest: &Release,
) -> Result<(), CatalogueError> {
    sqlx::query!(
        "UPDATE plugin
         SET title_en = $2, title_zh = $3, description_en = $4, description_zh = $5, category = $6, phase = $7,
             updated_at = now()
         WHERE id = $1",
        id,
        &without_nul(&meta.title.en),
        &without_nul(&meta.title.zh),
        &without_nul(&meta.description.en),
        &without_nul(&meta.description.zh),
        meta.category.as_str(),
        latest.proposal.phase.as_str()
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// A module that a release has stays: a proxy may ask for it even when the release is gone.
async fn claim(connection: &mut PgConnection, release: &Release) -> Result<(), CatalogueError> {
    if let (_, Some(hosted)) = address_columns(&release.address) {
        sqlx::query!(
            "UPDATE module SET unclaimed_since = NULL WHERE sha256 = $1 AND unclaimed_since IS NOT NULL",
            hosted
        )
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Adds a release, which becomes the latest.
pub(crate) async fn insert_release(
    connection: &mut PgConnection,
    plugin_id: i64,
    release: &Release,
) -> Result<(), CatalogueError> {
    sqlx::query!("UPDATE release SET is_latest = false WHERE plugin_id = $1 AND is_latest", plugin_id)
        .execute(&mut *connection)
        .await?;
    let (url, hosted) = address_columns(&release.address);
    sqlx::query!(
        "INSERT INTO release (plugin_id, version, is_latest, url, hosted, sha256, schema, example, readme_en, readme_zh,
                              phase, priority, fail_strategy, direction, samples)
         VALUES ($1, $2, true, $3, $4, $5, $6::text::json, $7, $8, $9, $10, $11, $12, $13, $14::text::json)",
        plugin_id,
        &without_nul(&release.version),
        url,
        hosted,
        release.sha256.as_ref().map(|digest| digest.as_str()),
        release.schema.as_ref().map(ToString::to_string),
        release.example.as_deref().map(|text| without_nul(text).into_owned()),
        &without_nul(&release.readme.en),
        &without_nul(&release.readme.zh),
        release.proposal.phase.as_str(),
        i32::from(release.proposal.priority.get()),
        release.proposal.fail_strategy.as_str(),
        release.proposal.direction.as_str(),
        samples_column(&release.samples)
    )
    .execute(&mut *connection)
    .await?;
    claim(&mut *connection, release).await?;
    verdicts::refresh(connection, Affected::Plugin(plugin_id)).await
}

/// Changes the release of the same version.
pub(crate) async fn update_release(
    connection: &mut PgConnection,
    plugin_id: i64,
    release: &Release,
) -> Result<(), CatalogueError> {
    let (url, hosted) = address_columns(&release.address);
    sqlx::query!(
        "UPDATE release
         SET url = $3, hosted = $4, sha256 = $5, schema = $6::text::json, example = $7, readme_en = $8, readme_zh = $9, phase = $10,
             priority = $11, fail_strategy = $12, direction = $13, samples = $14::text::json, updated_at = now()
         WHERE plugin_id = $1 AND version = $2",
        plugin_id,
        &without_nul(&release.version),
        url,
        hosted,
        release.sha256.as_ref().map(|digest| digest.as_str()),
        release.schema.as_ref().map(ToString::to_string),
        release.example.as_deref().map(|text| without_nul(text).into_owned()),
        &without_nul(&release.readme.en),
        &without_nul(&release.readme.zh),
        release.proposal.phase.as_str(),
        i32::from(release.proposal.priority.get()),
        release.proposal.fail_strategy.as_str(),
        release.proposal.direction.as_str(),
        samples_column(&release.samples)
    )
    .execute(&mut *connection)
    .await?;
    claim(&mut *connection, release).await?;
    verdicts::refresh(connection, Affected::Plugin(plugin_id)).await
}

/// Writes what search reads about a plugin.
pub(crate) async fn write_text(
    connection: &mut PgConnection,
    plugin_id: i64,
    meta: &PluginMeta,
    latest: &Release,
) -> Result<(), CatalogueError> {
    let text = SearchDocument::of(meta, latest);
    sqlx::query!(
        "INSERT INTO plugin_text (plugin_id, names, brief, haystack) VALUES ($1, $2, $3, $4)
         ON CONFLICT (plugin_id) DO UPDATE
         SET names = excluded.names, brief = excluded.brief, haystack = excluded.haystack",
        plugin_id,
        text.names,
        text.brief,
        text.haystack
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!(
        "INSERT INTO plugin_grams (plugin_id, grams) VALUES ($1, $2)
         ON CONFLICT (plugin_id) DO UPDATE SET grams = excluded.grams",
        plugin_id,
        &text.grams
    )
    .execute(&mut *connection)
    .await?;
    // In one order for everybody, so that two writers never wait for each other's words.
    sqlx::query!(
        "INSERT INTO plugin_word (word) SELECT word FROM unnest($1::text[]) AS word ORDER BY word
         ON CONFLICT (word) DO NOTHING",
        &text.words
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// An entry about a plugin, with how it was and how it became.
pub(crate) fn entry(
    who: &str,
    action: Action,
    name: &PluginName,
    before: Option<(&PluginMeta, &Release)>,
    after: Option<(&PluginMeta, &Release)>,
) -> Entry {
    Entry {
        plugin: Some(name.to_string()),
        before: before.and_then(|(meta, release)| snapshot(meta, release)),
        after: after.and_then(|(meta, release)| snapshot(meta, release)),
        ..Entry::new(who, action)
    }
}

/// A plugin with one release as YAML, for people who read the record.
fn snapshot(meta: &PluginMeta, release: &Release) -> Option<String> {
    let value = serde_json::json!({
        "name": meta.name,
        "title": meta.title,
        "description": meta.description,
        "category": meta.category,
        "version": release.version,
        "address": release.address,
        "sha256": release.sha256,
        "proposal": release.proposal,
        "schema": release.schema,
        "example": release.example,
        "readme": release.readme,
    });
    serde_yaml_ng::to_string(&value).ok()
}
