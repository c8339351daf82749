//! The pages, by feature.

pub mod activity;
pub mod apply;
pub mod edit;
pub mod installed;
pub mod market;
pub mod plugin;
pub mod runs;
pub mod service;
pub mod traffic;

use leptos::prelude::*;

use crate::{
    components::{Empty, PageHead},
    host,
    i18n::use_lang,
    texts::frame as t,
};

/// The page for what there is not.
#[component]
pub fn NotFound() -> impl IntoView {
    host::status(404);
    let lang = use_lang();
    view! {
        <PageHead title=t::not_found(lang)/>
        <Empty title=t::not_found(lang) hint=t::not_found_explained(lang)>
            <a class="button button-primary" href="/">{t::to_market(lang)}</a>
        </Empty>
    }
}
