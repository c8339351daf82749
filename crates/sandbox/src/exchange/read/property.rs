//! Properties set by hand.

use chrono::{DateTime, Utc};

use super::super::node::{Kind, Node};
use super::super::{Property, PropertyValue};
use super::body::text_or_base64;
use super::problems::{Path, Problems, clip};

/// Most entries.
const MAX_PROPERTIES: usize = 256;

/// The list of entries.
pub fn properties(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) -> Vec<Property> {
    let Some(node) = node else { return Vec::new() };
    let Some(items) = problems.list(node, path) else { return Vec::new() };
    if items.len() > MAX_PROPERTIES {
        problems.say("too_large", path, node.at, format!("{} entries; at most {MAX_PROPERTIES}", items.len()));
        return Vec::new();
    }
    items.iter().enumerate().filter_map(|(index, item)| property(problems, item, &path.item(index))).collect()
}

fn property(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Property> {
    let object = problems.object(node, path, &["path", "value"])?;
    let parts = problems.required(&object, path, "path").and_then(|node| {
        let path = path.field("path");
        let items = problems.list(node, &path)?;
        if items.is_empty() {
            problems.say("bad_value", &path, node.at, "a path has at least one part");
        }
        let part = |(index, item): (usize, &Node)| problems.text(item, &path.item(index)).map(str::to_owned);
        items.iter().enumerate().map(part).collect::<Option<Vec<String>>>()
    });
    let value = problems.required(&object, path, "value").and_then(|node| value(problems, node, &path.field("value")));
    Some(Property { path: parts?, value: value? })
}

fn value(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<PropertyValue> {
    match &node.kind {
        Kind::Text(text) => Some(PropertyValue::Bytes(text.clone().into_bytes())),
        Kind::Bool(value) => Some(PropertyValue::Bool(*value)),
        Kind::Number(number) if number.whole => {
            let whole: i128 = problems.int(node, path, i128::from(i64::MIN)..=i128::from(u64::MAX))?;
            #[expect(clippy::cast_possible_truncation, reason = "above i64::MAX the same 64 bits are meant")]
            Some(PropertyValue::Int(whole as i64))
        }
        Kind::Map(_) => tagged(problems, node, path),
        _ => {
            problems.wrong_type(node, path, "a string, true or false, an integer, or an object");
            None
        }
    }
}

fn tagged(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<PropertyValue> {
    let known = ["base64", "map", "timestamp", "duration_ms", "absent"];
    let object = problems.object(node, path, &known)?;
    let given: Vec<&str> = known.into_iter().filter(|name| object.get(name).is_some()).collect();
    match given.as_slice() {
        [] => {
            problems.say("missing_field", path, node.at, format!("one of {} is expected", known.join(", ")));
            None
        }
        [first, second, ..] => {
            problems.say("conflict", &path.field(second), node.at, format!("`{first}` and `{second}` together"));
            None
        }
        [name] => {
            let inner = object.get(name)?;
            let path_of = path.field(name);
            match *name {
                "base64" => text_or_base64(problems, node, path).map(PropertyValue::Bytes),
                "map" => map(problems, inner, &path_of).map(PropertyValue::Map),
                "timestamp" => time(problems, inner, &path_of).map(PropertyValue::Timestamp),
                "duration_ms" => {
                    // As nanoseconds it must fit into 64 bits.
                    let most = i128::from(i64::MAX / 1_000_000);
                    problems.int(inner, &path_of, -most..=most).map(PropertyValue::DurationMs)
                }
                _ => match problems.bool(inner, &path_of)? {
                    true => Some(PropertyValue::Absent),
                    false => {
                        problems.say("bad_value", &path_of, inner.at, "`absent` can only be true");
                        None
                    }
                },
            }
        }
    }
}

fn map(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Vec<(String, Vec<u8>)>> {
    let items = problems.list(node, path)?;
    let mut pairs = Vec::with_capacity(items.len().min(1024));
    if items.len() > 1024 {
        problems.say("too_large", path, node.at, format!("{} entries; at most 1024", items.len()));
        return None;
    }
    for (index, item) in items.iter().enumerate() {
        let path = path.item(index);
        let Some([key, value]) = problems.list(item, &path) else {
            if matches!(item.kind, Kind::List(_)) {
                problems.say("bad_value", &path, item.at, "an entry is a pair `[key, value]`");
            }
            continue;
        };
        let key = problems.text(key, &path.item(0)).map(str::to_owned);
        let value = text_or_base64(problems, value, &path.item(1));
        pairs.extend(key.zip(value));
    }
    Some(pairs)
}

/// A moment as RFC 3339 writes it, of the years that fit into 64 bits of nanoseconds.
pub fn time(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<DateTime<Utc>> {
    let text = problems.text(node, path)?;
    let read = DateTime::parse_from_rfc3339(text).ok().map(|time| time.with_timezone(&Utc));
    let fits = read.filter(|time| time.timestamp_nanos_opt().is_some());
    if fits.is_none() {
        let message = format!("`{}` is not a time like 2026-01-01T00:00:00Z", clip(text));
        problems.say("bad_value", path, node.at, message);
    }
    fits
}
