//! How modules of several languages begin, what WASI they find, and answers that their SDKs rely on: small modules of
//! ours in the text format, with what Envoy 1.40 answered.

#[path = "starts/answers.rs"]
mod answers;
#[path = "starts/conventions.rs"]
mod conventions;
#[path = "starts/memory.rs"]
mod memory;
#[path = "starts/shared.rs"]
mod shared;
#[path = "starts/support.rs"]
mod support;
#[path = "starts/traps.rs"]
mod traps;
#[path = "starts/wasi.rs"]
mod wasi;
