//! Search in two languages, with facets.
//!
//! In three steps: [`hits`] finds which plugins the text speaks of and how well, [`pick`] sorts and counts them in memory
//! (see [`shelf`]), [`page`] reads the cards of the page. The first is remembered too: one text is asked for again and again,
//! for its pages, orders and facets.

mod facets;
mod hits;
mod page;
mod pick;
mod shelf;
mod text;
mod typos;

use chrono::{DateTime, Utc};
use marketplace_domain::{Category, Lang, Loads, Origin, Phase, PluginMeta, PluginName, Proposal, Verdict};

use shelf::Version;

use crate::{Catalogue, CatalogueError};

pub use facets::Facets;
pub(crate) use shelf::Shelf;
pub(crate) use text::SearchDocument;
pub use text::TEXT_LIMIT;

/// The most cards on a page.
const PAGE_LIMIT: u32 = 200;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchQuery {
    /// What was typed. Every word of it must be found.
    pub text: String,
    /// One of these; empty for all.
    pub categories: Vec<Category>,
    /// One of these; empty for all.
    pub phases: Vec<Phase>,
    /// One of these; empty for all.
    pub origins: Vec<Origin>,
    /// Only what some service uses.
    pub in_use: bool,
    /// One of these; empty for all.
    pub loads: Vec<Loads>,
    /// The order.
    pub sort: Sort,
    /// The language whose title [`Sort::Name`] goes by.
    pub lang: Lang,
    /// The page, from 1.
    pub page: u32,
    /// Cards on a page, 1 to 200.
    pub per_page: u32,
}

impl Default for SearchQuery {
    fn default() -> Self {
        Self {
            text: String::new(),
            categories: Vec::new(),
            phases: Vec::new(),
            origins: Vec::new(),
            in_use: false,
            loads: Vec::new(),
            sort: Sort::default(),
            lang: Lang::default(),
            page: 1,
            per_page: 24,
        }
    }
}

/// The order of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Sort {
    /// What most services use first.
    #[default]
    MostUsed,
    /// What changed last first.
    Newest,
    /// By title.
    Name,
    /// What fits the text best first; as [`Sort::MostUsed`] without a text.
    Relevance,
}

/// One page of results.
#[derive(Debug, Clone, PartialEq)]
pub struct SearchPage {
    /// The cards of the page.
    pub cards: Vec<Card>,
    /// How many there are on all pages.
    pub total: u64,
    /// How many there would be.
    pub facets: Facets,
}

/// A plugin in a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Card {
    /// What is said about it.
    pub meta: PluginMeta,
    /// The release that is offered.
    pub latest_version: String,
    /// What that release proposes.
    pub proposal: Proposal,
    /// Whether its module would load.
    pub verdict: Verdict,
    /// When the plugin last changed.
    pub updated: DateTime<Utc>,
    /// How many services use it.
    pub used_by: i64,
}

impl Catalogue {
    /// Searches. `in_use` are the plugins that the cluster uses, with the number of services.
    pub async fn search(
        &self,
        query: &SearchQuery,
        in_use: &[(PluginName, i64)],
    ) -> Result<SearchPage, CatalogueError> {
        let used = in_use.iter().filter(|(_, services)| *services > 0);
        let usage = used.map(|(name, services)| (name.as_str(), *services)).collect();
        let version = Version::read(&self.pool).await?;
        let (hits, lines) =
            tokio::try_join!(hits::find(self, &query.text, version), self.shelf.lines(&self.pool, version))?;
        let (page, facets, total) = pick::pick(query, &lines, hits.as_deref(), &usage);
        Ok(SearchPage { cards: page::read(&self.pool, &page).await?, total, facets })
    }
}
