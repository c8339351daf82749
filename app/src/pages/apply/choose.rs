//! Which plugin is applied to a service: a search over the marketplace.

use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_params_map, use_query_map},
};
use marketplace_domain::{
    Lang,
    views::market::{MarketCard, MarketPage, Sort},
};

use crate::{
    components::{Chip, Empty, ErrorView, PageTitle, Pager, PhaseChip, Skeleton, Tone},
    error::Result,
    i18n::use_lang,
    pages::market::api::market,
    texts::{apply as t, common, words},
};

/// Choosing a plugin for a service.
#[component]
pub fn ChoosePluginPage() -> impl IntoView {
    let lang = use_lang();
    let (params, query) = (use_params_map(), use_query_map());
    let service = Memo::new(move |_| {
        let param = |key: &str| params.with(|params| params.get(key)).unwrap_or_default();
        (param("namespace"), param("name"))
    });
    let asked = Memo::new(move |_| {
        let text = query.with(|query| query.get("text")).unwrap_or_default();
        let page = query.with(|query| query.get("page")).and_then(|page| page.parse::<u32>().ok()).unwrap_or(1);
        (text, page)
    });
    let found = Resource::new(move || asked.get(), |(text, page)| search(text, page));
    let name = move || service.with(|(_, name)| name.clone());
    let here = move || service.with(|(namespace, name)| format!("/services/{namespace}/{name}"));
    view! {
        <PageTitle text=t::choose_title(lang)/>
        <header class="page-head">
            <div>
                <h1>{t::choose_title(lang)}</h1>
                <p class="page-lead">{move || t::choose_lead(lang, &name())}</p>
            </div>
            <div class="page-actions"><A href=here attr:class="button">{common::back(lang)}</A></div>
        </header>
        <form class="filters" method="get" role="search" action=move || format!("{}/apply", here())>
            <input
                class="input filters-text"
                type="search"
                name="text"
                value=move || asked.with(|(text, _)| text.clone())
                aria-label=t::choose_search(lang)
                placeholder=t::choose_placeholder(lang)
                data-search=""
            />
            <button class="button" type="submit">{common::search(lang)}</button>
        </form>
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || Suspend::new(async move {
                let base = format!("{}/apply", here());
                match found.await {
                    Ok(page) if page.cards.is_empty() => view! {
                        <Empty title=t::choose_none(lang) hint=t::choose_none_hint(lang)>
                            <A href=base attr:class="button">{t::choose_all(lang)}</A>
                        </Empty>
                    }
                    .into_any(),
                    Ok(page) => {
                        let cards = page.cards.into_iter().map(|known| card(known, &base, lang)).collect_view();
                        view! {
                            <ul class="choose">{cards}</ul>
                            <Pager page=page.page pages=page.pages/>
                        }
                        .into_any()
                    }
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

/// Plugins by what they are called and do; the most used first.
async fn search(text: String, page: u32) -> Result<MarketPage> {
    market(text, Vec::new(), Vec::new(), Vec::new(), false, Vec::new(), Sort::default(), page).await
}

fn card(known: MarketCard, base: &str, lang: Lang) -> impl IntoView + use<> {
    let first = known.title.get(lang).to_owned();
    let other = Some(known.title.get(lang.other()).to_owned()).filter(|other| *other != first);
    view! {
        <li class="choose-card">
            <div>
                <h2><A href=format!("{base}/{}", known.name)>{first}</A></h2>
                <p class="muted">{other.map(|other| format!("{other} · "))}{format!("v{}", known.version)}</p>
            </div>
            <p>{known.description.get(lang).to_owned()}</p>
            <p class="choose-chips">
                <Chip text=words::category(lang, known.category) tone=Tone::Accent/>
                <PhaseChip phase=known.phase/>
            </p>
        </li>
    }
}
