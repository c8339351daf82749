//! Modules: getting at their bytes, finding out whether Envoy would load them, and keeping the answer.
//!
//! What is in a module is found out once for each digest; what is behind an address, each time that somebody asks or the
//! last look is too old. Pages read what is known; [`rounds`] sees to it that something is.

mod bytes;
mod look;
mod named;
mod ready;
mod rounds;
mod upload;
mod view;

use std::sync::Arc;

use marketplace_sandbox::{RunError, check::Checked, worker::Pool};
use tokio::sync::{Notify, Semaphore};

pub(crate) use bytes::{Missing, Place};
pub use upload::Uploaded;
pub(crate) use upload::file_problem;

/// Looks into modules, and does not run them. Blocks; in the product it is a process of its own that reads the bytes.
pub trait Checker: Send + Sync {
    /// What is in these bytes.
    ///
    /// # Errors
    /// Faults of ours, whatever the bytes are.
    fn check(&self, module: &[u8]) -> Result<Checked, RunError>;
}

impl<F> Checker for F
where
    F: Fn(&[u8]) -> Result<Checked, RunError> + Send + Sync,
{
    fn check(&self, module: &[u8]) -> Result<Checked, RunError> {
        self(module)
    }
}

impl Checker for Pool {
    fn check(&self, module: &[u8]) -> Result<Checked, RunError> {
        Pool::check(self, module)
    }
}

/// Whose answers count: those of another revision are made anew.
fn checker() -> String {
    format!("marketplace-check/{}", marketplace_sandbox::check::REVISION)
}

/// How many people's addresses are fetched at a time.
const FETCHES: usize = 4;

/// What looking at modules needs to remember.
pub(crate) struct Looking {
    /// Who may fetch for a person now.
    fetches: Semaphore,
    /// Something may be on the list.
    wake: Arc<Notify>,
    /// Modules that were fetched for runs.
    lately: bytes::Lately,
    /// Modules that are compiled in advance.
    readying: ready::Readying,
}

impl Default for Looking {
    fn default() -> Self {
        Self {
            fetches: Semaphore::new(FETCHES),
            wake: Arc::new(Notify::new()),
            lately: bytes::Lately::default(),
            readying: ready::Readying::default(),
        }
    }
}
