//! What the browser runs: takes over the page the server rendered.

use wasm_bindgen::prelude::wasm_bindgen;

/// Attaches the application to the document. Called once by the page's module script.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}
