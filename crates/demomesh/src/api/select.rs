//! Selectors by labels and by fields.

use serde_json::Value;

use super::Query;
use crate::{
    kinds::{Kind, WASM_PLUGIN},
    status::Refusal,
};

/// What a list or watch is limited to.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    labels: Vec<(String, Test)>,
    fields: Vec<(String, String, bool)>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    In(Vec<String>),
    NotIn(Vec<String>),
    Exists,
    Missing,
}

impl Selection {
    /// Reads `labelSelector` and `fieldSelector`.
    pub fn parse(kind: &Kind, query: &Query) -> Result<Self, Refusal> {
        let mut selection = Self::default();
        for part in requirements(query.get("labelSelector")) {
            let bad = || Refusal::bad_request(format!("unable to parse requirement: {part:?}"));
            selection.labels.push(requirement(&part).ok_or_else(bad)?);
        }
        for part in query.get("fieldSelector").split(',').filter(|part| !part.is_empty()) {
            let bad = || Refusal::bad_request(format!("invalid selector: '{part}'; can't understand '{part}'"));
            let (field, value) = part.split_once('=').ok_or_else(bad)?;
            let (field, equal) = match field.strip_suffix('!') {
                Some(field) => (field, false),
                None => (field, true),
            };
            let known = matches!(field, "metadata.name" | "metadata.namespace");
            if kind == WASM_PLUGIN && !known {
                return Err(Refusal::bad_request(format!("field label not supported: {field}")));
            }
            let value = value.strip_prefix('=').unwrap_or(value);
            selection.fields.push((field.to_owned(), value.to_owned(), equal));
        }
        Ok(selection)
    }

    /// Whether an object is selected.
    pub fn takes(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        let by_labels = self.labels.iter().all(|(key, test)| {
            let value = labels[key].as_str();
            let is_one = |values: &[String]| value.is_some_and(|value| values.iter().any(|one| one == value));
            match test {
                Test::In(values) => is_one(values),
                Test::NotIn(values) => !is_one(values),
                Test::Exists => value.is_some(),
                Test::Missing => value.is_none(),
            }
        });
        by_labels
            && self.fields.iter().all(|(field, value, equal)| {
                let found = field.split('.').try_fold(object, |object, field| object.get(field));
                (found.and_then(Value::as_str).unwrap_or_default() == value) == *equal
            })
    }
}

/// Splits at commas outside of parentheses.
fn requirements(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut part) = (Vec::new(), 0, String::new());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(std::mem::take(&mut part));
                continue;
            }
            _ => {}
        }
        part.push(c);
    }
    parts.push(part);
    parts.into_iter().map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
}

fn requirement(part: &str) -> Option<(String, Test)> {
    let set = |text: &str| {
        let inside = text.trim().strip_prefix('(')?.strip_suffix(')')?;
        Some(inside.split(',').map(|value| value.trim().to_owned()).collect())
    };
    let good = |key: &str| {
        let key = key.trim();
        let fits = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(&b));
        fits.then(|| key.to_owned())
    };
    if let Some((key, values)) = part.split_once(" notin ") {
        return Some((good(key)?, Test::NotIn(set(values)?)));
    }
    if let Some((key, values)) = part.split_once(" in ") {
        return Some((good(key)?, Test::In(set(values)?)));
    }
    if let Some((key, value)) = part.split_once("!=") {
        return Some((good(key)?, Test::NotIn(vec![value.trim().to_owned()])));
    }
    if let Some((key, value)) = part.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value).trim();
        return (!value.contains('='))
            .then_some(())
            .and_then(|()| Some((good(key)?, Test::In(vec![value.to_owned()]))));
    }
    match part.strip_prefix('!') {
        Some(key) => Some((good(key)?, Test::Missing)),
        None => Some((good(part)?, Test::Exists)),
    }
}
