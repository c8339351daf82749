//! From the fields of a form to the value they say, and back.

use marketplace_domain::draft::Draft;
use serde_json::{Map, Number, Value};

use super::schema::{MAX_DEPTH, Schema, Shape, typed};

/// The value that the form says; `None` where nothing was typed and nothing is needed.
pub fn value(schema: Schema<'_>, draft: &Draft, field: &str, required: bool, depth: usize) -> Option<Value> {
    if depth > MAX_DEPTH {
        return raw(draft, field);
    }
    let text = draft.get(field);
    match schema.shape() {
        Shape::Text if text.is_empty() => (required && draft.has(field)).then(|| Value::String(String::new())),
        Shape::Text => Some(Value::String(text.to_owned())),
        Shape::Number { .. } => number(text),
        Shape::Bool => {
            let checked = draft.has(field);
            let default = schema.get("default") == Some(&Value::Bool(true));
            let asked = draft.has(&format!("{field}?"));
            // Unchecked is only worth saying where it differs from the default.
            (checked || asked && (default || required)).then_some(Value::Bool(checked))
        }
        Shape::Choice(options) => (!text.is_empty()).then(|| one_of(options, text)),
        Shape::Many(_, options) => {
            let chosen: Vec<Value> =
                options.iter().filter(|option| draft.has(&format!("{field}#{}", typed(option)))).cloned().collect();
            let nothing_said =
                chosen.is_empty() && !(draft.has(&format!("{field}?")) && schema.get("default").is_some());
            (!nothing_said || required).then_some(Value::Array(chosen))
        }
        Shape::Object => {
            let mut object = Map::new();
            for (name, property) in schema.properties() {
                let inside = format!("{field}/{}", escape(name));
                if let Some(value) = value(property, draft, &inside, schema.requires(name), depth + 1) {
                    object.insert(name.to_owned(), value);
                }
            }
            (required || depth == 0 || !object.is_empty()).then_some(Value::Object(object))
        }
        Shape::List(items) => {
            let numbers = indices(draft, field);
            let list: Vec<Value> = numbers
                .iter()
                .map(|n| value(items, draft, &format!("{field}/{n}"), true, depth + 1).unwrap_or(Value::Null))
                .collect();
            (required || !list.is_empty()).then_some(Value::Array(list))
        }
        Shape::Map(values) => {
            let mut map = Map::new();
            for n in indices(draft, field) {
                let key = draft.get(&format!("{field}/{n}:key"));
                let inside = value(values, draft, &format!("{field}/{n}"), true, depth + 1).unwrap_or(Value::Null);
                if !(key.is_empty() && (inside.is_null() || inside == "")) {
                    map.insert(key.to_owned(), inside);
                }
            }
            (required || !map.is_empty()).then_some(Value::Object(map))
        }
        Shape::OneOf(variants) => {
            let chosen = draft.get(&format!("{field}@variant")).parse::<usize>().unwrap_or(0).min(variants.len() - 1);
            value(variants[chosen], draft, field, required, depth + 1)
        }
        Shape::Raw => raw(draft, field),
    }
}

fn number(text: &str) -> Option<Value> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let parsed = text
        .parse::<i64>()
        .map(Number::from)
        .ok()
        .or_else(|| text.parse::<u64>().map(Number::from).ok())
        .or_else(|| text.parse::<f64>().ok().and_then(Number::from_f64));
    // What is no number goes on as text, and the validator says so at the field.
    Some(parsed.map_or_else(|| Value::String(text.to_owned()), Value::Number))
}

fn one_of(options: &[Value], text: &str) -> Value {
    options.iter().find(|option| typed(option) == text).cloned().unwrap_or_else(|| Value::String(text.to_owned()))
}

fn raw(draft: &Draft, field: &str) -> Option<Value> {
    let text = draft.get(field);
    if text.trim().is_empty() {
        return None;
    }
    Some(super::yaml::parse(text).unwrap_or_else(|_| Value::String(text.to_owned())))
}

/// The numbers of a list's items, in order, as the fields name them.
pub fn indices(draft: &Draft, field: &str) -> Vec<usize> {
    let prefix = format!("{field}/");
    let mut numbers: Vec<usize> = draft
        .fields
        .range(prefix.clone()..)
        .take_while(|(name, _)| name.starts_with(&prefix))
        .filter_map(|(name, _)| {
            let rest = &name[prefix.len()..];
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            rest[..end].parse().ok()
        })
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.truncate(1000);
    numbers
}

/// A property's name as a piece of a JSON pointer (RFC 6901 §3).
pub fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Writes the fields that say `value`.
pub fn fill(schema: Schema<'_>, value: &Value, draft: &mut Draft, field: &str, depth: usize) {
    if depth > MAX_DEPTH {
        draft.set(field, super::yaml::write(value));
        return;
    }
    match (schema.shape(), value) {
        (Shape::Bool, Value::Bool(checked)) => {
            draft.set(format!("{field}?"), "1");
            if *checked {
                draft.set(field, "on");
            }
        }
        (Shape::Many(..), Value::Array(chosen)) => {
            draft.set(format!("{field}?"), "1");
            for option in chosen {
                draft.set(format!("{field}#{}", typed(option)), "on");
            }
        }
        (Shape::Object, Value::Object(object)) => {
            for (name, property) in schema.properties() {
                let inside = format!("{field}/{}", escape(name));
                match object.get(name) {
                    Some(value) => fill(property, value, draft, &inside, depth + 1),
                    None => defaults(property, draft, &inside),
                }
            }
        }
        (Shape::List(items), Value::Array(list)) => {
            for (n, item) in list.iter().enumerate() {
                draft.set(format!("{field}/{n}?"), "1");
                fill(items, item, draft, &format!("{field}/{n}"), depth + 1);
            }
        }
        (Shape::Map(values), Value::Object(map)) => {
            for (n, (key, value)) in map.iter().enumerate() {
                draft.set(format!("{field}/{n}:key"), key);
                fill(values, value, draft, &format!("{field}/{n}"), depth + 1);
            }
        }
        (Shape::OneOf(variants), value) => {
            // The first variant whose fields can say the whole value.
            let fits = |variant: &&Schema<'_>| {
                let mut trial = Draft::default();
                fill(**variant, value, &mut trial, field, depth + 1);
                self::value(**variant, &trial, field, true, depth + 1).as_ref() == Some(value)
            };
            let chosen = variants.iter().position(|variant| fits(&variant)).unwrap_or(0);
            draft.set(format!("{field}@variant"), chosen.to_string());
            fill(variants[chosen], value, draft, field, depth + 1);
        }
        (Shape::Raw, value) => draft.set(field, super::yaml::write(value)),
        (_, Value::Null) => {}
        (_, value) => draft.set(field, typed(value)),
    }
}

/// Boxes that are checked unless one says otherwise.
fn defaults(schema: Schema<'_>, draft: &mut Draft, field: &str) {
    match (schema.shape(), schema.get("default")) {
        (Shape::Bool, Some(Value::Bool(true))) => {
            draft.set(format!("{field}?"), "1");
            draft.set(field, "on");
        }
        (Shape::Many(..), Some(Value::Array(chosen))) => {
            draft.set(format!("{field}?"), "1");
            for option in chosen {
                draft.set(format!("{field}#{}", typed(option)), "on");
            }
        }
        _ => {}
    }
}
