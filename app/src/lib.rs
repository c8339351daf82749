//! The pages of Plugin Marketplace, rendered on the server and taken over in the browser.

use leptos::prelude::*;

/// The application: its routes and its frame.
#[component]
pub fn App() -> impl IntoView {
    view! { <main>"Plugin Marketplace"</main> }
}
