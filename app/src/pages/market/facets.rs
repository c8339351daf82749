//! The facets: boxes with counts. They stay while the counts change, so that the keyboard never loses its place.

use leptos::prelude::*;
use leptos_router::components::A;
use marketplace_domain::{Category, Loads, Origin, Phase, views::market::Facets as Counts};

use super::{
    FORM, FoundResource,
    query::{Asked, Choice},
};
use crate::{
    i18n::use_lang,
    texts::{common, grouped, market as t, module, words},
};

/// All facets. Without scripts they are sent with the form by the button at their end.
#[component]
pub fn Facets(asked: Memo<Asked>, found: FoundResource, go: Callback<(Asked, bool)>) -> impl IntoView {
    let lang = use_lang();
    let live = RwSignal::new(false);
    Effect::new(move |_| live.set(true));
    let first = asked.get_untracked();
    let open = first.filters();
    let choice = move |choice: Choice, text: &'static str| {
        let (name, value) = choice.input();
        let count = move || {
            found.with(|found| {
                let counts = found.as_ref().and_then(|found| found.as_ref().ok()).map(|page| &page.facets);
                grouped(counts.map_or(0, |counts| count_of(counts, choice)))
            })
        };
        view! {
            <label class="facet-choice">
                <input
                    type="checkbox"
                    form=FORM
                    name=name
                    value=value
                    checked=first.has(choice)
                    prop:checked=move || asked.with(|asked| asked.has(choice))
                    on:change=move |_| go.run((asked.get_untracked().turned(choice), false))
                />
                <span>{text}</span>
                <span class="facet-count">{count}</span>
            </label>
        }
    };
    let categories = Category::ALL.map(|one| choice(Choice::Category(one), words::category(lang, one))).collect_view();
    let phases = Phase::ALL.map(|one| choice(Choice::Phase(one), words::phase(lang, one))).collect_view();
    let origins = [Origin::Builtin, Origin::Added]
        .map(|one| choice(Choice::Origin(one), words::origin(lang, one)))
        .collect_view();
    let loads = Loads::ALL.map(|one| choice(Choice::Loads(one), module::loads(lang, one))).collect_view();
    let clear = move || {
        asked
            .with(Asked::narrows)
            .then(|| view! { <A href="/" attr:class="button button-small">{common::clear_filters(lang)}</A> })
    };

    view! {
        // Where there is room for them they are shown either way (style/components/market.css).
        <details class="facets-fold" open=open>
            <summary>{t::filters(lang)}</summary>
            <div class="facets" class:is-live=move || live.get()>
                <fieldset class="facet"><legend>{t::category(lang)}</legend>{categories}</fieldset>
                <fieldset class="facet"><legend>{t::phase(lang)}</legend>{phases}</fieldset>
                <fieldset class="facet"><legend>{t::source(lang)}</legend>{origins}</fieldset>
                <fieldset class="facet"><legend>{t::state(lang)}</legend>{choice(Choice::InUse, t::in_use_only(lang))}{loads}</fieldset>
                <div class="facet-actions">
                    {clear}
                    <button class="button button-small only-without-scripts" type="submit" form=FORM>{common::apply_filters(lang)}</button>
                </div>
            </div>
        </details>
    }
}

fn count_of(counts: &Counts, choice: Choice) -> u64 {
    fn of<T: PartialEq>(counts: &[(T, u64)], one: T) -> u64 {
        counts.iter().find(|(known, _)| *known == one).map_or(0, |(_, count)| *count)
    }
    match choice {
        Choice::Category(one) => of(&counts.categories, one),
        Choice::Phase(one) => of(&counts.phases, one),
        Choice::Origin(one) => of(&counts.origins, one),
        Choice::InUse => counts.in_use,
        Choice::Loads(one) => of(&counts.loads, one),
    }
}
