//! The configuration, read strictly and compiled once.

use plugin_kit::access;
use plugin_kit::address::{self, Network};
use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::plugin::Cx;
use plugin_kit::{http, pattern};
use regex_lite::Regex;

use crate::bucket::Limit;
use crate::source::{Source, Value};

const FIELDS: [&str; 6] =
    ["global_threshold", "rule_items", "show_limit_quota_header", "rejected_code", "rejected_msg", "max_keys"];

const PERIODS: [(&str, u32); 4] =
    [("query_per_second", 1), ("query_per_minute", 60), ("query_per_hour", 3600), ("query_per_day", 86_400)];

const RULE: [&str; 13] = [
    "limit_by_header",
    "limit_by_param",
    "limit_by_cookie",
    "limit_by_claim",
    "limit_by_consumer",
    "limit_by_per_header",
    "limit_by_per_param",
    "limit_by_per_cookie",
    "limit_by_per_claim",
    "limit_by_per_consumer",
    "limit_by_per_ip",
    "hops",
    "limit_keys",
];

const MOST: u32 = 1_000_000;
const MAX_RULES: usize = 32;
const MAX_KEYS: usize = 128;
const MAX_TEXT: usize = 256;

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    rules: Vec<Rule>,
    /// Tell clients what is left.
    pub show_quota: bool,
    /// The status of refusals.
    pub code: u16,
    /// The body of refusals.
    pub message: String,
    /// Buckets kept at a time.
    pub buckets: usize,
}

#[derive(Debug)]
struct Rule {
    source: Source,
    /// Each value has a bucket of its own.
    each: bool,
    keys: Vec<Key>,
}

#[derive(Debug)]
struct Key {
    matcher: Matcher,
    limit: Limit,
    /// What tells this key's buckets from those of all others, also after the configuration has changed.
    id: String,
}

#[derive(Debug)]
enum Matcher {
    Any,
    Exact(Vec<u8>),
    Regex(Regex),
    Network(Network),
}

impl Matcher {
    fn matches(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Any, _) => true,
            (Self::Network(network), Value::Address(address)) => network.contains(*address),
            (Self::Exact(exact), Value::Text(text)) => exact == text,
            (Self::Regex(regex), Value::Text(text)) => std::str::from_utf8(text).is_ok_and(|text| regex.is_match(text)),
            _ => false,
        }
    }
}

/// The bucket that a request draws from.
#[derive(Debug, PartialEq, Eq)]
pub struct Bucket<'a> {
    /// The key it belongs to.
    pub id: &'a str,
    /// The value it is for, where each value has its own.
    pub value: Vec<u8>,
    /// How often it may come.
    pub limit: Limit,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: nothing is limited.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let all = map.get("global_threshold").map(|value| {
            let fields = Fields::nested(value, "global_threshold".to_owned(), &amount_fields(&[]))?;
            Ok(Rule { source: Source::All, each: false, keys: vec![key(&fields, Matcher::Any, "all")?] })
        });
        let mut rules = fields.list("rule_items", MAX_RULES, rule)?.unwrap_or_default();
        match (all, rules.is_empty()) {
            (Some(all), true) => rules.push(all?),
            (Some(_), false) => return Err(fields.refuse("global_threshold", "cannot be combined with rule_items")),
            (None, _) => {}
        }
        Ok(Self {
            rules,
            show_quota: fields.boolean("show_limit_quota_header")?.unwrap_or(false),
            code: fields.integer("rejected_code", 200, 599)?.unwrap_or(429) as u16,
            message: fields.string("rejected_msg", 4096)?.unwrap_or("Too many requests").to_owned(),
            buckets: fields.integer("max_keys", 64, 262_144)?.unwrap_or(16_384) as usize,
        })
    }

    /// Whether there is anything to limit.
    pub fn limits(&self) -> bool {
        !self.rules.is_empty()
    }

    /// The bucket that a request draws from: that of the first key that matches. None if it may pass.
    pub fn bucket(&self, cx: &Cx) -> Option<Bucket<'_>> {
        self.rules.iter().find_map(|rule| {
            let value = rule.source.read(cx)?;
            let key = rule.keys.iter().find(|key| key.matcher.matches(&value))?;
            let value = if rule.each { value.key() } else { Vec::new() };
            Some(Bucket { id: &key.id, value, limit: key.limit })
        })
    }
}

fn amount_fields(more: &[&'static str]) -> Vec<&'static str> {
    PERIODS.iter().map(|(name, _)| *name).chain(["burst"]).chain(more.iter().copied()).collect()
}

fn rule(value: &serde_json::Value, path: String) -> Result<Rule, Refusal> {
    let fields = Fields::nested(value, path.clone(), &RULE)?;
    let mut found = None;
    for name in &RULE[..11] {
        let Some(text) = fields.string(name, 128)? else {
            continue;
        };
        if let Some((other, _)) = found.replace((*name, text)) {
            return Err(fields.refuse(name, format!("cannot be combined with {other}")));
        }
    }
    let Some((by, text)) = found else {
        return Err(Refusal::new(path, format!("needs one of {}", RULE[..11].join(", "))));
    };
    let hops = fields.integer("hops", 1, 16)?.unwrap_or(1) as usize;
    let each = by.starts_with("limit_by_per_");
    let source = source(&fields, by, text, hops)?;
    let what = format!("{by} {text}");
    let keys = fields.list("limit_keys", MAX_KEYS, |value, path| {
        let fields = Fields::nested(value, path, &amount_fields(&["key"]))?;
        let text = fields.string("key", MAX_TEXT)?.unwrap_or_default();
        let matcher = matcher(&fields, text, by, each)?;
        key(&fields, matcher, &format!("{what} {text}"))
    })?;
    match keys {
        Some(keys) if !keys.is_empty() => Ok(Rule { source, each, keys }),
        _ => Err(fields.refuse("limit_keys", "missing or empty")),
    }
}

fn source(fields: &Fields, by: &str, text: &str, hops: usize) -> Result<Source, Refusal> {
    let name = by.trim_start_matches("limit_by_").trim_start_matches("per_");
    if text.is_empty() && name != "consumer" {
        return Err(fields.refuse(by, "empty"));
    }
    let header = |text: &str| {
        let name = text.to_ascii_lowercase();
        if http::is_token(&name) { Ok(name) } else { Err(fields.refuse(by, "must be the name of a header")) }
    };
    Ok(match name {
        "header" => Source::Header(header(text)?),
        "param" => Source::Param(text.to_owned()),
        "cookie" => Source::Cookie(text.to_owned()),
        "claim" => Source::Claim(text.to_owned()),
        // Unless it is named, the header is the one that our authentication plugins set.
        "consumer" if text.is_empty() => Source::Header(access::CONSUMER_HEADER.to_owned()),
        "consumer" => Source::Header(header(text)?),
        _ if text == "from-remote-addr" => Source::Client(address::Source::Connection),
        _ => match text.strip_prefix("from-header-") {
            Some(name) => Source::Client(address::Source::Header { name: header(name)?, hops }),
            None => return Err(fields.refuse(by, "must be from-remote-addr or from-header-<name>")),
        },
    })
}

fn matcher(fields: &Fields, text: &str, by: &str, each: bool) -> Result<Matcher, Refusal> {
    if text.is_empty() {
        return Err(fields.refuse("key", "missing or empty"));
    }
    if by == "limit_by_per_ip" {
        let all = if text == "*" { Some(Matcher::Any) } else { Network::parse(text).map(Matcher::Network) };
        return all.ok_or_else(|| fields.refuse("key", "must be an address or a network such as 10.0.0.0/8"));
    }
    if !each {
        return Ok(Matcher::Exact(text.as_bytes().to_vec()));
    }
    if text == "*" {
        return Ok(Matcher::Any);
    }
    match text.strip_prefix("regexp:") {
        None => Ok(Matcher::Exact(text.as_bytes().to_vec())),
        Some(expression) => pattern::regex(expression, &fields.path_of("key"), false).map(Matcher::Regex),
    }
}

fn key(fields: &Fields, matcher: Matcher, what: &str) -> Result<Key, Refusal> {
    let mut found = None;
    for (name, seconds) in PERIODS {
        if let Some(count) = fields.integer(name, 1, MOST)?
            && let Some((other, ..)) = found.replace((name, count, seconds))
        {
            return Err(fields.refuse(name, format!("cannot be combined with {other}")));
        }
    }
    let Some((name, count, seconds)) = found else {
        return Err(fields.refuse(PERIODS[0].0, "missing, and so are the other three periods"));
    };
    let burst = fields.integer("burst", 1, MOST)?.unwrap_or(count);
    Ok(Key { matcher, limit: Limit::new(count, seconds, burst), id: format!("{what} {name} {count} {burst}") })
}

#[cfg(test)]
mod tests;
