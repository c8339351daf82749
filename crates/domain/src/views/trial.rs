//! The step Try: an exchange that somebody edits, and the plugins that it will pass.

use serde::{Deserialize, Serialize};

use crate::{Localised, Problem};

/// What the step shows.
///
/// Fields of the draft: `try.mode` (`form` or `yaml`: which of the two was typed last), `try.sample` (the number of the
/// sample that is chosen in the list), `try.name`, `try.request.method`, `….path`, `….authority`, `….http`, `….body`,
/// `try.request.headers.N.name` and `….value`, `try.upstream.status`, `….body`, `….delay`, `….fail`,
/// `try.upstream.headers.N.name` and `….value`, `try.more` (everything else of the exchange, YAML), `try.yaml` (all of it).
/// Problems of the field `try.module` are about getting at the plugin's module.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrialView {
    /// The exchanges to choose from, by their titles.
    pub samples: Vec<SampleTitle>,
    /// Whether the exchange is typed as YAML.
    pub by_yaml: bool,
    /// The whole exchange but its plugins, as YAML.
    pub yaml: String,
    /// Header lines of the request as typed, an empty one at the end.
    pub request: Vec<HeaderRow>,
    /// Header lines of the upstream's answer as typed, an empty one at the end.
    pub upstream: Vec<HeaderRow>,
    /// The plugins of the proxy in the order of a request; those that will not run say why.
    pub chain: Vec<TrialPlugin>,
    /// Environment variables that only the proxy's container knows; the run goes without them.
    pub unknown_env: Vec<String>,
    /// What is wrong with the exchange. It stops a run, and nothing else.
    pub problems: Vec<Problem>,
}

/// What an exchange to begin with is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleTitle {
    /// As the plugin calls it.
    Own(Localised),
    /// A request without a body: one of those for plugins that bring none.
    Plain,
    /// JSON there and back.
    Json,
    /// A browser asks for a page.
    Page,
}

/// A header line as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct HeaderRow {
    /// Its number in the draft; numbers may have gaps.
    pub number: usize,
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// A plugin that a request meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialPlugin {
    /// The resource's name; of a plugin that is not installed, its own.
    pub name: String,
    /// Whether it is the one that is tried.
    pub this: bool,
    /// Why it does not run here.
    pub left_out: Option<LeftOut>,
}

/// Why a plugin of the proxy is left out of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum LeftOut {
    /// We neither have its module nor know it from the catalogue.
    ModuleUnknown,
    /// Its module could not be fetched.
    NotFetched,
    /// It runs for the other direction or for other ports, so no request meets both.
    OtherTraffic,
    /// A run has at most eight plugins.
    TooMany,
    /// It is a network plugin: it sees bytes, not requests.
    Network,
}
