//! What pages show about a module: how it is fetched, what is in it, and whether Envoy would load it.

use serde::{Deserialize, Serialize};

use crate::{
    Localised,
    fetch::{FetchProblem, Layout},
    verdict::Verdict,
};

/// All that is known of the module of one release, or of one address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleView {
    /// In short.
    pub verdict: Verdict,
    /// Where it was found, or why not.
    pub source: Source,
    /// What is in it, once somebody looked.
    pub checked: Option<Checked>,
}

/// Where a module was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// Nobody has looked yet; it is on the list.
    NotYet,
    /// We serve it ourselves.
    Hosted,
    /// It was fetched.
    Fetched {
        /// In which form.
        layout: Layout,
        /// How long it took.
        took_ms: u32,
        /// The digest that pins it.
        digest: String,
        /// When, in seconds since 1970.
        at: i64,
    },
    /// It could not be fetched.
    Failed {
        /// Why.
        problem: FetchProblem,
        /// When, in seconds since 1970.
        at: i64,
    },
}

/// What the checker says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Of the module's bytes.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// Version of the ABI.
    pub abi: Option<String>,
    /// What it was written in; a word of the checker.
    pub language: Option<String>,
    /// With what, and its version where that is known.
    pub sdk: Option<String>,
    /// Who alone can run it.
    pub vendor: Option<String>,
    /// What it needs.
    pub imports: Vec<ImportLine>,
    /// First the refusals, then warnings, then notes.
    pub findings: Vec<Found>,
    /// When, in seconds since 1970.
    pub at: i64,
}

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportLine {
    /// `env.proxy_log`
    pub name: String,
    /// `i32 i32 -> i32`
    pub kind: String,
    /// Whether Envoy has it, in this type.
    pub served: bool,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Weight {
    /// Envoy refuses the module.
    Refuse,
    /// Something will surprise.
    Warn,
    /// Worth knowing.
    Note,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    /// The checker's word for it.
    pub code: String,
    /// How much it matters.
    pub weight: Weight,
    /// What was found.
    pub text: Localised,
    /// What to do.
    pub advice: Localised,
    /// What Envoy writes, when it refuses.
    pub envoy_text: Option<String>,
}
