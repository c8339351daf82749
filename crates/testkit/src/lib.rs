//! For tests only: databases that live as long as a test, and plugins that are right until a test says otherwise.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod builder;
mod database;

pub use builder::{PluginBuilder, plugin};
pub use database::TestDatabase;

/// The smallest module there is: WebAssembly's magic word and version.
pub const TINY_WASM: &[u8] = b"\0asm\x01\0\0\0";

/// A module that differs from [`TINY_WASM`] and from every other `number`: an empty custom section of its own name.
pub fn wasm(number: u8) -> Vec<u8> {
    [TINY_WASM, &[0, 2, 1, number & 0x7f]].concat()
}

/// A module that Envoy runs: it logs its configuration and refuses an empty one, adds `x-tried: yes` to requests and to
/// responses, and answers requests with `x-deny` itself.
pub fn tagger() -> Vec<u8> {
    wat::parse_str(include_str!("tagger.wat")).expect("the module of the tests")
}
