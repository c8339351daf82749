//! The configuration, read strictly and compiled once.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::pattern::{self, Pattern};
use plugin_kit::plugin::Reply;

const FIELDS: [&str; 13] = [
    "block_urls",
    "block_exact_urls",
    "block_prefix_urls",
    "block_regexp_urls",
    "block_headers",
    "block_regexp_headers",
    "block_bodies",
    "block_regexp_bodies",
    "case_sensitive",
    "blocked_code",
    "blocked_message",
    "max_body_kib",
    "unreadable_bodies",
];

/// What must not be in a text.
#[derive(Debug, Default)]
pub struct Rules(Vec<Pattern>);

impl Rules {
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them is in `text`, which must be in lower case if case does not matter.
    pub fn find(&self, text: &[u8]) -> bool {
        self.0.iter().any(|pattern| match pattern {
            // Expressions see text: bytes that are not UTF-8 part it, and hide nothing.
            Pattern::Regex(regex) => text.utf8_chunks().any(|chunk| regex.is_match(chunk.valid())),
            other => other.matches(text),
        })
    }
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// For path and query.
    pub urls: Rules,
    /// For headers as `name: value`.
    pub headers: Rules,
    /// For bodies.
    pub bodies: Rules,
    /// Upper and lower case are the same.
    pub fold: bool,
    /// The answer to refused requests.
    pub reply: Reply,
    /// The largest body that is looked into, in bytes.
    pub max_body: usize,
    /// Bodies that cannot be read pass.
    pub unreadable_pass: bool,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: nothing is refused.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let fold = !fields.boolean("case_sensitive")?.unwrap_or(true);
        let rules = |names: &[(&str, Kind)]| -> Result<Rules, Refusal> {
            let mut all = Vec::new();
            for (name, kind) in names {
                all.extend(list(&fields, name, *kind, fold)?);
            }
            Ok(Rules(all))
        };
        let status = fields.integer("blocked_code", 200, 599)?.unwrap_or(403) as u16;
        let message = fields.string("blocked_message", 4096)?.unwrap_or_default();
        Ok(Self {
            urls: rules(&[
                ("block_urls", Kind::Part),
                ("block_exact_urls", Kind::Exact),
                ("block_prefix_urls", Kind::Prefix),
                ("block_regexp_urls", Kind::Regex),
            ])?,
            headers: rules(&[("block_headers", Kind::Part), ("block_regexp_headers", Kind::Regex)])?,
            bodies: rules(&[("block_bodies", Kind::Part), ("block_regexp_bodies", Kind::Regex)])?,
            fold,
            reply: match message {
                "" => Reply { status, ..Reply::default() },
                json if json.starts_with(['{', '[']) => Reply::json(status, json),
                text => Reply::text(status, text),
            },
            max_body: fields.integer("max_body_kib", 1, 1024)?.unwrap_or(512) as usize * 1024,
            unreadable_pass: fields.choice("unreadable_bodies", &[("block", false), ("pass", true)])?.unwrap_or(false),
        })
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Exact,
    Prefix,
    Part,
    Regex,
}

fn list(fields: &Fields, name: &str, kind: Kind, fold: bool) -> Result<Vec<Pattern>, Refusal> {
    let read = |value: &serde_json::Value, path: String| {
        let text = config::string(value, &path, pattern::MAX_PATTERN)?;
        if text.is_empty() {
            return Err(Refusal::new(path, "empty: everything would be refused"));
        }
        let bytes = if fold { text.to_ascii_lowercase() } else { text.to_owned() }.into_bytes();
        Ok(match kind {
            Kind::Exact => Pattern::Exact(bytes),
            Kind::Prefix => Pattern::Prefix(bytes),
            Kind::Part => Pattern::Contains(bytes),
            Kind::Regex => Pattern::Regex(pattern::regex(text, &path, fold)?),
        })
    };
    Ok(fields.list(name, 128, read)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"block_url":[]}"#, "block_url"),
            (r#"{"block_urls":[""]}"#, "block_urls[0]"),
            (r#"{"block_regexp_urls":["a","("]}"#, "block_regexp_urls[1]"),
            (r#"{"block_bodies":"x"}"#, "block_bodies"),
            (r#"{"blocked_code":600}"#, "blocked_code"),
            (r#"{"max_body_kib":2048}"#, "max_body_kib"),
            (r#"{"unreadable_bodies":"drop"}"#, "unreadable_bodies"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field, "{json}");
        }
    }

    #[test]
    fn expressions_find_what_stands_among_other_bytes() {
        let settings = Settings::read(br#"{"block_regexp_bodies":["b+c"],"block_bodies":["zz"]}"#).expect("good");
        assert!(settings.bodies.find(b"\xff\xfebbc\x80") && settings.bodies.find(b"\xffzz"));
        assert!(!settings.bodies.find(b"b\xffc") && !settings.bodies.find(b""));
    }
}
