//! The facts: proposed settings and the module.

use leptos::prelude::*;
use marketplace_domain::views::market::PluginPage as Plugin;

use super::api::LookAgain;
use crate::{
    components::{AnswerChip, Findings, ModuleFacts, When},
    i18n::use_lang,
    texts::{bytes, module, plugin as t, short_digest, words},
};

/// What the plugin proposes.
#[component]
pub fn Proposed(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    let proposal = plugin.proposal;
    view! {
        <section class="card">
            <h2>{t::proposed(lang)}</h2>
            <dl class="fact-list">
                <dt>{t::phase(lang)}</dt>
                <dd>{words::phase(lang, proposal.phase)}</dd>
                <dt>{t::priority(lang)}</dt>
                <dd>{proposal.priority.get()}</dd>
                <dt>{t::if_it_fails(lang)}</dt>
                <dd>{words::fail_strategy(lang, proposal.fail_strategy)}</dd>
                <dt>{t::direction(lang)}</dt>
                <dd>{words::direction(lang, proposal.direction)}</dd>
            </dl>
        </section>
    }
}

/// "Will it load?"
#[component]
pub fn WillItLoad(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    let loading = plugin.loading;
    view! {
        <section class="card module-box">
            <div class="module-head"><h2>{module::will_it_load(lang)}</h2><AnswerChip verdict=loading.verdict/></div>
            <ModuleFacts module=loading/>
        </section>
    }
}

/// What was found in the module, and what it needs of the proxy.
#[component]
pub fn Inside(plugin: Plugin, again: ServerAction<LookAgain>) -> impl IntoView {
    let lang = use_lang();
    let Plugin { name, version, loading, .. } = plugin;
    let checked = loading.checked;
    let findings = checked.as_ref().map(|checked| {
        if checked.findings.is_empty() {
            view! { <p class="note note-good">{module::nothing_found(lang)}</p> }.into_any()
        } else {
            view! { <Findings found=checked.findings.clone()/> }.into_any()
        }
    });
    let imports = checked.filter(|checked| !checked.imports.is_empty()).map(|checked| {
        let rows = checked.imports.into_iter().map(|import| {
            let there = if import.served { module::yes(lang) } else { module::no(lang) };
            view! { <tr><td><code>{import.name}</code></td><td><code>{import.kind}</code></td><td>{there}</td></tr> }
        });
        let rows = rows.collect_view();
        view! {
            <section>
                <h2>{module::all_imports(lang)}</h2>
                <div class="table-box imports-table" tabindex="0" role="region" aria-label=module::all_imports(lang)>
                    <table class="table">
                        <thead>
                            <tr>
                                <th scope="col">{module::function(lang)}</th>
                                <th scope="col">{module::kind(lang)}</th>
                                <th scope="col">{module::there(lang)}</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
        }
    });
    view! {
        <section>
            <div class="module-head">
                <h2>{module::findings(lang)}</h2>
                <ActionForm action=again>
                    <input type="hidden" name="name" value=name/>
                    <input type="hidden" name="version" value=version/>
                    <button class="button button-small" type="submit">{module::look_again(lang)}</button>
                </ActionForm>
            </div>
            {findings}
            <p class="field-hint">{module::not_started(lang)}</p>
        </section>
        {imports}
    }
}

/// Where the module is and what is known of it.
#[component]
pub fn Module(
    plugin: Plugin,
    /// As a tab of its own, with everything written out.
    #[prop(optional)]
    wide: bool,
) -> impl IntoView {
    let lang = use_lang();
    let Plugin { module, origin, updated, .. } = plugin;
    let digest = match module.sha256 {
        Some(digest) if wide => view! { <code>{digest}</code> }.into_any(),
        Some(digest) => view! { <code title=digest.clone()>{short_digest(&digest)}</code> }.into_any(),
        None => t::unknown_digest(lang).into_any(),
    };
    view! {
        <section class="card">
            <h2>{t::module(lang)}</h2>
            <dl class="fact-list" class:fact-list-wide=wide>
                <dt>{t::address(lang)}</dt>
                <dd><code>{module.address}</code></dd>
                <dt>{t::digest(lang)}</dt>
                <dd>{digest}</dd>
                <dt>{t::form(lang)}</dt>
                <dd>{if module.image { t::image(lang) } else { t::file(lang) }}</dd>
                {module.size.map(|size| view! { <dt>{t::size(lang)}</dt><dd>{bytes(size)}</dd> })}
                <dt>{t::hosting(lang)}</dt>
                <dd>{if module.hosted { t::hosted(lang) } else { t::elsewhere(lang) }}</dd>
                <dt>{t::origin(lang)}</dt>
                <dd>{words::origin(lang, origin)}</dd>
                <dt>{t::updated(lang)}</dt>
                <dd><When at=updated/></dd>
            </dl>
        </section>
    }
}
