//! The seam between those who ask for a run and whoever carries it out.

use crate::exchange::Exchange;
use crate::limits::Limits;
use crate::modules::Modules;
use crate::report::Report;

/// A fault of ours, never of the plugin: the worker could not be started, or it died without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunError(pub String);

/// Carries out an exchange. In a process of its own, or in this one for tests.
pub trait Runner: Sync {
    /// Runs `exchange` with its `modules`, within the operator's limits and those of the exchange.
    ///
    /// # Errors
    /// Only faults of ours; whatever the plugin does is in the report.
    fn run(&self, exchange: &Exchange, modules: &Modules, operator_limits: &Limits) -> Result<Report, RunError>;
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
