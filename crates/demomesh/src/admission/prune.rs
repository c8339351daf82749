//! Tidying before validation: unknown fields, nulls, and numbers that are whole although written with a point.

use serde_json::Value;

use crate::schema::{Type, WASM_PLUGIN_TYPE};

/// Takes the fields out that nobody knows; answers with their paths.
pub(crate) fn unknown_fields(object: &mut Value) -> Vec<String> {
    let mut found = Vec::new();
    for part in ["spec", "metadata"] {
        if let (Some(value), Some(of)) = (object.get_mut(part), WASM_PLUGIN_TYPE.field(part)) {
            walk(value, of, part, &mut found);
        }
    }
    if let Value::Object(fields) = object {
        fields.retain(|field, _| {
            let known = WASM_PLUGIN_TYPE.field(field).is_some();
            if !known {
                found.push(field.clone());
            }
            known
        });
    }
    found
}

fn walk(value: &mut Value, of: &Type, path: &str, found: &mut Vec<String>) {
    match (value, of) {
        (Value::Object(fields), Type::Object { .. }) => fields.retain(|field, value| {
            let path = format!("{path}.{field}");
            match of.field(field) {
                Some(of) => {
                    walk(value, of, &path, found);
                    true
                }
                None => {
                    found.push(path);
                    false
                }
            }
        }),
        (Value::Array(items), Type::List { item, .. }) => {
            for (index, value) in items.iter_mut().enumerate() {
                walk(value, item, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

/// Drops nulls of fields that cannot be null, as the API server does with what is created or updated, not with what is
/// applied.
pub(crate) fn drop_nulls(object: &mut Value) {
    if let Value::Object(fields) = object {
        fields.retain(|field, value| field != "spec" || !value.is_null());
    }
    if let (Some(spec), Some(of)) = (object.get_mut("spec"), WASM_PLUGIN_TYPE.field("spec")) {
        nulls(spec, of);
    }
}

fn nulls(value: &mut Value, of: &Type) {
    match (value, of) {
        (Value::Object(fields), Type::Object { .. } | Type::Map { .. }) => fields.retain(|field, value| {
            let below = of.field(field);
            if value.is_null() {
                return matches!(below, Some(Type::Whole { int32: true, .. }));
            }
            if let Some(below) = below {
                nulls(value, below);
            }
            true
        }),
        (Value::Array(items), Type::List { item, .. }) => items.iter_mut().for_each(|value| nulls(value, item)),
        _ => {}
    }
}

/// Makes `10.0` and `1e3` the whole numbers that they are.
pub(crate) fn whole_numbers(object: &mut Value) {
    if let (Some(spec), Some(of)) = (object.get_mut("spec"), WASM_PLUGIN_TYPE.field("spec")) {
        whole(spec, of);
    }
}

fn whole(value: &mut Value, of: &Type) {
    match (&mut *value, of) {
        (Value::Object(fields), Type::Object { .. }) => {
            for (field, value) in fields {
                if let Some(of) = of.field(field) {
                    whole(value, of);
                }
            }
        }
        (Value::Array(items), Type::List { item, .. }) => items.iter_mut().for_each(|value| whole(value, item)),
        (Value::Number(number), Type::Whole { .. }) => {
            if let Some(float) = number.as_f64().filter(|_| number.is_f64())
                && float.fract() == 0.0
                && float.abs() < 9e15
            {
                // Whole and far below 2^63: nothing is lost.
                #[expect(clippy::cast_possible_truncation, reason = "checked just above")]
                let exact = float as i64;
                *value = exact.into();
            }
        }
        _ => {}
    }
}
