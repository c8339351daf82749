//! Which plugins a text speaks of, and how well.

use std::sync::Arc;

use sqlx::{Postgres, Transaction};

use super::{
    shelf::Version,
    text::{Terms, escaped},
    typos::nearest,
};
use crate::{Catalogue, CatalogueError, SearchLoss};

/// Plugins that were found, in the order of their ids, with how well they fit. Whole numbers are the tiers: 6 a name or
/// title is the text, 5 begins with it, 4 the names hold every word, 3 names and descriptions do, 2 the README is needed;
/// below 2 it took some forgiveness.
#[derive(Debug, Default)]
pub(super) struct Hits(pub Vec<(i64, f32)>);

impl Hits {
    fn of(found: impl Iterator<Item = (i64, f32)>) -> Self {
        let mut found: Vec<_> = found.collect();
        found.sort_unstable_by_key(|(id, _)| *id);
        Self(found)
    }
}

/// The weakest result that forgiveness shows, as a part of the best: what is far behind is noise.
const FORGIVEN: f32 = 0.8;

/// What was typed, and what it finds; `None` when nothing was asked for.
pub(super) async fn find(
    catalogue: &Catalogue,
    text: &str,
    version: Version,
) -> Result<Option<Arc<Hits>>, CatalogueError> {
    let Some(terms) = Terms::of(text) else { return Ok(None) };
    if let Some(hits) = catalogue.shelf.hits(&terms.whole, version) {
        return Ok(Some(hits));
    }
    let hits = Arc::new(search(catalogue, &terms).await?);
    catalogue.shelf.keep_hits(&terms.whole, version, &hits);
    Ok(Some(hits))
}

/// Typos are forgiven only where nothing fits as it was typed: who types `mask` does not want `task` as well.
async fn search(catalogue: &Catalogue, terms: &Terms) -> Result<Hits, CatalogueError> {
    let hits = substrings(catalogue, terms).await?;
    if hits.0.is_empty() && catalogue.loss != Some(SearchLoss::NoTrigrams) {
        return forgiving(catalogue, terms).await;
    }
    Ok(hits)
}

/// Every word stands somewhere in the plugin's texts, as part of another word or not.
///
/// `anchor` (the pattern with the longest run of letters) and `grams` are what indexes can find; where there are
/// neither (`x`, `5%`), only names and descriptions are read.
async fn substrings(catalogue: &Catalogue, terms: &Terms) -> Result<Hits, CatalogueError> {
    let brief_only = terms.anchor.is_none() && terms.grams.is_none();
    let mut transaction = indexed(catalogue, !brief_only).await?;
    let rows = sqlx::query!(
        r#"SELECT plugin_id,
                  CASE WHEN NOT brief LIKE ALL ($3::text[]) THEN 2
                       WHEN NOT names LIKE ALL ($3) THEN 3
                       WHEN names LIKE E'%\n' || $1 || E'\n%' OR names LIKE E'%\n' || $2 || E'\n%' THEN 6
                       WHEN names LIKE E'%\n' || $1 || '%' OR names LIKE E'%\n' || $2 || '%' THEN 5
                       ELSE 4 END::real AS "score!"
           FROM plugin_text
           WHERE ($4::text IS NULL OR haystack LIKE $4)
             AND ($5::text[] IS NULL OR plugin_id IN (SELECT plugin_id FROM plugin_grams WHERE grams @> $5))
             AND CASE WHEN $6::boolean THEN brief LIKE ALL ($3) ELSE haystack LIKE ALL ($7::text[]) END"#,
        escaped(&terms.whole),
        escaped(&terms.slug),
        &terms.patterns,
        terms.anchor,
        terms.grams.as_deref(),
        brief_only,
        &terms.rest
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(Hits::of(rows.into_iter().map(|row| (row.plugin_id, row.score))))
}

/// As [`substrings`] with mistyped words corrected. Where that finds nothing either, words are compared by their trigrams
/// with names and descriptions, and of Chinese at least half of the pairs of characters must be there.
async fn forgiving(catalogue: &Catalogue, terms: &Terms) -> Result<Hits, CatalogueError> {
    if terms.words.is_empty() && terms.grams.is_none() {
        return Ok(Hits::default());
    }
    let mut text = terms.whole.clone();
    for word in &terms.words {
        if let Some(meant) = corrected(catalogue, word).await? {
            text = text.replace(word, &meant);
        }
    }
    let corrected = Terms::of(&text).filter(|corrected| corrected != terms);
    if let Some(corrected) = &corrected {
        let hits = substrings(catalogue, corrected).await?;
        if !hits.0.is_empty() {
            return Ok(hits);
        }
    }
    let terms = corrected.as_ref().unwrap_or(terms);
    let mut transaction = indexed(catalogue, true).await?;
    let rows = sqlx::query!(
        r#"SELECT plugin_id, score::real AS "score!"
           FROM plugin_text
           CROSS JOIN LATERAL (
             SELECT least(
               (SELECT min(CASE WHEN strpos(names, word) > 0 THEN 1
                                WHEN strpos(brief, word) > 0 THEN 0.9
                                ELSE 0.9 * word_similarity(word, brief) END)
                FROM unnest($1::text[]) AS word),
               (SELECT avg((strpos(brief, gram) > 0)::integer) FROM unnest($3::text[]) AS gram)) AS score) AS fit
           WHERE ($2::text IS NULL OR $2 <% brief)
             AND ($3 IS NULL OR plugin_id IN (SELECT plugin_id FROM plugin_grams WHERE grams && $3))
             AND score >= CASE WHEN $3 IS NULL THEN 0.36 ELSE 0.5 END"#,
        &terms.words,
        terms.words.first(),
        terms.grams.as_deref()
    )
    .fetch_all(&mut *transaction)
    .await?;
    transaction.commit().await?;
    let best = rows.iter().map(|row| row.score).fold(0.0, f32::max);
    let fits = rows.into_iter().filter(|row| row.score >= best * FORGIVEN);
    Ok(Hits::of(fits.map(|row| (row.plugin_id, row.score))))
}

/// The word of the catalogue that was probably meant; `None` where it is part of one as it is, or nothing is near.
async fn corrected(catalogue: &Catalogue, word: &str) -> Result<Option<String>, CatalogueError> {
    let known = sqlx::query_scalar!(
        r#"SELECT word FROM plugin_word WHERE word % $1 OR word LIKE '%' || $1 || '%'
           ORDER BY similarity(word, $1) DESC, word LIMIT 200"#,
        word
    )
    .fetch_all(&catalogue.pool)
    .await?;
    Ok(nearest(word, &known).map(str::to_owned))
}

/// A transaction in which indexes are preferred: the planner does not know that reading every row of long texts means
/// fetching each from where it is set aside, and would rather do that for words that are common.
async fn indexed(catalogue: &Catalogue, prefer: bool) -> Result<Transaction<'static, Postgres>, CatalogueError> {
    let mut transaction = catalogue.pool.begin().await?;
    if prefer {
        sqlx::query!("SET LOCAL enable_seqscan = off").execute(&mut *transaction).await?;
    }
    Ok(transaction)
}
