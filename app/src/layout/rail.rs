//! Logo and navigation.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use marketplace_domain::views::frame::Frame;

use crate::{
    components::{Icon, Sign},
    i18n::use_lang,
    texts::{frame as t, grouped},
};

/// The mark and the name.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <a class="logo" href="/">
            <svg class="logo-mark" viewBox="0 0 26 26" aria-hidden="true" focusable="false">
                <defs>
                    <linearGradient id="logo-fill" x1="0" y1="0" x2="1" y2="1">
                        <stop offset="0" class="logo-from"></stop>
                        <stop offset="1" class="logo-to"></stop>
                    </linearGradient>
                </defs>
                <rect width="26" height="26" rx="7" fill="url(#logo-fill)"></rect>
                <path d="M8 9.5h10M8 13h10M8 16.5h6" class="logo-lines"></path>
            </svg>
            <span>{t::product(use_lang())}</span>
        </a>
    }
}

/// The four places.
#[component]
pub fn Nav(
    /// Counts, where they are known.
    frame: Option<Frame>,
) -> impl IntoView {
    let lang = use_lang();
    let path = use_location().pathname;
    let plugins = frame.as_ref().and_then(|frame| frame.plugins);
    let installed = frame.as_ref().map(|frame| frame.installed);
    let link = move |place: Place, sign: Sign, text: &'static str, count: Option<u64>| {
        let current = move || (Place::of(&path.get()) == Some(place)).then_some("page");
        view! {
            <li>
                <a class="nav-link" href=place.path() aria-current=current>
                    <Icon sign/>
                    <span class="nav-text">{text}</span>
                    {count.map(|count| view! { <span class="nav-count">{grouped(count)}</span> })}
                </a>
            </li>
        }
    };
    view! {
        <nav class="nav" aria-label=t::navigation(lang)>
            <ul>
                {link(Place::Market, Sign::Market, t::market(lang), plugins)}
                {link(Place::Traffic, Sign::Traffic, t::traffic(lang), None)}
                {link(Place::Installed, Sign::Installed, t::installed(lang), installed)}
                {link(Place::Activity, Sign::Activity, t::activity(lang), None)}
            </ul>
        </nav>
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Market,
    Traffic,
    Installed,
    Activity,
}

impl Place {
    fn path(self) -> &'static str {
        match self {
            Self::Market => "/",
            Self::Traffic => "/traffic",
            Self::Installed => "/installed",
            Self::Activity => "/activity",
        }
    }

    /// Under which of the four an address is.
    fn of(path: &str) -> Option<Self> {
        match path.split('/').nth(1).unwrap_or_default() {
            "" | "plugins" => Some(Self::Market),
            "traffic" | "services" => Some(Self::Traffic),
            "installed" => Some(Self::Installed),
            "activity" => Some(Self::Activity),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_is_under_one_of_the_four() {
        assert_eq!(Place::of("/"), Some(Place::Market));
        assert_eq!(Place::of("/plugins/new"), Some(Place::Market));
        assert_eq!(Place::of("/services/shop/cart/apply"), Some(Place::Traffic));
        assert_eq!(Place::of("/installed"), Some(Place::Installed));
        assert_eq!(Place::of("/nowhere"), None);
    }
}
