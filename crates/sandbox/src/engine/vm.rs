//! Machine code, memory and calls: everything that knows the WebAssembly engine.

pub(crate) mod call;
pub(crate) mod compile;
mod demangle;
pub(crate) mod instance;
mod limiter;
pub(crate) mod linker;
pub(crate) mod machine;
pub(crate) mod trap;

pub(crate) use limiter::TABLE_ELEMENTS;
