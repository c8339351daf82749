//! The calls between the proxy and the modules, a page at a time.

use leptos::prelude::*;
use marketplace_domain::{
    Lang,
    views::run::{Call, RunView},
};

use crate::{components::Pager, texts::run as t};

/// The table.
pub fn trace(run: &RunView, lang: Lang) -> impl IntoView + use<> {
    let trace = &run.trace;
    let several = run.plugins.len() > 1;
    let name = |plugin: usize| run.plugins.get(plugin).map_or_else(String::new, |plugin| plugin.name.clone());
    let row = |call: &Call| {
        let way = match call.dir.as_str() {
            "vm" => ("→", t::by_proxy(lang)),
            "host" => ("←", t::by_module(lang)),
            _ => ("·", t::by_host(lang)),
        };
        let at = match several {
            true => t::at(lang, Some(&name(call.plugin)), Some(&call.phase)),
            false => t::phase_word(lang, &call.phase),
        };
        let short = call.name.strip_prefix("env.").unwrap_or(&call.name).to_owned();
        view! {
            <tr class=format!("trace-{}", call.dir)>
                <td class="trace-n">{call.n.to_string()}</td>
                <td>
                    <span aria-hidden="true" class="trace-way">{way.0}</span>
                    <span class="visually-hidden">{way.1} ": "</span>
                    <code>{short}</code>
                    <span class="trace-at">{at}</span>
                </td>
                <td class="trace-args"><code>{call.args.clone()}</code></td>
                <td><code>{call.ret.clone().unwrap_or_default()}</code></td>
            </tr>
        }
    };
    let content = match (trace.calls.first(), trace.calls.last()) {
        (Some(first), Some(last)) => {
            let place = t::trace_place(lang, first.n, last.n, trace.kept, trace.total);
            let page = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
            view! {
                <p class="field-hint">{place}</p>
                <div class="table-box" tabindex="0" role="region" aria-label=t::trace(lang)>
                    <table class="table trace">
                        <thead>
                            <tr>
                                <th scope="col">"#"</th>
                                <th scope="col">{t::call(lang)}</th>
                                <th scope="col">{t::arguments(lang)}</th>
                                <th scope="col">{t::returned(lang)}</th>
                            </tr>
                        </thead>
                        <tbody>{trace.calls.iter().map(row).collect_view()}</tbody>
                    </table>
                </div>
                <Pager page=page(trace.page) pages=page(trace.pages)/>
            }
            .into_any()
        }
        _ => view! { <p class="muted">{t::no_trace(lang)}</p> }.into_any(),
    };
    // Closed on the first page, where it is one of many things; open on those that were paged to.
    let open = trace.page > 1;
    view! {
        <section aria-labelledby="run-trace" id="trace">
            <h2 id="run-trace">{t::trace(lang)}</h2>
            <details open=open><summary>{t::trace_explained(lang)}</summary>{content}</details>
        </section>
    }
}
