//! Writes: create, replace, merge, apply, delete.

use axum::body::Bytes;
use chrono::{SecondsFormat, Utc};
use http::Method;
use serde_json::{Map, Value, json};

use super::{Query, Target};
use crate::{
    admission,
    fields::{self, Writer},
    kinds::{NAMESPACE, WASM_PLUGIN},
    schema::{Type, WASM_PLUGIN_TYPE},
    status::{Cause, Refusal},
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

/// Options of a write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub manager: String,
    pub force: bool,
    pub dry_run: bool,
    pub strict: bool,
}

/// What a write made.
#[derive(Debug)]
pub(crate) struct Change {
    pub object: Value,
    pub created: bool,
    pub warnings: Vec<String>,
}

impl Options {
    /// Reads them from a request.
    pub fn read(method: &Method, query: &Query, user_agent: &str) -> Result<Self, Refusal> {
        let name = match *method {
            Method::POST => "CreateOptions",
            Method::PUT => "UpdateOptions",
            Method::DELETE => "DeleteOptions",
            _ => "PatchOptions",
        };
        let dry_run = query.get("dryRun");
        if !matches!(dry_run, "" | "All") {
            let message = format!("Unsupported value: [{dry_run:?}]: supported values: \"All\"");
            return Err(Refusal::invalid_options(name, &[Cause::new("FieldValueNotSupported", "dryRun", message)]));
        }
        let validation = query.get("fieldValidation");
        if !matches!(validation, "" | "Ignore" | "Warn" | "Strict") {
            let message =
                format!("Unsupported value: {validation:?}: supported values: \"Ignore\", \"Strict\", \"Warn\"");
            let cause = Cause::new("FieldValueNotSupported", "fieldValidation", message);
            return Err(Refusal::invalid_options(name, &[cause]));
        }
        Ok(Self {
            manager: match query.get("fieldManager") {
                "" => user_agent.split('/').next().unwrap_or_default().to_owned(),
                given => given.to_owned(),
            },
            force: query.flag("force"),
            dry_run: dry_run == "All",
            strict: validation == "Strict",
        })
    }
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

/// A generated name ends in five characters without vowels, so that no words come out.
fn named(name: Option<&str>, generate: Option<&str>) -> String {
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
fn fits(target: &Target, name: &str, given: &Value, format: Format, options: &Options) -> Result<(), Refusal> {
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

fn unknown(given: &mut Value, version: &str, options: &Options, warnings: &mut Vec<String>) -> Result<(), Refusal> {
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
fn unchanged_since(
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
fn identify(object: &mut Value, target: &Target, name: &str, live: Option<&Value>, now: &str) {
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
        metadata.retain(|_, value| !value.is_null());
    }
}

/// JSON merge patch (RFC 7396).
fn merged(target: &Value, patch: &Value) -> Value {
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
