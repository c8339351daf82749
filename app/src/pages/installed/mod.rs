//! Traffic plugins: every plugin resource of the cluster, whoever made it.

mod api;
mod row;
mod uninstall;

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use marketplace_domain::{
    Lang,
    views::traffic::{InstalledPage as Page, InstalledQuery},
};

pub use row::{States, actions, names};
pub use uninstall::UninstallPage;

use crate::{
    components::{Empty, ErrorView, PageHead, Pager, Skeleton},
    i18n::use_lang,
    live::use_live,
    texts::{common, traffic as t},
};

/// The words of the filter by state.
const STATES: [&str; 6] = ["failing", "bypassed", "waiting", "loaded", "unknown", "none"];

/// The installed plugins.
#[component]
pub fn InstalledPage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let word = |key: &str| query.with(|query| query.get(key)).unwrap_or_default();
        InstalledQuery {
            namespace: word("namespace"),
            plugin: word("plugin"),
            state: word("state"),
            text: word("text"),
            page: word("page").parse().unwrap_or(1).max(1),
        }
    });
    let page = Resource::new(
        move || (asked.get(), live.any()),
        |(q, _)| api::installed(q.namespace, q.plugin, q.state, q.text, q.page),
    );
    let removed = move || {
        let resource = query.with(|query| query.get("removed")).filter(|resource| !resource.is_empty());
        resource.map(|resource| view! { <p class="note note-good" role="status">{t::removed(lang, &resource)}</p> })
    };
    let applied = move || {
        let resource = query.with(|query| query.get("applied")).filter(|resource| !resource.is_empty());
        resource.map(|resource| view! { <p class="note note-good" role="status">{t::applied(lang, &resource)}</p> })
    };
    view! {
        <PageHead title=t::installed_title(lang) lead=t::installed_lead(lang)/>
        {removed}
        {applied}
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                let asked = asked.get_untracked();
                match page.await {
                    Ok(page) => view! { {filters(&page, &asked, lang)}{table(page, &asked, lang)} }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn filters(page: &Page, asked: &InstalledQuery, lang: Lang) -> impl IntoView + use<> {
    let entries = |all: &[String], chosen: &str| {
        // What is filtered by stays in the list even when nothing of it is left.
        let stranger = (!chosen.is_empty() && !all.iter().any(|known| known == chosen)).then(|| chosen.to_owned());
        stranger
            .iter()
            .chain(all)
            .map(|known| view! { <option value=known.clone() selected=known == chosen>{known.clone()}</option> })
            .collect_view()
    };
    let states = STATES
        .map(|word| view! { <option value=word selected=word == asked.state>{t::state_filter(lang, word)}</option> })
        .into_iter()
        .collect_view();
    view! {
        <form class="filters" method="get" action="/installed" role="search">
            <select class="input filters-select" name="namespace" aria-label=common::namespace(lang)>
                <option value="">{t::all_namespaces(lang)}</option>
                {entries(&page.namespaces, &asked.namespace)}
            </select>
            <select class="input filters-select" name="plugin" aria-label=t::plugin(lang)>
                <option value="">{t::all_plugins(lang)}</option>
                {entries(&page.plugins, &asked.plugin)}
            </select>
            <select class="input filters-select" name="state" aria-label=common::state(lang)>
                <option value="">{t::all_states(lang)}</option>
                {states}
            </select>
            <input
                class="input filters-text"
                type="search"
                name="text"
                value=asked.text.clone()
                aria-label=t::filter_text(lang)
                placeholder=t::filter_text(lang)
                data-search=""
            />
            <button class="button" type="submit">{t::show(lang)}</button>
        </form>
    }
}

fn table(page: Page, asked: &InstalledQuery, lang: Lang) -> AnyView {
    let filtered =
        !(asked.namespace.is_empty() && asked.plugin.is_empty() && asked.state.is_empty() && asked.text.is_empty());
    if page.rows.is_empty() && filtered {
        return view! {
            <Empty title=t::no_installed_found(lang) hint=t::no_installed_found_hint(lang)>
                <A href="/installed" attr:class="button">{t::show_all(lang)}</A>
            </Empty>
        }
        .into_any();
    }
    if page.rows.is_empty() {
        return view! {
            <Empty title=t::no_installed(lang) hint=t::no_installed_hint(lang)>
                <A href="/" attr:class="button button-primary">{t::to_market(lang)}</A>
            </Empty>
        }
        .into_any();
    }
    let rows = page.rows.into_iter().map(|row| row::row(row, lang)).collect_view();
    view! {
        <p class="muted list-count" role="status">{t::installed_found(lang, page.total)}</p>
        <table class="table installed">
            <caption class="visually-hidden">{t::installed_title(lang)}</caption>
            <thead>
                <tr>
                    <th scope="col">{t::plugin(lang)}</th>
                    <th scope="col">{t::scope_column(lang)}</th>
                    <th scope="col">{common::namespace(lang)}</th>
                    <th scope="col">{t::phase_column(lang)}</th>
                    <th scope="col">{t::state_column(lang)}</th>
                    <th scope="col">{t::installed_column(lang)}</th>
                    <th scope="col"><span class="visually-hidden">{t::actions_column(lang)}</span></th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
        <Pager page=page.page pages=page.pages/>
    }
    .into_any()
}
