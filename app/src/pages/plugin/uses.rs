//! Where the plugin is in use, with the state of its proxies.

use leptos::prelude::*;
use leptos_router::components::A;
use marketplace_domain::views::market::{PluginPage as Plugin, Use};

use crate::{
    components::{Empty, StateChip, StateReasons},
    i18n::use_lang,
    texts::{common, plugin as t},
};

/// The tab.
#[component]
pub fn Uses(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    if plugin.uses.is_empty() {
        return view! {
            <Empty title=t::not_used(lang) hint=t::not_used_hint(lang)>
                <A href=format!("/plugins/{}/apply", plugin.name) attr:class="button button-primary">{t::apply(lang)}</A>
            </Empty>
        }
        .into_any();
    }
    view! { <UseTable uses=plugin.uses/> }.into_any()
}

/// The resources that use a plugin, each with its way to edit and uninstall it.
#[component]
pub fn UseTable(uses: Vec<Use>) -> impl IntoView {
    let lang = use_lang();
    let rows = uses.into_iter().map(|used| view! { <Row used/> }).collect_view();
    view! {
        <div class="table-box" tabindex="0" role="region" aria-label=t::uses(lang)>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{t::services(lang)}</th>
                        <th scope="col">{t::resource(lang)}</th>
                        <th scope="col">{common::version(lang)}</th>
                        <th scope="col">{common::state(lang)}</th>
                        <th scope="col"><span class="visually-hidden">{t::actions(lang)}</span></th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Row(used: Use) -> impl IntoView {
    let lang = use_lang();
    let Use { namespace, resource, services, version, state } = used;
    let here = format!("/installed/{namespace}/{resource}");
    let links = if services.is_empty() {
        view! { <span class="muted">{t::no_services(lang)}</span> }.into_any()
    } else {
        services
            .into_iter()
            .map(|key| view! { <A href=format!("/services/{}/{}", key.namespace, key.name)>{key.to_string()}</A>" " })
            .collect_view()
            .into_any()
    };
    let label = format!("{} {namespace}/{resource}", common::edit(lang));
    view! {
        <tr>
            <td>{links}</td>
            <td>{format!("{namespace}/{resource}")}</td>
            <td>{version.map(|version| format!("v{version}"))}</td>
            <td><StateChip state=state.clone()/><StateReasons state/></td>
            <td><A href=format!("{here}/edit") attr:class="button button-small" attr:aria-label=label>{common::edit(lang)}</A></td>
        </tr>
    }
}
