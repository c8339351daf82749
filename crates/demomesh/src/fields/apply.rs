//! Server-side apply, and the book-keeping of all other writes.

use serde_json::{Map, Value};

use super::{
    FieldSet, Step,
    compare::{Diff, keyed},
    item_step,
    managers::{self, Manager},
};
use crate::{
    schema::Type,
    status::{Cause, Refusal},
};

/// Fields of `metadata` that people own; all others belong to the API server.
const OWNED_METADATA: [&str; 5] = ["annotations", "finalizers", "generateName", "labels", "ownerReferences"];

/// A field that somebody else owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Conflict {
    manager: String,
    path: String,
}

/// Who writes, in which way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Writer<'a> {
    pub manager: &'a str,
    pub api_version: &'a str,
    pub time: &'a str,
}

/// Applies a configuration: the object that comes out, or who is in the way.
pub(crate) fn apply(
    live: Option<&Value>,
    config: &Value,
    of: Option<&Type>,
    writer: Writer<'_>,
    force: bool,
) -> Result<Value, Vec<Conflict>> {
    let config = bare(config);
    let before = live.map(bare);
    let mut managers = live.map(managers::read).unwrap_or_default();
    let mine = FieldSet::of(&config, of);
    let last = own(&mut managers, writer, true, mine.clone());
    let mut after = match &before {
        Some(before) => merge(before, &config, of),
        None => config,
    };
    let mut kept = FieldSet::default();
    managers.iter().for_each(|manager| kept.add(&manager.owns));
    prune(&mut after, &last, Some(&kept), of);
    let diff = Diff::of(before.as_ref(), Some(&after), of);
    let written = strip(diff.written());
    let mut conflicts = Vec::new();
    for other in managers.iter_mut().filter(|other| !(other.applies && other.name == writer.manager)) {
        let common = other.owns.both(&written);
        conflicts.extend(common.paths().into_iter().map(|path| Conflict { manager: other.display(), path }));
        other.owns.subtract(&common);
        other.owns.subtract_below(&diff.removed);
    }
    if live.is_some() && !force && !conflicts.is_empty() {
        conflicts.sort_by(|a, b| a.manager.cmp(&b.manager));
        return Err(conflicts);
    }
    let mut object = dress(live, after);
    managers::write(&mut object, managers);
    Ok(object)
}

/// Notes who owns what after any other write of `new` over `live`.
pub(crate) fn update(live: Option<&Value>, new: &mut Value, of: Option<&Type>, writer: Writer<'_>) {
    let mut managers = live.map(managers::read).unwrap_or_default();
    let before = live.map_or_else(|| Value::Object(Map::new()), bare);
    let diff = Diff::of(Some(&before), Some(&bare(new)), of);
    let written = strip(diff.written());
    for manager in &mut managers {
        let is_me = !manager.applies && manager.name == writer.manager && manager.api_version == writer.api_version;
        if !is_me {
            manager.owns.subtract(&written);
        }
        manager.owns.subtract_below(&diff.removed);
    }
    let mut mine = managers
        .iter()
        .find(|manager| !manager.applies && manager.name == writer.manager)
        .map(|manager| manager.owns.clone())
        .unwrap_or_default();
    mine.add(&written);
    own(&mut managers, writer, false, mine);
    managers::write(new, managers);
}

/// Sets what the writer owns; answers with what it owned before.
fn own(managers: &mut Vec<Manager>, writer: Writer<'_>, applies: bool, owns: FieldSet) -> FieldSet {
    let mine = managers.iter_mut().find(|manager| {
        manager.applies == applies && manager.name == writer.manager && manager.api_version == writer.api_version
    });
    match mine {
        Some(mine) => {
            if mine.owns != owns {
                writer.time.clone_into(&mut mine.time);
            }
            std::mem::replace(&mut mine.owns, owns)
        }
        None => {
            managers.push(Manager {
                name: writer.manager.to_owned(),
                applies,
                api_version: writer.api_version.to_owned(),
                time: writer.time.to_owned(),
                owns,
            });
            FieldSet::default()
        }
    }
}

/// Only what people own of an object.
fn bare(object: &Value) -> Value {
    let mut bare = object.as_object().cloned().unwrap_or_default();
    bare.retain(|field, _| !matches!(field.as_str(), "apiVersion" | "kind" | "status"));
    if let Some(Value::Object(metadata)) = bare.get_mut("metadata") {
        metadata.retain(|field, _| OWNED_METADATA.contains(&field.as_str()));
        if metadata.is_empty() {
            bare.remove("metadata");
        }
    }
    Value::Object(bare)
}

/// The whole object again: what people own, with the rest as it was.
fn dress(live: Option<&Value>, bare: Value) -> Value {
    let mut whole = bare.as_object().cloned().unwrap_or_default();
    let mut metadata = match whole.remove("metadata") {
        Some(Value::Object(metadata)) => metadata,
        _ => Map::new(),
    };
    if let Some(Value::Object(live)) = live {
        for (field, value) in live.get("metadata").and_then(Value::as_object).into_iter().flatten() {
            if !OWNED_METADATA.contains(&field.as_str()) {
                metadata.insert(field.clone(), value.clone());
            }
        }
        for field in ["apiVersion", "kind", "status"] {
            if let Some(value) = live.get(field) {
                whole.insert(field.to_owned(), value.clone());
            }
        }
    }
    whole.insert("metadata".into(), Value::Object(metadata));
    Value::Object(whole)
}

/// Nobody owns `metadata` itself.
fn strip(mut set: FieldSet) -> FieldSet {
    set.member = false;
    if let Some(metadata) = set.children.get_mut(&Step::Field("metadata".into())) {
        metadata.member = false;
    }
    set
}

fn merge(live: &Value, config: &Value, of: Option<&Type>) -> Value {
    match (live, config) {
        (Value::Object(live), Value::Object(config)) => {
            let mut merged = live.clone();
            for (field, value) in config {
                let of = of.and_then(|of| of.field(field));
                let value = live.get(field).map_or_else(|| value.clone(), |live| merge(live, value, of));
                merged.insert(field.clone(), value);
            }
            Value::Object(merged)
        }
        (Value::Array(live), Value::Array(config)) if keyed(of).is_some() => {
            let Some((key, item)) = keyed(of) else { return Value::Array(config.clone()) };
            merge_items(live, config, key, item)
        }
        // Null stands for an empty object, which adds nothing.
        (Value::Object(live), Value::Null) if !live.is_empty() => Value::Object(live.clone()),
        _ => config.clone(),
    }
}

/// In the order of the configuration; items that it does not name keep their place among the others.
fn merge_items(live: &[Value], config: &[Value], key: &str, item: &'static Type) -> Value {
    let has = |list: &[Value], value: &Value| list.iter().any(|there| item_step(key, there) == item_step(key, value));
    let (mut merged, mut left) = (Vec::new(), live.iter().peekable());
    for value in config {
        while let Some(other) = left.next_if(|other| !has(config, other) || has(&merged, other)) {
            if !has(config, other) {
                merged.push(other.clone());
            }
        }
        let there = live.iter().find(|there| item_step(key, there) == item_step(key, value));
        merged.push(there.map_or_else(|| value.clone(), |there| merge(there, value, Some(item))));
    }
    merged.extend(left.filter(|other| !has(config, other)).cloned());
    Value::Array(merged)
}

/// Takes away what the writer owned before and nobody owns now. Containers go with the last thing in them.
fn prune(value: &mut Value, last: &FieldSet, kept: Option<&FieldSet>, of: Option<&Type>) {
    let gone = |step: &Step, value: &mut Value, below: Option<&Type>| {
        let Some(last) = last.children.get(step) else { return false };
        let kept = kept.and_then(|kept| kept.children.get(step)).filter(|kept| !kept.is_empty());
        if !last.children.is_empty() {
            prune(value, last, kept, below);
        }
        let empty = match value {
            Value::Object(object) => object.is_empty(),
            Value::Array(list) => list.is_empty(),
            _ => false,
        };
        kept.is_none() && (last.children.is_empty() || last.member || empty)
    };
    match value {
        Value::Object(object) => {
            object.retain(|field, value| !gone(&Step::Field(field.clone()), value, of.and_then(|of| of.field(field))));
        }
        Value::Array(items) => {
            if let Some((key, item)) = keyed(of) {
                items.retain_mut(|value| !gone(&item_step(key, value), value, Some(item)));
            }
        }
        _ => {}
    }
}

/// The refusal that tells who is in the way.
pub(crate) fn conflict(conflicts: &[Conflict]) -> Refusal {
    let causes: Vec<_> = conflicts
        .iter()
        .map(|conflict| {
            Cause::new("FieldManagerConflict", &conflict.path, format!("conflict with {}", conflict.manager))
        })
        .collect();
    let message = match conflicts {
        [only] => format!("Apply failed with 1 conflict: conflict with {}: {}", only.manager, only.path),
        many => {
            let mut lines = Vec::new();
            let mut manager = None;
            for conflict in many {
                if manager != Some(&conflict.manager) {
                    lines.push(format!("conflicts with {}:", conflict.manager));
                    manager = Some(&conflict.manager);
                }
                lines.push(format!("- {}", conflict.path));
            }
            format!("Apply failed with {} conflicts: {}", many.len(), lines.join("\n"))
        }
    };
    Refusal::apply_conflict(message, &causes)
}
