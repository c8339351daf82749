//! The configuration, read strictly and compiled once.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::http;
use plugin_kit::pattern::Pattern;
use plugin_kit::scope;
use serde_json::Value;

use crate::lifetime::{Lifetime, MAX_SECONDS, Saying};

const FIELDS: [&str; 5] = ["suffix", "expires", "rules", "errors", "override"];
const RULE: [&str; 6] = ["suffixes", "types", "paths", "expires", "cache_control", "override"];
const MAX_RULES: usize = 64;
const MAX_ITEMS: usize = 128;

/// Which answers, and what they are to say.
#[derive(Debug)]
pub struct Rule {
    suffixes: Vec<String>,
    types: Vec<String>,
    paths: Vec<Pattern>,
    /// What the headers are to say.
    pub saying: Saying,
    /// Also where the upstream says something itself.
    pub over: bool,
}

impl Rule {
    /// Whether an answer is meant: all that is given must hold. `kind` is its media type in lower case.
    pub fn matches(&self, path: &[u8], kind: &str) -> bool {
        (self.suffixes.is_empty()
            || suffix(path).is_some_and(|suffix| self.suffixes.iter().any(|s| s.as_bytes() == suffix)))
            && (self.types.is_empty() || self.types.iter().any(|known| is_kind(known, kind)))
            && (self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.matches(path)))
    }
}

fn is_kind(known: &str, kind: &str) -> bool {
    match known.strip_suffix('*') {
        Some(start) => kind.starts_with(start),
        None => kind == known,
    }
}

/// What stands behind the last dot of a path's last part, in lower case.
fn suffix(path: &[u8]) -> Option<Vec<u8>> {
    let name = path.rsplit(|&b| b == b'/').next()?;
    let dot = name.iter().rposition(|&b| b == b'.')?;
    Some(name[dot + 1..].to_ascii_lowercase())
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// In order; the first that matches decides.
    pub rules: Vec<Rule>,
    /// Errors are not to be kept.
    pub no_store_errors: bool,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: only errors are spoken for.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let mut rules = fields
            .list("rules", MAX_RULES, |value, path| rule(&Fields::nested(value, path, &RULE)?))?
            .unwrap_or_default();
        let over = fields.boolean("override")?.unwrap_or(false);
        match expires(&fields)? {
            Some(lifetime) => rules.push(Rule {
                suffixes: suffixes(&fields)?,
                types: Vec::new(),
                paths: Vec::new(),
                saying: Saying { directives: None, lifetime: Some(lifetime) },
                over,
            }),
            None if fields.value("suffix").is_some() => {
                return Err(fields.refuse("expires", "missing; suffix needs it"));
            }
            None => {}
        }
        Ok(Self {
            rules,
            no_store_errors: fields.choice("errors", &[("no-store", true), ("leave", false)])?.unwrap_or(true),
        })
    }
}

/// Suffixes in one string, parted by `|`.
fn suffixes(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let text = fields.string("suffix", 1024)?.unwrap_or_default();
    let parts = text.split('|').filter(|part| !part.is_empty() || text.contains('|'));
    parts.map(|part| one_suffix(part).ok_or_else(|| fields.refuse("suffix", BAD_SUFFIX))).collect()
}

const BAD_SUFFIX: &str = "must be suffixes such as png, of letters, digits, - and _";

fn one_suffix(text: &str) -> Option<String> {
    let text = text.trim().trim_start_matches('.');
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (!text.is_empty() && text.len() <= 32 && text.bytes().all(good)).then(|| text.to_ascii_lowercase())
}

fn expires(fields: &Fields) -> Result<Option<Lifetime>, Refusal> {
    let why = format!("must be epoch, max, or whole seconds from 0 to {MAX_SECONDS}");
    match fields.value("expires") {
        None => Ok(None),
        Some(Value::Number(_)) => Ok(fields.integer("expires", 0, MAX_SECONDS)?.map(Lifetime::Seconds)),
        Some(Value::String(text)) => Lifetime::parse(text).map(Some).ok_or_else(|| fields.refuse("expires", why)),
        Some(_) => Err(fields.refuse("expires", why)),
    }
}

fn rule(fields: &Fields) -> Result<Rule, Refusal> {
    let suffixes = fields.list("suffixes", MAX_ITEMS, |value, path| {
        one_suffix(config::string(value, &path, 33)?).ok_or_else(|| Refusal::new(path, BAD_SUFFIX))
    })?;
    let types = fields.list("types", MAX_ITEMS, |value, path| {
        let text = config::string(value, &path, 128)?.to_ascii_lowercase();
        match text.split_once('/') {
            Some((kind, subtype)) if http::is_token(kind) && http::is_token(subtype) && kind != "*" => Ok(text),
            _ => Err(Refusal::new(path, "must be a media type such as image/* or text/css")),
        }
    })?;
    let lifetime = expires(fields)?;
    let directives = fields.string("cache_control", 256)?.map(str::trim);
    if directives.is_some_and(|text| text.is_empty() || !text.bytes().all(|b| (b' '..0x7f).contains(&b))) {
        return Err(fields.refuse("cache_control", "must be directives in printable ASCII"));
    }
    if lifetime.is_none() && directives.is_none() {
        return Err(fields.refuse("expires", "missing, and so is cache_control"));
    }
    Ok(Rule {
        suffixes: suffixes.unwrap_or_default(),
        types: types.unwrap_or_default(),
        paths: scope::paths(fields, "paths")?,
        saying: Saying { directives: directives.map(str::to_owned), lifetime },
        over: fields.boolean("override")?.unwrap_or(false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_the_last_ones() {
        for (path, wanted) in [
            ("/a.PNG", Some("png")),
            ("/a.tar.gz", Some("gz")),
            ("/a.b/c", None),
            ("/", None),
            ("/a.", Some("")),
            ("", None),
        ] {
            assert_eq!(suffix(path.as_bytes()).as_deref(), wanted.map(str::as_bytes), "{path}");
        }
    }

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"expire":1}"#, "expire"),
            (r#"{"suffix":"png"}"#, "expires"),
            (r#"{"suffix":"p/g","expires":1}"#, "suffix"),
            (r#"{"suffix":"png||jpg","expires":1}"#, "suffix"),
            (r#"{"expires":-1}"#, "expires"),
            (r#"{"expires":"1h"}"#, "expires"),
            (r#"{"expires":true}"#, "expires"),
            (r#"{"errors":"keep"}"#, "errors"),
            (r#"{"rules":[{"suffixes":["png"]}]}"#, "rules[0].expires"),
            (r#"{"rules":[{"expires":1,"types":["image"]}]}"#, "rules[0].types[0]"),
            (r#"{"rules":[{"expires":1,"types":["*/*"]}]}"#, "rules[0].types[0]"),
            (r#"{"rules":[{"expires":1,"paths":["~("]}]}"#, "rules[0].paths[0]"),
            (r#"{"rules":[{"cache_control":"a\r\nb: c"}]}"#, "rules[0].cache_control"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field, "{json}");
        }
    }
}
