//! Keys that work on every page: `/` goes to the search field, Escape closes what is open.

use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys};

/// Listens for as long as the page is open; in the browser only.
pub fn listen() {
    Effect::new(move |_| {
        let handle = window_event_listener(ev::keydown, |event| match event.key().as_str() {
            "/" if !typing(&event) && !event.ctrl_key() && !event.meta_key() && !event.alt_key() => {
                if find("[data-search]").is_some() {
                    event.prevent_default();
                    focus("[data-search]");
                }
            }
            "Escape" if close_menu() => focus("details[data-menu] > summary"),
            _ => {}
        });
        on_cleanup(move || handle.remove());
    });
}

/// Whether the key goes into a field.
fn typing(event: &web_sys::KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable()
}

fn find(selector: &str) -> Option<web_sys::HtmlElement> {
    document().query_selector(selector).ok().flatten()?.dyn_into().ok()
}

/// Brings the keyboard to an element.
pub fn focus(selector: &str) {
    if let Some(element) = find(selector) {
        drop(element.focus());
    }
}

/// Closes the menu of narrow screens; tells whether it was open.
pub fn close_menu() -> bool {
    find("details[data-menu][open]").is_some_and(|menu| menu.remove_attribute("open").is_ok())
}
