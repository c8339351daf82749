//! The cards of one page.

use marketplace_domain::PluginMeta;
use sqlx::PgPool;

use super::{Card, pick::Found};
use crate::{
    CatalogueError,
    rows::{MetaRow, ProposalRow},
    verdicts::verdict,
};

/// In the order of the page. What was deleted meanwhile is left out.
pub(super) async fn read(pool: &PgPool, page: &[Found<'_>]) -> Result<Vec<Card>, CatalogueError> {
    let ids: Vec<i64> = page.iter().map(|found| found.line.id).collect();
    let services: Vec<i64> = page.iter().map(|found| found.services.unwrap_or_default()).collect();
    let rows = sqlx::query!(
        r#"SELECT name, title_en, title_zh, description_en, description_zh, category, origin, plugin.updated_at,
                  services AS "used_by!", version, release.phase, priority, fail_strategy, direction, loads,
                  refusal AS "refusal?"
           FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS chosen (plugin_id, services, place)
           JOIN plugin ON plugin.id = chosen.plugin_id
           JOIN release ON release.plugin_id = chosen.plugin_id AND is_latest
           LEFT JOIN probe ON probe.url = release.url AND probe.pin = coalesce(release.sha256, '')
           LEFT JOIN module_check ON module_check.sha256 = coalesce(release.hosted, probe.module)
           ORDER BY place"#,
        &ids,
        &services
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
