//! What browsers are told not to do with our answers.

use axum::extract::Request;
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

use crate::watch::Watch;

/// For answers that are not pages: nothing in them is to be run, framed or sent.
const NOT_A_PAGE: &str = "default-src 'none'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'";

/// On every answer. Not `no-referrer`: a form without scripts is sent back to where it came from by its `Referer`.
const ALWAYS: [(&str, &str); 5] = [
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
];

/// The policy of a page.
///
/// Inline scripts are those that carry this answer's nonce. `'self'` lets the page's module script preload and import its
/// parts from `/pkg`; `'strict-dynamic'` would refuse the preload, as Leptos puts no nonce on it. Styles come from files.
/// Who watches the sources is listened to.
pub fn page_policy(nonce: &str, watch: Option<&Watch>) -> String {
    let reload = watch.map(|watch| format!(" ws://*:{}", watch.reload_port)).unwrap_or_default();
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; connect-src 'self'{reload}; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
}

/// Adds the headers, where a handler has not set its own.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.entry(HeaderName::from_static(name)).or_insert(HeaderValue::from_static(value));
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(NOT_A_PAGE));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_may_call_only_us_and_who_watches() {
        let watch = Watch { site: "target/site".into(), reload_port: 7421 };
        assert!(page_policy("n", None).contains("connect-src 'self';"));
        assert!(page_policy("n", Some(&watch)).contains("connect-src 'self' ws://*:7421;"));
    }
}
