//! The configuration, read strictly and compiled once.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::plugin::Cx;
use plugin_kit::{headers, http, pattern};
use serde_json::Value;

use crate::condition::{Condition, Source, Test};
use plugin_kit::share::WHOLE;

const FIELDS: [&str; 8] = [
    "conditionGroups",
    "weightGroups",
    "weightKey",
    "defaultTagKey",
    "defaultTagVal",
    "seed",
    "keepClientTags",
    "reroute",
];

const SOURCES: [(&str, Kind); 7] = [
    ("header", Kind::Header),
    ("parameter", Kind::Parameter),
    ("cookie", Kind::Cookie),
    ("path", Kind::Path),
    ("method", Kind::Method),
    ("host", Kind::Host),
    ("address", Kind::Address),
];

const OPERATORS: [(&str, Operator); 9] = [
    ("equal", Operator::Equal),
    ("not_equal", Operator::NotEqual),
    ("prefix", Operator::Prefix),
    ("in", Operator::In),
    ("not_in", Operator::NotIn),
    ("regex", Operator::Regex),
    ("percentage", Operator::Percentage),
    ("exists", Operator::Exists),
    ("not_exists", Operator::NotExists),
];

#[derive(Clone, Copy)]
enum Kind {
    Header,
    Parameter,
    Cookie,
    Path,
    Method,
    Host,
    Address,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Prefix,
    In,
    NotIn,
    Regex,
    Percentage,
    Exists,
    NotExists,
}

const MAX_GROUPS: usize = 64;
const MAX_CONDITIONS: usize = 32;
const MAX_VALUES: usize = 256;
const MAX_TEXT: usize = 512;

/// A header and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// In lower case.
    pub name: String,
    /// What it says.
    pub value: String,
}

/// A tag and what a request must carry for it.
#[derive(Debug)]
pub struct Group {
    /// What it is tagged with.
    pub tag: Tag,
    all: bool,
    conditions: Vec<Condition>,
}

impl Group {
    /// Whether a request is meant.
    pub fn holds(&self, cx: &Cx, seed: &[u8]) -> bool {
        let mut results = self.conditions.iter().map(|condition| condition.holds(cx, seed));
        if self.all { results.all(|holds| holds) } else { results.any(|holds| holds) }
    }
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// In order; the first that holds decides.
    pub conditions: Vec<Group>,
    /// Each with the place below which it is meant.
    pub weights: Vec<(u64, Tag)>,
    /// Whose requests always get the same weighted tag.
    pub weight_key: Option<Source>,
    /// For all others.
    pub default: Option<Tag>,
    /// Shuffles who belongs to which share.
    pub seed: String,
    /// Tags that a request brings stay.
    pub keep_client_tags: bool,
    /// Have the route chosen anew.
    pub reroute: bool,
    /// The names of all tags.
    pub tag_names: Vec<String>,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: nothing is tagged.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let conditions = fields.list("conditionGroups", MAX_GROUPS, group)?.unwrap_or_default();
        let weights = weights(&fields)?;
        let weight_key = map.get("weightKey").map(|value| {
            let fields = Fields::nested(value, "weightKey".to_owned(), &["conditionType", "key"])?;
            source(&fields)
        });
        let default = match (fields.string("defaultTagKey", 64)?, fields.string("defaultTagVal", MAX_TEXT)?) {
            (None, None) => None,
            (Some(_), None) => return Err(fields.refuse("defaultTagVal", "missing; defaultTagKey needs it")),
            (None, Some(_)) => return Err(fields.refuse("defaultTagKey", "missing; defaultTagVal needs it")),
            (Some(_), Some(_)) => Some(tag(&fields, "defaultTagKey", "defaultTagVal")?),
        };
        let tags = conditions.iter().map(|g: &Group| &g.tag).chain(weights.iter().map(|(_, tag)| tag)).chain(&default);
        let mut tag_names: Vec<String> = tags.map(|tag| tag.name.clone()).collect();
        tag_names.sort();
        tag_names.dedup();
        Ok(Self {
            conditions,
            weights,
            weight_key: weight_key.transpose()?,
            default,
            seed: fields.string("seed", 64)?.unwrap_or_default().to_owned(),
            keep_client_tags: fields.boolean("keepClientTags")?.unwrap_or(false),
            reroute: fields.boolean("reroute")?.unwrap_or(true),
            tag_names,
        })
    }
}

fn tag(fields: &Fields, name: &str, value: &str) -> Result<Tag, Refusal> {
    let header = headers::name(fields, name, "")?;
    let text = fields.string(value, MAX_TEXT)?.ok_or_else(|| fields.refuse(value, "is missing"))?;
    if text.trim() != text || text.is_empty() || !http::is_header_value(text.as_bytes()) {
        return Err(fields.refuse(value, "must be a header's value, without blanks around it"));
    }
    Ok(Tag { name: header, value: text.to_owned() })
}

fn weights(fields: &Fields) -> Result<Vec<(u64, Tag)>, Refusal> {
    let mut sum = 0;
    let weights = fields.list("weightGroups", MAX_GROUPS, |value, path| {
        let fields = Fields::nested(value, path, &["headerName", "headerValue", "weight"])?;
        let weight = fields.integer("weight", 0, 100)?.ok_or_else(|| fields.refuse("weight", "is missing"))?;
        sum += u64::from(weight) * WHOLE / 100;
        if sum > WHOLE {
            return Err(fields.refuse("weight", "more than 100 together with those before it"));
        }
        Ok((sum, tag(&fields, "headerName", "headerValue")?))
    })?;
    Ok(weights.unwrap_or_default())
}

fn group(value: &Value, path: String) -> Result<Group, Refusal> {
    let fields = Fields::nested(value, path, &["headerName", "headerValue", "logic", "conditions"])?;
    let conditions = fields.list("conditions", MAX_CONDITIONS, condition)?.unwrap_or_default();
    if conditions.is_empty() {
        return Err(fields.refuse("conditions", "missing or empty: for all requests, use the default tag"));
    }
    let all = fields.choice("logic", &[("and", true), ("or", false)])?.unwrap_or(true);
    Ok(Group { tag: tag(&fields, "headerName", "headerValue")?, all, conditions })
}

fn source(fields: &Fields) -> Result<Source, Refusal> {
    let kind = fields.choice("conditionType", &SOURCES)?.ok_or_else(|| fields.refuse("conditionType", "is missing"))?;
    let key = fields.string("key", MAX_TEXT)?.unwrap_or_default();
    if matches!(kind, Kind::Path | Kind::Method | Kind::Host | Kind::Address) {
        return match kind {
            _ if !key.is_empty() => Err(fields.refuse("key", "means nothing for this type")),
            Kind::Path => Ok(Source::Path),
            Kind::Method => Ok(Source::Method),
            Kind::Host => Ok(Source::Host),
            _ => Ok(Source::Address),
        };
    }
    if key.is_empty() {
        return Err(fields.refuse("key", "is missing"));
    }
    match kind {
        Kind::Parameter => Ok(Source::Parameter(key.to_owned())),
        Kind::Cookie => Ok(Source::Cookie(key.to_owned())),
        _ if http::is_token(key) => Ok(Source::Header(key.to_ascii_lowercase())),
        _ => Err(fields.refuse("key", "must be a header's name")),
    }
}

fn condition(value: &Value, path: String) -> Result<Condition, Refusal> {
    let fields = Fields::nested(value, path, &["conditionType", "key", "operator", "value"])?;
    let source = source(&fields)?;
    let operator = fields.choice("operator", &OPERATORS)?.ok_or_else(|| fields.refuse("operator", "is missing"))?;
    let values =
        fields.list("value", MAX_VALUES, |value, path| config::string(value, &path, MAX_TEXT).map(str::to_owned))?;
    let mut values = values.unwrap_or_default();
    let test = match operator {
        Operator::Exists if values.is_empty() => Test::Exists,
        Operator::NotExists if values.is_empty() => Test::NotExists,
        Operator::Exists | Operator::NotExists => return Err(fields.refuse("value", "this operator takes none")),
        _ if values.is_empty() => return Err(fields.refuse("value", "missing or empty")),
        Operator::In => Test::In(values),
        Operator::NotIn => Test::NotIn(values),
        _ if values.len() > 1 => return Err(fields.refuse("value", "one only; several are for in and not_in")),
        Operator::Equal => Test::In(values),
        Operator::NotEqual => Test::NotIn(values),
        Operator::Prefix => Test::Prefix(values.remove(0)),
        Operator::Regex => Test::Regex(pattern::regex(&values[0], &fields.path_of("value[0]"), false)?),
        Operator::Percentage => match values[0].parse::<u64>() {
            Ok(percent @ 0..=100) => Test::Percentage(percent * WHOLE / 100),
            _ => return Err(fields.refuse("value[0]", "must be a whole number from 0 to 100")),
        },
    };
    Ok(Condition { source, test })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        let group =
            |inside: &str| format!(r#"{{"conditionGroups":[{{"headerName":"x-t","headerValue":"a",{inside}}}]}}"#);
        let one = |inside: &str| group(&format!(r#""conditions":[{{{inside}}}]"#));
        for (json, field) in [
            (r#"{"tags":[]}"#.to_owned(), "tags"),
            (group(r#""conditions":[]"#), "conditionGroups[0].conditions"),
            (group(r#""logic":"xor","conditions":[{"conditionType":"path","operator":"exists"}]"#), "conditionGroups[0].logic"),
            (one(r#""conditionType":"body""#), "conditionGroups[0].conditions[0].conditionType"),
            (one(r#""conditionType":"header","operator":"exists""#), "conditionGroups[0].conditions[0].key"),
            (one(r#""conditionType":"path","key":"x","operator":"exists""#), "conditionGroups[0].conditions[0].key"),
            (one(r#""conditionType":"path","operator":"equal""#), "conditionGroups[0].conditions[0].value"),
            (one(r#""conditionType":"path","operator":"equal","value":["a","b"]"#), "conditionGroups[0].conditions[0].value"),
            (one(r#""conditionType":"path","operator":"regex","value":["("]"#), "conditionGroups[0].conditions[0].value[0]"),
            (one(r#""conditionType":"path","operator":"percentage","value":["101"]"#), "conditionGroups[0].conditions[0].value[0]"),
            (r#"{"weightGroups":[{"headerName":"x","headerValue":"a","weight":60},{"headerName":"x","headerValue":"b","weight":41}]}"#.to_owned(), "weightGroups[1].weight"),
            (r#"{"weightGroups":[{"headerName":"host","headerValue":"a","weight":1}]}"#.to_owned(), "weightGroups[0].headerName"),
            (r#"{"weightGroups":[{"headerName":"x","headerValue":"a\r\nb: c","weight":1}]}"#.to_owned(), "weightGroups[0].headerValue"),
            (r#"{"defaultTagKey":"x"}"#.to_owned(), "defaultTagVal"),
            (r#"{"defaultTagVal":"x"}"#.to_owned(), "defaultTagKey"),
            (r#"{"weightKey":{"conditionType":"cookie"}}"#.to_owned(), "weightKey.key"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(&json).field(), field, "{json}");
        }
    }
}
