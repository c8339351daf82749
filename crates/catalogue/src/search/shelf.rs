//! What lists are made of, in memory: a line for each plugin, and which plugins the texts that people type speak of.
//!
//! The database counts its changes (`catalogue_version`). The count is read first and everything else after it, so what is
//! kept is never older than the count that it is kept under.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::{DateTime, Utc};
use marketplace_domain::{Category, Loads, Origin, Phase};
use sqlx::PgPool;

use super::hits::Hits;
use crate::{CatalogueError, rows::parse};

/// How many texts are remembered: with 10,000 plugins, what a very common word finds takes 160 KB.
const MOST_TEXTS: usize = 64;

/// What a list sorts and counts by.
#[derive(Debug)]
pub(super) struct Line {
    pub id: i64,
    pub name: String,
    /// The title in each language, else in the other one; in lower case.
    pub title_en: String,
    pub title_zh: String,
    pub category: Category,
    pub phase: Phase,
    pub origin: Origin,
    pub loads: Loads,
    pub updated: DateTime<Utc>,
}

/// The state of the catalogue, as the database counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Version {
    plugins: i64,
    texts: i64,
}

impl Version {
    pub async fn read(pool: &PgPool) -> Result<Self, CatalogueError> {
        Ok(sqlx::query_as!(Self, "SELECT plugins, texts FROM catalogue_version").fetch_one(pool).await?)
    }
}

/// The memory. Locked for a moment only, never while the database is asked.
#[derive(Debug, Default)]
pub(crate) struct Shelf(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// Of this count of plugins.
    plugins: i64,
    /// By id.
    lines: Option<Arc<Vec<Line>>>,
    /// Of this count of texts.
    texts: i64,
    /// By the text; when it was last used tells what makes room.
    hits: HashMap<String, (u64, Arc<Hits>)>,
    uses: u64,
}

impl Shelf {
    /// All plugins, by id.
    pub(super) async fn lines(&self, pool: &PgPool, version: Version) -> Result<Arc<Vec<Line>>, CatalogueError> {
        let kept = {
            let kept = self.kept();
            kept.lines.clone().filter(|_| kept.plugins == version.plugins)
        };
        if let Some(lines) = kept {
            return Ok(lines);
        }
        let lines = Arc::new(read(pool).await?);
        let mut kept = self.kept();
        if kept.lines.is_none() || kept.plugins < version.plugins {
            (kept.plugins, kept.lines) = (version.plugins, Some(lines.clone()));
        }
        Ok(lines)
    }

    /// What this text finds, if it is remembered.
    pub(super) fn hits(&self, text: &str, version: Version) -> Option<Arc<Hits>> {
        let mut kept = self.kept();
        kept.uses += 1;
        let now = kept.uses;
        if kept.texts != version.texts {
            return None;
        }
        let (used, hits) = kept.hits.get_mut(text)?;
        *used = now;
        Some(hits.clone())
    }

    /// Remembers what a text finds.
    pub(super) fn keep_hits(&self, text: &str, version: Version, hits: &Arc<Hits>) {
        let mut kept = self.kept();
        if kept.texts > version.texts {
            return;
        }
        if kept.texts < version.texts {
            kept.texts = version.texts;
            kept.hits.clear();
        }
        if kept.hits.len() >= MOST_TEXTS {
            let oldest = kept.hits.iter().min_by_key(|(_, (used, _))| *used).map(|(text, _)| text.clone());
            oldest.map(|text| kept.hits.remove(&text));
        }
        let now = kept.uses;
        kept.hits.insert(text.to_owned(), (now, hits.clone()));
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn read(pool: &PgPool) -> Result<Vec<Line>, CatalogueError> {
    let rows = sqlx::query!(
        r#"SELECT id, name, coalesce(nullif(title_en, ''), title_zh) AS "title_en!",
                  coalesce(nullif(title_zh, ''), title_en) AS "title_zh!",
                  category, phase, origin, loads, updated_at
           FROM plugin ORDER BY id"#
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Line {
                id: row.id,
                name: row.name,
                title_en: row.title_en.to_lowercase(),
                title_zh: row.title_zh.to_lowercase(),
                category: parse("category", &row.category)?,
                phase: parse("phase", &row.phase)?,
                origin: parse("origin", &row.origin)?,
                loads: parse("loads", &row.loads)?,
                updated: row.updated_at,
            })
        })
        .collect()
}
