//! The head of a page, and what stands in the place of content.

use leptos::{prelude::*, text_prop::TextProp};
use leptos_meta::Title;

use super::{Icon, Sign};
use crate::{i18n::use_lang, texts::frame};

/// The document's title: a text, or a closure over what the address names.
///
/// The server writes it when the page is made already, and what a closure reads may be gone by then. So the text is taken at
/// once, and anew only where the address changes under a page that stays, in the browser.
#[component]
pub fn PageTitle(
    /// The title.
    #[prop(into)]
    text: TextProp,
) -> impl IntoView {
    let shown = ArcRwSignal::new(untrack(|| text.get().to_string()));
    let later = shown.clone();
    Effect::new(move |_| later.set(text.get().to_string()));
    view! { <Title text=move || shown.get()/> }
}

/// Title, one sentence, and actions at the right. Also sets the document's title.
#[component]
pub fn PageHead(
    /// The title.
    #[prop(into)]
    title: String,
    /// What the page is for.
    #[prop(into, optional)]
    lead: String,
    /// Links and buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <PageTitle text=title.clone()/>
        <header class="page-head">
            <div class="page-titles">
                <h1>{title}</h1>
                {(!lead.is_empty()).then(|| view! { <p class="page-lead">{lead}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
}

/// Nothing to show: says so, and what to do next.
#[component]
pub fn Empty(
    /// What there is nothing of.
    #[prop(into)]
    title: String,
    /// What to do next.
    #[prop(into, optional)]
    hint: String,
    /// Links and buttons.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty">
            <span class="empty-icon"><Icon sign=Sign::Empty/></span>
            <h2>{title}</h2>
            {(!hint.is_empty()).then(|| view! { <p>{hint}</p> })}
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </section>
    }
}

/// What is loading, about as large as what comes.
#[component]
pub fn Skeleton(
    /// How many lines or cards.
    #[prop(default = 6)]
    count: usize,
    /// Cards in a grid instead of lines.
    #[prop(optional)]
    cards: bool,
) -> impl IntoView {
    let lang = use_lang();
    let class = if cards { "skeleton skeleton-cards" } else { "skeleton" };
    view! {
        <div class=class role="status" aria-label=frame::loading(lang)>
            {(0..count).map(|_| view! { <span class="skeleton-item"></span> }).collect_view()}
        </div>
    }
}
