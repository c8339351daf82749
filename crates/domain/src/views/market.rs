//! The marketplace and the pages of its plugins.

use serde::{Deserialize, Serialize};

use super::{traffic::StateSummary, verdict::ModuleView};
use crate::{
    Category, Loads, Localised, Origin, Phase, Problem, Verdict, catalogue::Proposal, draft::Draft, mesh::ServiceKey,
};

/// What is searched: the query string of the page.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MarketQuery {
    /// Free text.
    pub text: String,
    /// Chosen categories.
    pub categories: Vec<Category>,
    /// Chosen phases.
    pub phases: Vec<Phase>,
    /// Chosen origins.
    pub origins: Vec<Origin>,
    /// Only plugins that a service uses.
    pub in_use: bool,
    /// Chosen answers to "will it load?".
    pub loads: Vec<Loads>,
    /// The order.
    pub sort: Sort,
    /// The page, from 1.
    pub page: u32,
}

/// The order of the cards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sort {
    /// Best match first when something is searched, else the most used.
    #[default]
    Used,
    /// Newest first.
    Newest,
    /// By name.
    Name,
}

/// How many cards a page has.
pub const PER_PAGE: u32 = 24;

/// One page of cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketPage {
    /// The cards.
    pub cards: Vec<MarketCard>,
    /// How many there are on all pages.
    pub total: u64,
    /// How many plugins there are at all.
    pub all: u64,
    /// Which page this is, from 1.
    pub page: u32,
    /// How many pages there are, at least 1.
    pub pages: u32,
    /// Counts of the facets.
    pub facets: Facets,
}

/// Counts for each facet, with the other facets applied.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Facets {
    /// By category.
    pub categories: Vec<(Category, u64)>,
    /// By proposed phase.
    pub phases: Vec<(Phase, u64)>,
    /// By origin.
    pub origins: Vec<(Origin, u64)>,
    /// Used by at least one service.
    pub in_use: u64,
    /// By the answer to "will it load?".
    pub loads: Vec<(Loads, u64)>,
}

/// One plugin in the grid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketCard {
    /// Its name in addresses.
    pub name: String,
    /// Its names to show.
    pub title: Localised,
    /// What it does.
    pub description: Localised,
    /// What it is for.
    pub category: Category,
    /// Who it came from.
    pub origin: Origin,
    /// The phase it proposes.
    pub phase: Phase,
    /// Whether its newest version would load.
    pub verdict: Verdict,
    /// Its newest version.
    pub version: String,
    /// When it was last changed.
    pub updated: i64,
    /// How many services use it.
    pub services: u32,
}

/// One plugin.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PluginPage {
    /// Its name in addresses.
    pub name: String,
    /// Its names to show.
    pub title: Localised,
    /// What it does.
    pub description: Localised,
    /// What it is for.
    pub category: Category,
    /// Who it came from.
    pub origin: Origin,
    /// When it was last changed.
    pub updated: i64,
    /// All versions, newest first.
    pub versions: Vec<VersionLine>,
    /// The version that the page shows.
    pub version: String,
    /// README as safe HTML, in each language; empty when there is none.
    pub readme_html: Localised,
    /// The configuration's fields; empty without a schema.
    pub schema: Vec<SchemaRow>,
    /// The schema itself, indented JSON.
    pub schema_json: Option<String>,
    /// An example configuration, YAML.
    pub example: Option<String>,
    /// What it proposes.
    pub proposal: Proposal,
    /// The module.
    pub module: ModuleFacts,
    /// Whether it would load, and what is in it.
    pub loading: ModuleView,
    /// Where it is in use.
    pub uses: Vec<Use>,
}

/// One version in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VersionLine {
    /// Its name.
    pub version: String,
    /// When it was added.
    pub created: i64,
    /// Whether it is the newest.
    pub latest: bool,
    /// Its address.
    pub address: String,
    /// Its digest, when known.
    pub sha256: Option<String>,
    /// How many services use it.
    pub services: u32,
}

/// What is known of a version's module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleFacts {
    /// The address that goes into a resource.
    pub address: String,
    /// Whether we serve it ourselves.
    pub hosted: bool,
    /// Whether it is an image of a registry.
    pub image: bool,
    /// Its digest, when known.
    pub sha256: Option<String>,
    /// Its size in bytes, when we serve it.
    pub size: Option<u64>,
}

/// One field of a configuration, for the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaRow {
    /// Path, e.g. `patterns[].match`.
    pub path: String,
    /// What it is called.
    pub title: Localised,
    /// What it does.
    pub description: Localised,
    /// JSON's word for its type, e.g. `array of string`.
    pub kind: String,
    /// Its default as JSON.
    pub default: Option<String>,
    /// Whether it is needed.
    pub required: bool,
    /// Limits in short, e.g. `1 … 10240`, `phone, email`.
    pub limits: String,
}

/// One resource of the cluster that uses a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Use {
    /// The resource's namespace.
    pub namespace: String,
    /// The resource's name.
    pub resource: String,
    /// The services it reaches.
    pub services: Vec<ServiceKey>,
    /// The version in use, when it is one of the catalogue.
    pub version: Option<String>,
    /// How its proxies are.
    pub state: StateSummary,
}

/// The Add and Edit form, with what was typed.
///
/// Fields: `name`, `titleZh`, `descriptionEn`, `descriptionZh`, `category`, `version`, `url`, `sha256`, `hosted` (the digest
/// of a module with us, in place of an address), `hostedName` (what its file was called), `phase`, `priority`,
/// `failStrategy`, `direction`, `schema`, `example`, `readmeEn`, `readmeZh`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PluginForm {
    /// The plugin that is edited; `None` when one is added.
    pub editing: Option<String>,
    /// What was typed.
    pub draft: Draft,
    /// What is wrong with it; empty for a form that nobody sent yet.
    pub problems: Vec<Problem>,
    /// Where it is in use, for the edit page: it cannot be deleted then.
    pub uses: Vec<Use>,
    /// What is known of the module that is named, as far as somebody looked.
    pub module: Option<ModuleView>,
}
