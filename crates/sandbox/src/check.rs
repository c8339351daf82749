//! Looks at a module without running it: what it is, and what Envoy will say to it.
//!
//! - [`look`] is the way in; what it answers is data, which [`Checked::report`] puts into words of one language.
//! - `refuse` has Envoy's refusals in its order; the engine asks it too. [`scan`] is Envoy's own first look at the
//!   bytes, [`facts`] what the module says of itself, [`compile`] whether it compiles.
//! - [`found`] is what can be found, and [`texts`] says it.

pub mod compile;
mod cost;
mod describe;
pub mod facts;
pub mod found;
mod looks;
mod nameless;
mod origin;
pub(crate) mod refuse;
pub mod scan;
mod surprise;
#[cfg(test)]
mod tests;
pub mod texts;

use marketplace_domain::Lang;
use serde::{Deserialize, Serialize};

use crate::modules::sha256_hex;
use crate::report::{
    Abi, CHECK_FORMAT, CheckEngine, CheckReport, CustomSection, Export, Finding, Import, Memory, Producers, Sdk,
    Severity, Stage, Table, Verdict,
};
use crate::threads;
use compile::{Compiles, compiles_within};
use cost::Cost;
use facts::Facts;
use found::{Found, What};

/// Raise when the check would say something else of the same module: what is kept of it (verdicts, compiled code) is made
/// anew then.
pub const REVISION: u32 = 4;

/// All that the check knows of a module, in no language: to be kept, and shown in any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// Of all bytes.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// Which version, by which exports.
    pub abi: Abi,
    /// `higress`, or nobody's.
    pub vendor: Option<String>,
    /// `rust`, `go` and so on.
    pub language: Option<String>,
    /// What the plugin was written with.
    pub sdk: Option<Sdk>,
    /// The custom section of that name.
    pub producers: Producers,
    /// In module order.
    pub imports: Vec<Import>,
    /// In module order.
    pub exports: Vec<Export>,
    /// The first memory.
    pub memory: Option<Memory>,
    /// In module order.
    pub tables: Vec<Table>,
    /// In module order.
    pub custom_sections: Vec<CustomSection>,
    /// Refusals first, in Envoy's load order; then warnings, then notes.
    pub found: Vec<Found>,
}

/// Looks at the bytes of a module.
#[must_use]
pub fn look(bytes: &[u8]) -> Checked {
    let core = bytes.starts_with(b"\0asm") && !is_component(bytes);
    let cost = if core { Cost::of(bytes) } else { Cost::default() };
    let readable = core && cost.facts <= cost::MOST;
    // Whether it compiles takes the longest: the rest is found out meanwhile.
    let rest = || {
        let facts = if readable { Facts::read(bytes) } else { Facts::default() };
        let origin = origin::origin(&facts);
        (facts, origin, sha256_hex(bytes))
    };
    let compiles = || match cost::MOST.checked_sub(cost.facts + cost.code) {
        Some(left) => compiles_within(bytes, left),
        None => Compiles::TooMuch,
    };
    let ((facts, origin, sha256), compiled) = if bytes.len() < threads::WORTH_IT {
        (rest(), compiles())
    } else {
        threads::share(|| rayon::join(rest, compiles))
    };
    let version = scan::abi_version(bytes).ok().flatten();
    let mut found = if readable || !core {
        refuse::all(bytes, &facts, &compiled)
    } else {
        // Nothing was read in which a refusal could be found, but for Envoy's own first look.
        refuse::before_reading(bytes)
    };
    if core {
        found.extend(surprise::all(bytes, readable.then_some(&facts), version, &compiled));
    }
    Checked {
        sha256,
        size: bytes.len() as u64,
        abi: Abi {
            version: version.filter(|_| core).map(|version| version.dotted().to_owned()),
            markers: refuse::markers(&facts)
                .into_iter()
                .map(|(name, _)| name.to_owned())
                .take(describe::MOST)
                .collect(),
        },
        vendor: origin.vendor,
        language: origin.language,
        sdk: origin.sdk,
        producers: origin.producers,
        imports: describe::imports(&facts, version),
        exports: describe::exports(&facts, version),
        memory: describe::memory(&facts),
        tables: describe::tables(&facts),
        custom_sections: describe::custom_sections(&facts),
        found,
    }
}

/// Whether these are a component's version and layer.
fn is_component(bytes: &[u8]) -> bool {
    bytes.get(..4) == Some(b"\0asm") && bytes.get(6..8) == Some(&[1, 0])
}

impl Checked {
    /// The first refusal in Envoy's load order.
    #[must_use]
    pub fn refusal(&self) -> Option<&Found> {
        self.found.first().filter(|found| found.what.severity() == Severity::Refuse)
    }

    /// Whether everything was looked at that Envoy may refuse it for.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.found.iter().all(|found| found.what != What::NotSettled)
    }

    /// In one word.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.refusal().map(|found| &found.what) {
            None => Verdict::Loads,
            Some(What::NotWasm(_) | What::Component) => Verdict::NotWasm,
            Some(_) => Verdict::Refused,
        }
    }

    /// Where Envoy refuses it.
    #[must_use]
    pub fn stage(&self) -> Option<Stage> {
        self.refusal().and_then(|found| found.stage)
    }

    /// What Envoy writes then; `None` also where it writes nothing.
    #[must_use]
    pub fn envoy_text(&self) -> Option<&str> {
        self.refusal().and_then(|found| found.envoy_text.as_deref())
    }

    /// One sentence for people.
    #[must_use]
    pub fn summary(&self, lang: Lang) -> String {
        let warnings = self.found.iter().filter(|found| found.what.severity() == Severity::Warn).count();
        let unsettled = self.found.iter().find(|found| found.what == What::NotSettled);
        texts::summary(lang, self.refusal().or(unsettled).map(|found| &found.what), warnings)
    }

    /// In the form of the contract.
    #[must_use]
    pub fn report(&self, lang: Lang) -> CheckReport {
        let engine = crate::engine::engine();
        CheckReport {
            format: CHECK_FORMAT.to_owned(),
            verdict: self.verdict(),
            stage: self.stage(),
            envoy_text: self.envoy_text().map(str::to_owned),
            summary: self.summary(lang),
            sha256: self.sha256.clone(),
            size: self.size,
            abi: self.abi.clone(),
            vendor: self.vendor.clone(),
            language: self.language.clone(),
            sdk: self.sdk.clone(),
            producers: self.producers.clone(),
            imports: self.imports.clone(),
            exports: self.exports.clone(),
            memory: self.memory.clone(),
            tables: self.tables.clone(),
            custom_sections: self.custom_sections.clone(),
            findings: self.found.iter().map(|found| finding(found, lang)).collect(),
            engine: CheckEngine { name: engine.name, version: engine.version },
        }
    }
}

fn finding(found: &Found, lang: Lang) -> Finding {
    Finding {
        code: found.what.code().to_owned(),
        severity: found.what.severity(),
        stage: found.stage,
        text: texts::text(lang, &found.what),
        advice: texts::advice(lang, &found.what),
        envoy_text: found.envoy_text.clone(),
        subject: found.what.subject().map(str::to_owned),
    }
}
