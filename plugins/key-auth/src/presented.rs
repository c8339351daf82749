//! The keys that a request carries.

use plugin_kit::http;
use plugin_kit::plugin::Headers;
use plugin_kit::query;

/// Where keys may be.
#[derive(Debug)]
pub struct Places {
    /// The names of headers, parameters and cookies.
    pub names: Vec<String>,
    /// In headers.
    pub header: bool,
    /// In the query.
    pub query: bool,
    /// In cookies.
    pub cookie: bool,
}

/// What was found.
#[derive(Debug, PartialEq, Eq)]
pub enum Presented {
    /// No key.
    None,
    /// One key, perhaps in several places.
    One(Vec<u8>),
    /// Different keys: which one is meant nobody can tell.
    Several,
}

/// Finds the key of a request.
pub fn find(request: &dyn Headers, places: &Places) -> Presented {
    let mut found: Vec<Vec<u8>> = Vec::new();
    let path = if places.query { request.get(":path").unwrap_or_default() } else { Vec::new() };
    let cookies = if places.cookie { request.all("cookie") } else { Vec::new() };
    for name in &places.names {
        if places.header {
            found.extend(request.all(&name.to_ascii_lowercase()).iter().map(|value| bare(value).to_vec()));
        }
        found.extend(query::values(&path, name));
        found.extend(query::cookies(&cookies, name).map(<[u8]>::to_vec));
    }
    found.retain(|key| !key.is_empty());
    match found.split_first() {
        None => Presented::None,
        Some((first, others)) if others.iter().all(|key| http::same_secret(key, first)) => {
            Presented::One(first.clone())
        }
        Some(_) => Presented::Several,
    }
}

/// A key without `Bearer` in front of it.
fn bare(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value.split_at_checked(7) {
        Some((scheme, key)) if scheme.eq_ignore_ascii_case(b"bearer ") => key.trim_ascii(),
        _ => value,
    }
}

/// Takes all keys out of a request.
pub fn hide(request: &dyn Headers, places: &Places) {
    for name in &places.names {
        if places.header {
            request.remove(&name.to_ascii_lowercase());
        }
        if places.query
            && let Some(path) = request.get(":path")
        {
            let without = query::without(&path, name);
            if without != path {
                request.set(":path", &without);
            }
        }
        if places.cookie {
            let lines = request.all("cookie");
            if query::cookies(&lines, name).next().is_some() {
                match query::without_cookie(&lines, name) {
                    Some(line) => request.set("cookie", &line),
                    None => request.remove("cookie"),
                }
            }
        }
    }
}
