//! Traffic: the services of the cluster as a list that can be searched.

mod api;

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use marketplace_domain::{
    Lang,
    views::traffic::{ServiceLine, TrafficPage as Page},
};

use crate::{
    components::{Chip, Empty, ErrorView, PageHead, Pager, Skeleton, Tone},
    i18n::use_lang,
    live::use_live,
    texts::{problems, traffic as t, words},
};

pub use api::traffic;

/// The services.
#[component]
pub fn TrafficPage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        let word = |key: &str| query.with(|query| query.get(key)).unwrap_or_default();
        (word("text"), word("namespace"), word("page").parse::<u32>().unwrap_or(1).max(1))
    });
    let page = Resource::new(
        move || (asked.get(), live.cluster()),
        |((text, namespace, page), _)| traffic(text, namespace, page),
    );
    view! {
        <PageHead title=t::title(lang) lead=t::lead(lang)/>
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                let (text, namespace, _) = asked.get_untracked();
                match page.await {
                    Ok(page) => view! { {filters(&page, &text, &namespace, lang)}{list(page, &text, &namespace, lang)} }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn filters(page: &Page, text: &str, namespace: &str, lang: Lang) -> impl IntoView + use<> {
    let options = page
        .namespaces
        .iter()
        .map(|(name, services)| {
            let selected = name == namespace;
            view! { <option value=name.clone() selected=selected>{t::namespace_option(name, *services)}</option> }
        })
        .collect_view();
    view! {
        <form class="filters" method="get" action="/traffic" role="search">
            <select class="input filters-select" name="namespace" aria-label=crate::texts::common::namespace(lang)>
                <option value="">{t::all_namespaces(lang)}</option>
                {options}
            </select>
            <input
                class="input filters-text"
                type="search"
                name="text"
                value=text.to_owned()
                aria-label=t::find_service(lang)
                placeholder=t::search_placeholder(lang)
                data-search=""
            />
            <button class="button" type="submit">{t::show(lang)}</button>
        </form>
    }
}

fn list(page: Page, text: &str, namespace: &str, lang: Lang) -> AnyView {
    let filtered = !text.is_empty() || !namespace.is_empty();
    if page.services.is_empty() && filtered {
        return view! {
            <Empty title=t::none_found(lang) hint=t::none_found_hint(lang)>
                <A href="/traffic" attr:class="button">{t::clear(lang)}</A>
            </Empty>
        }
        .into_any();
    }
    if page.services.is_empty() {
        return view! { <Empty title=t::none_at_all(lang) hint=t::none_at_all_hint(lang)/> }.into_any();
    }
    let rows = page.services.iter().map(|service| row(service, lang)).collect_view();
    view! {
        <p class="muted list-count" role="status">{t::services_found(lang, page.total)}</p>
        <ul class="services">{rows}</ul>
        <Pager page=page.page pages=page.pages/>
    }
    .into_any()
}

fn row(service: &ServiceLine, lang: Lang) -> impl IntoView + use<> {
    let href = format!("/services/{}/{}", service.key.namespace, service.key.name);
    let name = service.key.name.to_string();
    let facts = match service.cannot {
        Some(why) => view! {
            <Chip text=t::no_proxy_short(lang, why)/>
            <span class="service-why">{problems::no_proxy(lang, why)}</span>
        }
        .into_any(),
        None => {
            let kind = words::proxy_kind(lang, service.kind);
            let proxies = t::proxy_count(lang, service.proxies as usize);
            view! { <span>{format!("{proxies} · {kind}")}</span> }.into_any()
        }
    };
    let plugins = if service.plugins.is_empty() {
        view! { <span class="muted">{t::no_plugins(lang)}</span> }.into_any()
    } else {
        let worst =
            service.worst.map(|worst| view! { <Chip text=words::severity(lang, worst) tone=Tone::from(Some(worst))/> });
        let names = service.plugins.iter().map(|name| view! { <li>{name.clone()}</li> }).collect_view();
        view! { <ol class="service-plugins" aria-label=t::in_order(lang)>{names}</ol>{worst} }.into_any()
    };
    view! {
        <li class="service-row">
            <div class="service-name">
                <A href=href>{name}</A>
                <span class="muted">{service.key.namespace.to_string()}</span>
            </div>
            <div class="service-facts muted">
                <span>{t::workload_count(lang, service.workloads as usize)}</span>
                {facts}
            </div>
            <div class="service-chain">{plugins}</div>
        </li>
    }
}
