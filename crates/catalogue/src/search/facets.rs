//! Counts beside each choice of a facet.

use marketplace_domain::{Category, Loads, Origin, Phase};
use sqlx::PgPool;

use super::{SearchQuery, Usage, hits::Hits};
use crate::{CatalogueError, rows::parse};

/// How many results each choice would give: counted with the other facets applied, but not its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Facets {
    /// For each category, in the order of [`Category::ALL`]; those without results too.
    pub category: Vec<(Category, u64)>,
    /// For each phase, in the order of [`Phase::ALL`].
    pub phase: Vec<(Phase, u64)>,
    /// For each origin.
    pub origin: Vec<(Origin, u64)>,
    /// For those in use.
    pub in_use: u64,
    /// For each answer to "will it load?", in the order of [`Loads::ALL`].
    pub loads: Vec<(Loads, u64)>,
}

/// All results that have these properties.
struct Group {
    category: Category,
    phase: Phase,
    origin: Origin,
    used: bool,
    loads: Loads,
    count: u64,
}

/// The facets, and how many results all of them together leave.
pub(super) async fn count(
    pool: &PgPool,
    query: &SearchQuery,
    hits: Option<&Hits>,
    usage: &Usage,
) -> Result<(Facets, u64), CatalogueError> {
    let rows = sqlx::query!(
        r#"SELECT category, phase, origin, name = ANY ($1::text[]) AS "used!", loads, count(*) AS "count!"
           FROM plugin LEFT JOIN unnest($2::bigint[]) AS hit (hit_id) ON hit_id = id
           WHERE $2 IS NULL OR hit_id IS NOT NULL
           GROUP BY 1, 2, 3, 4, 5"#,
        &usage.names,
        hits.map(|hits| hits.ids.as_slice())
    )
    .fetch_all(pool)
    .await?;
    let groups = rows
        .into_iter()
        .map(|row| {
            Ok(Group {
                category: parse("category", &row.category)?,
                phase: parse("phase", &row.phase)?,
                origin: parse("origin", &row.origin)?,
                used: row.used,
                loads: parse("loads", &row.loads)?,
                count: row.count.unsigned_abs(),
            })
        })
        .collect::<Result<Vec<_>, CatalogueError>>()?;
    Ok(fold(query, &groups))
}

fn fold(query: &SearchQuery, groups: &[Group]) -> (Facets, u64) {
    let category = |group: &Group| query.categories.is_empty() || query.categories.contains(&group.category);
    let phase = |group: &Group| query.phases.is_empty() || query.phases.contains(&group.phase);
    let origin = |group: &Group| query.origins.is_empty() || query.origins.contains(&group.origin);
    let in_use = |group: &Group| !query.in_use || group.used;
    let loads = |group: &Group| query.loads.is_empty() || query.loads.contains(&group.loads);
    let sum = |fits: &dyn Fn(&Group) -> bool| groups.iter().filter(|group| fits(group)).map(|group| group.count).sum();

    let facets = Facets {
        category: Category::ALL
            .map(|choice| (choice, sum(&|g| g.category == choice && phase(g) && origin(g) && in_use(g) && loads(g))))
            .to_vec(),
        phase: Phase::ALL
            .map(|choice| (choice, sum(&|g| g.phase == choice && category(g) && origin(g) && in_use(g) && loads(g))))
            .to_vec(),
        origin: [Origin::Builtin, Origin::Added]
            .map(|choice| (choice, sum(&|g| g.origin == choice && category(g) && phase(g) && in_use(g) && loads(g))))
            .to_vec(),
        in_use: sum(&|g| g.used && category(g) && phase(g) && origin(g) && loads(g)),
        loads: Loads::ALL
            .map(|choice| (choice, sum(&|g| g.loads == choice && category(g) && phase(g) && origin(g) && in_use(g))))
            .to_vec(),
    };
    (facets, sum(&|g| category(g) && phase(g) && origin(g) && in_use(g) && loads(g)))
}
