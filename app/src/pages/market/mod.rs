//! The marketplace: search, facets, cards. Everything that is asked for stands in the address, so that it can be shared
//! and works without scripts: with scripts, boxes and typing change the address at once.

pub mod api;
mod card;
mod facets;
mod query;
mod search;

use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    components::A,
    hooks::{use_navigate, use_query_map},
};
use marketplace_domain::views::market::MarketPage as Found;

use self::{card::Card, facets::Facets, query::Asked, search::Search};
use crate::{
    components::{Empty, ErrorView, Icon, PageHead, Pager, Sign, Skeleton},
    error::Result,
    i18n::use_lang,
    live::use_live,
    texts::{common, market as t},
};

/// The form that search, order and facets belong to.
const FORM: &str = "market-form";

/// The marketplace.
#[component]
pub fn MarketPage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(Asked::read));
    let found = Resource::new(
        move || (asked.get(), live.any()),
        |(asked, _)| {
            let Asked { text, categories, phases, origins, in_use, loads, sort, page } = asked;
            api::market(text, categories, phases, origins, in_use, loads, sort, page)
        },
    );
    let navigate = use_navigate();
    let go = Callback::new(move |(asked, replace): (Asked, bool)| {
        navigate(&asked.address(), NavigateOptions { replace, scroll: false, ..NavigateOptions::default() });
    });

    view! {
        <PageHead title=t::title(lang) lead=t::lead(lang)>
            <A href="/plugins/new" attr:class="button button-primary"><Icon sign=Sign::Plus/>{t::add(lang)}</A>
        </PageHead>
        <Transition fallback=move || view! { <Skeleton count=9 cards=true/> }>
            <Search asked found go/>
            <div class="market-columns">
                <Facets asked found go/>
                <section aria-label=t::results(lang)>{move || found.with(|found| results(found.as_ref(), &asked.get_untracked()))}</section>
            </div>
        </Transition>
    }
}

/// What was found.
type FoundResource = Resource<Result<Found>>;

/// Cards, or why there are none.
fn results(found: Option<&Result<Found>>, asked: &Asked) -> AnyView {
    let lang = use_lang();
    match found {
        None => view! { <Skeleton count=9 cards=true/> }.into_any(),
        Some(Err(error)) => view! { <ErrorView error=error.clone()/> }.into_any(),
        Some(Ok(page)) if page.total == 0 && asked.narrows() => view! {
            <Empty title=t::none_found(lang) hint=t::none_found_hint(lang)>
                <A href="/" attr:class="button">{common::clear_filters(lang)}</A>
            </Empty>
        }
        .into_any(),
        Some(Ok(page)) if page.total == 0 => view! {
            <Empty title=t::none_at_all(lang) hint=t::none_at_all_hint(lang)>
                <A href="/plugins/new" attr:class="button button-primary">{t::add(lang)}</A>
            </Empty>
        }
        .into_any(),
        Some(Ok(page)) => {
            let cards = page.cards.iter().map(|card| view! { <Card card=card.clone()/> }).collect_view();
            view! {
                <p class="market-found" role="status">{t::found(lang, page.total)}</p>
                <ul class="cards">{cards}</ul>
                <Pager page=page.page pages=page.pages/>
            }
            .into_any()
        }
    }
}
