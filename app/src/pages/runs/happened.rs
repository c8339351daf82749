//! What happened in a run, beside the messages: refusals, replies, log lines, calls, counters, and what is doubtful.

use leptos::prelude::*;
use marketplace_domain::{
    Lang,
    views::run::{Callout, RunPlugin, RunView},
};

use crate::{
    components::{Chip, Tone},
    texts::{grouped, run as t, trial},
};

/// Longer lists are closed until somebody opens them.
const OPEN: usize = 20;

fn name(run: &RunView, plugin: Option<usize>) -> Option<String> {
    run.plugins.get(plugin?).map(|plugin| plugin.name.clone())
}

/// The plugins in the order of a request, those that were left out behind them.
pub fn plugins(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let one = |plugin: &RunPlugin| {
        let (tone, words) = match plugin.accepted {
            Some(true) => (Tone::Good, t::accepted(lang)),
            Some(false) => (Tone::Bad, t::refused(lang)),
            None => (Tone::Neutral, t::not_tried(lang)),
        };
        let abi = plugin.abi.clone().map(|abi| format!("ABI {abi}"));
        let digest = plugin.sha256.get(..12).map(|head| format!("{head}…"));
        let facts = abi.into_iter().chain(digest).collect::<Vec<_>>().join(" · ");
        let this = plugin.this.then(|| view! { <span class="muted">" (" {t::this_plugin(lang)} ")"</span> });
        view! {
            <li>
                <p><strong>{plugin.name.clone()}</strong>{this}</p>
                <p class="muted" title=plugin.sha256.clone()>{facts}</p>
                <Chip text=words tone/>
            </li>
        }
    };
    let left_out = run
        .left_out
        .iter()
        .map(|(name, why)| {
            view! { <li><p><strong>{name.clone()}</strong></p><p class="muted">{trial::left_out_why(lang, *why)}</p></li> }
        })
        .collect_view();
    let env = (!run.unknown_env.is_empty()).then(
        || view! { <p class="field-hint">{t::unknown_env(lang)} " " <code>{run.unknown_env.join(", ")}</code></p> },
    );
    view! { <ol class="run-plugins">{run.plugins.iter().map(one).collect_view()}{left_out}</ol>{env} }
}

/// Plugins that Envoy refuses, in Envoy's words, and crashes.
pub fn refusals(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let refused = run
        .plugins
        .iter()
        .filter(|plugin| plugin.accepted == Some(false))
        .map(|plugin| {
            let stage = plugin.stage.as_deref().map(|word| t::stage(lang, word)).unwrap_or_default();
            let words = plugin.envoy_text.clone().map(|text| {
                view! { <p>{t::envoy_says(lang)}</p><pre class="code run-words" tabindex="0"><code>{text}</code></pre> }
            });
            view! { <div class="run-refusal"><p><strong>{plugin.name.clone()}</strong>": "{stage}</p>{words}</div> }
        })
        .collect_view();
    let traps = (!run.traps.is_empty()).then(|| {
        let traps = run
            .traps
            .iter()
            .map(|trap| {
                let who = name(run, Some(trap.plugin)).unwrap_or_default();
                let frames = trap.backtrace.iter().take(30).map(|frame| format!("  {frame}\n")).collect::<String>();
                let text = format!("{}\n{frames}", trap.text);
                view! {
                    <li>
                        <p><strong>{who}</strong>" "<code>{trap.function.clone()}</code></p>
                        <pre class="code run-words" tabindex="0"><code>{text}</code></pre>
                    </li>
                }
            })
            .collect_view();
        view! { <section aria-labelledby="run-traps"><h2 id="run-traps">{t::traps(lang)}</h2><ul class="run-list">{traps}</ul></section> }
    });
    view! { {refused}{traps} }
}

/// What is not certain: limits, what is not simulated, and what Envoy says nothing of.
pub fn doubts(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let limits = (!run.limits.is_empty()).then(|| {
        let lines = run
            .limits
            .iter()
            .map(|limit| {
                let at = t::at(lang, name(run, limit.plugin).as_deref(), limit.phase.as_deref());
                let at = if at.is_empty() { at } else { format!(" · {at}") };
                view! { <li>{t::limit(lang, &limit.name)} ": " {t::limit_value(lang, &limit.name, &limit.value)} {at}</li> }
            })
            .collect_view();
        view! {
            <section class="note note-warning" aria-labelledby="run-limits">
                <h2 id="run-limits">{t::limits(lang)}</h2><ul>{lines}</ul>
            </section>
        }
    });
    let not_simulated = (!run.not_simulated.is_empty()).then(|| {
        let lines = run
            .not_simulated
            .iter()
            .map(|(what, text)| view! { <li><code>{what.clone()}</code>": "<span lang="en">{text.clone()}</span></li> })
            .collect_view();
        view! {
            <section class="note note-warning" aria-labelledby="run-not-simulated">
                <h2 id="run-not-simulated">{t::not_simulated(lang)}</h2>
                <p>{t::not_simulated_hint(lang)}</p>
                <ul>{lines}</ul>
            </section>
        }
    });
    let warnings = (!run.warnings.is_empty()).then(|| {
        let lines = run
            .warnings
            .iter()
            .map(|warning| {
                let at = t::at(lang, name(run, warning.plugin).as_deref(), warning.phase.as_deref());
                let (text, advice) = (warning.text.clone(), warning.advice.clone());
                let words = match t::warning_zh(&warning.code).filter(|_| lang == Lang::Zh) {
                    Some((what, advice)) => {
                        view! { <p>{what} {advice}</p><p class="muted" lang="en">{text}</p> }.into_any()
                    }
                    None => view! { <p lang="en">{text} " " {advice}</p> }.into_any(),
                };
                view! {
                    <li>
                        {words}
                        <p class="run-place"><code>{warning.code.clone()}</code> " " {at}</p>
                    </li>
                }
            })
            .collect_view();
        view! {
            <section class="note note-warning" aria-labelledby="run-warnings">
                <h2 id="run-warnings">{t::warnings(lang)}</h2><ul class="run-warnings">{lines}</ul>
            </section>
        }
    });
    view! { {limits}{not_simulated}{warnings} }
}

/// The reply that no upstream made.
pub fn reply(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let reply = run.reply.as_ref().map(|reply| {
        let by = name(run, reply.plugin);
        let line = t::reply_line(lang, by.as_deref(), reply.phase.as_deref(), reply.status, reply.reached_client);
        view! { <dt>{t::reply(lang)}</dt><dd>{line}</dd> }
    });
    let details = run.details.clone().filter(|details| !details.is_empty());
    let details = details.map(|text| view! { <dt>{t::details(lang)}</dt><dd><code>{text}</code></dd> });
    (reply.is_some() || details.is_some())
        .then(|| view! { <dl class="fact-list fact-list-wide run-reply">{reply}{details}</dl> })
}

/// The plugins' own lines.
pub fn log(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let lines = run
        .logs
        .iter()
        .map(|line| {
            let at = t::at(lang, name(run, Some(line.plugin)).as_deref(), Some(&line.phase));
            view! {
                <li>
                    <span class=format!("log-level log-{}", line.level)>{line.level.clone()}</span>
                    <span class="log-text">{line.text.clone()}</span>
                    <span class="log-at">{at}</span>
                </li>
            }
        })
        .collect_view();
    let content = match run.logs.is_empty() {
        true => view! { <p class="muted">{t::no_log(lang)}</p> }.into_any(),
        false => {
            view! { <ol class="code log" tabindex="0" role="region" aria-label=t::log(lang)>{lines}</ol> }.into_any()
        }
    };
    view! { <section aria-labelledby="run-log"><h2 id="run-log">{t::log(lang)}</h2>{content}</section> }
}

/// Calls, counters, shared data, earlier exchanges.
pub fn all(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    view! { {callouts(run, lang)}{metrics(run, lang)}{shared(run, lang)}{before(run, lang)} }
}

fn callouts(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let one = |call: &Callout| {
        let result = t::call_result(lang, &call.result, call.status);
        let tone = if call.result == "answered" { Tone::Good } else { Tone::Warn };
        let who = name(run, Some(call.plugin)).unwrap_or_default();
        let blank = if call.body.is_empty() { "" } else { "\n\n" };
        let sent = format!("{}\n{}{blank}{}", call.start, call.headers.join("\n"), call.body);
        view! {
            <li>
                <p><code>{call.cluster.clone()}</code> " " <Chip text=result tone/></p>
                <p class="muted">{format!("{who} · {} · {} ms", call.kind, grouped(call.timeout_ms.into()))}</p>
                <details>
                    <summary>{t::sent(lang)}</summary>
                    <pre class="code run-words" tabindex="0"><code>{sent}</code></pre>
                </details>
            </li>
        }
    };
    let content = match run.callouts.is_empty() {
        true => view! { <p class="muted">{t::no_callouts(lang)}</p> }.into_any(),
        false => view! { <ol class="run-list">{run.callouts.iter().map(one).collect_view()}</ol> }.into_any(),
    };
    view! { <section aria-labelledby="run-callouts"><h2 id="run-callouts">{t::callouts(lang)}</h2>{content}</section> }
}

fn metrics(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let rows = run
        .metrics
        .iter()
        .map(|(name, kind, value)| {
            let kind = match kind.as_str() {
                "counter" => t::counter(lang).to_owned(),
                "gauge" => t::gauge(lang).to_owned(),
                "histogram" => t::histogram(lang).to_owned(),
                other => other.to_owned(),
            };
            view! { <tr><td><code>{name.clone()}</code></td><td>{kind}</td><td>{grouped(*value)}</td></tr> }
        })
        .collect_view();
    let table = view! {
        <div class="table-box" tabindex="0" role="region" aria-label=t::metrics(lang)>
            <table class="table">
                <thead>
                    <tr><th scope="col">{t::metric(lang)}</th><th scope="col">{t::kind(lang)}</th><th scope="col">{t::value(lang)}</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    };
    let content = match run.metrics.len() {
        0 => view! { <p class="muted">{t::no_metrics(lang)}</p> }.into_any(),
        few if few <= OPEN => table.into_any(),
        many => view! { <details><summary>{grouped(many as u64)}</summary>{table}</details> }.into_any(),
    };
    view! { <section aria-labelledby="run-metrics"><h2 id="run-metrics">{t::metrics(lang)}</h2>{content}</section> }
}

fn shared(run: &RunView, lang: Lang) -> Option<impl IntoView + use<>> {
    (!run.shared.is_empty()).then(|| {
        let rows = run
            .shared
            .iter()
            .map(|(key, value)| view! { <dt><code>{key.clone()}</code></dt><dd><code>{value.clone()}</code></dd> })
            .collect_view();
        let open = run.shared.len() <= OPEN;
        view! {
            <section aria-labelledby="run-shared">
                <h2 id="run-shared">{t::shared(lang)}</h2>
                <details open=open>
                    <summary>{grouped(run.shared.len() as u64)}</summary>
                    <dl class="fact-list fact-list-wide">{rows}</dl>
                </details>
            </section>
        }
    })
}

fn before(run: &RunView, lang: Lang) -> Option<impl IntoView + use<>> {
    (!run.before.is_empty()).then(|| {
        let rows = run
            .before
            .iter()
            .map(|(outcome, status)| {
                let status = status.map(|status| format!(" · {status}"));
                view! { <li>{t::outcome_word(lang, *outcome)}{status}</li> }
            })
            .collect_view();
        view! { <section aria-labelledby="run-before"><h2 id="run-before">{t::before(lang)}</h2><ol>{rows}</ol></section> }
    })
}
