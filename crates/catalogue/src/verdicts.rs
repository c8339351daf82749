//! What was found out about modules: by digest what is in them, by address what is there.

use chrono::{DateTime, Utc};
use marketplace_domain::{
    Digest, Loads, ModuleUrl, PluginName,
    catalogue::Address,
    fetch::{FetchProblem, Layout},
    verdict::{Refusal, Verdict},
};
use serde_json::Value;
use sqlx::PgConnection;

use crate::{
    Catalogue, CatalogueError,
    rows::{address, parse},
};

/// A checker's answer about a module.
#[derive(Debug, Clone, PartialEq)]
pub struct ModuleCheck {
    /// The module.
    pub sha256: Digest,
    /// Who checked it.
    pub checker: String,
    /// Where Envoy refuses it; `None` when it loads.
    pub refusal: Option<Refusal>,
    /// Whether everything was looked at that it could be refused for.
    pub settled: bool,
    /// The whole answer.
    pub report: Value,
    /// When; set when it is kept.
    pub at: DateTime<Utc>,
}

/// What was behind an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Probe {
    /// The address.
    pub url: ModuleUrl,
    /// The digest that was asked for.
    pub pin: Option<Digest>,
    /// What came of it.
    pub outcome: Result<Probed, FetchProblem>,
    /// When; set when it is kept.
    pub at: DateTime<Utc>,
}

/// A module that was there.
#[derive(Debug, Clone, PartialEq)]
pub struct Probed {
    /// Of its bytes.
    pub module: Digest,
    /// The one that Istio compares.
    pub digest: Digest,
    /// The form it was in.
    pub layout: Layout,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
}

/// A release whose module nobody looked at, or not lately.
#[derive(Debug, Clone, PartialEq)]
pub struct Pending {
    /// The plugin, for the log.
    pub plugin: PluginName,
    /// Where the module is.
    pub address: Address,
    /// The digest it must have.
    pub pin: Option<Digest>,
}

/// What is looked at again, and when.
#[derive(Debug, Clone)]
pub struct Staleness {
    /// The checker whose answers count.
    pub checker: String,
    /// Addresses without a digest are looked at again when that was before this moment.
    pub unpinned_before: DateTime<Utc>,
    /// Addresses that failed, before this one.
    pub failed_before: DateTime<Utc>,
}

impl Catalogue {
    /// Keeps an answer in place of an older one.
    pub async fn put_check(&self, check: &ModuleCheck) -> Result<(), CatalogueError> {
        let mut transaction = self.pool.begin().await?;
        sqlx::query!(
            "INSERT INTO module_check (sha256, checker, refusal, settled, report) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (sha256) DO UPDATE
             SET checker = excluded.checker, refusal = excluded.refusal, settled = excluded.settled,
                 report = excluded.report, checked_at = now()",
            check.sha256.as_str(),
            check.checker,
            check.refusal.map(Refusal::as_str),
            check.settled,
            without_nul(check.report.clone())
        )
        .execute(&mut *transaction)
        .await?;
        refresh(&mut transaction, Affected::Module(check.sha256.as_str())).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The answer about a module, whoever gave it.
    pub async fn check(&self, sha256: &Digest) -> Result<Option<ModuleCheck>, CatalogueError> {
        let row = sqlx::query!(
            "SELECT checker, refusal, settled, report, checked_at FROM module_check WHERE sha256 = $1",
            sha256.as_str()
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok(ModuleCheck {
                sha256: sha256.clone(),
                checker: row.checker,
                refusal: row.refusal.map(|word| parse("refusal", &word)).transpose()?,
                settled: row.settled,
                report: row.report,
                at: row.checked_at,
            })
        })
        .transpose()
    }

    /// Keeps what is behind an address, in place of what was there before.
    pub async fn put_probe(&self, probe: &Probe) -> Result<(), CatalogueError> {
        let found = probe.outcome.as_ref().ok();
        let problem = probe.outcome.as_ref().err();
        let words = problem.and_then(|problem| serde_json::to_value(problem).ok()).map(without_nul);
        let mut transaction = self.pool.begin().await?;
        sqlx::query!(
            "INSERT INTO probe (url, pin, module, digest, layout, took_ms, problem, hopeless)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (url, pin) DO UPDATE
             SET module = excluded.module, digest = excluded.digest, layout = excluded.layout, took_ms = excluded.took_ms,
                 problem = excluded.problem, hopeless = excluded.hopeless, fetched_at = now()",
            probe.url.as_str(),
            probe.pin.as_ref().map_or("", Digest::as_str),
            found.map(|found| found.module.as_str()),
            found.map(|found| found.digest.as_str()),
            found.map(|found| found.layout.as_str()),
            found.map(|found| i32::try_from(found.took_ms).unwrap_or(i32::MAX)),
            words,
            problem.is_some_and(|problem| !problem.is_about_us())
        )
        .execute(&mut *transaction)
        .await?;
        refresh(&mut transaction, Affected::Url(probe.url.as_str())).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What was behind an address when it was last looked at.
    pub async fn probe(&self, url: &ModuleUrl, pin: Option<&Digest>) -> Result<Option<Probe>, CatalogueError> {
        let row = sqlx::query!(
            "SELECT module, digest, layout, took_ms, problem, fetched_at FROM probe WHERE url = $1 AND pin = $2",
            url.as_str(),
            pin.map_or("", Digest::as_str)
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let outcome = match (row.module, row.digest, row.layout, row.took_ms) {
            (Some(module), Some(digest), Some(layout), Some(took_ms)) => Ok(Probed {
                module: parse("module", &module)?,
                digest: parse("digest", &digest)?,
                layout: parse("layout", &layout)?,
                took_ms: took_ms.max(0).unsigned_abs(),
            }),
            // A problem that only a newer program knows: as good as not looked at.
            _ => match row.problem.and_then(|problem| serde_json::from_value(problem).ok()) {
                Some(problem) => Err(problem),
                None => return Ok(None),
            },
        };
        Ok(Some(Probe { url: url.clone(), pin: pin.cloned(), outcome, at: row.fetched_at }))
    }

    /// Forgets what was behind addresses that no release has, if it was looked at before this moment.
    pub async fn purge_probes(&self, before: DateTime<Utc>) -> Result<u64, CatalogueError> {
        let result = sqlx::query!(
            "DELETE FROM probe WHERE fetched_at < $1 AND NOT EXISTS (SELECT FROM release WHERE release.url = probe.url)",
            before
        )
        .execute(&self.pool)
        .await?;
        Ok(result.rows_affected())
    }

    /// Releases whose module should be looked at, those of latest releases first.
    pub async fn pending(&self, stale: &Staleness, limit: u32) -> Result<Vec<Pending>, CatalogueError> {
        let rows = sqlx::query!(
            r#"SELECT plugin.name, release.url, release.hosted, release.sha256
               FROM release JOIN plugin ON plugin.id = release.plugin_id
               LEFT JOIN probe ON probe.url = release.url AND probe.pin = coalesce(release.sha256, '')
               LEFT JOIN module_check ON module_check.sha256 = coalesce(release.hosted, probe.module)
               WHERE CASE
                 WHEN probe.problem IS NOT NULL THEN probe.fetched_at < $2
                 WHEN module_check.checker IS NULL OR module_check.checker <> $1 THEN true
                 ELSE release.url IS NOT NULL AND release.sha256 IS NULL AND probe.fetched_at < $3
               END
               ORDER BY is_latest DESC, probe.fetched_at NULLS FIRST, release.id
               LIMIT $4"#,
            stale.checker,
            stale.failed_before,
            stale.unpinned_before,
            i64::from(limit)
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter()
            .map(|row| {
                Ok(Pending {
                    plugin: parse("name", &row.name)?,
                    address: address(row.url.as_deref(), row.hosted.as_deref())?,
                    pin: row.sha256.map(|text| parse("sha256", &text)).transpose()?,
                })
            })
            .collect()
    }
}

/// Postgres keeps no NUL in JSON, and modules may call things what they like: another character stands for it.
fn without_nul(value: Value) -> Value {
    match value {
        Value::String(text) if text.contains('\0') => text.replace('\0', "\u{fffd}").into(),
        Value::Array(items) => items.into_iter().map(without_nul).collect(),
        Value::Object(fields) => {
            fields.into_iter().map(|(name, value)| (name.replace('\0', "\u{fffd}"), without_nul(value))).collect()
        }
        other => other,
    }
}

/// Whose facet may have changed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Affected<'a> {
    /// This plugin's.
    Plugin(i64),
    /// Those of plugins at this address.
    Url(&'a str),
    /// Those of plugins with this module.
    Module(&'a str),
}

/// Brings facets up to what is known of the latest releases.
pub(crate) async fn refresh(connection: &mut PgConnection, affected: Affected<'_>) -> Result<(), CatalogueError> {
    let (plugin, url, module) = match affected {
        Affected::Plugin(id) => (Some(id), None, None),
        Affected::Url(url) => (None, Some(url), None),
        Affected::Module(module) => (None, None, Some(module)),
    };
    sqlx::query!(
        "UPDATE plugin SET loads = fresh.loads
         FROM (SELECT plugin_id,
                      CASE WHEN probe.hopeless OR module_check.refusal IS NOT NULL THEN 'no'
                           WHEN module_check.settled THEN 'yes'
                           ELSE 'unknown' END AS loads
               FROM release
               LEFT JOIN probe ON probe.url = release.url AND probe.pin = coalesce(release.sha256, '')
               LEFT JOIN module_check ON module_check.sha256 = coalesce(release.hosted, probe.module)
               WHERE is_latest AND ($1::bigint IS NULL OR plugin_id = $1) AND ($2::text IS NULL OR release.url = $2)
                 AND ($3::text IS NULL OR release.hosted = $3 OR probe.module = $3)) AS fresh
         WHERE plugin.id = fresh.plugin_id AND plugin.loads <> fresh.loads",
        plugin,
        url,
        module
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// The verdict that a card shows, of its three columns.
pub(crate) fn verdict(loads: &str, refusal: Option<&str>) -> Result<Verdict, CatalogueError> {
    let loads: Loads = parse("loads", loads)?;
    let refusal = match loads {
        Loads::No => Some(refusal.map(|word| parse("refusal", word)).transpose()?.unwrap_or(Refusal::Fetch)),
        _ => None,
    };
    Ok(Verdict { loads, refusal })
}
