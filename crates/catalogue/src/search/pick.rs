//! Which plugins a page shows, out of all that were found.

use std::{cmp::Ordering, collections::HashMap};

use marketplace_domain::Lang;

use super::{PAGE_LIMIT, SearchQuery, Sort, facets::Facets, facets::Tally, hits::Hits, shelf::Line};

/// A plugin that was found.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found<'a> {
    pub line: &'a Line,
    /// How many services use it; `None` for none.
    pub services: Option<i64>,
    score: f32,
}

/// The plugins of the page in their order, the facets, and how many were found on all pages.
pub(super) fn pick<'a>(
    query: &SearchQuery,
    lines: &'a [Line],
    hits: Option<&Hits>,
    usage: &HashMap<&str, i64>,
) -> (Vec<Found<'a>>, Facets, u64) {
    let mut tally = Tally::of(query);
    let mut found = Vec::new();
    // Both are in the order of their ids.
    let mut hits = hits.map(|hits| hits.0.iter().copied().peekable());
    for line in lines {
        let score = match &mut hits {
            None => 0.0,
            Some(hits) => {
                while hits.next_if(|(id, _)| *id < line.id).is_some() {}
                let Some((_, score)) = hits.next_if(|(id, _)| *id == line.id) else { continue };
                score
            }
        };
        let one = Found { line, services: usage.get(line.name.as_str()).copied(), score };
        if tally.count(line, one.services.is_some()) {
            found.push(one);
        }
    }
    let total = found.len();
    let size = query.per_page.clamp(1, PAGE_LIMIT) as usize;
    let begin = (query.page.max(1) as usize - 1).saturating_mul(size).min(total);
    let end = begin.saturating_add(size).min(total);
    // What comes before the page and after it need not be in order.
    if begin > 0 && begin < total {
        found.select_nth_unstable_by(begin, |one, other| order(query, one, other));
    }
    let mut page = found.split_off(begin);
    if end - begin < page.len() {
        page.select_nth_unstable_by(end - begin, |one, other| order(query, one, other));
        page.truncate(end - begin);
    }
    page.sort_unstable_by(|one, other| order(query, one, other));
    (page, tally.facets(), total as u64)
}

/// Total, since names are unique.
fn order(query: &SearchQuery, one: &Found<'_>, other: &Found<'_>) -> Ordering {
    let score = || other.score.total_cmp(&one.score);
    let used = || other.services.cmp(&one.services);
    let newest = || other.line.updated.cmp(&one.line.updated);
    let first = match (query.sort, query.lang) {
        (Sort::Relevance, _) => score().then_with(used).then_with(newest),
        (Sort::MostUsed, _) => used().then_with(newest),
        (Sort::Newest, _) => newest(),
        (Sort::Name, Lang::En) => one.line.title_en.cmp(&other.line.title_en),
        (Sort::Name, Lang::Zh) => one.line.title_zh.cmp(&other.line.title_zh),
    };
    first.then_with(|| one.line.name.cmp(&other.line.name))
}
