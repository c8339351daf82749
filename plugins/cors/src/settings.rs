//! The configuration, read strictly and compiled once.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::http::is_token;

use crate::origin::{self, Origins};

const FIELDS: [&str; 10] = [
    "allow_origins",
    "allow_origin_patterns",
    "allow_origin_regex",
    "allow_methods",
    "allow_headers",
    "expose_headers",
    "allow_credentials",
    "max_age",
    "allow_private_network",
    "block_disallowed",
];

const MAX_ORIGINS: usize = 64;
/// The most methods, and the longest.
const METHODS: (usize, usize) = (32, 32);
/// The most headers, and the longest.
const HEADERS: (usize, usize) = (64, 128);
const MAX_EXPRESSIONS: usize = 16;
const MAX_ORIGIN: usize = 256;
const DEFAULT_METHODS: &str = "GET, PUT, POST, DELETE, PATCH, OPTIONS, HEAD";

/// What a preflight is told that it may.
#[derive(Debug)]
pub enum Listed {
    /// This list, ready to be sent.
    These(String),
    /// What it asks for.
    Asked,
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who may.
    pub origins: Origins,
    /// With which methods.
    pub methods: Listed,
    /// With which request headers.
    pub headers: Listed,
    /// The response headers a page may read, ready to be sent; empty for none.
    pub expose_headers: String,
    /// With cookies.
    pub credentials: bool,
    /// How long a preflight is good for, in seconds.
    pub max_age: u32,
    /// From a public network into a private one.
    pub private_network: bool,
    /// Answer 403 to all others.
    pub block_disallowed: bool,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let credentials = fields.boolean("allow_credentials")?.unwrap_or(false);
        let origins = origins(&fields)?;
        if credentials && origins.any {
            let why = "* cannot be combined with allow_credentials: name the origins, or use allow_origin_patterns";
            return Err(fields.refuse("allow_origins", why));
        }
        if credentials && origins.exact.iter().any(|origin| origin == "null") {
            return Err(fields.refuse("allow_origins", "null with allow_credentials lets every sandboxed page in"));
        }
        let expose_headers = match names(&fields, "expose_headers", HEADERS)? {
            Some(Listed::Asked) if credentials => {
                return Err(fields.refuse("expose_headers", "* has no effect with allow_credentials: name the headers"));
            }
            Some(Listed::Asked) => "*".to_owned(),
            Some(Listed::These(list)) => list,
            None => String::new(),
        };
        Ok(Self {
            origins,
            methods: names(&fields, "allow_methods", METHODS)?.unwrap_or(Listed::These(DEFAULT_METHODS.to_owned())),
            headers: names(&fields, "allow_headers", HEADERS)?.unwrap_or(Listed::Asked),
            expose_headers,
            credentials,
            max_age: fields.integer("max_age", 0, 31_536_000)?.unwrap_or(86_400),
            private_network: fields.boolean("allow_private_network")?.unwrap_or(false),
            block_disallowed: fields.boolean("block_disallowed")?.unwrap_or(false),
        })
    }

    /// Whether all origins get the same answer, so that it may be a star and be cached for all.
    pub fn is_same_for_all(&self) -> bool {
        self.origins.any && !self.credentials
    }
}

fn origins(fields: &Fields) -> Result<Origins, Refusal> {
    let mut origins = Origins::default();
    let patterns = fields.list("allow_origin_patterns", MAX_ORIGINS, |value, path| {
        let text = config::string(value, &path, MAX_ORIGIN)?;
        // A star alone is any origin, and unlike the one in allow_origins it may be combined with credentials.
        let text = if text == "*" { "*://*:[*]" } else { text };
        origin::pattern(text, &path)
    })?;
    let expressions = fields.list("allow_origin_regex", MAX_EXPRESSIONS, |value, path| {
        match config::string(value, &path, MAX_ORIGIN)? {
            "" => Err(Refusal::new(path, "must not be empty")),
            text => origin::regex(text, &path),
        }
    })?;
    origins.matching.extend(patterns.into_iter().chain(expressions).flatten());
    let exact = fields.list("allow_origins", MAX_ORIGINS, |value, path| {
        let text = config::string(value, &path, MAX_ORIGIN)?;
        if text == "*" {
            return Ok(None);
        }
        origin::exact(text).map(Some).map_err(|why| Refusal::new(path, why))
    })?;
    match exact {
        None => origins.any = origins.matching.is_empty(),
        Some(list) => {
            origins.any = list.contains(&None);
            origins.exact = list.into_iter().flatten().collect();
        }
    }
    if !origins.any && origins.exact.is_empty() && origins.matching.is_empty() {
        return Err(fields.refuse("allow_origins", "empty: no page could ever call the service"));
    }
    Ok(origins)
}

fn names(fields: &Fields, name: &str, (most, longest): (usize, usize)) -> Result<Option<Listed>, Refusal> {
    let list = fields.list(name, most, |value, path| {
        let text = config::string(value, &path, longest)?;
        if is_token(text) {
            Ok(text)
        } else {
            Err(Refusal::new(path, "must be a name without blanks and commas, or *"))
        }
    })?;
    Ok(list.map(|list| if list.contains(&"*") { Listed::Asked } else { Listed::These(list.join(", ")) }))
}

#[cfg(test)]
mod tests;
