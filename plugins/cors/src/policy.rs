//! What the Fetch standard wants answered (§3.2, "HTTP responses to CORS requests").

use plugin_kit::http::is_token;

use crate::origin;
use crate::settings::{Listed, Settings};

/// Response headers, in order.
pub type Headers = Vec<(&'static str, String)>;

/// Headers that decide about access: the upstream's own would contradict ours.
pub const OWNED: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-allow-private-network",
];

/// What the headers of a request say.
#[derive(Debug, Default, Clone)]
pub struct Request {
    /// `:method`.
    pub method: Vec<u8>,
    /// `origin`.
    pub origin: Option<Vec<u8>>,
    /// `access-control-request-method`.
    pub wanted_method: Option<Vec<u8>>,
    /// `access-control-request-headers`.
    pub wanted_headers: Option<Vec<u8>>,
    /// `access-control-request-private-network`.
    pub private_network: Option<Vec<u8>>,
}

/// What is done with a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not from a page of another origin: nothing but `vary` is added to its answer.
    SameOrigin,
    /// Answered at once with these headers.
    Preflight(Headers),
    /// Passed on; its answer gets these headers.
    Actual(Headers),
    /// A preflight of an origin that is not allowed: answered 403.
    RefusedPreflight,
    /// A request of an origin that is not allowed: passed on without any header, or answered 403.
    Refused,
}

/// Decides about a request.
pub fn decide(request: &Request, settings: &Settings) -> Verdict {
    let Some(sent) = request.origin.as_deref() else {
        return Verdict::SameOrigin;
    };
    let preflight = request.method == b"OPTIONS" && request.wanted_method.is_some();
    let Some(origin) = origin::read(sent).filter(|origin| settings.origins.allow(origin)) else {
        return if preflight { Verdict::RefusedPreflight } else { Verdict::Refused };
    };
    let mut headers = vec![("access-control-allow-origin", allowed_origin(origin, settings))];
    if settings.credentials {
        headers.push(("access-control-allow-credentials", "true".to_owned()));
    }
    if preflight {
        access(&mut headers, request, settings);
        headers.extend(vary(settings, true).map(|names| ("vary", names.to_owned())));
        Verdict::Preflight(headers)
    } else {
        if !settings.expose_headers.is_empty() {
            headers.push(("access-control-expose-headers", settings.expose_headers.clone()));
        }
        Verdict::Actual(headers)
    }
}

/// The names that belong into `vary`. None where every answer is the same.
pub fn vary(settings: &Settings, preflight: bool) -> Option<&'static str> {
    match (settings.is_same_for_all(), preflight) {
        (true, false) => None,
        (false, false) => Some("origin"),
        (_, true) => Some(
            "origin, access-control-request-method, access-control-request-headers, \
             access-control-request-private-network",
        ),
    }
}

/// A star says more than an echo, but browsers do not take it with credentials.
fn allowed_origin(origin: &str, settings: &Settings) -> String {
    if settings.is_same_for_all() { "*".to_owned() } else { origin.to_owned() }
}

fn access(headers: &mut Headers, request: &Request, settings: &Settings) {
    let methods = match &settings.methods {
        Listed::These(list) => list.clone(),
        Listed::Asked => tokens(request.wanted_method.as_deref().unwrap_or_default()),
    };
    let names = match &settings.headers {
        Listed::These(list) => list.clone(),
        // Not a star: that would leave `authorization` out, and mean nothing with credentials.
        Listed::Asked => tokens(request.wanted_headers.as_deref().unwrap_or_default()),
    };
    headers.extend((!methods.is_empty()).then_some(("access-control-allow-methods", methods)));
    headers.extend((!names.is_empty()).then_some(("access-control-allow-headers", names)));
    if settings.private_network && request.private_network.as_deref() == Some(b"true") {
        headers.push(("access-control-allow-private-network", "true".to_owned()));
    }
    headers.push(("access-control-max-age", settings.max_age.to_string()));
}

/// A list of tokens as it was asked for, without what is no token: nothing else may be echoed.
fn tokens(list: &[u8]) -> String {
    let tokens: Vec<&str> = list
        .split(|&b| b == b',')
        .take(100)
        .filter_map(|token| std::str::from_utf8(token.trim_ascii()).ok())
        .filter(|token| is_token(token))
        .collect();
    tokens.join(", ")
}

#[cfg(test)]
mod tests;
