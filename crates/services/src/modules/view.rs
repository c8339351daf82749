//! From what is kept to what pages show.

use marketplace_catalogue::{ModuleCheck, Probe};
use marketplace_domain::{
    Digest, Lang, Localised, Verdict,
    verdict::Refusal,
    views::verdict::{Checked, Found, ImportLine, ModuleView, Source, Weight},
};
use marketplace_sandbox::{
    check::{self, found::What, texts},
    report::Severity,
};

/// More imports than any ABI has are counted, not listed.
const IMPORTS: usize = 200;

/// Where a module was found, and which it is.
pub fn source(probe: Option<Probe>) -> (Source, Option<Digest>) {
    let Some(probe) = probe else { return (Source::NotYet, None) };
    let at = probe.at.timestamp();
    match probe.outcome {
        Ok(found) => {
            let digest = found.digest.to_string();
            (Source::Fetched { layout: found.layout, took_ms: found.took_ms, digest, at }, Some(found.module))
        }
        Err(problem) => (Source::Failed { problem, at }, None),
    }
}

/// The whole of it.
pub fn module(source: Source, check: Option<&ModuleCheck>) -> ModuleView {
    let verdict = match (&source, check) {
        (Source::Failed { problem, .. }, _) if !problem.is_about_us() => Verdict::refused(Refusal::Fetch),
        (Source::Failed { .. }, _) | (_, None) => Verdict::default(),
        (_, Some(ModuleCheck { refusal: Some(refusal), .. })) => Verdict::refused(*refusal),
        (_, Some(ModuleCheck { settled: false, .. })) => Verdict::default(),
        (_, Some(_)) => Verdict::YES,
    };
    ModuleView { verdict, source, checked: check.and_then(checked) }
}

/// What the checker said; nothing where it is written in a form of another time. It is made anew then.
fn checked(check: &ModuleCheck) -> Option<Checked> {
    let answer: check::Checked = serde_json::from_value(check.report.clone()).ok()?;
    let imports = answer.imports.into_iter().take(IMPORTS).map(|import| ImportLine {
        name: format!("{}.{}", import.module, import.name),
        kind: import.ty,
        served: import.served,
    });
    Some(Checked {
        imports: imports.collect(),
        findings: answer.found.iter().map(found).collect(),
        sha256: answer.sha256,
        size: answer.size,
        abi: answer.abi.version,
        language: answer.language,
        sdk: answer.sdk.map(|sdk| match sdk.version {
            Some(version) => format!("{} {version}", sdk.name),
            None => sdk.name,
        }),
        vendor: answer.vendor,
        at: check.at.timestamp(),
    })
}

fn found(one: &check::found::Found) -> Found {
    let both = |say: fn(Lang, &What) -> String| Localised::new(say(Lang::En, &one.what), say(Lang::Zh, &one.what));
    Found {
        code: one.what.code().to_owned(),
        weight: match one.what.severity() {
            Severity::Refuse => Weight::Refuse,
            Severity::Warn => Weight::Warn,
            Severity::Note => Weight::Note,
        },
        text: both(texts::text),
        advice: both(texts::advice),
        envoy_text: one.envoy_text.clone(),
    }
}
