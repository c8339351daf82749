//! The resource definition's rules: types and limits first, then its expressions, which are only checked when nothing
//! of the first kind is in the way.

use serde_json::Value;

use super::address;
use crate::{
    schema::{Pattern, Rule, SPEC, Text, Type},
    status::Cause,
};

struct Findings {
    causes: Vec<Cause>,
    /// Something is so wrong that the expressions cannot be checked.
    blocked: bool,
}

/// Puts in what is wrong with a WasmPlugin.
pub(super) fn check(object: &Value, found: &mut Vec<Cause>) {
    let mut findings = Findings { causes: Vec::new(), blocked: found.iter().any(|c| c.reason == "FieldValueRequired") };
    match object.get("spec") {
        None => findings.block(Cause::new("FieldValueRequired", "spec", "Required value")),
        Some(spec) => {
            walk(spec, &SPEC, "spec", &mut findings);
            if !findings.blocked {
                rules(spec, &SPEC, "spec", &mut findings.causes);
            }
        }
    }
    found.append(&mut findings.causes);
    if findings.blocked {
        found.push(Cause::invalid(
            "<nil>",
            "Invalid value: null: some validation rules were not checked because the object was invalid; correct the \
             existing errors to complete validation",
        ));
    }
}

impl Findings {
    fn block(&mut self, cause: Cause) {
        self.blocked = true;
        self.causes.push(cause);
    }

    fn wrong_type(&mut self, path: &str, value: &Value, wanted: &str) {
        self.wrong_word(path, word(value), wanted);
    }

    fn wrong_word(&mut self, path: &str, got: &str, wanted: &str) {
        self.block(Cause::new(
            "FieldValueTypeInvalid",
            path,
            format!("Invalid value: {got:?}: {path} in body must be of type {wanted}: {got:?}"),
        ));
    }
}

fn walk(value: &Value, of: &Type, path: &str, found: &mut Findings) {
    match (of, value) {
        (Type::Text(limits), Value::String(content)) => text(content, limits, path, found),
        (Type::Text(limits), other) => {
            found.wrong_type(path, other, "string");
            if !limits.choices.is_empty() {
                unsupported(&other.to_string(), limits, path, found);
            }
        }
        (Type::Whole { int32: true, .. }, Value::Null) | (Type::Free, Value::Object(_)) => {}
        (Type::Whole { range, int32 }, Value::Number(_)) => whole(value, *range, *int32, path, found),
        // Real API servers have no word for a truth value in a number of 32 bits.
        (Type::Whole { int32: true, .. }, Value::Bool(_)) => found.wrong_word(path, "", "int32"),
        (Type::Whole { .. }, other) => found.wrong_type(path, other, "integer"),
        (Type::Free, other) => found.wrong_type(path, other, "object"),
        (Type::Object { fields, required, .. }, Value::Object(object)) => {
            for (field, of) in *fields {
                let path = format!("{path}.{field}");
                match object.get(*field) {
                    Some(value) => walk(value, of, &path, found),
                    None if required.contains(field) => {
                        found.block(Cause::new("FieldValueRequired", path, "Required value"));
                    }
                    None => {}
                }
            }
        }
        (Type::Map { value: of, max, .. }, Value::Object(object)) => {
            if object.len() > *max {
                let message = format!("Too many: {}: must have at most {max} items", object.len());
                found.block(Cause::new("FieldValueTooMany", path, message));
            }
            for (field, value) in object {
                walk(value, of, &format!("{path}.{field}"), found);
            }
        }
        (Type::Object { .. } | Type::Map { .. }, other) => found.wrong_type(path, other, "object"),
        (Type::List { item, key, max }, Value::Array(items)) => {
            if items.len() > *max {
                let message = format!("Too many: {}: must have at most {max} items", items.len());
                found.block(Cause::new("FieldValueTooMany", path, message));
            }
            for (index, value) in items.iter().enumerate() {
                walk(value, item, &format!("{path}[{index}]"), found);
            }
            if let Some(key) = key {
                keys(items, key, path, found);
            }
        }
        (Type::List { .. }, other) => found.wrong_type(path, other, "array"),
    }
}

fn text(content: &str, limits: &Text, path: &str, found: &mut Findings) {
    let length = content.chars().count();
    if length > limits.max {
        let message = format!("Too long: may not be more than {} bytes", limits.max);
        found.block(Cause::new("FieldValueTooLong", path, message));
    }
    if length < limits.min {
        let message =
            format!("Invalid value: {content:?}: {path} in body should be at least {} chars long", limits.min);
        found.causes.push(Cause::invalid(path, message));
    } else if let Some(pattern) = limits.pattern.filter(|pattern| !pattern.matches(content)) {
        let message = format!("Invalid value: {content:?}: {path} in body should match '{}'", pattern.as_str());
        found.causes.push(Cause::invalid(path, message));
    }
    if !limits.choices.is_empty() && !limits.choices.contains(&content) {
        unsupported(&format!("{content:?}"), limits, path, found);
    }
}

fn unsupported(value: &str, limits: &Text, path: &str, found: &mut Findings) {
    let choices: Vec<_> = limits.choices.iter().map(|choice| format!("{choice:?}")).collect();
    let message = format!("Unsupported value: {value}: supported values: {}", choices.join(", "));
    found.block(Cause::new("FieldValueNotSupported", path, message));
}

fn whole(value: &Value, range: Option<(i64, i64)>, int32: bool, path: &str, found: &mut Findings) {
    let number = value.as_i64();
    if number.is_none() && value.is_f64() {
        found.wrong_type(path, value, if int32 { "int32" } else { "integer" });
    }
    if int32 && number.is_none_or(|number| i32::try_from(number).is_err()) {
        let message = format!("Invalid value: \"\": Checked value must be of type integer with format int32 in {path}");
        found.causes.push(Cause::invalid("<nil>", message));
    }
    if let (Some(number), Some((least, most))) = (number, range) {
        let limit = if number < least {
            format!("greater than or equal to {least}")
        } else if number > most {
            format!("less than or equal to {most}")
        } else {
            return;
        };
        let message = format!("Invalid value: {number}: {path} in body should be {limit}");
        found.causes.push(Cause::invalid(path, message));
    }
}

fn keys(items: &[Value], key: &str, path: &str, found: &mut Findings) {
    let mut seen = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let path = format!("{path}[{index}]");
        if !item.is_object() && !item.is_null() {
            let message = format!("Invalid value: {item}: must be an object for an array of list-type map");
            found.block(Cause::invalid(path, message));
            continue;
        }
        let Some(value) = item.get(key) else { continue };
        if seen.contains(&value) {
            let message = format!("Duplicate value: {{{key:?}:{value}}}");
            found.causes.push(Cause::new("FieldValueDuplicate", path, message));
        }
        seen.push(value);
    }
}

/// The expressions. A container's own come before those of what is in it.
fn rules(value: &Value, of: &Type, path: &str, found: &mut Vec<Cause>) {
    let mut say = |message: &str| found.push(Cause::invalid(path, format!("Invalid value: {message}")));
    match (of, value) {
        (Type::Text(Text { rule, .. }), Value::String(content)) => {
            let message = match rule {
                Rule::Url if !address::admitted(content) => "url must have schema one of [http, https, file, oci]",
                Rule::LabelValue if content.contains('*') => "wildcard not allowed in label value match",
                Rule::EmptyNamespace if !content.is_empty() => "cross namespace referencing is not currently supported",
                _ => return,
            };
            say(&format!("{}: {message}", quoted(content)));
        }
        (Type::Object { fields, rule, .. }, Value::Object(object)) => {
            let targets = ["selector", "targetRef", "targetRefs"].iter().filter(|field| object.contains_key(**field));
            if *rule == Rule::OneTarget && targets.count() > 1 {
                say("only one of targetRefs or selector can be set");
            }
            let host = object.get("valueFrom").is_some_and(|from| from == "HOST");
            if *rule == Rule::HostWithoutValue && host && object.contains_key("value") {
                say("value may only be set when valueFrom is INLINE");
            }
            for (field, of) in *fields {
                if let Some(value) = object.get(*field) {
                    rules(value, of, &format!("{path}.{field}"), found);
                }
            }
        }
        (Type::Map { value: of, rule, .. }, Value::Object(object)) => {
            if *rule == Rule::LabelKeys && object.keys().any(|key| key.contains('*')) {
                say("wildcard not allowed in label key match");
            }
            if *rule == Rule::LabelKeys && object.contains_key("") {
                say("key must not be empty");
            }
            for (field, value) in object {
                rules(value, of, &format!("{path}[{field}]"), found);
            }
        }
        (Type::List { item, .. }, Value::Array(items)) => {
            for (index, value) in items.iter().enumerate() {
                rules(value, item, &format!("{path}[{index}]"), found);
            }
        }
        _ => {}
    }
}

/// A text in quotes as Go writes it: control characters as `\x01`.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            c if c.is_ascii_control() => out.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

impl Pattern {
    fn as_str(self) -> &'static str {
        match self {
            Pattern::Sha256 => "(^$|^[a-f0-9]{64}$)",
            Pattern::Group => r"^$|^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$",
            Pattern::Kind => "^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$",
        }
    }

    fn matches(self, text: &str) -> bool {
        let hyphens = |text: &str, edge: fn(&u8) -> bool| {
            let bytes = text.as_bytes();
            bytes.first().is_some_and(edge)
                && bytes.last().is_some_and(edge)
                && bytes.iter().all(|byte| edge(byte) || *byte == b'-')
        };
        let lower = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        match self {
            Pattern::Sha256 => {
                text.is_empty() || (text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
            }
            Pattern::Group => text.is_empty() || text.split('.').all(|part| hyphens(part, lower)),
            Pattern::Kind => {
                text.starts_with(|c: char| c.is_ascii_alphabetic()) && hyphens(text, u8::is_ascii_alphanumeric)
            }
        }
    }
}
