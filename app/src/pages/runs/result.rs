//! What came of a run, as the step Try and the page of the run show it: the outcome in words, both messages, the log.

use leptos::prelude::*;
use marketplace_domain::{
    Lang,
    views::run::{Outcome, RunView},
};

use super::{
    happened,
    message::{Way, message},
};
use crate::{
    components::{Chip, Tone},
    texts::{bytes, plural, run as t},
};

/// Phases before the first request; what they take is not what a request takes.
const BEFORE_REQUESTS: [&str; 5] = ["compile", "instantiate", "start", "vm_start", "configure"];

/// The result.
pub fn result(run: &RunView, lang: Lang) -> AnyView {
    let good = run.outcome == Outcome::Responded && run.traps.is_empty();
    let class = if good { "note note-good run-outcome" } else { "note note-bad run-outcome" };
    view! {
        <section class="run-result" id="result" tabindex="-1" aria-labelledby="result-title">
            <h2 id="result-title" class="visually-hidden">{t::result(lang)}</h2>
            <p class=class role="status">{t::outcome(lang, run)}</p>
            {happened::refusals(run, lang)}
            {happened::doubts(run, lang)}
            {figures(run, lang)}
            {message(Way::Response, run.response.as_ref(), lang)}
            {happened::reply(run, lang)}
            {message(Way::Request, run.request.as_ref(), lang)}
            {happened::log(run, lang)}
        </section>
    }
    .into_any()
}

/// Time, memory, calls and the configuration of the plugin that was tried, as measured in this run.
fn figures(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let this = run.plugins.iter().position(|plugin| plugin.this);
    let mine = |plugin: usize| Some(plugin) == this;
    let ns: u64 = run
        .phases
        .iter()
        .filter(|one| mine(one.plugin) && !BEFORE_REQUESTS.contains(&one.phase.as_str()))
        .map(|one| one.ns)
        .sum();
    let peak = run.memory.iter().find(|one| mine(one.plugin)).map(|one| bytes(one.peak));
    let accepted = this.and_then(|at| run.plugins.get(at)).and_then(|plugin| plugin.accepted);
    let accepted = accepted.map(|accepted| match accepted {
        true => view! { <Chip text=t::accepted(lang) tone=Tone::Good/> },
        false => view! { <Chip text=t::refused(lang) tone=Tone::Bad/> },
    });
    let calls = run.callouts.len();
    let calls = match lang {
        Lang::En => plural(calls as u64, "outbound call", "outbound calls"),
        Lang::Zh => format!("{} {calls}", t::outbound(lang)),
    };
    view! {
        <p class="run-figures">
            {(ns > 0 && run.outcome != Outcome::Refused).then(|| view! { <span><strong>{t::nanoseconds(ns)}</strong> " " {t::in_plugin(lang)}</span> })}
            {peak.map(|peak| view! { <span><strong>{peak}</strong> " " {t::peak_memory(lang)}</span> })}
            <span>{calls}</span>
            {accepted}
        </p>
    }
}
