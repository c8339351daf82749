//! "Will it load?" and a dry run with the same answer as Envoy. Bytes in, report out: nothing here knows the catalogue,
//! the cluster, pages or the network.
//!
//! - [`exchange`] is what is asked for: an exchange file, read whole and checked, with every problem at its place.
//! - [`report`] is what is answered, with exactly the fields that people and programs may rely on.
//! - [`check`] looks at a module without running it; and says what Envoy would refuse.
//! - [`engine`] carries it out, in this process; [`worker`] in processes of their own, as the product must.
//! - [`abi`] says which functions the host has, for the check and for the engine alike.

pub mod abi;
pub mod check;
pub mod engine;
pub mod exchange;
#[doc(hidden)]
pub mod fuzzing;
pub mod limits;
pub mod modules;
pub mod report;
pub mod runner;
mod threads;
pub mod worker;

pub use exchange::Exchange;
pub use limits::Limits;
pub use modules::{Module, Modules};
pub use report::Report;
pub use runner::{RunError, Runner};
