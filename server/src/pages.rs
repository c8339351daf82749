//! The pages and server functions of `app`, mounted.

use std::sync::OnceLock;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use leptos::context::{provide_context, use_context};
use leptos_axum::{AxumRouteListing, LeptosRoutes, ResponseOptions, generate_route_list};

use crate::security;
use crate::state::AppState;
use crate::watch::Watch;

/// Every page, every server function, and the page for what there is not.
pub fn router(state: &AppState) -> Router {
    let options = state.leptos_options.clone();
    Router::new()
        .leptos_routes_with_context(state, routes(), context(state), move || app::shell(options.clone()))
        .fallback(not_found)
        .with_state(state.clone())
}

/// The table of routes, walked once per process: while Leptos walks it, resources of *every* page of the process wait for
/// ever if they begin then (leptos#4773), so it must never happen beside a request, not even another router's.
fn routes() -> Vec<AxumRouteListing> {
    static ROUTES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    ROUTES.get_or_init(|| generate_route_list(app::App)).clone()
}

/// What pages and server functions find as context, and the policy for what they render.
fn context(state: &AppState) -> impl Fn() + Clone + Send + Sync + 'static {
    let services = state.services.clone();
    move || {
        provide_context(services.clone());
        // Leptos has made the nonce by now, and sends the header together with the page. Answers of server functions
        // have none: they are no pages.
        if let (Some(nonce), Some(response)) = (leptos::nonce::use_nonce(), use_context::<ResponseOptions>())
            && let Ok(policy) = HeaderValue::from_str(&security::page_policy(&nonce, Watch::of_this_process()))
        {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
            // What a page shows is out of date as soon as something changes; the back button reads it again.
            response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
    }
}

async fn not_found(State(state): State<AppState>, request: Request) -> Response<Body> {
    let options = state.leptos_options.clone();
    let shell = move || app::shell(options.clone());
    let render = leptos_axum::render_app_async_with_context(context(&state), shell);
    let mut response = render(request).await;
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
