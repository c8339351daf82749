//! The search field and the order.

use std::time::Duration;

use leptos::{ev, prelude::*};
use marketplace_domain::views::market::Sort;

use super::{
    FORM, FoundResource,
    query::{Asked, sort_of, sort_word},
};
use crate::{
    components::{Icon, Sign},
    i18n::use_lang,
    texts::{common, market as t},
};

/// How long nobody has typed before the search begins.
const PAUSE: Duration = Duration::from_millis(220);

/// The form. Its facets are elsewhere on the page and belong to it by name.
#[component]
pub fn Search(asked: Memo<Asked>, found: FoundResource, go: Callback<(Asked, bool)>) -> impl IntoView {
    let lang = use_lang();
    let typed = RwSignal::new(asked.with_untracked(|asked| asked.text.clone()));
    let sent = StoredValue::new(typed.get_untracked());
    // The address is the truth, but a search that is answered must not take back what was typed since it began.
    Effect::new(move |_| {
        let text = asked.with(|asked| asked.text.clone());
        if sent.get_value() != text {
            sent.set_value(text.clone());
            typed.set(text);
        }
    });
    let search = move |replace: bool| {
        let Some(text) = typed.try_get_untracked() else { return };
        if asked.with_untracked(|asked| asked.text != text) {
            sent.set_value(text.clone());
            go.run((Asked { text, page: 1, ..asked.get_untracked() }, replace));
        }
    };
    let pending = StoredValue::new(None::<TimeoutHandle>);
    // A page that is left searches no more.
    on_cleanup(move || {
        if let Some(timer) = pending.try_get_value().flatten() {
            timer.clear();
        }
    });
    let on_input = move |event: ev::Event| {
        typed.set(event_target_value(&event));
        if let Some(timer) = pending.get_value() {
            timer.clear();
        }
        pending.set_value(set_timeout_with_handle(move || search(true), PAUSE).ok());
    };
    let on_submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        search(false);
    };
    let on_sort = move |event: ev::Event| {
        let sort = sort_of(&event_target_value(&event));
        go.run((Asked { sort, page: 1, ..asked.get_untracked() }, false));
    };
    let placeholder = move || {
        let all = found.with(|found| found.as_ref().and_then(|found| found.as_ref().ok()).map_or(0, |page| page.all));
        t::search_placeholder(lang, all)
    };
    let first = asked.get_untracked();
    // Without words to match, the usual order is by use.
    let usual = if first.text.trim().is_empty() { t::by_use(lang) } else { t::by_match(lang) };
    let option = move |sort: Sort, text: &'static str, chosen: Sort| {
        view! {
            <option
                value=sort_word(sort)
                selected=sort == chosen
                prop:selected=move || asked.with(|asked| asked.sort == sort)
            >
                {text}
            </option>
        }
    };

    view! {
        <form id=FORM class="market-search" method="get" action="/" role="search" on:submit=on_submit>
            <div class="search">
                <Icon sign=Sign::Search/>
                <input
                    class="input"
                    type="search"
                    name="q"
                    value=first.text.clone()
                    prop:value=move || typed.get()
                    on:input=on_input
                    placeholder=placeholder
                    aria-label=t::search_label(lang)
                    autocomplete="off"
                    maxlength="200"
                    data-search=""
                />
            </div>
            <label class="market-sort">
                <span>{t::sort(lang)}</span>
                <select class="input" name="sort" on:change=on_sort>
                    {option(Sort::Used, usual, first.sort)}
                    {option(Sort::Newest, t::by_date(lang), first.sort)}
                    {option(Sort::Name, t::by_name(lang), first.sort)}
                </select>
            </label>
            <button class="button" type="submit">{common::search(lang)}</button>
        </form>
    }
}
