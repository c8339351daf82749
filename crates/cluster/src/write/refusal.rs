//! The cluster's refusals, as errors that say what to do.

use kube::core::Status;

use crate::{FieldCause, WriteError, observe::innermost};

/// What kube's error means for a write.
pub(crate) fn write_error(error: &kube::Error) -> WriteError {
    match error {
        kube::Error::Api(status) => of_status(status),
        other => WriteError::Unreachable(innermost(other)),
    }
}

fn of_status(status: &Status) -> WriteError {
    let details = status.details.as_ref();
    let causes = details.map_or(&[][..], |details| &details.causes);
    let message = status.message.clone();
    match status.code {
        409 => match conflicts(status) {
            conflicts if conflicts.is_empty() => WriteError::ChangedMeanwhile,
            conflicts => WriteError::Conflict(conflicts),
        },
        // An address the API server does not know names no object.
        404 if details.is_none_or(|details| details.name.is_empty()) => WriteError::CrdMissing,
        404 => WriteError::Gone,
        403 if causes.iter().any(|cause| cause.reason == "NamespaceTerminating") => WriteError::Gone,
        // A webhook that refuses without a code of its own is a 403, too.
        401 | 403 if !message.contains("denied the request") => WriteError::Forbidden(message),
        500 if message.contains("webhook") => refused(status),
        429 | 500.. => WriteError::Unreachable(message),
        _ => refused(status),
    }
}

fn refused(status: &Status) -> WriteError {
    let causes = status.details.as_ref().map_or(&[][..], |details| &details.causes);
    let cause = |cause: &kube::core::response::StatusCause| FieldCause {
        field: cause.field.trim_start_matches('.').to_owned(),
        message: cause.message.clone(),
    };
    WriteError::Refused { message: status.message.clone(), causes: causes.iter().map(cause).collect() }
}

/// Each cause names a field, and its owner in quotes: `conflict with "kubectl" using extensions.istio.io/v1alpha1`.
fn conflicts(status: &Status) -> Vec<(String, String)> {
    let causes = status.details.as_ref().map_or(&[][..], |details| &details.causes);
    causes
        .iter()
        .filter(|cause| cause.reason == "FieldManagerConflict")
        .map(|cause| {
            let manager = cause.message.split('"').nth(1).unwrap_or(&cause.message);
            (cause.field.trim_start_matches('.').to_owned(), manager.to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(status: serde_json::Value) -> WriteError {
        of_status(&serde_json::from_value(status).unwrap())
    }

    #[test]
    fn says_who_owns_what() {
        let conflict = json!({"code": 409, "reason": "Conflict", "message": "Apply failed", "details": {"causes": [
            {"reason": "FieldManagerConflict", "field": ".spec.priority",
             "message": "conflict with \"kubectl-client-side-apply\" using extensions.istio.io/v1alpha1"}]}});
        let owner = ("spec.priority".to_owned(), "kubectl-client-side-apply".to_owned());
        assert_eq!(of(conflict), WriteError::Conflict(vec![owner]));
    }

    #[test]
    fn tells_refusals_apart() {
        let named = json!({"name": "x", "kind": "wasmplugins"});
        assert_eq!(of(json!({"code": 409, "message": "the object has been modified"})), WriteError::ChangedMeanwhile);
        assert_eq!(of(json!({"code": 404, "reason": "NotFound", "details": named})), WriteError::Gone);
        assert_eq!(of(json!({"code": 404, "message": "404 page not found"})), WriteError::CrdMissing);
        assert_eq!(of(json!({"code": 403, "message": "no"})), WriteError::Forbidden("no".into()));
        assert_eq!(of(json!({"code": 503, "message": "away"})), WriteError::Unreachable("away".into()));
        let webhook = "admission webhook \"x\" denied the request: bad";
        assert!(matches!(of(json!({"code": 403, "message": webhook})), WriteError::Refused { .. }));
        assert!(matches!(of(json!({"code": 400, "message": webhook})), WriteError::Refused { .. }));
        let invalid = json!({"code": 422, "reason": "Invalid", "message": "invalid", "details": {"causes": [
            {"field": "spec.url", "message": "must have schema"}]}});
        let causes = vec![FieldCause { field: "spec.url".into(), message: "must have schema".into() }];
        assert_eq!(of(invalid), WriteError::Refused { message: "invalid".into(), causes });
    }
}
