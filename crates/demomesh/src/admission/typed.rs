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
                items.iter().enumerate().find_map(|(index, value)| walk(value, item, &format!("{path}[{index}]")))
            })
        }
        (Type::List { .. }, other) => Some(format!("{path}: expected list, got &{{{}}}", go(other))),
    }
}

fn keys(items: &[Value], key: &str, path: &str) -> Option<String> {
    let mut seen = Vec::new();
    items.iter().enumerate().find_map(|(index, item)| match item.get(key) {
        None => Some(format!(
            "{path}: element {index}: associative list with keys has an element that omits all key fields [{key:?}] (and \
             doesn't have default values for any key fields)"
        )),
        Some(value) if seen.contains(&value) => Some(format!("{path}: duplicate entries for key [{key}={value}]")),
        Some(value) => {
            seen.push(value);
            None
        }
    })
}

fn go(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
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
