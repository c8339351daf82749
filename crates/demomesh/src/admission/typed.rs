//! The first check of server-side apply, before any validation: the object must have the shape of its type. Its errors
//! are answers of code 500, in the words of the library that real API servers use.

use serde_json::Value;

use crate::schema::{Type, WASM_PLUGIN_TYPE};

/// The first thing that does not have the shape of a WasmPlugin.
pub(crate) fn type_error(object: &Value) -> Option<String> {
    walk(object, &WASM_PLUGIN_TYPE, "")
}

fn walk(value: &Value, of: &Type, path: &str) -> Option<String> {
    match (of, value) {
        (_, Value::Null) => None,
        (Type::Text(_), Value::String(_)) | (Type::Whole { .. }, Value::Number(_)) | (Type::Free, Value::Object(_)) => {
            None
        }
        (Type::Text(_), other) => {
            Some(format!("{path}: expected string, got &value.valueUnstructured{{Value:{}}}", go(other)))
        }
        (Type::Whole { .. }, other) => Some(format!("{path}: expected numeric (int or float), got {}", word(other))),
        (Type::Object { .. } | Type::Map { .. }, Value::Object(fields)) => {
            fields.iter().find_map(|(field, value)| match of.field(field) {
                Some(of) => walk(value, of, &format!("{path}.{field}")),
                None => Some(format!("{path}.{field}: field not declared in schema")),
            })
        }
        (Type::Object { .. } | Type::Map { .. } | Type::Free, other) => {
            Some(format!("{path}: expected map, got &{{{}}}", go(other)))
        }
        (Type::List { item, key, .. }, Value::Array(items)) => {
            let keyed = key.and_then(|key| keys(items, key, path));
            keyed.or_else(|| {
                items.iter().enumerate().find_map(|(index, value)| {
                    let place = match key.and_then(|key| Some((key, value.get(key)?))) {
                        Some((key, value)) => format!("{path}[{key}={value}]"),
                        None => format!("{path}[{index}]"),
                    };
                    walk(value, item, &place)
                })
            })
        }
        (Type::List { .. }, other) => Some(format!("{path}: expected list, got &{{{}}}", go(other))),
    }
}

fn keys(items: &[Value], key: &str, path: &str) -> Option<String> {
    let mut seen = Vec::new();
    let wrong = |index: usize, what: &str| Some(format!("{path}: element {index}: associative list with keys {what}"));
    items.iter().enumerate().find_map(|(index, item)| match item.get(key) {
        None if item.is_null() => wrong(index, "may not have a null element"),
        None if !item.is_object() => wrong(index, "may not have non-map elements"),
        None => wrong(
            index,
            &format!(
                "has an element that omits all key fields [{key:?}] (and doesn't have default values for any key fields)"
            ),
        ),
        Some(value) if seen.contains(&value) => Some(format!("{path}: duplicate entries for key [{key}={value}]")),
        Some(value) => {
            seen.push(value);
            None
        }
    })
}

/// A value as Go prints it.
fn go(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(fields) => {
            let each: Vec<_> = fields.iter().map(|(field, value)| format!("{field}:{}", go(value))).collect();
            format!("map[{}]", each.join(" "))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(go).collect::<Vec<_>>().join(" ")),
        other => other.to_string(),
    }
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "map",
    }
}
