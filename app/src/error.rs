//! What can go wrong, in the terms that pages act on. Said in words by [`crate::components::ErrorView`].

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use marketplace_domain::{Problem, views::market::Use};
use serde::{Deserialize, Serialize};

/// Why something did not happen. Nothing was changed in any of these cases.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum AppError {
    /// There is no such plugin, service or resource.
    NotFound,
    /// What was typed has problems.
    Invalid {
        /// Where what was typed is kept.
        draft: Option<String>,
        /// What is wrong.
        problems: Vec<Problem>,
    },
    /// A built-in plugin cannot be edited or deleted.
    Builtin,
    /// The plugin is in use.
    InUse(Vec<Use>),
    /// More runs were asked for than there is room for.
    Busy {
        /// When it is worth trying again.
        seconds: u64,
    },
    /// The object changed since the person looked at it.
    ChangedMeanwhile,
    /// The cluster gives us no right; its words.
    Forbidden(String),
    /// The cluster does not answer; its words.
    ClusterUnavailable(String),
    /// The database does not answer.
    DatabaseUnavailable,
    /// A fault of ours, in the log under this id.
    Internal {
        /// The id.
        id: String,
    },
    /// The request or its answer was lost or not understood.
    Transport(String),
}

impl AppError {
    /// The status of an answer with this error.
    pub fn status(&self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Invalid { .. } => 422,
            Self::Builtin | Self::Forbidden(_) => 403,
            Self::Busy { .. } => 429,
            Self::InUse(_) | Self::ChangedMeanwhile => 409,
            Self::ClusterUnavailable(_) | Self::DatabaseUnavailable => 503,
            Self::Internal { .. } => 500,
            Self::Transport(_) => 400,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        Self::Transport(error.to_string())
    }
}

impl std::fmt::Display for AppError {
    /// For logs and for error boundaries; people read [`crate::texts::errors`].
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for AppError {}

/// The result of a server function.
pub type Result<T> = std::result::Result<T, AppError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_survive_the_wire() {
        let error = AppError::Invalid { draft: Some("x".into()), problems: vec![] };
        assert_eq!(AppError::de(error.ser()), error);
    }
}
