//! Every route, on one page.
//!
//! | path | what | module |
//! |---|---|---|
//! | `/`, `/plugins/…`, `/traffic/…`, … | pages; `app`'s route table lists them | [`pages`] |
//! | `/api/…` | server functions of those pages | [`pages`] |
//! | `/api/check`, `/api/try`, `/runs/<id>/….json` | the sandbox, for programs | [`runs`] |
//! | `/uploads` | a form with a file | [`uploads`] |
//! | `/events` | what changed, as it changes | [`events`] |
//! | `/pkg/…`, `/favicon.svg` | the browser's files | [`assets`] |
//! | `/modules/<sha256>.wasm` | modules, for proxies | [`modules`] |
//! | `/healthz`, `/readyz` | for who watches over us | [`health`] |

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use tower_http::CompressionLevel;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::health::Parts;
use crate::modules::ModuleSource;
use crate::state::AppState;
use crate::{assets, events, health, hosts, modules, origin, pages, panics, requests, runs, security, uploads};

/// More than any form of ours; what takes more has a limit of its own.
const LARGEST_BODY: usize = 1024 * 1024;

/// A page that takes longer has no reader any more.
const LONGEST: Duration = Duration::from_secs(30);

/// What people and browsers reach, modules included.
pub fn router(state: &AppState) -> Router {
    let rendered = pages::router(state)
        // Compressed for each reader anew, so quickly rather than well. Files are compressed when they are built.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST));

    // Not below the timeout: the stream of events has no end.
    let forms = rendered
        .merge(events::router(state.events.clone()))
        .merge(assets::router(&state.site, state.leptos_options.hash_files));
    let for_browsers = small(forms)
        .merge(runs::router(state.services.clone()))
        .merge(uploads::router(state.services.clone()))
        .layer(from_fn(origin::check))
        .layer(from_fn_with_state(state.hosts.clone(), hosts::check));

    // Proxies and probes call us by names we cannot know, and change nothing.
    around(for_browsers.merge(small(for_machines(state.services.clone()))))
}

/// What proxies reach on a listener of its own: modules, and nothing that a person would open.
pub fn modules_only<S: ModuleSource + Parts>(source: Arc<S>) -> Router {
    finish(for_machines(source))
}

fn for_machines<S: ModuleSource + Parts>(source: Arc<S>) -> Router {
    modules::router(source.clone())
        .merge(health::router(source))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, LONGEST))
}

/// Routes whose bodies are forms, with what is around every route.
pub fn finish(router: Router) -> Router {
    around(small(router))
}

fn small(router: Router) -> Router {
    router.layer(RequestBodyLimitLayer::new(LARGEST_BODY))
}

/// What is around every route, from the inside out.
fn around(router: Router) -> Router {
    router
        .layer(CatchPanicLayer::custom(panics::respond))
        .layer(from_fn(security::headers))
        .layer(from_fn(requests::log))
}
