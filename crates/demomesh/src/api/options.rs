//! Options of writes.

use http::Method;

use super::Query;
use crate::status::{Cause, Refusal};

/// Options of a write.
#[derive(Debug, Clone, Default)]
pub(crate) struct Options {
    pub manager: String,
    pub force: bool,
    pub dry_run: bool,
    pub strict: bool,
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
