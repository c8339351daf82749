//! What to send so that a resource becomes what is desired, and whether anything has to be sent at all. Pure.

use serde_json::{Map, Value, json};

use super::{
    fields::{Owners, Step, shown},
    render::full_spec,
};
use crate::{
    Desired,
    plugin::{API_VERSION, KIND},
};

/// The fields of a spec that we know; only these are ever removed. In `vmConfig` it is `env` alone.
const KNOWN: [&str; 15] = [
    "url",
    "sha256",
    "imagePullPolicy",
    "imagePullSecret",
    "pluginConfig",
    "pluginName",
    "phase",
    "priority",
    "failStrategy",
    "vmConfig",
    "match",
    "type",
    "selector",
    "targetRef",
    "targetRefs",
];

/// What a write amounts to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// The body of the apply.
    pub sent: Value,
    /// Whether it changes anything.
    pub changed: bool,
    /// Fields that would have to go and that others own, `(field, manager)`: leaving them out would not remove them, so
    /// the cluster would not even call it a conflict.
    pub kept_by_others: Vec<(String, String)>,
}

/// What to send, given what is stored (with its `managedFields`).
pub(crate) fn plan(desired: &Desired, stored: Option<&Value>) -> Plan {
    let nothing = Value::Null;
    let have = stored.unwrap_or(&nothing);
    let have_spec = have.get("spec").unwrap_or(&nothing);
    let owners = Owners::of(have);
    let want = Value::Object(full_spec(&desired.spec, stored.map(|_| have_spec), desired.foreign));
    let spec_path = vec![Step::Field("spec".to_owned())];

    let spec = match desired.foreign && stored.is_some() {
        true => needed(&want, have_spec, &spec_path, &owners),
        false => Some(want.clone()),
    };
    let mut gone = Vec::new();
    missing(have_spec, &want, &spec_path, &mut gone);

    let metadata = metadata(desired);
    let labels_differ = ["labels", "annotations"].into_iter().any(|key| {
        let have = |name: &str| have.get("metadata").and_then(|metadata| metadata.get(key)?.get(name));
        let wanted = metadata.get(key).and_then(Value::as_object);
        wanted.into_iter().flatten().any(|(name, value)| have(name) != Some(value))
    });
    let spec_differs = spec.as_ref().is_some_and(|spec| differs(spec, have_spec));
    let kept_by_others =
        gone.iter().flat_map(|path| owners.others(path).map(|manager| (shown(path), manager.to_owned()))).collect();

    let mut sent = json!({ "apiVersion": API_VERSION, "kind": KIND, "metadata": metadata });
    if let (Some(sent), Some(spec)) = (sent.as_object_mut(), spec) {
        sent.insert("spec".to_owned(), spec);
    }
    let changed = stored.is_none() || labels_differ || spec_differs || !gone.is_empty();
    Plan { sent, changed, kept_by_others }
}

/// A stored resource without what people do not look at.
pub(crate) fn presentable(stored: &Value) -> Value {
    let mut shown = stored.clone();
    if let Some(object) = shown.as_object_mut() {
        object.remove("status");
    }
    if let Some(metadata) = shown.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
    }
    shown
}

fn metadata(desired: &Desired) -> Map<String, Value> {
    let mut metadata = Map::new();
    metadata.insert("name".to_owned(), json!(desired.name));
    metadata.insert("namespace".to_owned(), json!(desired.namespace));
    if !desired.labels.is_empty() {
        metadata.insert("labels".to_owned(), json!(desired.labels));
    }
    if !desired.annotations.is_empty() {
        metadata.insert("annotations".to_owned(), json!(desired.annotations));
    }
    if let Some(version) = &desired.resource_version {
        metadata.insert("resourceVersion".to_owned(), json!(version));
    }
    metadata
}

/// The item of a list with this name.
fn named<'a>(items: &'a Value, name: &str) -> Option<&'a Value> {
    items.as_array()?.iter().find(|item| item.get("name").and_then(Value::as_str) == Some(name))
}

/// The children of a value that are owned one by one: fields of an object, items of `vmConfig.env`. Everything else is
/// owned as a whole. An empty object is something, too.
fn children<'a>(value: &'a Value, path: &[Step]) -> Option<Vec<(Step, &'a Value)>> {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            Some(fields.iter().map(|(key, value)| (Step::Field(key.clone()), value)).collect())
        }
        Value::Array(items) if shown(path) == "spec.vmConfig.env" => {
            let step = |item: &'a Value| Some((Step::Named(item.get("name")?.as_str()?.to_owned()), item));
            Some(items.iter().filter_map(step).collect())
        }
        _ => None,
    }
}

fn child<'a>(of: &'a Value, step: &Step) -> &'a Value {
    let found = match step {
        Step::Field(name) => of.get(name),
        Step::Named(name) => named(of, name),
    };
    found.unwrap_or(&Value::Null)
}

fn further(path: &[Step], step: &Step) -> Vec<Step> {
    path.iter().cloned().chain([step.clone()]).collect()
}

/// The part of `want` that differs from what is there, or that we own already and would lose by leaving it out.
fn needed(want: &Value, have: &Value, path: &[Step], owners: &Owners<'_>) -> Option<Value> {
    let Some(children) = children(want, path) else {
        return (want != have || owners.is_ours(path)).then(|| want.clone());
    };
    let mut fields = Map::new();
    let mut items = Vec::new();
    for (step, wanted) in children {
        if let Some(mut value) = needed(wanted, child(have, &step), &further(path, &step), owners) {
            match step {
                Step::Field(name) => _ = fields.insert(name, value),
                Step::Named(name) => {
                    // The name says which item it is.
                    if let Some(item) = value.as_object_mut() {
                        item.insert("name".to_owned(), json!(name));
                    }
                    items.push(value);
                }
            }
        }
    }
    match want {
        Value::Array(_) => (!items.is_empty()).then_some(Value::Array(items)),
        _ => (!fields.is_empty()).then_some(Value::Object(fields)),
    }
}

/// The fields of `have` that are not in `want`.
fn missing(have: &Value, want: &Value, path: &[Step], gone: &mut Vec<Vec<Step>>) {
    for (step, value) in children(have, path).unwrap_or_default() {
        let unknown = match (path, &step) {
            ([_], Step::Field(name)) => !KNOWN.contains(&name.as_str()),
            ([_, Step::Field(parent)], Step::Field(name)) => parent == "vmConfig" && name != "env",
            _ => false,
        };
        if unknown || value.is_null() {
            continue;
        }
        let path = further(path, &step);
        let wanted = child(want, &step);
        match children(value, &path) {
            Some(_) => missing(value, wanted, &path, gone),
            // An empty object or list that is not wanted asks for nothing.
            None if wanted.is_null() && !is_hollow(value, &path) => gone.push(path),
            None => {}
        }
    }
}

/// An empty `pluginConfig`, `env` or `match` means as much as none; an empty selector does not.
fn is_hollow(value: &Value, path: &[Step]) -> bool {
    let empty = match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    empty && path.len() == 2 && !matches!(path, [_, Step::Field(name)] if name == "selector")
}

/// Whether anything of `want` is not so in `have`.
fn differs(want: &Value, have: &Value) -> bool {
    fn at(want: &Value, have: &Value, path: &[Step]) -> bool {
        match children(want, path) {
            Some(children) => {
                children.into_iter().any(|(step, wanted)| at(wanted, child(have, &step), &further(path, &step)))
            }
            None => want != have,
        }
    }
    at(want, have, &[Step::Field("spec".to_owned())])
}

#[cfg(test)]
mod tests;
