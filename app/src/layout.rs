//! The frame around every page: the rail at the left, which becomes a bar at the top on narrow screens.

mod api;
mod banners;
mod foot;
mod rail;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{i18n::use_lang, live::use_live, texts::frame as t};

/// The frame. Its figures are live.
#[component]
pub fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    let lang = use_lang();
    let live = use_live();
    let frame = Resource::new(move || live.any(), |_| api::load_frame());
    let known = move || frame.get().and_then(Result::ok);
    focus_after_navigation();

    view! {
        <a class="skip" href="#main" rel="external">{t::skip(lang)}</a>
        <div class="frame">
            <header class="rail">
                <rail::Logo/>
                <div class="rail-wide">
                    <Transition fallback=move || view! { <rail::Nav frame=None/> }>
                        {move || view! { <rail::Nav frame=known()/> }}
                    </Transition>
                    <Transition fallback=|| ()>{move || view! { <foot::Foot frame=known()/> }}</Transition>
                </div>
                <details class="rail-menu" data-menu="">
                    <summary aria-label=t::menu(lang)><crate::components::Icon sign=crate::components::Sign::Menu/></summary>
                    <div class="rail-sheet">
                        <Transition fallback=move || view! { <rail::Nav frame=None/> }>
                            {move || view! { <rail::Nav frame=known()/> }}
                        </Transition>
                        <Transition fallback=|| ()>{move || view! { <foot::Foot frame=known()/> }}</Transition>
                    </div>
                </details>
            </header>
            <main id="main" tabindex="-1">
                <Transition fallback=|| ()>{move || view! { <banners::Banners frame=known()/> }}</Transition>
                {children()}
            </main>
        </div>
    }
}

/// After going to another page without loading the document, the keyboard is where the new content begins, as it would be
/// after loading it; and the menu is closed.
fn focus_after_navigation() {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if before.is_some_and(|before| before != path) {
            crate::keyboard::close_menu();
            crate::keyboard::focus("#main");
        }
        path
    });
}
