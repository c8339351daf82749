//! Built-in plugins, brought along by the program.

use marketplace_domain::{Origin, PluginMeta, Release, catalogue::Address};
use sqlx::PgConnection;

use crate::{
    Action, Catalogue, CatalogueError, activity, modules,
    plugins::{lock, stored_release},
    verdicts::{self, Affected},
    write,
};

/// Who the record says brought built-in plugins.
pub const SEEDER: &str = "plugin-marketplace";

/// What seeding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seeded {
    /// All was there.
    Unchanged,
    /// The plugin, or this version of it, is new.
    Added,
    /// Something about the plugin or this version changed.
    Updated,
}

impl Catalogue {
    /// Brings a built-in plugin into the catalogue. The release's address and digest are those of `module`, whatever it
    /// says itself. A version that is there with another digest (a developer's rebuild) gets the new one; bytes of
    /// modules and older versions stay. The version that is seeded is the latest.
    pub async fn seed(&self, meta: &PluginMeta, release: &Release, module: &[u8]) -> Result<Seeded, CatalogueError> {
        let digest = modules::digest_of(module);
        let meta = PluginMeta { origin: Origin::Builtin, ..meta.clone() };
        let release = Release { address: Address::Hosted(digest.clone()), sha256: Some(digest), ..release.clone() };

        let mut transaction = self.pool.begin().await?;
        // Two servers that start at once seed one after the other.
        sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('marketplace seed')) AS locked")
            .fetch_one(&mut *transaction)
            .await?;
        let known = lock(&mut transaction, &meta.name).await?;
        if known.as_ref().is_some_and(|(_, known)| known.origin == Origin::Added) {
            return Err(CatalogueError::NameTaken);
        }
        modules::put(&mut *transaction, module).await?;
        let (id, before, seeded) = match known {
            None => {
                let id = write::insert_plugin(&mut transaction, &meta, &release, SEEDER).await?;
                write::insert_release(&mut transaction, id, &release).await?;
                (id, None, Seeded::Added)
            }
            Some((id, known)) => {
                let latest = stored_release(&mut *transaction, id, None).await?;
                let stored = stored_release(&mut *transaction, id, Some(&release.version)).await?;
                let is_latest = latest.as_ref().is_some_and(|latest| latest.version == release.version);
                let seeded = match &stored {
                    None => {
                        write::insert_release(&mut transaction, id, &release).await?;
                        Seeded::Added
                    }
                    Some(stored) if *stored == release && known == meta && is_latest => {
                        // Keeps the module, should somebody have lost it.
                        transaction.commit().await?;
                        return Ok(Seeded::Unchanged);
                    }
                    Some(_) => {
                        write::update_release(&mut transaction, id, &release).await?;
                        make_latest(&mut transaction, id, &release.version).await?;
                        Seeded::Updated
                    }
                };
                write::update_plugin(&mut transaction, id, &meta, &release).await?;
                (id, stored.or(latest).map(|release| (known, release)), seeded)
            }
        };
        write::write_text(&mut transaction, id, &meta, &release).await?;
        let before = before.as_ref().map(|(meta, release)| (meta, release));
        let entry = write::entry(SEEDER, Action::PluginSeeded, &meta.name, before, Some((&meta, &release)));
        activity::record(&mut *transaction, &entry).await?;
        transaction.commit().await?;
        Ok(seeded)
    }
}

/// Makes a version the latest. In two steps, since an index allows one latest release at every moment.
async fn make_latest(connection: &mut PgConnection, plugin_id: i64, version: &str) -> Result<(), CatalogueError> {
    sqlx::query!(
        "UPDATE release SET is_latest = false WHERE plugin_id = $1 AND is_latest AND version <> $2",
        plugin_id,
        version
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("UPDATE release SET is_latest = true WHERE plugin_id = $1 AND version = $2", plugin_id, version)
        .execute(&mut *connection)
        .await?;
    verdicts::refresh(connection, Affected::Plugin(plugin_id)).await
}
