//! The configuration, read strictly and compiled once.

use std::collections::BTreeMap;

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::pattern::Pattern;
use plugin_kit::scope;
use plugin_kit::template::{Part, Template};
use serde_json::Value as Json;

use crate::target::{self, Target, Value};

const FIELDS: [&str; 9] = [
    "http_to_https",
    "https_port",
    "redirect_table",
    "redirects",
    "rewrites",
    "status_code",
    "query",
    "allowed_hosts",
    "reroute",
];

const STATUSES: [u32; 5] = [301, 302, 303, 307, 308];
const QUERIES: [(&str, bool); 2] = [("keep", true), ("drop", false)];
const MAX_TABLE: usize = 4096;
const MAX_RULES: usize = 256;
const MAX_TARGET: usize = 2048;

/// A redirect.
#[derive(Debug)]
pub struct Redirect {
    /// By host and method.
    pub scope: scope::Rule,
    /// Which paths.
    pub from: Pattern,
    /// Where to.
    pub to: Target,
    /// With which status.
    pub status: u16,
    /// The request's query goes along.
    pub keep_query: bool,
}

/// A rewrite.
#[derive(Debug)]
pub struct Rewrite {
    /// By host and method.
    pub scope: scope::Rule,
    /// Which paths.
    pub from: Pattern,
    /// The new path.
    pub to: Option<Target>,
    /// The new host, and whether clients have a say in it.
    pub host: Option<(Template<Value>, bool)>,
    /// The request's query goes along.
    pub keep_query: bool,
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Requests without TLS are sent to where there is.
    pub http_to_https: bool,
    /// Where TLS is.
    pub https_port: u32,
    /// Redirects by exact path.
    pub table: BTreeMap<Vec<u8>, Target>,
    /// Redirects by pattern, in order.
    pub redirects: Vec<Redirect>,
    /// Rewrites, in order.
    pub rewrites: Vec<Rewrite>,
    /// Of redirects that say none of their own.
    pub status: u16,
    /// The request's query goes along, unless a rule says otherwise.
    pub keep_query: bool,
    /// Hosts that clients may choose from, where a rule lets them choose.
    pub allowed_hosts: Vec<Pattern>,
    /// Have the route chosen anew after a rewrite.
    pub reroute: bool,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: nothing is changed.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let allowed_hosts = fields
            .list("allowed_hosts", MAX_RULES, |value, path| Pattern::read(value, &path, true))?
            .unwrap_or_default();
        if allowed_hosts.iter().any(|pattern| matches!(pattern, Pattern::Prefix(_) | Pattern::Contains(_))) {
            // `www*` is also `www.evil.example`.
            return Err(fields.refuse("allowed_hosts", "no * at the end: anybody can have a host that begins so"));
        }
        let listed = !allowed_hosts.is_empty();
        let status = status(&fields)?.unwrap_or(302);
        let keep_query = fields.choice("query", &QUERIES)?.unwrap_or(true);
        let redirects = fields.list("redirects", MAX_RULES, |value, path| {
            let fields = Fields::nested(value, path, &["from", "hosts", "methods", "to", "status_code", "query"])?;
            let from = from(&fields)?;
            let text = fields.string("to", MAX_TARGET)?.ok_or_else(|| fields.refuse("to", "is missing"))?;
            Ok(Redirect {
                scope: scope::Rule::read(&fields)?,
                to: Target::read(text, &fields.path_of("to"), Some(from.groups()), listed)?,
                from,
                status: self::status(&fields)?.unwrap_or(status),
                keep_query: fields.choice("query", &QUERIES)?.unwrap_or(keep_query),
            })
        })?;
        let rewrites = fields.list("rewrites", MAX_RULES, |value, path| rewrite(value, path, listed, keep_query))?;
        Ok(Self {
            http_to_https: fields.boolean("http_to_https")?.unwrap_or(false),
            https_port: fields.integer("https_port", 1, 65_535)?.unwrap_or(443),
            table: table(&fields)?,
            redirects: redirects.unwrap_or_default(),
            rewrites: rewrites.unwrap_or_default(),
            status,
            keep_query,
            allowed_hosts,
            reroute: fields.boolean("reroute")?.unwrap_or(true),
        })
    }

    /// Whether there is anything to do.
    pub fn is_idle(&self) -> bool {
        !self.http_to_https && self.table.is_empty() && self.redirects.is_empty() && self.rewrites.is_empty()
    }
}

fn status(fields: &Fields) -> Result<Option<u16>, Refusal> {
    match fields.integer("status_code", 301, 308)? {
        Some(status) if !STATUSES.contains(&status) => {
            Err(fields.refuse("status_code", "must be one of 301, 302, 303, 307, 308"))
        }
        status => Ok(status.map(|status| status as u16)),
    }
}

fn from(fields: &Fields) -> Result<Pattern, Refusal> {
    let value = fields.value("from").ok_or_else(|| fields.refuse("from", "is missing"))?;
    let pattern = Pattern::read(value, &fields.path_of("from"), false)?;
    match &pattern {
        Pattern::Exact(path) if !path.starts_with(b"/") => Err(fields.refuse("from", "must begin with /, * or ~")),
        _ => Ok(pattern),
    }
}

fn table(fields: &Fields) -> Result<BTreeMap<Vec<u8>, Target>, Refusal> {
    let entries = match fields.value("redirect_table") {
        None => return Ok(BTreeMap::new()),
        Some(Json::Object(entries)) => entries,
        Some(_) => return Err(fields.refuse("redirect_table", "must be an object: old path to new address")),
    };
    if entries.len() > MAX_TABLE {
        return Err(fields.refuse("redirect_table", format!("at most {MAX_TABLE} entries, got {}", entries.len())));
    }
    let mut table = BTreeMap::new();
    for (from, to) in entries {
        let path = fields.path_of(&format!("redirect_table.{from}"));
        if !from.starts_with('/') || from.contains(['?', '#']) {
            return Err(Refusal::new(path, "must be a path that begins with /, without query"));
        }
        let text = config::string(to, &path, MAX_TARGET)?;
        table.insert(from.clone().into_bytes(), Target::read(text, &path, None, false)?);
    }
    Ok(table)
}

fn rewrite(value: &Json, path: String, listed: bool, keep_query: bool) -> Result<Rewrite, Refusal> {
    let fields = Fields::nested(value, path, &["from", "hosts", "methods", "to", "host", "query"])?;
    let from = from(&fields)?;
    let to = match fields.string("to", MAX_TARGET)? {
        None => None,
        Some(text) => {
            let target = Target::read(text, &fields.path_of("to"), Some(from.groups()), listed)?;
            if !target.is_local() || text.contains('#') {
                return Err(fields.refuse("to", "must be a path; another host goes into host"));
            }
            Some(target)
        }
    };
    let host = match fields.string("host", 253)? {
        None => None,
        Some(text) => Some(host(&fields, text, from.groups(), listed)?),
    };
    if to.is_none() && host.is_none() {
        return Err(fields.refuse("to", "missing, and so is host"));
    }
    let keep_query = fields.choice("query", &QUERIES)?.unwrap_or(keep_query);
    Ok(Rewrite { scope: scope::Rule::read(&fields)?, from, to, host, keep_query })
}

fn host(fields: &Fields, text: &str, groups: usize, listed: bool) -> Result<(Template<Value>, bool), Refusal> {
    let template = Template::read(text, &fields.path_of("host"), Some(groups), target::value)?;
    let open = template.parts().iter().any(|part| matches!(part, Part::Group(_)));
    if open && !listed {
        return Err(fields.refuse("host", "clients would choose the host: say in allowed_hosts which ones are good"));
    }
    let is_plain = template.parts().iter().all(|part| matches!(part, Part::Text(_)));
    if template.parts().contains(&Part::Value(Value::Path)) || (is_plain && !target::is_authority(text.as_bytes())) {
        return Err(fields.refuse("host", "must be a name or an address, perhaps with a port"));
    }
    Ok((template, open))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"redirect":[]}"#, "redirect"),
            (r#"{"status_code":304}"#, "status_code"),
            (r#"{"status_code":200}"#, "status_code"),
            (r#"{"query":"merge"}"#, "query"),
            (r#"{"https_port":0}"#, "https_port"),
            (r#"{"redirect_table":["/a"]}"#, "redirect_table"),
            (r#"{"redirect_table":{"a":"/b"}}"#, "redirect_table.a"),
            (r#"{"redirect_table":{"/a":"//b"}}"#, "redirect_table./a"),
            (r#"{"redirect_table":{"/a":1}}"#, "redirect_table./a"),
            (r#"{"redirects":[{"to":"/b"}]}"#, "redirects[0].from"),
            (r#"{"redirects":[{"from":"a","to":"/b"}]}"#, "redirects[0].from"),
            (r#"{"redirects":[{"from":"~(","to":"/b"}]}"#, "redirects[0].from"),
            (r#"{"redirects":[{"from":"/a"}]}"#, "redirects[0].to"),
            (r#"{"redirects":[{"from":"/a/*","to":"https://$1/"}]}"#, "redirects[0].to"),
            (r#"{"redirects":[{"from":"/a","to":"/$1"}]}"#, "redirects[0].to"),
            (r#"{"redirects":[{"from":"/a","to":"/b","status_code":306}]}"#, "redirects[0].status_code"),
            (r#"{"rewrites":[{"from":"/a"}]}"#, "rewrites[0].to"),
            (r#"{"rewrites":[{"from":"/a","to":"https://b/"}]}"#, "rewrites[0].to"),
            (r#"{"rewrites":[{"from":"/a","host":"a b"}]}"#, "rewrites[0].host"),
            (r#"{"rewrites":[{"from":"/a/*","host":"$1.b"}]}"#, "rewrites[0].host"),
            (r#"{"allowed_hosts":["www*"]}"#, "allowed_hosts"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field, "{json}");
        }
    }
}
