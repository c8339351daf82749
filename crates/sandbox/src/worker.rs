//! Modules are compiled and run in processes of their own, which may be lost.
//!
//! - [`Pool`] is what the product and the command line use: so many workers, started when they are needed, replaced when
//!   they died. It blocks: from async code it is asked on a thread for blocking work.
//! - [`serve`] is what such a process does. It confines itself before it reads the first byte ([`confine`]).
//! - [`frame`] and [`message`] are what goes over the pipes between them.
//!
//! A guest ends by the engine's own means: fuel, epochs, caps on memory and output. What stands behind them is for what
//! those do not see, a compiler that runs away or a fault of ours: the kernel's limits on address space and processor time,
//! and a deadline after which the process is killed. Then the report says `limit`.

mod child;
mod confine;
mod frame;
mod message;
mod pool;
mod serve;

pub use pool::{Options, Pool};
pub use serve::serve;

use std::time::Duration;

/// Bytes of address space of a worker.
pub(crate) const ADDRESS_SPACE: u64 = 1 << 30;
/// Seconds of processor time of one job.
pub(crate) const CPU_SECONDS: u64 = 20;
/// When a worker is killed that has not answered.
pub(crate) const DEADLINE: Duration = Duration::from_secs(30);
