//! What a run took: time and instructions for each phase, and memory. Measured in this run, and said so.

use leptos::prelude::*;
use marketplace_domain::{Lang, views::run::RunView};

use crate::texts::{bytes, grouped, run as t};

/// The table and the memory.
pub fn cost(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let name = |plugin: usize| run.plugins.get(plugin).map_or_else(String::new, |plugin| plugin.name.clone());
    let several = run.plugins.len() > 1;
    let phases = run
        .phases
        .iter()
        .map(|one| {
            let who = several.then(|| view! { <span class="muted run-who">{name(one.plugin)}</span> });
            view! {
                <tr>
                    <th scope="row">{t::phase_word(lang, &one.phase)}{who}</th>
                    <td>{grouped(one.calls)}</td>
                    <td>{t::nanoseconds(one.ns)}</td>
                    <td>{grouped(one.fuel)}</td>
                </tr>
            }
        })
        .collect_view();
    let memory = run
        .memory
        .iter()
        .map(|one| {
            let who = several.then(|| view! { <p class="muted">{name(one.plugin)}</p> });
            view! {
                {who}
                <dl class="fact-list">
                    <dt>{t::memory_initial(lang)}</dt>
                    <dd>{bytes(one.initial)}</dd>
                    <dt>{t::memory_peak(lang)}</dt>
                    <dd>{bytes(one.peak)}</dd>
                    <dt>{t::memory_limit(lang)}</dt>
                    <dd>{bytes(one.limit)}</dd>
                </dl>
            }
        })
        .collect_view();
    view! {
        <section class="card" aria-labelledby="run-cost">
            <h2 id="run-cost">{t::cost(lang)}</h2>
            <div class="table-box" tabindex="0" role="region" aria-label=t::cost(lang)>
                <table class="run-cost">
                    <thead>
                        <tr>
                            <th scope="col">{t::phase(lang)}</th>
                            <th scope="col">{t::calls(lang)}</th>
                            <th scope="col">{t::time(lang)}</th>
                            <th scope="col">{t::fuel(lang)}</th>
                        </tr>
                    </thead>
                    <tbody>{phases}</tbody>
                </table>
            </div>
            <p class="field-hint">{t::fuel_hint(lang)}</p>
            <h3>{t::memory(lang)}</h3>
            {memory}
        </section>
    }
}
