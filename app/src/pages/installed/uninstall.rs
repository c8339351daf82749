//! Before a plugin is taken out of the cluster: what it is, and who loses it.

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};
use marketplace_domain::{Lang, views::traffic::InstalledRow};

use super::{
    api::{self, installed_one},
    row::names,
};
use crate::{
    components::{ErrorView, PageTitle, Skeleton},
    error::AppError,
    i18n::use_lang,
    texts::{common, traffic as t},
};

/// The confirmation.
#[component]
pub fn UninstallPage() -> impl IntoView {
    let lang = use_lang();
    let params = use_params_map();
    let key = Memo::new(move |_| {
        let param = |key: &str| params.with(|params| params.get(key)).unwrap_or_default();
        (param("namespace"), param("resource"))
    });
    let action = ServerAction::<api::Uninstall>::new();
    let row = Resource::new(
        move || (key.get(), action.version().get()),
        |((namespace, resource), _)| installed_one(namespace, resource),
    );
    let title = move || key.with(|(_, resource)| t::uninstall_title(lang, resource));
    let failure = move || action.value().get().and_then(Result::err).map(|error| view! { <ErrorView error/> });
    view! {
        <PageTitle text=title/>
        <header class="page-head">
            <div>
                <h1>{title}</h1>
                <p class="page-lead">{t::uninstall_lead(lang)}</p>
            </div>
        </header>
        {failure}
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                match row.await {
                    Ok(row) => confirm(row, action, lang).into_any(),
                    Err(AppError::NotFound) => view! {
                        <p class="note" role="status">{t::already_gone(lang)}</p>
                        <A href="/installed" attr:class="button">{t::to_installed(lang)}</A>
                    }
                    .into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn confirm(row: InstalledRow, action: ServerAction<api::Uninstall>, lang: Lang) -> impl IntoView {
    let (first, second) = names(&row, lang);
    let proxies = row
        .state
        .proxies
        .iter()
        .map(|proxy| view! { <li><code>{proxy.proxy.clone()}</code><span class="muted">{proxy.workload.clone()}</span></li> })
        .collect_view();
    let affected = if row.state.proxies.is_empty() {
        view! { <p class="muted">{t::nobody_affected(lang)}</p> }.into_any()
    } else {
        view! {
            <p class="muted">{t::proxy_count(lang, row.state.proxies.len())}</p>
            <ul class="facts">{proxies}</ul>
        }
        .into_any()
    };
    view! {
        <section class="card confirm">
            <h2>{first} " " <span class="muted">{second}</span></h2>
            <dl class="confirm-facts">
                <dt>{t::resource(lang)}</dt>
                <dd><code>{format!("{}/{}", row.namespace, row.resource)}</code></dd>
                <dt>{t::scope_column(lang)}</dt>
                <dd>{t::scope(lang, &row.scope)}</dd>
                <dt>{t::module(lang)}</dt>
                <dd><code>{row.url.clone()}</code></dd>
            </dl>
            <h3>{t::affected(lang)}</h3>
            {affected}
            {(!row.ours).then(|| view! { <p class="note note-warning">{t::made_by_others(lang)}</p> })}
            <ActionForm action attr:class="confirm-actions">
                <input type="hidden" name="namespace" value=row.namespace/>
                <input type="hidden" name="resource" value=row.resource/>
                <input type="hidden" name="uid" value=row.uid/>
                <A href="/installed" attr:class="button">{common::cancel(lang)}</A>
                <button class="button button-danger-solid" type="submit">{t::uninstall_confirm(lang)}</button>
            </ActionForm>
        </section>
    }
}
