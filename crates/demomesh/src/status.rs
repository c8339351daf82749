//! Refusals, in the words and shapes of a real API server (`Status` objects).

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Value, json};

use crate::kinds::Kind;

/// Why the API refused a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Refusal {
    code: u16,
    body: Value,
}

/// One cause inside a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Cause {
    /// The machine's word, e.g. `FieldValueInvalid`.
    pub reason: &'static str,
    /// The sentence.
    pub message: String,
    /// The path of the field.
    pub field: String,
}

impl Cause {
    /// One cause.
    pub fn new(reason: &'static str, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { reason, message: message.into(), field: field.into() }
    }

    /// `Invalid value: …`.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new("FieldValueInvalid", field, message)
    }

    fn json(&self) -> Value {
        let mut cause = json!({ "reason": self.reason, "message": self.message });
        if !self.field.is_empty() {
            cause["field"] = self.field.clone().into();
        }
        cause
    }
}

impl Refusal {
    /// A refusal without details; an empty reason is left out, as API servers do.
    pub(crate) fn new(code: u16, reason: &str, message: impl Into<String>) -> Self {
        let mut body = json!({
            "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
            "message": message.into(), "code": code,
        });
        if !reason.is_empty() {
            body["reason"] = reason.into();
        }
        Self { code, body }
    }

    fn details(mut self, details: Value) -> Self {
        self.body["details"] = details;
        self
    }

    /// 404 for an address nobody serves: plain text, no `Status`.
    pub(crate) fn no_page() -> Self {
        Self { code: 404, body: Value::String("404 page not found\n".into()) }
    }

    /// 404 for an object.
    pub(crate) fn not_found(kind: &Kind, name: &str) -> Self {
        Self::new(404, "NotFound", format!("{} \"{name}\" not found", kind.resource())).details(named(
            kind,
            kind.plural,
            name,
        ))
    }

    /// 409: it is there already.
    pub(crate) fn exists(kind: &Kind, name: &str) -> Self {
        Self::new(409, "AlreadyExists", format!("{} \"{name}\" already exists", kind.resource())).details(named(
            kind,
            kind.plural,
            name,
        ))
    }

    /// 409: somebody wrote in between.
    pub(crate) fn modified(kind: &Kind, name: &str) -> Self {
        let message = format!(
            "Operation cannot be fulfilled on {} \"{name}\": the object has been modified; please apply your changes to \
             the latest version and try again",
            kind.resource()
        );
        Self::new(409, "Conflict", message).details(named(kind, kind.plural, name))
    }

    /// 409: a precondition of a delete does not hold.
    pub(crate) fn precondition(kind: &Kind, name: &str, why: &str) -> Self {
        let message = format!("Operation cannot be fulfilled on {} \"{name}\": {why}", kind.dotted_kind());
        Self::new(409, "Conflict", message).details(named(kind, kind.kind, name))
    }

    /// 409 of server-side apply.
    pub(crate) fn apply_conflict(message: String, causes: &[Cause]) -> Self {
        Self::new(409, "Conflict", message)
            .details(json!({ "causes": causes.iter().map(Cause::json).collect::<Vec<_>>() }))
    }

    /// 400.
    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// 422 of an object.
    pub(crate) fn invalid(kind: &Kind, name: &str, causes: &[Cause]) -> Self {
        Self::invalid_named(&kind.dotted_kind(), kind.group, kind.kind, name, causes)
    }

    /// 422 of an object that the storage layer refuses, which calls it by its plural.
    pub(crate) fn invalid_resource(kind: &Kind, name: &str, causes: &[Cause]) -> Self {
        Self::invalid_named(&kind.resource(), kind.group, kind.plural, name, causes)
    }

    /// 422 of a request's options.
    pub(crate) fn invalid_options(options: &str, causes: &[Cause]) -> Self {
        Self::invalid_named(&format!("{options}.meta.k8s.io"), "meta.k8s.io", options, "", causes)
    }

    fn invalid_named(dotted: &str, group: &str, kind: &str, name: &str, causes: &[Cause]) -> Self {
        let each: Vec<_> = causes.iter().map(|cause| format!("{}: {}", cause.field, cause.message)).collect();
        let all = if each.len() == 1 { each.concat() } else { format!("[{}]", each.join(", ")) };
        let mut details =
            json!({ "group": group, "kind": kind, "causes": causes.iter().map(Cause::json).collect::<Vec<_>>() });
        if !name.is_empty() {
            details["name"] = name.into();
        }
        Self::new(422, "Invalid", format!("{dotted} \"{name}\" is invalid: {all}")).details(details)
    }

    /// 403.
    pub(crate) fn forbidden(kind: &Kind, name: &str, verb: &str, namespace: &str) -> Self {
        let message = format!(
            "{} \"{name}\" is forbidden: User \"demo\" cannot {verb} resource \"{}\" in API group \"{}\" in the namespace \
             \"{namespace}\"",
            kind.resource(),
            kind.plural,
            kind.group
        );
        Self::new(403, "Forbidden", message).details(named(kind, kind.plural, name))
    }

    /// The code of the answer.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// The `Status` object.
    pub fn status(&self) -> &Value {
        &self.body
    }

    /// The sentence of the `Status` object.
    pub fn message(&self) -> &str {
        self.body["message"].as_str().or(self.body.as_str()).unwrap_or_default()
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for Refusal {}

fn named(kind: &Kind, word: &str, name: &str) -> Value {
    let mut details = json!({ "name": name, "kind": word });
    if !kind.group.is_empty() {
        details["group"] = kind.group.into();
    }
    details
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let code = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        match self.body {
            Value::String(text) => (code, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response(),
            status => {
                (code, [(header::CONTENT_TYPE, "application/json")], Body::from(status.to_string())).into_response()
            }
        }
    }
}
