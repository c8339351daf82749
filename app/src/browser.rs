//! The browser's side of what differs from the server.

use leptos::prelude::*;
use marketplace_domain::Lang;

use crate::i18n::{Preferences, Theme};

/// Language and theme as the server wrote them into the document.
pub fn preferences() -> Preferences {
    let Some(root) = document().document_element() else { return Preferences::default() };
    let tag = root.get_attribute("lang").unwrap_or_default();
    let lang = Lang::from_code(tag.split('-').next().unwrap_or_default()).unwrap_or_default();
    let theme = root.get_attribute("data-theme").and_then(|code| Theme::from_code(&code)).unwrap_or_default();
    Preferences { lang, theme }
}

/// Only answers have a status.
pub fn status(_code: u16) {}

/// Calls `heard(event, data)` for each event of the server, for as long as the page is open. The browser itself connects
/// again when the connection breaks.
#[cfg(feature = "hydrate")]
pub fn listen(heard: impl Fn(&str, &str) + 'static) {
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    let Ok(source) = EventSource::new("/events") else { return };
    let on_event = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        heard(&event.type_(), &event.data().as_string().unwrap_or_default());
    });
    for name in ["hello", "change", "resync"] {
        // Fails for no name that we give it.
        drop(source.add_event_listener_with_callback(name, on_event.as_ref().unchecked_ref()));
    }
    on_event.forget();
}

/// Neither server nor browser: a build that checks types only.
#[cfg(not(feature = "hydrate"))]
pub fn listen(_heard: impl Fn(&str, &str) + 'static) {}
