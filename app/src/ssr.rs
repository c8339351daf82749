//! The server's side of pages and server functions: services, the person, the answer's status, cookies. The only module
//! that exists on the server alone.

use std::sync::Arc;

use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCEPT, ACCEPT_LANGUAGE, COOKIE, SET_COOKIE},
    request::Parts,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use marketplace_domain::{Lang, PluginName};
pub use marketplace_services::{FormWork, ServiceError, Services};
use uuid::Uuid;

use crate::{
    error::AppError,
    i18n::{Preferences, Theme},
};

/// The use cases, as the server provides them.
pub fn services() -> Arc<Services> {
    expect_context::<Arc<Services>>()
}

/// Who does it: whoever runs the product, until there is sign-in.
pub fn person() -> String {
    static PERSON: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    PERSON
        .get_or_init(|| {
            ["LOGNAME", "USER"]
                .iter()
                .find_map(|name| std::env::var(name).ok().filter(|user| !user.is_empty()))
                .unwrap_or_else(|| "ops".to_owned())
        })
        .clone()
}

/// Turns a use case's error into ours and sets the answer's status. The only place that logs it.
pub fn fail(error: ServiceError) -> AppError {
    let error = match error {
        ServiceError::NotFound => AppError::NotFound,
        ServiceError::Invalid { draft, problems } => {
            AppError::Invalid { draft: draft.map(|id| id.to_string()), problems }
        }
        ServiceError::Builtin => AppError::Builtin,
        ServiceError::InUse(uses) => AppError::InUse(uses),
        ServiceError::Busy { seconds } => AppError::Busy { seconds },
        ServiceError::ChangedMeanwhile => AppError::ChangedMeanwhile,
        ServiceError::Forbidden(words) => AppError::Forbidden(words),
        ServiceError::ClusterUnavailable(words) => AppError::ClusterUnavailable(words),
        ServiceError::DatabaseUnavailable(source) => {
            tracing::warn!(error = chain(&source), "the database does not answer");
            AppError::DatabaseUnavailable
        }
        ServiceError::Internal(words) => {
            let id = Uuid::new_v4().simple().to_string();
            tracing::error!(id, error = words, "a use case failed");
            AppError::Internal { id }
        }
    };
    if !is_plain_post() {
        status(error.status());
    }
    error
}

/// An error and its sources in one line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A form sent without scripts: Leptos answers it with a redirect, which a status of ours would replace.
fn is_plain_post() -> bool {
    use_context::<Parts>().is_some_and(|parts| {
        parts.method == Method::POST
            && parts
                .headers
                .get(ACCEPT)
                .and_then(|accept| accept.to_str().ok())
                .is_some_and(|a| a.contains("text/html"))
    })
}

/// Sets the answer's status.
pub fn status(code: u16) {
    if let (Some(answer), Ok(code)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(code)) {
        answer.set_status(code);
    }
}

/// Sends the browser to a path of ours: with scripts and without.
pub fn redirect(path: &str) {
    leptos_axum::redirect(path);
}

/// Sets a cookie for a year.
pub fn set_cookie(name: &str, value: &str) {
    let cookie = format!("{name}={value}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly");
    if let (Some(answer), Ok(cookie)) = (use_context::<ResponseOptions>(), HeaderValue::from_str(&cookie)) {
        answer.append_header(SET_COOKIE, cookie);
    }
}

/// Language and theme of the request: cookies first, then `Accept-Language`.
pub fn preferences() -> Preferences {
    let Some(parts) = use_context::<Parts>() else { return Preferences::default() };
    let lang = cookie(&parts, "lang").and_then(Lang::from_code).unwrap_or_else(|| {
        let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        accepted.map(Lang::from_accept_language).unwrap_or_default()
    });
    let theme = cookie(&parts, "theme").and_then(Theme::from_code).unwrap_or_default();
    Preferences { lang, theme }
}

fn cookie<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts
        .headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// The id of a kept draft; anything else that stands in an address is as good as none.
pub fn draft_id(text: Option<&str>) -> Option<Uuid> {
    text.and_then(|text| Uuid::parse_str(text).ok())
}

/// A plugin's name out of an address or a form: empty is none, and one that cannot be a name is not there.
pub fn plugin_name(text: Option<&str>) -> Result<Option<PluginName>, AppError> {
    let text = text.filter(|text| !text.is_empty());
    text.map(str::parse).transpose().map_err(|_| fail(ServiceError::NotFound))
}

/// Events reach browsers only.
pub fn listen(_heard: impl Fn(&str, &str) + 'static) {}
