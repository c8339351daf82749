//! Names, version, actions.

use leptos::prelude::*;
use leptos_router::components::{A, Form};
use marketplace_domain::{Origin, views::market::PluginPage as Plugin};

use super::tabs::Tab;
use crate::{
    components::{Tile, TwoNames},
    i18n::use_lang,
    texts::{common, plugin as t},
};

/// The head of the page.
#[component]
pub fn Head(plugin: Plugin, tab: Memo<Tab>) -> impl IntoView {
    let lang = use_lang();
    let Plugin { name, title, description, category, origin, versions, version, .. } = plugin;
    let own = origin == Origin::Added;
    let latest = versions.iter().any(|line| line.latest && line.version == version);
    let apply = match latest {
        true => format!("/plugins/{name}/apply"),
        false => format!("/plugins/{name}/apply?version={}", version.replace('+', "%2B")),
    };
    let try_it = match latest {
        true => format!("/plugins/{name}/try"),
        false => format!("/plugins/{name}/try?version={}", version.replace('+', "%2B")),
    };
    let several = versions.len() > 1;
    let options = versions
        .into_iter()
        .map(|line| {
            let mark = if line.latest { format!(" ({})", t::latest(lang)) } else { String::new() };
            view! { <option value=line.version.clone() selected=line.version == version>{format!("v{}{mark}", line.version)}</option> }
        })
        .collect_view();
    let pick = several.then(|| {
        view! {
            <Form method="GET" action=format!("/plugins/{name}") attr:class="plugin-version">
                <input type="hidden" name="tab" value=move || tab.get().word()/>
                <select class="input" name="version" aria-label=common::version(lang)>{options}</select>
                <button class="button" type="submit">{t::show_version(lang)}</button>
            </Form>
        }
    });
    let single = (!several).then(|| view! { <span class="muted">"v"{version.clone()}</span> });

    view! {
        <header class="plugin-head">
            <Tile name=name.clone() category large=true/>
            <div class="plugin-head-text">
                <h1><TwoNames title/></h1>
                <p class="page-lead">{description.get(lang).to_owned()}</p>
            </div>
            <div class="page-actions">
                {single}
                {pick}
                {own.then(|| view! {
                    <A href=format!("/plugins/{name}/edit") attr:class="button">{common::edit(lang)}</A>
                    <A href=format!("/plugins/{name}/delete") attr:class="button button-danger">{common::delete(lang)}</A>
                })}
                <A href=try_it attr:class="button">{t::try_it(lang)}</A>
                <A href=apply attr:class="button button-primary">{t::apply(lang)}</A>
            </div>
        </header>
    }
}
