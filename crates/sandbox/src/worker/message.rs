//! What is asked of a worker, and what it answers.

use serde::{Deserialize, Serialize};

use crate::exchange::Exchange;
use crate::limits::Limits;

/// A question. Modules are named by their digests: a worker keeps those that it was given last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) enum Request {
    /// The module of this digest is in the body. There is no answer.
    Module(String),
    /// Make machine code of the module, so that it is in the cache of all workers.
    Compile(String),
    /// Run an exchange.
    Run(Box<Run>),
    /// Look at the module in the body.
    Check,
}

/// An exchange to run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Run {
    /// All of it.
    pub(super) exchange: Exchange,
    /// The digest of each plugin's module.
    pub(super) modules: Vec<String>,
    /// The operator's.
    pub(super) limits: Limits,
    /// Whether the trace is wanted.
    pub(super) trace: bool,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Answer {
    /// These modules are not here: give them, and ask again.
    Missing(Vec<String>),
    /// The report is in the body, or what the check found, as JSON.
    Json,
    /// It is done.
    Done,
}
