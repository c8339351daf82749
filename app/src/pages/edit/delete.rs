//! Deleting a plugin: asked once, refused while somebody uses it.

use leptos::{either::EitherOf3, prelude::*};
use leptos_router::{components::A, hooks::use_params_map};
use marketplace_domain::{Origin, views::market::PluginPage as Plugin};

use super::api::DeletePlugin;
use crate::{
    components::{ErrorView, PageHead, Skeleton},
    error::AppError,
    i18n::use_lang,
    live::use_live,
    pages::plugin::{UseTable, load_plugin},
    texts::{common, edit as t},
};

/// The page that asks.
#[component]
pub fn DeletePluginPage() -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let name = use_params_map().with_untracked(|params| params.get("name")).unwrap_or_default();
    let title = t::delete_title(lang, &name);
    let plugin = Resource::new(move || live.any(), move |_| load_plugin(name.clone(), None));
    let delete = ServerAction::<DeletePlugin>::new();
    let failed = move || delete.value().get().and_then(Result::err);

    view! {
        <PageHead title/>
        {move || failed().map(|error| view! { <ErrorView error/> })}
        <Transition fallback=move || view! { <Skeleton count=2/> }>
            {move || Suspend::new(async move {
                match plugin.await {
                    Ok(plugin) if plugin.origin == Origin::Builtin => {
                        EitherOf3::A(view! { <ErrorView error=AppError::Builtin/> })
                    }
                    Ok(plugin) if !plugin.uses.is_empty() => EitherOf3::B(view! { <Refused plugin/> }),
                    Ok(plugin) => EitherOf3::C(view! { <Confirm plugin delete/> }),
                    Err(error) => EitherOf3::A(view! { <ErrorView error/> }),
                }
            })}
        </Transition>
    }
}

#[component]
fn Refused(plugin: Plugin) -> impl IntoView {
    let lang = use_lang();
    view! {
        <div class="plugin-main">
            <section class="note note-warning">
                <h2>{t::delete_refused(lang)}</h2>
                <p>{t::delete_refused_hint(lang)}</p>
            </section>
            <UseTable uses=plugin.uses/>
            <div class="form-end"><A href=format!("/plugins/{}", plugin.name) attr:class="button">{common::back(lang)}</A></div>
        </div>
    }
}

#[component]
fn Confirm(plugin: Plugin, delete: ServerAction<DeletePlugin>) -> impl IntoView {
    let lang = use_lang();
    view! {
        <section class="card plugin-form">
            <h2>{plugin.title.get(lang).to_owned()}</h2>
            <p>{t::delete_explained(lang)}</p>
            <ActionForm action=delete attr:class="form-end">
                <input type="hidden" name="name" value=plugin.name.clone()/>
                <A href=format!("/plugins/{}", plugin.name) attr:class="button">{common::cancel(lang)}</A>
                <button class="button button-danger-solid" type="submit">{t::delete_yes(lang)}</button>
            </ActionForm>
        </section>
    }
}
