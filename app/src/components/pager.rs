//! Links to other pages of a list.

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_query_map};

use crate::{i18n::use_lang, texts::common as t};

/// Links to the previous and the next page; the rest of the address stays as it is. Nothing when there is one page only.
#[component]
pub fn Pager(
    /// The page that is shown, from 1.
    page: u32,
    /// How many there are.
    pages: u32,
) -> impl IntoView {
    let lang = use_lang();
    let path = use_location().pathname.get_untracked();
    let query = use_query_map().get_untracked();
    let address = move |page: u32| {
        let mut query = query.clone();
        query.replace("page", page.to_string());
        format!("{path}{}", query.to_query_string())
    };
    (pages > 1).then(|| {
        let previous =
            (page > 1).then(|| view! { <a class="button" rel="prev" href=address(page - 1)>{t::previous(lang)}</a> });
        let next =
            (page < pages).then(|| view! { <a class="button" rel="next" href=address(page + 1)>{t::next(lang)}</a> });
        view! {
            <nav class="pager" aria-label=t::pages(lang)>
                {previous}
                <span class="pager-place">{t::page_of(lang, page, pages)}</span>
                {next}
            </nav>
        }
    })
}
