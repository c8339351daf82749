//! What the marketplace offers: plugins and their versions.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Digest, Direction, FailStrategy, Localised, ModuleUrl, Phase, PluginName, Priority, placement::BadWord};

/// What a plugin is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// Protects data and services.
    Security,
    /// Says who somebody is.
    Authentication,
    /// Steers and limits traffic.
    Traffic,
    /// Changes requests and responses.
    Transformation,
    /// Makes traffic visible.
    Observability,
}

impl Category {
    /// All categories, in the order of the facets.
    pub const ALL: [Category; 5] =
        [Self::Security, Self::Authentication, Self::Traffic, Self::Transformation, Self::Observability];

    /// The word in addresses, `plugin.toml` and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Authentication => "authentication",
            Self::Traffic => "traffic",
            Self::Transformation => "transformation",
            Self::Observability => "observability",
        }
    }
}

impl FromStr for Category {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who a plugin came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Shipped with the marketplace; cannot be edited or deleted.
    Builtin,
    /// Added here by a person.
    Added,
}

impl Origin {
    /// The word in addresses and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Builtin => "builtin",
            Self::Added => "added",
        }
    }
}

impl FromStr for Origin {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        [Self::Builtin, Self::Added].into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
    }
}

/// What is said about a plugin as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginMeta {
    /// The name in its address; also the English name people search.
    pub name: PluginName,
    /// The names to show. The English one of an added plugin is its `name`.
    pub title: Localised,
    /// One or two sentences.
    pub description: Localised,
    /// What it is for.
    pub category: Category,
    /// Who it came from.
    pub origin: Origin,
}

/// The settings a plugin proposes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Where it stands.
    pub phase: Phase,
    /// Its order in the phase.
    pub priority: Priority,
    /// What happens when it fails.
    pub fail_strategy: FailStrategy,
    /// Which side of the proxy.
    pub direction: Direction,
}

/// One version of a plugin.
#[derive(Debug, Clone, PartialEq)]
pub struct Release {
    /// The version's name, e.g. `1.3.0`: 1 to 64 letters, digits and `.+-_`.
    pub version: String,
    /// Where its module is.
    pub address: Address,
    /// The digest: of the image's manifest, or of the module. `None` where nobody gave it.
    pub sha256: Option<Digest>,
    /// JSON Schema (2020-12) of its configuration.
    pub schema: Option<serde_json::Value>,
    /// An example of its configuration, YAML.
    pub example: Option<String>,
    /// README in Markdown, in each language.
    pub readme: Localised,
    /// What it proposes.
    pub proposal: Proposal,
    /// Exchanges to try it with.
    pub samples: Vec<Sample>,
}

/// An exchange to try a plugin with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// What it shows.
    pub title: Localised,
    /// In the form of an exchange file; the plugin itself is `module: self`.
    pub exchange: serde_json::Value,
}

/// Where a release's module is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Address {
    /// Somewhere else.
    Url(ModuleUrl),
    /// With us, under its digest: `<MODULE_BASE_URL>/modules/<sha256>.wasm`.
    Hosted(Digest),
}

/// Whether a text can be a version's name: 1 to 64 letters, digits and `.+-_`, beginning with a letter or digit.
pub fn is_version(text: &str) -> bool {
    text.len() <= 64
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b".+-_".contains(&b))
}
