//! One service: its plugins in the order they run, its workloads and proxies, its ports.

mod api;

use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_params_map, use_query_map},
};
use marketplace_domain::{
    Lang,
    mesh::ServicePort,
    views::traffic::{InstalledRow, ServicePage as Page, WorkloadView},
};

use crate::{
    components::{Chip, Empty, ErrorView, PageTitle, Skeleton, Tone, When},
    i18n::use_lang,
    live::use_live,
    pages::installed::{States, actions, names},
    texts::{problems, traffic as t, words},
};

/// A service.
#[component]
pub fn ServicePage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let (params, query) = (use_params_map(), use_query_map());
    let key = Memo::new(move |_| {
        let param = |key: &str| params.with(|params| params.get(key)).unwrap_or_default();
        (param("namespace"), param("name"))
    });
    let page =
        Resource::new(move || (key.get(), live.cluster()), |((namespace, name), _)| api::service(namespace, name));
    let note = move || {
        let word = |key: &str| query.with(|query| query.get(key)).filter(|word| !word.is_empty());
        word("applied")
            .map(|resource| t::applied(lang, &resource))
            .or_else(|| word("unchanged").map(|resource| t::applied_unchanged(lang, &resource)))
            .or_else(|| word("removed").map(|resource| t::removed(lang, &resource)))
            .map(|text| view! { <p class="note note-good" role="status">{text}</p> })
    };
    view! {
        <PageTitle text=move || key.with(|(_, name)| name.clone())/>
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(page) => view! { {head(&page, lang)}{note}{body(page, lang)} }.into_any(),
                    Err(error) => view! { <ErrorView error whole=true/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn head(page: &Page, lang: Lang) -> impl IntoView + use<> {
    let proxies: Vec<_> = page.workloads.iter().flat_map(|workload| &workload.proxies).collect();
    let able = proxies.iter().filter(|proxy| proxy.kind.runs_plugins()).count();
    let kind = proxies.iter().find(|proxy| proxy.kind.runs_plugins()).or(proxies.first());
    let mut facts = vec![page.key.namespace.to_string(), t::workload_count(lang, page.workloads.len())];
    facts.push(if able > 0 { t::proxy_count(lang, able) } else { t::pod_count(lang, proxies.len()) });
    facts.extend(kind.map(|proxy| words::proxy_kind(lang, proxy.kind).to_owned()));
    let apply = format!("/services/{}/{}/apply", page.key.namespace, page.key.name);
    view! {
        <header class="page-head">
            <div>
                <p class="crumb"><A href="/traffic">{t::title(lang)}</A></p>
                <h1>{page.key.name.to_string()}</h1>
                <p class="page-lead">{facts.join(" · ")}</p>
            </div>
            <div class="page-actions">
                <A href=apply attr:class="button button-primary">{t::apply_plugin(lang)}</A>
            </div>
        </header>
    }
}

fn body(page: Page, lang: Lang) -> impl IntoView {
    let cannot = page.cannot.map(|why| {
        view! {
            <section class="note note-warning" aria-labelledby="cannot-title">
                <h2 id="cannot-title">{t::cannot(lang)}</h2>
                <p>{problems::no_proxy(lang, why)}</p>
            </section>
        }
    });
    let plugins = if page.plugins.is_empty() {
        view! { <Empty title=t::no_plugins_yet(lang) hint=t::no_plugins_yet_hint(lang)/> }.into_any()
    } else {
        let cards = page.plugins.into_iter().enumerate().map(|(n, row)| plugin(n + 1, row, lang)).collect_view();
        view! { <ol class="plugin-chain">{cards}</ol> }.into_any()
    };
    let ports = if page.ports.is_empty() {
        view! { <p class="muted">{t::no_ports(lang)}</p> }.into_any()
    } else {
        let rows = page.ports.iter().map(|known| port(known, lang)).collect_view();
        view! { <ul class="facts">{rows}</ul> }.into_any()
    };
    let workloads = if page.workloads.is_empty() {
        view! { <p class="muted">{t::no_workloads(lang)}</p> }.into_any()
    } else {
        page.workloads.iter().map(|known| workload(known, lang)).collect_view().into_any()
    };
    let waypoint = page.waypoint.map(|waypoint| {
        view! { <section class="card"><h2>{t::waypoint(lang)}</h2><p><code>{waypoint}</code></p></section> }
    });
    view! {
        {cannot}
        <div class="service-columns">
            <section aria-labelledby="chain-title">
                <h2 id="chain-title">{t::in_order(lang)}</h2>
                {plugins}
            </section>
            <div class="service-side">
                <section class="card" aria-labelledby="workloads-title">
                    <h2 id="workloads-title">{t::workloads(lang)}</h2>
                    {workloads}
                </section>
                {waypoint}
                <section class="card" aria-labelledby="ports-title">
                    <h2 id="ports-title">{t::ports(lang)}</h2>
                    {ports}
                </section>
            </div>
        </div>
    }
}

fn plugin(number: usize, row: InstalledRow, lang: Lang) -> impl IntoView {
    let (first, second) = names(&row, lang);
    let place = match row.priority {
        Some(priority) => format!("{} {priority}", words::phase_short(lang, row.phase)),
        None => format!("{} · {}", words::phase_short(lang, row.phase), t::priority_unset(lang)),
    };
    let manager = row.manager.clone().unwrap_or_else(|| t::by_unknown(lang).to_owned());
    let outdated = row.plugin.as_ref().is_some_and(|plugin| plugin.outdated);
    view! {
        <li class="card plugin-card">
            <div class="plugin-card-head">
                <h3>{format!("{number} · {first}")}</h3>
                <Chip text=place tone=if row.phase == marketplace_domain::Phase::Default { Tone::Neutral } else { Tone::Accent }/>
                <div class="plugin-card-actions">{actions(&row, lang)}</div>
            </div>
            <p class="muted">
                {second}
                " · "
                {t::by(lang, &manager)}
                ", "
                <When at=row.created/>
                {outdated.then(|| view! { " " <Chip text=t::outdated(lang) tone=Tone::Warn/> })}
            </p>
            <States state=row.state/>
        </li>
    }
}

fn port(known: &ServicePort, lang: Lang) -> impl IntoView + use<> {
    let number = match known.target {
        Some(target) if target != known.port => format!("{} → {target}", known.port),
        _ => known.port.to_string(),
    };
    let protocol = match known.http {
        Some(true) => t::port_http(lang),
        Some(false) => t::port_not_http(lang),
        None => t::port_detected(lang),
    };
    let name = known.name.clone().map(|name| format!("{name} · ")).unwrap_or_default();
    view! { <li><code>{number}</code><span class="muted">{format!("{name}{protocol}")}</span></li> }
}

fn workload(known: &WorkloadView, lang: Lang) -> impl IntoView + use<> {
    let pods = known
        .proxies
        .iter()
        .map(|proxy| {
            let ready = if proxy.ready { t::ready(lang) } else { t::not_ready(lang) };
            let class = if proxy.ready { "muted" } else { "text-warn" };
            let kind = words::proxy_kind(lang, proxy.kind);
            view! { <li><code>{proxy.pod.clone()}</code><span class=class>{format!("{kind} · {ready}")}</span></li> }
        })
        .collect_view();
    view! {
        <h3>{known.name.clone()}</h3>
        <ul class="facts">{pods}</ul>
    }
}
