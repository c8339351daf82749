//! Applying a plugin to a service, and editing one that is installed: the steps Configure, Place, Try and Review.
//! And trying a plugin by itself, without a service: Configure and Try.

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
mod trial;
mod version;

use leptos::{either::Either, prelude::*};
use leptos_router::hooks::{use_params_map, use_query_map};

pub use choose::ChoosePluginPage;
use drawer::Place;
use target::{Address, Failed, Step};

use crate::{
    components::{ErrorView, PageTitle, Skeleton},
    i18n::use_lang,
    pages::runs::load_run,
    texts::{self, apply as t},
};

/// A plugin is applied to a service.
#[component]
pub fn ApplyPage() -> impl IntoView {
    steps(Kind::New)
}

/// An installed plugin is edited.
#[component]
pub fn EditInstalledPage() -> impl IntoView {
    steps(Kind::Edit)
}

/// A plugin is tried by itself.
#[component]
pub fn TryPage() -> impl IntoView {
    steps(Kind::Alone)
}

/// What the address of a page holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A service and a plugin.
    New,
    /// A resource.
    Edit,
    /// A plugin.
    Alone,
}

fn steps(kind: Kind) -> impl IntoView {
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
                name: match kind {
                    Kind::New => param("name"),
                    Kind::Edit => param("resource"),
                    Kind::Alone => String::new(),
                },
                plugin: match kind {
                    Kind::New => param("plugin"),
                    Kind::Edit => String::new(),
                    Kind::Alone => param("name"),
                },
                version: if kind == Kind::Edit { String::new() } else { word("version") },
            },
            step: match word("step").as_str() {
                // Whoever tries a plugin begins with the sample.
                "" if kind == Kind::Alone => Step::Try,
                word => Step::from_word(word),
            },
            draft: word("draft"),
            failed: Failed::from_word(&word("failed")),
            asked_form: word("asked") == "form",
            run: word("run"),
            from: word("from"),
        }
    });
    let loaded = Resource::new(
        move || (at.get(), action.version().get()),
        |(at, _)| async move {
            let Address { namespace, name, plugin, version } = at.address.clone();
            let view = api::load_apply(namespace, name, plugin, version, at.draft.clone(), at.from.clone()).await;
            let ran = match at.run.is_empty() {
                true => None,
                false => Some(load_run(at.run.clone(), 1).await),
            };
            (view, ran)
        },
    );
    // Each load makes the drawer anew: inputs hold what the draft holds, not what was typed in their place before.
    let loads = StoredValue::new(0_u32);
    drawer::close_on_escape();
    view! {
        <PageTitle text=move || {
            at.with(|at| match kind {
                Kind::New => t::apply_title(lang, &at.address.plugin, &at.address.name),
                Kind::Edit => t::edit_title(lang, &at.address.name),
                Kind::Alone => texts::trial::alone_title(lang, &at.address.plugin),
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
                    (Ok(view), ran) => drawer::drawer(here, view, ran, action, focus, lang),
                    (Err(error), _) => view! { <ErrorView error whole=true/> }.into_any(),
                };
                if load.is_multiple_of(2) { Either::Left(shown) } else { Either::Right(shown) }
            })}}
        </Transition>
    }
}
