//! Activity: who did what, when, to which service, and what it changed.

mod api;

use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_query_map};
use marketplace_domain::{
    Lang,
    views::activity::{ActivityEntry, ActivityPage as Page},
};

use crate::{
    components::{Diff, Empty, ErrorView, PageHead, Skeleton, When},
    i18n::use_lang,
    live::use_live,
    texts::traffic as t,
};

/// The entries, newest first.
#[component]
pub fn ActivityPage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let query = use_query_map();
    let number = move |name: &'static str| query.with(|query| query.get(name)).and_then(|id| id.parse::<i64>().ok());
    let before = Memo::new(move |_| number("before"));
    let only = Memo::new(move |_| number("entry"));
    let page =
        Resource::new(move || (before.get(), only.get(), live.any()), |(before, only, _)| api::activity(before, only));
    view! {
        <PageHead title=t::activity_title(lang) lead=t::activity_lead(lang)/>
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                let first = before.get_untracked().is_none() && only.get_untracked().is_none();
                match page.await {
                    Ok(page) => entries(page, first, lang),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

fn entries(page: Page, first: bool, lang: Lang) -> AnyView {
    if page.entries.is_empty() && first {
        return view! { <Empty title=t::no_activity(lang) hint=t::no_activity_hint(lang)/> }.into_any();
    }
    let older = page
        .next
        .map(|id| view! { <A href=format!("/activity?before={id}") attr:class="button" attr:rel="next">{t::older(lang)}</A> });
    let newest = (!first).then(|| view! { <A href="/activity" attr:class="button">{t::newest(lang)}</A> });
    let alone = !first && page.entries.len() == 1 && page.next.is_none();
    let rows = page.entries.into_iter().map(|known| entry(known, alone, lang)).collect_view();
    view! {
        <ol class="activity">{rows}</ol>
        <div class="activity-pages">{newest}{older}</div>
    }
    .into_any()
}

fn entry(known: ActivityEntry, alone: bool, lang: Lang) -> impl IntoView {
    let deleted = known.action == "plugin_deleted";
    let plugin = known.plugin.map(|plugin| {
        if deleted {
            view! { <strong>{plugin}</strong> }.into_any()
        } else {
            view! { <A href=format!("/plugins/{plugin}")>{plugin}</A> }.into_any()
        }
    });
    let service = known.service.map(|service| {
        view! { <span class="activity-arrow" aria-hidden="true">"→"</span><A href=format!("/services/{service}")>{service.clone()}</A> }
    });
    let resource = known.resource.map(|resource| view! { <code class="muted">{resource}</code> });
    let failed = (known.outcome != "ok" && !known.outcome.is_empty()).then(|| {
        view! { <p class="text-bad">{t::failed_outcome(lang)} ": " {known.outcome}</p> }
    });
    let left_out = known.diff_left_out;
    let whole = (left_out > 0).then(|| {
        view! { <p><A href=format!("/activity?entry={}", known.id)>{t::lines_left_out(lang, left_out)}</A></p> }
    });
    let diff = (!known.diff.is_empty()).then(|| {
        view! {
            <details open=alone>
                <summary>{t::show_difference(lang)}</summary>
                <Diff lines=known.diff/>
                {whole}
            </details>
        }
    });
    view! {
        <li class="activity-entry" id=format!("entry-{}", known.id)>
            <p class="activity-line">
                <strong>{known.who}</strong>
                " "
                {t::action(lang, &known.action)}
                " "
                {plugin}
                " "
                {service}
                " "
                {resource}
            </p>
            <p class="muted activity-when"><When at=known.at/></p>
            {failed}
            {diff}
        </li>
    }
}
