//! The Kubernetes API, as far as a client of plugins needs it.

mod checks;
mod discovery;
mod options;
mod path;
mod read;
mod select;
mod watch;
mod write;

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use http::{Method, StatusCode, header, request::Parts};
use serde_json::Value;

pub(crate) use options::Options;
pub(crate) use path::Target;
pub(crate) use write::{Change, Format, delete, write};

use crate::{
    kinds::WASM_PLUGIN,
    status::Refusal,
    store::{State, Store},
};

/// Objects beyond this size are refused, as etcd does.
const BODY_LIMIT: usize = 3 * 1024 * 1024;

/// The router over a store.
pub(crate) fn router(store: Arc<Store>) -> Router {
    Router::new().fallback(move |request: axum::extract::Request| {
        let store = store.clone();
        async move {
            let (parts, body) = request.into_parts();
            match answer(&store, &parts, body).await {
                Ok(response) => response,
                Err(refusal) => refusal.into_response(),
            }
        }
    })
}

async fn answer(store: &Arc<Store>, parts: &Parts, body: Body) -> Result<Response, Refusal> {
    if store.lock().faults.unreachable {
        return Err(Refusal::new(503, "ServiceUnavailable", "the server is currently unable to handle the request"));
    }
    if let Some(document) = discovery::document(parts.uri.path(), !store.lock().faults.crd_missing) {
        return Ok(json(StatusCode::OK, &document));
    }
    let target = Target::parse(parts.uri.path()).ok_or_else(Refusal::no_page)?;
    if target.kind == WASM_PLUGIN && store.lock().faults.crd_missing {
        return Err(Refusal::no_page());
    }
    let query = Query::parse(parts.uri.query().unwrap_or_default());
    if parts.method == Method::GET {
        return match &target.name {
            Some(name) => {
                let state = store.lock();
                let object = state.get(target.kind, target.namespace(), name);
                let object = object.ok_or_else(|| Refusal::not_found(target.kind, name))?;
                Ok(json(StatusCode::OK, object))
            }
            None if query.flag("watch") => watch::watch(store, &target, &query),
            None => read::list(&store.lock(), &target, &query).map(|list| json(StatusCode::OK, &list)),
        };
    }
    let verb = verb(&parts.method).ok_or_else(|| {
        Refusal::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    })?;
    let bytes = axum::body::to_bytes(body, BODY_LIMIT)
        .await
        .map_err(|_| Refusal::new(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728"))?;
    let mut state = store.lock();
    if state.faults.forbidden {
        let name = target.name.as_deref().unwrap_or_default();
        return Err(Refusal::forbidden(target.kind, name, verb, target.namespace()));
    }
    let before = state.version;
    let response = change(&mut state, &target, &query, parts, &bytes)?;
    let changed = state.version != before;
    drop(state);
    if changed {
        store.signal();
    }
    Ok(response)
}

fn verb(method: &Method) -> Option<&'static str> {
    match *method {
        Method::POST => Some("create"),
        Method::PUT => Some("update"),
        Method::PATCH => Some("patch"),
        Method::DELETE => Some("delete"),
        _ => None,
    }
}

fn change(state: &mut State, target: &Target, query: &Query, parts: &Parts, body: &Bytes) -> Result<Response, Refusal> {
    let header =
        |name| parts.headers.get(name).and_then(|value: &http::HeaderValue| value.to_str().ok()).unwrap_or_default();
    let options = Options::read(&parts.method, query, header(header::USER_AGENT))?;
    if parts.method == Method::DELETE {
        return delete(state, target, body, &options).map(|status| json(StatusCode::OK, &status));
    }
    let content_type = header(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim();
    let format = match parts.method {
        Method::POST => Format::Create,
        Method::PUT => Format::Replace,
        _ => match content_type {
            "application/apply-patch+yaml" => Format::Apply,
            "application/merge-patch+json" => Format::Merge,
            _ => {
                return Err(Refusal::new(
                    415,
                    "UnsupportedMediaType",
                    "the body of the request was in an unknown format - accepted media types include: \
                     application/merge-patch+json, application/apply-patch+yaml",
                ));
            }
        },
    };
    let Change { object, created, warnings } = write(state, target, format, body, &options)?;
    let code = if created { StatusCode::CREATED } else { StatusCode::OK };
    let mut response = json(code, &object);
    for warning in warnings {
        if let Ok(value) = http::HeaderValue::from_str(&format!("299 - {warning:?}")) {
            response.headers_mut().append(header::WARNING, value);
        }
    }
    Ok(response)
}

fn json(code: StatusCode, value: &Value) -> Response {
    (code, [(header::CONTENT_TYPE, "application/json")], value.to_string()).into_response()
}

/// The query of a request.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    fn parse(text: &str) -> Self {
        Self(url::form_urlencoded::parse(text.as_bytes()).into_owned().collect())
    }

    /// A parameter; empty when it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A parameter that is true or not.
    pub fn flag(&self, name: &str) -> bool {
        matches!(self.get(name), "true" | "1")
    }
}
