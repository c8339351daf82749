//! "Will it load?", in the few words that lists and filters need.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::placement::BadWord;

/// Whether Envoy would load a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Loads {
    /// Nothing was found that it refuses.
    Yes,
    /// It refuses the module, or no proxy gets it.
    No,
    /// Nobody has looked yet, or nobody here may.
    #[default]
    Unknown,
}

impl Loads {
    /// All of them, in the order of the facet.
    pub const ALL: [Self; 3] = [Self::Yes, Self::No, Self::Unknown];

    /// The word in addresses and the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl FromStr for Loads {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
    }
}

/// The step on the way to running at which a module is refused, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Refusal {
    /// Istio's agent cannot fetch it.
    Fetch,
    /// It is not WebAssembly, or damaged.
    Header,
    /// No version of the ABI that Envoy knows.
    Abi,
    /// It does not compile.
    Compile,
    /// It needs a function that Envoy does not have.
    Imports,
    /// Its memory or its segments are impossible.
    Instantiate,
    /// It has no allocator.
    Allocator,
    /// A callback has another type than Envoy calls.
    Exports,
}

impl Refusal {
    const ALL: [Self; 8] = [
        Self::Fetch,
        Self::Header,
        Self::Abi,
        Self::Compile,
        Self::Imports,
        Self::Instantiate,
        Self::Allocator,
        Self::Exports,
    ];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Header => "header",
            Self::Abi => "abi",
            Self::Compile => "compile",
            Self::Imports => "imports",
            Self::Instantiate => "instantiate",
            Self::Allocator => "allocator",
            Self::Exports => "exports",
        }
    }
}

impl FromStr for Refusal {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The verdict on a module, as a chip says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Verdict {
    /// Whether it loads.
    pub loads: Loads,
    /// Where it ends, when it does not.
    pub refusal: Option<Refusal>,
}

impl Verdict {
    /// It loads.
    pub const YES: Self = Self { loads: Loads::Yes, refusal: None };

    /// It is refused.
    pub fn refused(refusal: Refusal) -> Self {
        Self { loads: Loads::No, refusal: Some(refusal) }
    }
}
