//! A plugin: its head, five tabs that are links, and the facts at the right.

mod api;
mod choose;
mod configuration;
mod head;
mod side;
mod tabs;
mod uses;
mod versions;

pub use api::load_plugin;
pub use choose::ChooseServicePage;
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};
use marketplace_domain::views::market::PluginPage as Plugin;

pub use uses::UseTable;

use self::{
    head::Head,
    tabs::{Tab, Tabs},
};
use crate::{
    components::{CodeBlock, Empty, ErrorView, PageTitle, Skeleton},
    i18n::use_lang,
    live::use_live,
    texts::plugin as t,
};

/// The page.
#[component]
pub fn PluginPage() -> impl IntoView {
    let live = use_live();
    let params = use_params_map();
    let query = use_query_map();
    let name = Memo::new(move |_| params.with(|params| params.get("name")).unwrap_or_default());
    let version = Memo::new(move |_| query.with(|query| query.get("version")));
    let tab = Memo::new(move |_| Tab::of(query.with(|query| query.get("tab")).as_deref()));
    let plugin = Resource::new(
        move || (name.get(), version.get(), live.any()),
        |(name, version, _)| api::load_plugin(name, version),
    );

    view! {
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || {
                let picked = version.get_untracked();
                Suspend::new(async move {
                    match plugin.await {
                        Ok(plugin) => Either::Left(view! { <Shown plugin picked tab/> }),
                        Err(error) => Either::Right(view! { <ErrorView error whole=true/> }),
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Shown(plugin: Plugin, picked: Option<String>, tab: Memo<Tab>) -> impl IntoView {
    let lang = use_lang();
    let title = plugin.title.get(lang).to_owned();
    let counts = (plugin.versions.len(), plugin.uses.len());
    let name = plugin.name.clone();
    let kept = StoredValue::new(plugin.clone());
    let again = ServerAction::<api::LookAgain>::new();
    view! {
        <PageTitle text=title/>
        <Head plugin=plugin.clone() tab/>
        <Tabs name version=picked tab counts/>
        <div class="plugin-columns">
            <div class="plugin-main">
                {move || {
                    let plugin = kept.get_value();
                    match tab.get() {
                        Tab::Overview => view! { <Overview plugin/> }.into_any(),
                        Tab::Configuration => view! { <configuration::Configuration plugin/> }.into_any(),
                        Tab::Versions => view! { <versions::Versions plugin/> }.into_any(),
                        Tab::Uses => view! { <uses::Uses plugin/> }.into_any(),
                        Tab::Module => {
                            view! { <side::Module plugin=plugin.clone() wide=true/><side::Inside plugin again/> }.into_any()
                        }
                    }
                }}
            </div>
            <aside class="plugin-side" aria-label=t::module(lang)>
                <side::WillItLoad plugin=plugin.clone()/>
                {move || (tab.get() != Tab::Module).then(|| view! { <side::Module plugin=kept.get_value()/> })}
                <side::Proposed plugin=plugin.clone()/>
            </aside>
        </div>
    }
}

/// The README; where there is none, the example says more than nothing.
#[component]
fn Overview(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    let html = plugin.readme_html.get(lang).to_owned();
    if !html.trim().is_empty() {
        // Made safe by the services: no scripts, no styles, no events.
        return view! { <section class="readme" inner_html=html></section> }.into_any();
    }
    view! {
        <Empty title=t::no_readme(lang) hint=t::no_readme_hint(lang)/>
        {plugin.example.map(|example| view! {
            <section><h2>{t::example(lang)}</h2><CodeBlock text=example label=t::example(lang)/></section>
        })}
    }
    .into_any()
}
