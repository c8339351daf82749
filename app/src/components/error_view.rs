//! What happened, what was not changed, what to try.

use leptos::{either::Either, prelude::*};

use super::{Icon, PageTitle, Sign, StateChip};
use crate::{
    error::AppError,
    host,
    i18n::use_lang,
    texts::{errors as t, problems},
};

/// An error in the reader's words.
#[component]
pub fn ErrorView(
    /// The error.
    error: AppError,
    /// Whether it stands for the whole page: its title is the page's then.
    #[prop(optional)]
    whole: bool,
) -> impl IntoView {
    let lang = use_lang();
    host::status(error.status());
    let words =
        t::words(&error).map(|words| view! { <pre class="code error-words"><code>{words.to_owned()}</code></pre> });
    let details = match &error {
        AppError::InUse(uses) => {
            let uses = uses
                .iter()
                .map(|used| {
                    let services = used.services.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
                    let edit = format!("/installed/{}/{}/uninstall", used.namespace, used.resource);
                    view! {
                        <li>
                            <a href=edit>{format!("{}/{}", used.namespace, used.resource)}</a>
                            " "
                            {services}
                            " "
                            <StateChip state=used.state.clone()/>
                        </li>
                    }
                })
                .collect_view();
            view! { <ul class="error-list">{uses}</ul> }.into_any()
        }
        AppError::Invalid { problems: all, .. } => {
            let lines =
                all.iter().map(|problem| view! { <li>{problems::sentence(lang, &problem.reason)}</li> }).collect_view();
            view! { <ul class="error-list">{lines}</ul> }.into_any()
        }
        _ => ().into_any(),
    };
    view! {
        <section class="error-view" role="alert">
            <span class="error-icon"><Icon sign=Sign::Warning/></span>
            <div class="error-body">
                {if whole {
                    let title = t::title(lang, &error);
                    Either::Left(view! { <PageTitle text=title/><h1>{title}</h1> })
                } else {
                    Either::Right(view! { <h2>{t::title(lang, &error)}</h2> })
                }}
                <p>{t::advice(lang, &error)}</p>
                {words}
                {details}
            </div>
        </section>
    }
}
