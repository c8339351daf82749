//! Changes are taken from our own pages only.
//!
//! A browser says where a request comes from, by `Sec-Fetch-Site` or at least by `Origin` on every POST. A request with
//! neither does not come from a browser, so nobody's session can be abused by it: it is let through.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses changes that another site's page sends.
pub async fn check(request: Request, next: Next) -> Response {
    let harmless = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if harmless || is_ours(request.headers(), request.uri()) {
        return next.run(request).await;
    }
    tracing::warn!(origin = ?request.headers().get(header::ORIGIN), "refused a change sent from another site");
    (StatusCode::FORBIDDEN, "This change was sent from a page of another site. Open the marketplace and try there.\n")
        .into_response()
}

fn is_ours(headers: &HeaderMap, uri: &Uri) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    if let Some(site) = text("sec-fetch-site") {
        // `none`: the person themself, by reloading or from a bookmark.
        return matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return true };
    // The scheme is left aside: behind a proxy that ends TLS we cannot know it. HTTP/2 has the host in the address.
    let host = text("host").or_else(|| uri.authority().map(|authority| authority.as_str()));
    let origin = origin.split_once("://").map(|(_, authority)| authority);
    matches!((origin, host), (Some(origin), Some(host)) if origin.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(headers: &[(&'static str, &'static str)], ours: bool) {
        let map = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect();
        assert_eq!(is_ours(&map, &Uri::from_static("/api/x")), ours, "{headers:?}");
    }

    #[test]
    fn tells_our_pages_from_others() {
        check(&[], true);
        check(&[("sec-fetch-site", "same-origin"), ("origin", "https://a.example"), ("host", "inner:7420")], true);
        check(&[("sec-fetch-site", "none")], true);
        check(&[("sec-fetch-site", "same-site"), ("origin", "http://a.example"), ("host", "a.example")], false);
        check(&[("sec-fetch-site", "cross-site")], false);
        check(&[("origin", "http://127.0.0.1:7420"), ("host", "127.0.0.1:7420")], true);
        check(&[("origin", "http://127.0.0.1:9999"), ("host", "127.0.0.1:7420")], false);
        check(&[("origin", "http://evil.example"), ("host", "127.0.0.1:7420")], false);
        check(&[("origin", "null"), ("host", "127.0.0.1:7420")], false);
        check(&[("origin", "http://a.example")], false);
    }
}
