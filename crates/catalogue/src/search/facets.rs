//! Counts beside each choice of a facet.

use marketplace_domain::{Category, Loads, Origin, Phase};

use super::{SearchQuery, shelf::Line};

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

/// Facets in the making.
pub(super) struct Tally<'a> {
    query: &'a SearchQuery,
    facets: Facets,
}

impl<'a> Tally<'a> {
    pub fn of(query: &'a SearchQuery) -> Self {
        let facets = Facets {
            category: Category::ALL.map(|choice| (choice, 0)).to_vec(),
            phase: Phase::ALL.map(|choice| (choice, 0)).to_vec(),
            origin: [Origin::Builtin, Origin::Added].map(|choice| (choice, 0)).to_vec(),
            in_use: 0,
            loads: Loads::ALL.map(|choice| (choice, 0)).to_vec(),
        };
        Self { query, facets }
    }

    /// Counts a plugin that the text speaks of; whether it is a result, with all facets applied.
    pub fn count(&mut self, line: &Line, used: bool) -> bool {
        let query = self.query;
        let fits = [
            query.categories.is_empty() || query.categories.contains(&line.category),
            query.phases.is_empty() || query.phases.contains(&line.phase),
            query.origins.is_empty() || query.origins.contains(&line.origin),
            !query.in_use || used,
            query.loads.is_empty() || query.loads.contains(&line.loads),
        ];
        // Which facet alone says no: it counts all the same beside its own choice.
        let misses = fits.iter().filter(|fits| !**fits).count();
        let counts = |own: usize| misses == 0 || (misses == 1 && !fits[own]);
        let facets = &mut self.facets;
        if counts(0) {
            add(&mut facets.category, line.category);
        }
        if counts(1) {
            add(&mut facets.phase, line.phase);
        }
        if counts(2) {
            add(&mut facets.origin, line.origin);
        }
        if counts(3) && used {
            facets.in_use += 1;
        }
        if counts(4) {
            add(&mut facets.loads, line.loads);
        }
        misses == 0
    }

    pub fn facets(self) -> Facets {
        self.facets
    }
}

fn add<T: PartialEq>(counts: &mut [(T, u64)], choice: T) {
    if let Some((_, count)) = counts.iter_mut().find(|(of, _)| *of == choice) {
        *count += 1;
    }
}
