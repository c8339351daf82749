//! Runs plugins as Envoy 1.40 does, in this process: no network, no files, the same answer every time.
//!
//! [`run`] is the way in. A [`proxy::Proxy`] holds the VMs and the [`world::World`], which is what host calls can see;
//! [`load`] starts the VMs, [`drive`] makes things happen in order, [`http`] moves messages through the filters and
//! [`host`] is what modules can call. [`vm`] alone knows the WebAssembly engine.

mod cache;
mod callout;
mod clock;
mod drive;
mod events;
mod filter_state;
pub(crate) mod fuzzing;
mod host;
mod http;
mod load;
mod message;
mod property;
mod proxy;
mod random;
mod record;
mod refusal;
mod run;
mod shared;
mod stats;
mod status;
mod summary;
mod vm;
mod warnings;
mod world;

pub use cache::Cache;
pub use run::{engine, run};

/// Makes machine code of a module that Envoy would load, so that it is in memory and in the cache. What stands in the way
/// is said by the run.
pub fn prepare(module: &crate::Module) {
    let _ = vm::compile::module(module);
}

/// Makes what all runs share, so that the first does not wait for it.
pub(crate) fn warm() {
    // What fails is said by the run.
    let _ = vm::linker::linker(crate::abi::Version::V0_2_1);
    crate::threads::share(|| ());
}

/// The version of the WebAssembly engine, as the lock file has it; a test compares.
const WASMTIME: &str = "48.0.8";
