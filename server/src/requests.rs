//! One log line for each request, and an id by which to find it.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;

/// The header with the id, both ways.
pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// The id of a request, in its extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub String);

/// Gives the request an id, logs how it ended.
pub async fn log(mut request: Request, next: Next) -> Response {
    let id = given(request.headers()).unwrap_or_else(|| uuid::Uuid::new_v4().simple().to_string());
    let span = tracing::info_span!("request", %id, method = %request.method(), path = request.uri().path());
    let quiet = is_quiet(request.uri().path());
    request.extensions_mut().insert(RequestId(id.clone()));

    let begin = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let (status, ms) = (response.status().as_u16(), begin.elapsed().as_millis() as u64);
    span.in_scope(|| match status {
        500.. => tracing::error!(status, ms, "answered"),
        _ if quiet => tracing::debug!(status, ms, "answered"),
        _ => tracing::info!(status, ms, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, id);
    }
    response
}

/// Files and probes: many, and of no interest while they work.
fn is_quiet(path: &str) -> bool {
    path.starts_with("/pkg/") || matches!(path, "/healthz" | "/readyz" | "/favicon.ico")
}

/// The id that something in front of us chose, if it is one that can stand in a log.
fn given(headers: &HeaderMap) -> Option<String> {
    let id = headers.get(HEADER)?.to_str().ok()?;
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    ((8..=64).contains(&id.len()) && id.bytes().all(plain)).then(|| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_plain_ids() {
        let given = |id: &'static str| given(&HeaderMap::from_iter([(HEADER, HeaderValue::from_static(id))]));
        assert_eq!(given("8c1f-req_1.2"), Some("8c1f-req_1.2".to_owned()));
        assert_eq!(given("short"), None);
        assert_eq!(given("12345678\" level=error"), None);
    }
}
