//! How modules of several languages begin, and what WASI they find: small modules of ours in the text format, with the
//! answers that Envoy 1.40 gave for the very same bytes.

#[path = "starts/conventions.rs"]
mod conventions;
#[path = "starts/memory.rs"]
mod memory;
#[path = "starts/support.rs"]
mod support;
#[path = "starts/traps.rs"]
mod traps;
#[path = "starts/wasi.rs"]
mod wasi;
