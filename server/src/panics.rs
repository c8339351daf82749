//! A panic ends one request, not the server, and says nothing of its cause to the one who asked.

use std::any::Any;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;

const PAGE: &str = include_str!("panics.html");

/// The answer to a request whose handler panicked.
pub fn respond(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = text.unwrap_or("of an unknown kind"), "a request's handler panicked");
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [(header::CONTENT_TYPE, html), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::INTERNAL_SERVER_ERROR, headers, PAGE).into_response()
}
