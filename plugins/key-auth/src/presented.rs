//! The keys that a request carries.

use plugin_kit::credentials::{self, Presented};
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
    Presented::of(found)
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
        if places.query {
            credentials::hide_parameter(request, name);
        }
        if places.cookie {
            credentials::hide_cookie(request, name);
        }
    }
}
