//! The facts: proposed settings and the module.

use leptos::prelude::*;
use marketplace_domain::views::market::PluginPage as Plugin;

use crate::{
    components::When,
    i18n::use_lang,
    texts::{bytes, plugin as t, words},
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
        Some(digest) => view! { <code title=digest.clone()>{short(&digest)}</code> }.into_any(),
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

/// The ends of a digest, enough to compare by eye.
pub fn short(digest: &str) -> String {
    match (digest.get(..8), digest.len().checked_sub(4).and_then(|at| digest.get(at..))) {
        (Some(head), Some(tail)) if digest.len() > 16 => format!("{head}…{tail}"),
        _ => digest.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_shortened() {
        assert_eq!(short(&"0123456789abcdef".repeat(4)), "01234567…cdef");
        assert_eq!(short("é"), "é");
    }
}
