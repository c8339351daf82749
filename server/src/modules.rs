//! `GET /modules/<sha256>.wasm`: what proxies fetch.
//!
//! A router of its own, so that it can be the only thing on a listener that the mesh reaches. The name is the digest of
//! the content: an answer never changes, and nobody needs to ask twice.

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use bytes::Bytes;
use marketplace_domain::Digest;
use marketplace_services::Services;

/// Holds modules by their digest.
pub trait ModuleSource: Send + Sync + 'static {
    /// The module, or nothing if we have none of this digest; an error when we cannot tell.
    fn module(&self, digest: &Digest) -> impl Future<Output = anyhow::Result<Option<Bytes>>> + Send;
}

impl ModuleSource for Services {
    async fn module(&self, digest: &Digest) -> anyhow::Result<Option<Bytes>> {
        Ok(Services::module(self, digest).await?.map(Bytes::from))
    }
}

/// The route.
pub fn router<S: ModuleSource>(source: Arc<S>) -> Router {
    Router::new().route("/modules/{file}", get(module::<S>)).with_state(source)
}

async fn module<S: ModuleSource>(
    State(source): State<Arc<S>>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let digest = file.strip_suffix(".wasm").and_then(|digits| digits.parse::<Digest>().ok());
    // `sha256:` before the digits would be a second name for the same thing.
    let Some(digest) = digest.filter(|digest| file.len() == digest.as_str().len() + ".wasm".len()) else {
        return missing();
    };
    match source.module(&digest).await {
        Ok(Some(bytes)) => respond(&digest, bytes, &headers),
        Ok(None) => missing(),
        Err(error) => {
            tracing::error!(%digest, error = format!("{error:#}"), "cannot read a module");
            (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, "5")], "The catalogue does not answer.\n")
                .into_response()
        }
    }
}

fn missing() -> Response {
    // Not to be remembered: a module may be uploaded a second later.
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "There is no such module.\n").into_response()
}

fn respond(digest: &Digest, bytes: Bytes, request: &HeaderMap) -> Response {
    let etag = format!("\"{digest}\"");
    let mut response = match wanted(request, &etag, bytes.len()) {
        Wanted::Nothing => StatusCode::NOT_MODIFIED.into_response(),
        Wanted::All => {
            let length = bytes.len();
            ([(header::CONTENT_LENGTH, length)], bytes).into_response()
        }
        Wanted::Part(range) => {
            let span = format!("bytes {}-{}/{}", range.start, range.end - 1, bytes.len());
            let length = range.len();
            let part = bytes.slice(range);
            let headers = [(header::CONTENT_RANGE, span), (header::CONTENT_LENGTH, length.to_string())];
            (StatusCode::PARTIAL_CONTENT, headers, part).into_response()
        }
        Wanted::Impossible => {
            let span = format!("bytes */{}", bytes.len());
            return (StatusCode::RANGE_NOT_SATISFIABLE, [(header::CONTENT_RANGE, span)]).into_response();
        }
    };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/wasm"));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    if let Ok(etag) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, etag);
    }
    response
}

/// What a request asks of a module.
#[derive(Debug, PartialEq, Eq)]
enum Wanted {
    /// It has the module.
    Nothing,
    All,
    Part(Range<usize>),
    /// A part that lies outside.
    Impossible,
}

fn wanted(request: &HeaderMap, etag: &str, length: usize) -> Wanted {
    let text = |name| request.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    if let Some(known) = text(header::IF_NONE_MATCH) {
        let same = |tag: &str| tag == "*" || tag.trim_start_matches("W/") == etag;
        if known.split(',').any(|tag| same(tag.trim())) {
            return Wanted::Nothing;
        }
    }
    // A part of something else is of no use to the one who asks: give the whole.
    if text(header::IF_RANGE).is_some_and(|tag| tag.trim() != etag) {
        return Wanted::All;
    }
    text(header::RANGE).map_or(Wanted::All, |range| part(range, length))
}

/// One range. Several at once, or what is no range, may be answered with the whole (RFC 9110, 14.2).
fn part(range: &str, length: usize) -> Wanted {
    let Some((first, last)) = range.strip_prefix("bytes=").and_then(|spec| spec.trim().split_once('-')) else {
        return Wanted::All;
    };
    match (first.parse::<usize>(), last.parse::<usize>()) {
        (Ok(first), _) if first >= length => Wanted::Impossible,
        (Ok(first), Ok(last)) if last < first => Wanted::All,
        (Ok(first), Ok(last)) => Wanted::Part(first..last.saturating_add(1).min(length)),
        (Ok(first), Err(_)) if last.is_empty() => Wanted::Part(first..length),
        (Err(_), Ok(0)) if first.is_empty() => Wanted::Impossible,
        (Err(_), Ok(count)) if first.is_empty() && length > 0 => Wanted::Part(length.saturating_sub(count)..length),
        _ => Wanted::All,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges() {
        assert_eq!(part("bytes=0-3", 10), Wanted::Part(0..4));
        assert_eq!(part("bytes=4-", 10), Wanted::Part(4..10));
        assert_eq!(part("bytes=-4", 10), Wanted::Part(6..10));
        assert_eq!(part("bytes=-40", 10), Wanted::Part(0..10));
        assert_eq!(part("bytes=8-99", 10), Wanted::Part(8..10));
        assert_eq!(part("bytes=10-", 10), Wanted::Impossible);
        assert_eq!(part("bytes=-0", 10), Wanted::Impossible);
        assert_eq!(part("bytes=0-18446744073709551615", 10), Wanted::Part(0..10));
        for whole in ["bytes=5-2", "bytes=0-1,3-4", "bytes=x-y", "bytes=", "bytes=-", "lines=1-2"] {
            assert_eq!(part(whole, 10), Wanted::All, "{whole}");
        }
    }
}
