//! What is let in: the rules of the API server for any object, of the resource definition, and of istiod's webhook.

mod address;
mod metadata;
mod prune;
mod typed;
mod validate;
mod webhook;

use serde_json::Value;

pub(crate) use address::dropped_by_istiod;
pub(crate) use prune::{drop_nulls, unknown_fields, whole_numbers};
pub(crate) use typed::type_error;

use crate::{
    kinds::{Kind, WASM_PLUGIN},
    status::Refusal,
};

/// Checks an object that is about to be stored; answers with warnings.
pub(crate) fn check(kind: &Kind, object: &Value) -> Result<Vec<String>, Refusal> {
    let name = object["metadata"]["name"].as_str().unwrap_or_default();
    let mut found = metadata::check(kind, object);
    if kind == WASM_PLUGIN {
        validate::check(object, &mut found);
    } else if found.iter().any(|cause| cause.field == "metadata.name") {
        found.truncate(1);
    }
    if !found.is_empty() {
        return Err(Refusal::invalid(kind, name, &found));
    }
    if kind == WASM_PLUGIN { webhook::check(&object["spec"]) } else { Ok(Vec::new()) }
}
