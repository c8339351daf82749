//! "Will it load?": the chip, the facts, and what was found.

use leptos::prelude::*;
use marketplace_domain::{
    Lang, Loads, Verdict,
    views::verdict::{Checked, Found, ModuleView, Source, Weight},
};

use super::{Chip, Tone, When};
use crate::{
    i18n::use_lang,
    texts::{bytes, fetch, module as t},
};

/// The verdict in one word.
#[component]
pub fn VerdictChip(
    /// The verdict.
    verdict: Verdict,
) -> impl IntoView {
    view! { <Chip text=t::chip(use_lang(), verdict) tone=tone(verdict.loads)/> }
}

/// Yes or no, beside the question.
#[component]
pub fn AnswerChip(
    /// The verdict.
    verdict: Verdict,
) -> impl IntoView {
    let lang = use_lang();
    let text = match verdict.loads {
        Loads::Yes => t::yes(lang),
        Loads::No => t::no(lang),
        Loads::Unknown => t::unknown(lang),
    };
    view! { <Chip text=text tone=tone(verdict.loads)/> }
}

fn tone(loads: Loads) -> Tone {
    match loads {
        Loads::Yes => Tone::Good,
        Loads::No => Tone::Bad,
        Loads::Unknown => Tone::Neutral,
    }
}

/// The facts, one line each, and in words what is in the way.
#[component]
pub fn ModuleFacts(
    /// What is known.
    module: ModuleView,
    /// Whether warnings are written out, and not only counted.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let lang = use_lang();
    let ModuleView { verdict, source, checked } = module;
    let at = match (&source, &checked) {
        (Source::Fetched { at, .. } | Source::Failed { at, .. }, _) => Some(*at),
        (_, Some(checked)) => Some(checked.at),
        _ => None,
    };
    let sentence = match &source {
        Source::Failed { problem, .. } => {
            let class = if problem.is_about_us() { "note note-warning" } else { "note note-bad" };
            Some(view! { <p class=class>{fetch::sentence(lang, problem)}</p> }.into_any())
        }
        Source::NotYet => Some(view! { <p class="note">{t::not_yet(lang)}</p> }.into_any()),
        _ => None,
    };
    let found = checked.as_ref().map(|checked| checked.findings.clone()).unwrap_or_default();
    let (refusals, rest): (Vec<_>, Vec<_>) = found.into_iter().partition(|one| one.weight == Weight::Refuse);
    let rest_count = rest.iter().filter(|one| one.weight == Weight::Warn).count();
    view! {
        <dl class="fact-list">
            {how(lang, &source)}
            {checked.map(|checked| what(lang, verdict, &checked))}
            {at.map(|at| view! { <dt>{t::looked(lang)}</dt><dd><When at=at/></dd> })}
        </dl>
        {sentence}
        <Findings found=refusals/>
        {if full {
            view! { <Findings found=rest/> }.into_any()
        } else {
            (rest_count > 0).then(|| view! { <p class="field-hint">{t::more_findings(lang, rest_count)}</p> }).into_any()
        }}
    }
}

fn how(lang: Lang, source: &Source) -> AnyView {
    match source {
        Source::NotYet => ().into_any(),
        Source::Hosted => {
            fact(t::reachable(lang), true, fetch::layout(lang, marketplace_domain::fetch::Layout::Hosted))
        }
        Source::Fetched { layout, took_ms, digest, .. } => view! {
            {fact(t::reachable(lang), true, &t::fetched_in(lang, *took_ms))}
            {fact(t::layout(lang), true, fetch::layout(lang, *layout))}
            <dt>{t::pin(lang)}</dt>
            <dd><code title=digest.clone()>{crate::texts::short_digest(digest)}</code></dd>
        }
        .into_any(),
        Source::Failed { problem, .. } if problem.is_about_us() => {
            view! { <dt>{t::reachable(lang)}</dt><dd>{t::unknown(lang)}</dd> }.into_any()
        }
        Source::Failed { .. } => fact(t::reachable(lang), false, t::no(lang)),
    }
}

fn what(lang: Lang, verdict: Verdict, checked: &Checked) -> AnyView {
    let served = checked.imports.iter().filter(|import| import.served).count();
    let all = checked.imports.len();
    let abi = checked.abi.as_ref().map(|version| format!("proxy-wasm {version}"));
    let written = [checked.language.as_deref().map(t::language_name), checked.sdk.as_deref()];
    let written = written.into_iter().flatten().collect::<Vec<_>>().join(" · ");
    // Bytes that are no module have neither ABI nor imports to speak of.
    let is_module = abi.is_some() || all > 0 || verdict.loads == Loads::Yes;
    view! {
        {is_module.then(|| {
            let known = abi.is_some();
            view! {
                {fact(t::abi(lang), known, abi.as_deref().unwrap_or(t::unknown(lang)))}
                {fact(t::imports(lang), served == all, &t::imports_served(lang, served, all))}
            }
        })}
        {checked.vendor.is_some().then(|| fact(t::vendor(lang), false, t::vendor_only(lang)))}
        {(!written.is_empty()).then(|| view! { <dt>{t::language(lang)}</dt><dd>{written}</dd> })}
        <dt>{t::size(lang)}</dt>
        <dd>{bytes(checked.size)}</dd>
    }
    .into_any()
}

fn fact(name: &'static str, good: bool, text: &str) -> AnyView {
    let class = if good { "fact-good" } else { "fact-bad" };
    let sign = if good { "✓ " } else { "✗ " };
    view! { <dt>{name}</dt><dd class=class>{sign}{text.to_owned()}</dd> }.into_any()
}

/// What was found, each with what to do about it.
#[component]
pub fn Findings(
    /// What was found.
    found: Vec<Found>,
) -> impl IntoView {
    let lang = use_lang();
    (!found.is_empty()).then(|| {
        let lines = found
            .into_iter()
            .map(|one| {
                let (class, word) = match one.weight {
                    Weight::Refuse => ("finding finding-refuse", t::refuse(lang)),
                    Weight::Warn => ("finding finding-warn", t::warn(lang)),
                    Weight::Note => ("finding", t::note(lang)),
                };
                let envoy = one.envoy_text.clone().map(|text| {
                    view! {
                        <p class="finding-envoy"><span class="muted">{t::envoy_says(lang)}": "</span><code>{text}</code></p>
                    }
                });
                view! {
                    <li class=class>
                        <p><strong>{word}": "</strong>{one.text.get(lang).to_owned()}</p>
                        <p>{one.advice.get(lang).to_owned()}</p>
                        {envoy}
                    </li>
                }
            })
            .collect_view();
        view! { <ul class="findings">{lines}</ul> }
    })
}
