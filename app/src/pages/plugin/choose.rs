//! Which service a plugin is applied to: a search over the services of the cluster.

use leptos::{either::Either, prelude::*};
use leptos_router::{
    components::{A, Form},
    hooks::{use_params_map, use_query_map},
};
use marketplace_domain::views::traffic::{ServiceLine, TrafficPage};

use super::api;
use crate::{
    components::{Empty, ErrorView, Icon, PageHead, Pager, Sign, Skeleton},
    i18n::use_lang,
    live::use_live,
    texts::{common, plugin as t, problems},
};

/// The page.
#[component]
pub fn ChooseServicePage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let params = use_params_map();
    let query = use_query_map();
    let param = move |key: &str| query.with(|query| query.get(key)).unwrap_or_default();
    let plugin = Memo::new(move |_| params.with(|params| params.get("name")).unwrap_or_default());
    let asked = Memo::new(move |_| (param("text"), param("namespace"), param("page").parse().unwrap_or(1)));
    let version = Memo::new(move |_| query.with(|query| query.get("version")));
    let found = Resource::new(
        move || (asked.get(), live.cluster()),
        |((text, namespace, page), _)| api::find_services(text, namespace, page),
    );
    let (text, namespace, _) = asked.get_untracked();
    let namespaces = move || {
        let names = found.with(|found| {
            let page = found.as_ref().and_then(|found| found.as_ref().ok());
            page.map(|page| page.namespaces.clone()).unwrap_or_default()
        });
        names
            .into_iter()
            .map(|(name, count)| {
                let selected = asked.with(|(_, namespace, _)| *namespace == name);
                view! { <option value=name.clone() selected=selected>{format!("{name} ({count})")}</option> }
            })
            .collect_view()
    };

    view! {
        <PageHead title=t::choose_title(lang) lead=t::choose_lead(lang, &plugin.get_untracked())>
            <A href=format!("/plugins/{}", plugin.get_untracked()) attr:class="button">{t::back_to_plugin(lang)}</A>
        </PageHead>
        <Transition fallback=move || view! { <Skeleton/> }>
            <Form method="GET" action=format!("/plugins/{}/apply", plugin.get_untracked()) attr:class="market-search" attr:role="search">
                {move || version.get().map(|version| view! { <input type="hidden" name="version" value=version/> })}
                <div class="search">
                    <Icon sign=Sign::Search/>
                    <input class="input" type="search" name="text" value=text.clone() aria-label=t::find_service(lang) placeholder=t::find_placeholder(lang) data-search=""/>
                </div>
                <label class="market-sort">
                    <span>{common::namespace(lang)}</span>
                    <select class="input" name="namespace">
                        <option value="" selected=namespace.is_empty()>{t::all_namespaces(lang)}</option>
                        {namespaces}
                    </select>
                </label>
                <button class="button" type="submit">{common::search(lang)}</button>
            </Form>
            {move || {
                let (plugin, version) = (plugin.get_untracked(), version.get_untracked());
                Suspend::new(async move {
                    match found.await {
                        Ok(page) => Either::Left(list(page, &plugin, version.as_deref())),
                        Err(error) => Either::Right(view! { <ErrorView error/> }),
                    }
                })
            }}
        </Transition>
    }
}

fn list(page: TrafficPage, plugin: &str, version: Option<&str>) -> AnyView {
    let lang = use_lang();
    if page.services.is_empty() {
        return view! { <Empty title=t::none_found(lang) hint=t::none_found_hint(lang)/> }.into_any();
    }
    let rows = page.services.into_iter().map(|service| row(service, plugin, version)).collect_view();
    view! {
        <ul class="services">{rows}</ul>
        <Pager page=page.page pages=page.pages/>
    }
    .into_any()
}

/// A service; one that no plugin can reach says why and cannot be chosen.
fn row(service: ServiceLine, plugin: &str, version: Option<&str>) -> AnyView {
    let lang = use_lang();
    let ServiceLine { key, cannot, plugins, .. } = service;
    let there = (!plugins.is_empty()).then(|| format!("{}: {}", t::plugins_there(lang), plugins.join(" → ")));
    let action = match cannot {
        Some(why) => view! { <span class="muted">{problems::no_proxy(lang, why)}</span> }.into_any(),
        None => {
            let query = version.map(|version| format!("?version={}", version.replace('+', "%2B"))).unwrap_or_default();
            let href = format!("/services/{}/{}/apply/{plugin}{query}", key.namespace, key.name);
            let label = t::choose_this(lang, &key.to_string());
            view! { <A href=href attr:class="button" attr:aria-label=label>{t::choose(lang)}</A> }.into_any()
        }
    };
    view! {
        <li class="service-choice">
            <div>
                <A href=format!("/services/{}/{}", key.namespace, key.name)><strong>{key.name.to_string()}</strong></A>
                " "
                <span class="muted">{key.namespace.to_string()}</span>
                {there.map(|there| view! { <p class="muted">{there}</p> })}
            </div>
            {action}
        </li>
    }
    .into_any()
}
