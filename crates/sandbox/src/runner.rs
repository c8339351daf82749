//! The seam between those who ask for a run and whoever carries it out.

use std::fmt;

use crate::exchange::Exchange;
use crate::limits::Limits;
use crate::modules::{Module, Modules};
use crate::report::Report;

/// Why there is no report. Never the plugin's doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunError {
    /// All workers are at work, and enough others wait for one already: ask again later.
    Busy,
    /// A fault of ours: a worker could not be started, or it died without an answer.
    Fault(String),
}

impl fmt::Display for RunError {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Busy => to.write_str("the sandbox is busy"),
            Self::Fault(text) => to.write_str(text),
        }
    }
}

impl std::error::Error for RunError {}

/// Carries out an exchange. In a process of its own, or in this one for tests.
pub trait Runner: Sync {
    /// Runs `exchange` with its `modules`, within the operator's limits and those of the exchange. Blocks.
    ///
    /// # Errors
    /// Only faults of ours; whatever the plugin does is in the report.
    fn run(&self, exchange: &Exchange, modules: &Modules, operator_limits: &Limits) -> Result<Report, RunError>;

    /// Does in advance what the first run of a module takes longest for, where there is something to do. Blocks.
    fn make_ready(&self, _module: &Module) {}
}

/// The engine's own entry point is a runner in this process.
impl<F> Runner for F
where
    F: Fn(&Exchange, &Modules, &Limits) -> Report + Sync,
{
    fn run(&self, exchange: &Exchange, modules: &Modules, operator_limits: &Limits) -> Result<Report, RunError> {
        Ok(self(exchange, modules, operator_limits))
    }
}
