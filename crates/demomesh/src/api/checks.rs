//! What a body must have in common with its address and with what is stored, and what the API server adds to it.

use serde_json::{Map, Value};

use super::{Format, Options, Target};
use crate::{
    admission,
    kinds::WASM_PLUGIN,
    status::{Cause, Refusal},
};

/// A generated name ends in five characters without vowels, so that no words come out.
pub(super) fn named(name: Option<&str>, generate: Option<&str>) -> String {
    match (name.filter(|name| !name.is_empty()), generate.filter(|prefix| !prefix.is_empty())) {
        (Some(name), _) => name.to_owned(),
        (None, Some(prefix)) => {
            const LETTERS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
            let bytes = uuid::Uuid::new_v4().into_bytes();
            let tail = bytes.iter().take(5).map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()]));
            prefix.chars().chain(tail).collect()
        }
        (None, None) => String::new(),
    }
}

/// The body must be of the kind, name and namespace of the address.
pub(super) fn fits(
    target: &Target,
    name: &str,
    given: &Value,
    format: Format,
    options: &Options,
) -> Result<(), Refusal> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (version, kind) = (text(&given["apiVersion"]), text(&given["kind"]));
    let wanted = target.kind.api_version();
    if format == Format::Apply && options.manager.is_empty() {
        let cause = Cause::new("FieldValueRequired", "fieldManager", "Required value: is required for apply patch");
        return Err(Refusal::invalid_options("PatchOptions", &[cause]));
    }
    if format == Format::Apply && (version != wanted || kind != target.kind.kind) {
        let version = if version.is_empty() { "/" } else { &version };
        return Err(Refusal::bad_request(format!("invalid object type: {version}, Kind={kind}")));
    }
    if format == Format::Apply && given["metadata"].get("managedFields").is_some_and(|fields| !fields.is_null()) {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    if matches!(format, Format::Create | Format::Replace) {
        if !version.is_empty() && version != wanted {
            return Err(Refusal::bad_request(format!(
                "the API version in the data ({version}) does not match the expected API version ({wanted})"
            )));
        }
        if !kind.is_empty() && kind != target.kind.kind {
            return Err(Refusal::bad_request(format!(
                "the kind in the data ({kind}) does not match the expected kind ({})",
                target.kind.kind
            )));
        }
    }
    let given_name = text(&given["metadata"]["name"]);
    if !given_name.is_empty() && given_name != name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({given_name}) does not match the name on the URL ({name})"
        )));
    }
    let namespace = text(&given["metadata"]["namespace"]);
    if !namespace.is_empty() && namespace != target.namespace() {
        return Err(Refusal::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(())
}

pub(super) fn unknown(
    given: &mut Value,
    version: &str,
    options: &Options,
    warnings: &mut Vec<String>,
) -> Result<(), Refusal> {
    let found: Vec<_> =
        admission::unknown_fields(given).into_iter().map(|path| format!("unknown field {path:?}")).collect();
    if options.strict && !found.is_empty() {
        return Err(Refusal::bad_request(format!(
            "WasmPlugin in version {version:?} cannot be handled as a WasmPlugin: strict decoding error: {}",
            found.join(", ")
        )));
    }
    let labels = given["metadata"]["labels"].as_object().into_iter().flatten();
    if labels.clone().any(|(_, value)| !value.is_string() && !value.is_null()) {
        return Err(Refusal::bad_request(format!(
            "WasmPlugin in version {version:?} cannot be handled as a WasmPlugin: json: cannot unmarshal number into Go \
             struct field ObjectMeta.labels of type string"
        )));
    }
    warnings.extend(found);
    Ok(())
}

/// What a body says of version and uid must be so.
pub(super) fn unchanged_since(
    target: &Target,
    name: &str,
    live: Option<&Value>,
    given: &Value,
    format: Format,
) -> Result<(), Refusal> {
    let kind = target.kind;
    let Some(live) = live else { return Ok(()) };
    let version = given["metadata"]["resourceVersion"].as_str().unwrap_or_default();
    if version.is_empty() {
        if format == Format::Replace && kind == WASM_PLUGIN {
            let message = "Invalid value: 0: must be specified for an update";
            return Err(Refusal::invalid_resource(kind, name, &[Cause::invalid("metadata.resourceVersion", message)]));
        }
    } else if live["metadata"]["resourceVersion"] != version {
        return Err(Refusal::modified(kind, name));
    }
    match given["metadata"]["uid"].as_str() {
        Some(uid) if !uid.is_empty() && live["metadata"]["uid"] != uid => {
            let message = format!("Invalid value: {uid:?}: field is immutable");
            Err(Refusal::invalid(kind, name, &[Cause::invalid("metadata.uid", message)]))
        }
        _ => Ok(()),
    }
}

/// Gives the object what only the API server decides.
pub(super) fn identify(object: &mut Value, target: &Target, name: &str, live: Option<&Value>, now: &str) {
    let kind = target.kind;
    object["apiVersion"] = kind.api_version().into();
    object["kind"] = kind.kind.into();
    if !object["metadata"].is_object() {
        object["metadata"] = Value::Object(Map::new());
    }
    let metadata = &mut object["metadata"];
    metadata["name"] = name.into();
    if kind.namespaced {
        metadata["namespace"] = target.namespace().into();
    }
    let kept = ["uid", "creationTimestamp", "generation", "resourceVersion", "managedFields"];
    match live {
        Some(live) => {
            for field in kept.iter().filter(|field| **field != "managedFields") {
                metadata[*field] = live["metadata"][*field].clone();
            }
            if kind == WASM_PLUGIN
                && let Some(status) = live.get("status")
            {
                object["status"] = status.clone();
            }
        }
        None => {
            if let Some(metadata) = metadata.as_object_mut() {
                metadata.remove("resourceVersion");
            }
            metadata["uid"] = uuid::Uuid::new_v4().to_string().into();
            metadata["creationTimestamp"] = now.into();
            if kind == WASM_PLUGIN {
                metadata["generation"] = 1.into();
            }
        }
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        // Empty maps and lists of metadata are not stored.
        metadata.retain(|_, value| match value {
            Value::Object(map) => !map.is_empty(),
            Value::Array(list) => !list.is_empty(),
            other => !other.is_null(),
        });
    }
}

/// JSON merge patch (RFC 7396).
pub(super) fn merged(target: &Value, patch: &Value) -> Value {
    let Value::Object(patch) = patch else { return patch.clone() };
    let mut out = target.as_object().cloned().unwrap_or_default();
    for (field, value) in patch {
        if value.is_null() {
            out.remove(field);
        } else {
            let value = merged(out.get(field).unwrap_or(&Value::Null), value);
            out.insert(field.clone(), value);
        }
    }
    Value::Object(out)
}
