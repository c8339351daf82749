//! Writes: create, replace, merge, apply, delete.

use axum::body::Bytes;
use chrono::{SecondsFormat, Utc};
use serde_json::{Value, json};

use super::{
    Options, Target,
    checks::{fits, identify, merged, named, unchanged_since, unknown},
};
use crate::{
    admission,
    fields::{self, Writer},
    kinds::{NAMESPACE, WASM_PLUGIN},
    schema::{Type, WASM_PLUGIN_TYPE},
    status::Refusal,
    store::State,
};

/// How the body is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Create,
    Replace,
    Merge,
    Apply,
}

/// What a write made.
#[derive(Debug)]
pub(crate) struct Change {
    pub object: Value,
    pub created: bool,
    pub warnings: Vec<String>,
}

/// Does a write, all of it or nothing.
pub(crate) fn write(
    state: &mut State,
    target: &Target,
    format: Format,
    body: &Bytes,
    options: &Options,
) -> Result<Change, Refusal> {
    let kind = target.kind;
    let of: Option<&Type> = (kind == WASM_PLUGIN).then_some(&WASM_PLUGIN_TYPE);
    let given = parse(kind.kind, format, body)?;
    if kind.namespaced && target.namespace.is_none() {
        return Err(Refusal::no_page());
    }
    let name = match (&target.name, format) {
        (None, Format::Create) => named(given["metadata"]["name"].as_str(), given["metadata"]["generateName"].as_str()),
        (Some(name), Format::Replace | Format::Merge | Format::Apply) => name.clone(),
        _ => {
            return Err(Refusal::new(
                405,
                "MethodNotAllowed",
                "the server does not allow this method on the requested resource",
            ));
        }
    };
    fits(target, &name, &given, format, options)?;
    let mut warnings = Vec::new();
    let mut given = given;
    if of.is_some() {
        if format == Format::Apply {
            if let Some(error) = admission::type_error(&given) {
                let place = format!("{}/{name}", target.namespace());
                let message = format!(
                    "failed to create typed patch object ({place}; {}, Kind={}): {error}",
                    kind.api_version(),
                    kind.kind
                );
                return Err(Refusal::new(500, "", message));
            }
        } else {
            unknown(&mut given, kind.version, options, &mut warnings)?;
        }
    }
    let live = state.get(kind, target.namespace(), &name).cloned();
    let live = live.as_deref();
    match (format, live) {
        (Format::Create, Some(_)) => return Err(Refusal::exists(kind, &name)),
        (Format::Replace | Format::Merge, None) => return Err(Refusal::not_found(kind, &name)),
        _ => {}
    }
    if kind.namespaced && !state.has_namespace(target.namespace()) {
        return Err(Refusal::not_found(NAMESPACE, target.namespace()));
    }
    unchanged_since(target, &name, live, &given, format)?;
    let now = Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let api_version = kind.api_version();
    let writer = Writer { manager: &options.manager, api_version: &api_version, time: &now };
    let mut object = match format {
        Format::Apply => {
            fields::apply(live, &given, of, writer, options.force).map_err(|found| fields::conflict(&found))?
        }
        Format::Merge => merged(live.unwrap_or(&Value::Null), &given),
        Format::Create | Format::Replace => given,
    };
    identify(&mut object, target, &name, live, &now);
    if of.is_some() {
        if format != Format::Apply {
            admission::drop_nulls(&mut object);
        }
        admission::whole_numbers(&mut object);
    }
    if format != Format::Apply {
        fields::update(live, &mut object, of, writer);
    }
    warnings.extend(admission::check(kind, &object)?);
    Ok(commit(state, kind, live, object, options.dry_run, warnings))
}

fn commit(
    state: &mut State,
    kind: &'static crate::kinds::Kind,
    live: Option<&Value>,
    mut object: Value,
    dry_run: bool,
    warnings: Vec<String>,
) -> Change {
    let created = live.is_none();
    if live == Some(&object) {
        return Change { object, created, warnings };
    }
    if let Some(live) = live.filter(|_| kind == WASM_PLUGIN) {
        let generation = live["metadata"]["generation"].as_i64().unwrap_or(1);
        object["metadata"]["generation"] = (generation + i64::from(live["spec"] != object["spec"])).into();
    }
    if !dry_run {
        object = Value::clone(&state.put(kind, object));
    }
    Change { object, created, warnings }
}

fn parse(kind: &str, format: Format, body: &Bytes) -> Result<Value, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::bad_request("the body is not valid UTF-8"))?;
    if format == Format::Apply {
        let yaml: serde_yaml_ng::Value = serde_yaml_ng::from_str(text).map_err(|error| {
            Refusal::bad_request(format!("error decoding YAML: error converting YAML to JSON: yaml: {error}"))
        })?;
        return serde_json::to_value(yaml).map_err(|error| {
            Refusal::bad_request(format!("error decoding YAML: error converting YAML to JSON: {error}"))
        });
    }
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Refusal::bad_request(format!(
            "the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {error}"
        ))
    })?;
    if value.is_object() { Ok(value) } else { Err(Refusal::bad_request("the body of the request is no object")) }
}

/// Deletes an object.
pub(crate) fn delete(state: &mut State, target: &Target, body: &Bytes, options: &Options) -> Result<Value, Refusal> {
    let kind = target.kind;
    let name = target.name.as_deref().ok_or_else(|| {
        Refusal::new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource")
    })?;
    let live = state.get(kind, target.namespace(), name).cloned().ok_or_else(|| Refusal::not_found(kind, name))?;
    let asked: Value = serde_json::from_slice(body).unwrap_or_default();
    let metadata = &live["metadata"];
    if let Some(uid) = asked["preconditions"]["uid"].as_str().filter(|uid| metadata["uid"] != *uid) {
        let record = metadata["uid"].as_str().unwrap_or_default();
        let why = format!(
            "the UID in the precondition ({uid}) does not match the UID in record ({record}). The object might have been \
             deleted and then recreated"
        );
        return Err(Refusal::precondition(kind, name, &why));
    }
    let version = asked["preconditions"]["resourceVersion"].as_str();
    if let Some(version) = version.filter(|version| metadata["resourceVersion"] != *version) {
        let record = metadata["resourceVersion"].as_str().unwrap_or_default();
        let why = format!(
            "the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({record}). \
             The object might have been modified"
        );
        return Err(Refusal::precondition(kind, name, &why));
    }
    if !(options.dry_run || asked["dryRun"] == json!(["All"])) {
        state.remove(kind, target.namespace(), name);
    }
    Ok(json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": { "name": name, "group": kind.group, "kind": kind.plural, "uid": metadata["uid"] },
    }))
}
