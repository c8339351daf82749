//! Adding, editing and deleting a plugin.

pub mod api;
mod delete;
mod fields;
mod form;
mod module;

pub use delete::DeletePluginPage;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use self::form::EditForm;
use crate::{
    components::{ErrorView, PageHead, Skeleton},
    i18n::use_lang,
    texts::edit as t,
};

/// The page that adds a plugin.
#[component]
pub fn AddPluginPage() -> impl IntoView {
    let lang = use_lang();
    view! {
        <PageHead title=t::add_title(lang) lead=t::add_lead(lang)/>
        <Loaded name=None/>
    }
}

/// The page that edits one.
#[component]
pub fn EditPluginPage() -> impl IntoView {
    let lang = use_lang();
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    view! {
        <PageHead title=t::edit_title(lang, &name) lead=t::edit_lead(lang)/>
        <Loaded name=Some(name)/>
    }
}

/// The form, filled from the catalogue or from what was typed before. It is not live: nothing changes under one's hands.
#[component]
fn Loaded(name: Option<String>) -> impl IntoView {
    let query = use_query_map();
    let draft = Memo::new(move |_| query.with(|query| query.get("draft")));
    let save = ServerAction::<api::SaveForm>::new();
    let known = name.clone();
    // Sending the same draft again leads to the same address: that it was sent is a reason to load, too.
    let form = Resource::new(
        move || (draft.get(), save.version().get()),
        move |(draft, _)| api::load_form(known.clone(), draft),
    );
    let failed = move || save.value().get().and_then(Result::err);

    view! {
        {move || failed().map(|error| view! { <ErrorView error/> })}
        <Transition fallback=move || view! { <Skeleton count=8/> }>
            {move || {
                let name = name.clone();
                let draft = draft.get_untracked();
                Suspend::new(async move {
                    match form.await {
                        Ok(form) => view! { <EditForm form name draft save/> }.into_any(),
                        Err(error) => view! { <ErrorView error/> }.into_any(),
                    }
                })
            }}
        </Transition>
    }
}
