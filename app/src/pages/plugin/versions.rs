//! All versions.

use leptos::prelude::*;
use leptos_router::components::A;
use marketplace_domain::views::market::PluginPage as Plugin;

use super::tabs::{Tab, address};
use crate::{
    components::{Chip, Tone, When},
    i18n::use_lang,
    texts::{common, market, plugin as t, short_digest},
};

/// The tab.
#[component]
pub fn Versions(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    let rows = plugin
        .versions
        .into_iter()
        .map(|line| {
            let href = address(&plugin.name, Tab::Overview, Some(&line.version));
            view! {
                <tr>
                    <td>
                        <A href=href>"v"{line.version}</A>
                        " "
                        {line.latest.then(|| view! { <Chip text=t::latest(lang) tone=Tone::Accent/> })}
                    </td>
                    <td><When at=line.created/></td>
                    <td>{market::in_use(lang, line.services)}</td>
                    <td class="schema-value"><code>{line.address}</code></td>
                    <td>{line.sha256.map(|digest| view! { <code title=digest.clone()>{short_digest(&digest)}</code> })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=t::versions(lang)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{common::version(lang)}</th>
                        <th scope="col">{t::added(lang)}</th>
                        <th scope="col">{t::uses(lang)}</th>
                        <th scope="col">{t::address(lang)}</th>
                        <th scope="col">{t::digest(lang)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}
