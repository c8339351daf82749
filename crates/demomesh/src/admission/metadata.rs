//! Names, labels and annotations.

use serde_json::Value;

use crate::{
    kinds::{Kind, NAMESPACE, SERVICE},
    status::Cause,
};

const SUBDOMAIN: &str = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', \
    and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL: &str = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start \
    and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is \
    '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const KEY: &str = "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an \
    alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is \
    '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE: &str = "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and \
    must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for \
    validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/// What is wrong with an object's metadata.
pub(super) fn check(kind: &Kind, object: &Value) -> Vec<Cause> {
    let mut found = Vec::new();
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    let labels_only = kind == NAMESPACE || kind == SERVICE;
    if name.is_empty() {
        found.push(Cause::new(
            "FieldValueRequired",
            "metadata.name",
            "Required value: name or generateName is required",
        ));
    } else if name.len() > 253 {
        found.push(Cause::invalid("metadata.name", format!("Invalid value: {name:?}: must be no more than 253 bytes")));
    } else if !name.split('.').all(label) || (labels_only && name.contains('.')) {
        let why = if labels_only { LABEL } else { SUBDOMAIN };
        found.push(Cause::invalid("metadata.name", format!("Invalid value: {name:?}: {why}")));
    }
    for field in ["labels", "annotations"] {
        for (key, value) in metadata[field].as_object().into_iter().flatten() {
            let path = format!("metadata.{field}");
            if !qualified(key) {
                found.push(Cause::invalid(&path, format!("Invalid value: {key:?}: {KEY}")));
            }
            let value = value.as_str().unwrap_or_default();
            if field == "labels" && value.len() > 63 {
                found.push(Cause::invalid(&path, format!("Invalid value: {value:?}: must be no more than 63 bytes")));
            } else if field == "labels" && !value.is_empty() && !word(value) {
                found.push(Cause::invalid(path, format!("Invalid value: {value:?}: {VALUE}")));
            }
        }
    }
    found
}

fn label(text: &str) -> bool {
    let edge = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    text.bytes().next().is_some_and(edge)
        && text.bytes().last().is_some_and(edge)
        && text.bytes().all(|b| edge(b) || b == b'-')
}

fn word(text: &str) -> bool {
    let edge = |b: u8| b.is_ascii_alphanumeric();
    text.bytes().next().is_some_and(edge)
        && text.bytes().last().is_some_and(edge)
        && text.bytes().all(|b| edge(b) || matches!(b, b'-' | b'_' | b'.'))
}

/// `name` or `prefix/name`.
fn qualified(key: &str) -> bool {
    match key.split_once('/') {
        Some((prefix, name)) => {
            prefix.split('.').all(|part| label(&part.to_ascii_lowercase())) && word(name) && name.len() <= 63
        }
        None => word(key) && key.len() <= 63,
    }
}
