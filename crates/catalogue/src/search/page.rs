//! The cards of one page.

use marketplace_domain::{Lang, PluginMeta};
use sqlx::PgPool;

use super::{Card, PAGE_LIMIT, SearchQuery, Sort, Usage, hits::Hits, words};
use crate::{
    CatalogueError,
    rows::{MetaRow, ProposalRow},
    verdicts::verdict,
};

/// The word by which the query below knows an order.
fn order(query: &SearchQuery) -> &'static str {
    match (query.sort, query.lang) {
        (Sort::MostUsed, _) => "used",
        (Sort::Newest, _) => "newest",
        (Sort::Name, Lang::En) => "title_en",
        (Sort::Name, Lang::Zh) => "title_zh",
        (Sort::Relevance, _) => "score",
    }
}

pub(super) async fn read(
    pool: &PgPool,
    query: &SearchQuery,
    hits: Option<&Hits>,
    usage: &Usage,
) -> Result<Vec<Card>, CatalogueError> {
    let per_page = i64::from(query.per_page.clamp(1, PAGE_LIMIT));
    let offset = i64::from(query.page.max(1) - 1) * per_page;
    let rows = sqlx::query!(
        r#"WITH chosen AS (
             SELECT plugin.id, coalesce(used.services, 0) AS used_by,
                    row_number() OVER (
                      ORDER BY CASE WHEN $9::text = 'score' THEN coalesce(hit.score, 0) END DESC,
                               CASE WHEN $9 IN ('score', 'used') THEN coalesce(used.services, 0) END DESC,
                               CASE WHEN $9 IN ('newest', 'used', 'score') THEN updated_at END DESC,
                               CASE $9 WHEN 'title_en' THEN lower(coalesce(nullif(title_en, ''), title_zh))
                                       WHEN 'title_zh' THEN lower(coalesce(nullif(title_zh, ''), title_en))
                               END COLLATE "C",
                               plugin.name COLLATE "C") AS place
             FROM plugin
             LEFT JOIN unnest($1::text[], $2::bigint[]) AS used (name, services) ON used.name = plugin.name
             LEFT JOIN unnest($3::bigint[], $4::real[]) AS hit (id, score) ON hit.id = plugin.id
             WHERE ($3 IS NULL OR hit.id IS NOT NULL)
               AND (cardinality($5::text[]) = 0 OR category = ANY ($5))
               AND (cardinality($6::text[]) = 0 OR phase = ANY ($6))
               AND (cardinality($7::text[]) = 0 OR origin = ANY ($7))
               AND (NOT $8::boolean OR used.services IS NOT NULL)
               AND (cardinality($12::text[]) = 0 OR loads = ANY ($12))
             ORDER BY place LIMIT $10 OFFSET $11)
           SELECT name, title_en, title_zh, description_en, description_zh, category, origin, plugin.updated_at,
                  used_by AS "used_by!", version, release.phase, priority, fail_strategy, direction, loads,
                  refusal AS "refusal?"
           FROM chosen JOIN plugin ON plugin.id = chosen.id
           JOIN release ON release.plugin_id = chosen.id AND is_latest
           LEFT JOIN probe ON probe.url = release.url AND probe.pin = coalesce(release.sha256, '')
           LEFT JOIN module_check ON module_check.sha256 = coalesce(release.hosted, probe.module)
           ORDER BY place"#,
        &usage.names,
        &usage.services,
        hits.map(|hits| hits.ids.as_slice()),
        hits.map(|hits| hits.scores.as_slice()),
        &words(&query.categories, |category| category.as_str()),
        &words(&query.phases, |phase| phase.as_str()),
        &words(&query.origins, |origin| origin.as_str()),
        query.in_use,
        order(query),
        per_page,
        offset,
        &words(&query.loads, |loads| loads.as_str())
    )
    .fetch_all(pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Card {
                meta: PluginMeta::try_from(MetaRow {
                    name: row.name,
                    title_en: row.title_en,
                    title_zh: row.title_zh,
                    description_en: row.description_en,
                    description_zh: row.description_zh,
                    category: row.category,
                    origin: row.origin,
                })?,
                latest_version: row.version,
                proposal: ProposalRow {
                    phase: row.phase,
                    priority: row.priority,
                    fail_strategy: row.fail_strategy,
                    direction: row.direction,
                }
                .try_into()?,
                verdict: verdict(&row.loads, row.refusal.as_deref())?,
                updated: row.updated_at,
                used_by: row.used_by,
            })
        })
        .collect()
}
