//! What can go wrong in a use case, in the terms that pages act on.

use marketplace_domain::{Problem, views::market::Use};
use uuid::Uuid;

/// Why a use case did not happen. Nothing was changed in any of these cases.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// There is no such plugin, service or resource.
    #[error("not found")]
    NotFound,
    /// What was typed has problems. It is kept under `draft`, exactly as typed.
    #[error("the form has {} problems", problems.len())]
    Invalid {
        /// Where what was typed is kept.
        draft: Option<Uuid>,
        /// What is wrong.
        problems: Vec<Problem>,
    },
    /// A built-in plugin cannot be edited or deleted.
    #[error("built-in plugins cannot be changed")]
    Builtin,
    /// The plugin is in use.
    #[error("in use by {} resources", .0.len())]
    InUse(Vec<Use>),
    /// Somebody asked for more than their share, or all room is taken; in so many seconds there is some.
    #[error("too many runs; wait {seconds} s")]
    Busy {
        /// When it is worth trying again.
        seconds: u64,
    },
    /// The object changed since the person looked at it.
    #[error("changed meanwhile")]
    ChangedMeanwhile,
    /// The cluster gives us no right; its words.
    #[error("forbidden by the cluster: {0}")]
    Forbidden(String),
    /// The cluster does not answer.
    #[error("the cluster does not answer: {0}")]
    ClusterUnavailable(String),
    /// The database does not answer.
    #[error("the database does not answer")]
    DatabaseUnavailable(#[source] marketplace_catalogue::CatalogueError),
    /// A fault of ours.
    #[error("internal: {0}")]
    Internal(String),
}

/// The result of a use case.
pub type Result<T> = std::result::Result<T, ServiceError>;

impl From<marketplace_catalogue::CatalogueError> for ServiceError {
    fn from(error: marketplace_catalogue::CatalogueError) -> Self {
        use marketplace_catalogue::CatalogueError::*;
        match error {
            NotFound => Self::NotFound,
            Builtin => Self::Builtin,
            Unavailable(_) => Self::DatabaseUnavailable(error),
            other => Self::Internal(chain(&other)),
        }
    }
}

/// An error with everything behind it, for the log.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text = format!("{text}: {source}");
        next = source.source();
    }
    text
}
