//! The browser's files under `/pkg`: named by their content, compressed when they were built, kept by browsers for ever.

use std::path::Path;

use axum::Router;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tower_http::services::ServeDir;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Pages name `favicon.svg`; browsers ask for the other whatever a page says.
const ICON: &str = include_str!("icon.svg");

/// The routes; only `pkg` of the site folder is handed out. Where names are not `hashed` (`cargo leptos watch`), browsers ask
/// anew each time.
pub fn router(site: &Path, hashed: bool) -> Router {
    // `append_index_html_on_directories` would let a folder answer with a redirect.
    let files =
        ServeDir::new(site.join("pkg")).precompressed_br().precompressed_gzip().append_index_html_on_directories(false);
    let files =
        Router::new().fallback_service(files).layer(axum::middleware::map_response(move |answer| keep(answer, hashed)));
    Router::new().nest("/pkg", files).route("/favicon.svg", get(icon)).route("/favicon.ico", get(icon))
}

async fn keep(mut response: Response, hashed: bool) -> Response {
    let found = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    // A file that is missing now may be there after the next build.
    let keep = match found {
        true if hashed => FOR_EVER,
        true => HeaderValue::from_static("no-cache"),
        false => HeaderValue::from_static("no-store"),
    };
    response.headers_mut().insert(header::CACHE_CONTROL, keep);
    response
}

async fn icon() -> Response {
    ([(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")], ICON).into_response()
}
