//! `/healthz`: the process runs. `/readyz`: what it needs answers; if not, what does not.

use std::future::Future;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use marketplace_services::{Readiness, Services};

/// Knows whether its parts answer.
pub trait Parts: Send + Sync + 'static {
    /// Asks them.
    fn readiness(&self) -> impl Future<Output = Readiness> + Send;
}

impl Parts for Services {
    async fn readiness(&self) -> Readiness {
        Services::readiness(self).await
    }
}

/// The routes.
pub fn router<P: Parts>(parts: Arc<P>) -> Router {
    Router::new().route("/healthz", get(alive)).route("/readyz", get(ready::<P>)).with_state(parts)
}

async fn alive() -> Response {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n").into_response()
}

async fn ready<P: Parts>(State(parts): State<Arc<P>>) -> Response {
    let Readiness { database, cluster } = parts.readiness().await;
    let status = if database && cluster { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let word = |ready: bool| if ready { "ready" } else { "not ready" };
    let body = serde_json::json!({ "database": word(database), "cluster": word(cluster) });
    (status, [(header::CACHE_CONTROL, "no-store")], Json(body)).into_response()
}
