//! Applying a plugin to a service, and editing one that is installed: the steps Configure, Place and Review.

mod api;
mod choose;
mod configure;
mod draft;
mod drawer;
mod foot;
mod loading;
mod place;
mod review;
pub mod target;

use leptos::{either::Either, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::{use_params_map, use_query_map};

pub use choose::ChoosePluginPage;
use drawer::Place;
use target::{Address, Failed, Step};

use crate::{
    components::{ErrorView, Skeleton},
    i18n::use_lang,
    texts::apply as t,
};

/// A plugin is applied to a service.
#[component]
pub fn ApplyPage() -> impl IntoView {
    steps("name", true)
}

/// An installed plugin is edited.
#[component]
pub fn EditInstalledPage() -> impl IntoView {
    steps("resource", false)
}

fn steps(name: &'static str, new: bool) -> impl IntoView {
    let lang = use_lang();
    let (params, query) = (use_params_map(), use_query_map());
    let action = ServerAction::<api::Submit>::new();
    let focus = StoredValue::new(String::new());
    let at = Memo::new(move |_| {
        let param = |key: &str| params.with(|params| params.get(key)).unwrap_or_default();
        let word = |key: &str| query.with(|query| query.get(key)).unwrap_or_default();
        Place {
            address: Address {
                namespace: param("namespace"),
                name: param(name),
                plugin: if new { param("plugin") } else { String::new() },
                version: if new { word("version") } else { String::new() },
            },
            step: Step::from_word(&word("step")),
            draft: word("draft"),
            failed: Failed::from_word(&word("failed")),
            asked_form: word("asked") == "form",
        }
    });
    let loaded = Resource::new(
        move || (at.get(), action.version().get()),
        |(at, _)| async move {
            let Address { namespace, name, plugin, version } = at.address.clone();
            api::load_apply(namespace, name, plugin, version, at.draft.clone()).await
        },
    );
    // Each load makes the drawer anew: inputs hold what the draft holds, not what was typed in their place before.
    let loads = StoredValue::new(0_u32);
    drawer::close_on_escape();
    view! {
        <Title text=move || {
            at.with(|at| if new {
                t::apply_title(lang, &at.address.plugin, &at.address.name)
            } else {
                t::edit_title(lang, &at.address.name)
            })
        }/>
        <Transition fallback=move || view! { <Skeleton/> }>
            {move || {
                // Before the wait: afterwards, on the server, what holds them may be gone.
                let here = at.get_untracked();
                let load = loads.get_value();
                loads.set_value(load.wrapping_add(1));
                Suspend::new(async move {
                let answer = loaded.await;
                let shown = match answer {
                    Ok(view) => drawer::drawer(here, view, action, focus, lang),
                    Err(error) => view! { <ErrorView error whole=true/> }.into_any(),
                };
                if load.is_multiple_of(2) { Either::Left(shown) } else { Either::Right(shown) }
            })}}
        </Transition>
    }
}
