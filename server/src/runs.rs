//! The sandbox for programs: `POST /api/check` takes a module and says whether Envoy would load it, `POST /api/try` takes an
//! exchange and answers with its report, and a run that is kept can be had as the two files of the command line.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use marketplace_services::{Asked, Checked, ServiceError, Services, ToCheck, Tried};
use serde::Deserialize;
use tower_http::timeout::TimeoutLayer;
use uuid::Uuid;

use crate::uploads::LARGEST_FILE;

/// The largest exchange, as on the command line.
pub const LARGEST_EXCHANGE: usize = 16 * 1024 * 1024;

/// Longer than the longest run may take.
const LONGEST: Duration = Duration::from_secs(40);

/// The routes.
pub fn router(services: Arc<Services>) -> Router {
    let check = Router::new().route("/api/check", post(check)).layer(DefaultBodyLimit::max(LARGEST_FILE));
    Router::new()
        .route("/api/try", post(try_exchange))
        .route("/runs/{id}/{file}", get(file))
        .layer(DefaultBodyLimit::max(LARGEST_EXCHANGE))
        .merge(check)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST))
        .with_state(services)
}

#[derive(Deserialize)]
struct Wanted {
    /// Whether the report has a trace.
    #[serde(default)]
    trace: bool,
}

/// 200 with a report; 400 with an error object where the exchange cannot be read or its modules not be had.
async fn try_exchange(
    State(services): State<Arc<Services>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let asked = Asked { bytes: &body, yaml: kind.contains("yaml"), trace: wanted.trace };
    match services.try_exchange(asked, &app::ssr::person()).await {
        Ok(tried) => {
            let status = if matches!(tried, Tried::Report(_)) { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            (status, axum::Json(tried)).into_response()
        }
        Err(error) => failed(error),
    }
}

/// 200 with what is in the module, whatever that is; 400 with an error object where there is no such module, 413 where it is
/// larger than the sandbox takes.
async fn check(
    State(services): State<Arc<Services>>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        Err(refused) if refused.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            return (StatusCode::PAYLOAD_TOO_LARGE, axum::Json(Checked::too_large(LARGEST_FILE))).into_response();
        }
        Err(refused) => return refused.into_response(),
    };
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // Whatever the kind says that is not JSON: tools that send files say many things.
    let named = kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    let asked = if named { ToCheck::Named(&body) } else { ToCheck::Bytes(body.clone()) };
    match services.check_for_program(asked, &app::ssr::person()).await {
        Ok(checked) => {
            let status = if matches!(checked, Checked::Report(_)) { StatusCode::OK } else { StatusCode::BAD_REQUEST };
            (status, axum::Json(checked)).into_response()
        }
        Err(error) => failed(error),
    }
}

async fn file(State(services): State<Arc<Services>>, Path((id, file)): Path<(String, String)>) -> Response {
    let report = match file.as_str() {
        "report.json" => true,
        "exchange.json" => false,
        _ => return StatusCode::NOT_FOUND.into_response(),
    };
    let Ok(id) = id.parse::<Uuid>() else { return StatusCode::NOT_FOUND.into_response() };
    match services.run_file(id, report).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{file}\"")),
            ];
            (headers, text).into_response()
        }
        Err(error) => failed(error),
    }
}

fn failed(error: ServiceError) -> Response {
    let status = match &error {
        ServiceError::NotFound => StatusCode::NOT_FOUND,
        ServiceError::Busy { seconds } => {
            let wait = [(header::RETRY_AFTER, seconds.to_string())];
            return (StatusCode::TOO_MANY_REQUESTS, wait, "Too many at once.\n").into_response();
        }
        ServiceError::DatabaseUnavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    if status.is_server_error() {
        tracing::error!(%error, "a run failed");
    }
    (status, "It did not run.\n").into_response()
}
