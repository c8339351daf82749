//! For tests only: databases that live as long as a test, and plugins that are right until a test says otherwise.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod builder;
mod database;

pub use builder::{PluginBuilder, plugin};
pub use database::TestDatabase;

/// The smallest module there is: WebAssembly's magic word and version.
pub const TINY_WASM: &[u8] = b"\0asm\x01\0\0\0";

/// A small module that Envoy would load: a marker, an allocator, a memory.
const LOADS: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x09\x02\x60\0\0\x60\x01\x7f\x01\x7f\
    \x03\x03\x02\0\x01\
    \x05\x03\x01\0\x01\
    \x07\x2d\x03\x17proxy_abi_version_0_2_1\0\0\x06malloc\0\x01\x06memory\x02\0\
    \x0a\x09\x02\x02\0\x0b\x04\0\x41\0\x0b";

/// A module that loads and differs from every other `number`: an empty custom section of its own name.
pub fn wasm(number: u8) -> Vec<u8> {
    [LOADS, &[0, 2, 1, number & 0x7f]].concat()
}

/// A module that Envoy runs: it logs its configuration and refuses an empty one, adds `x-tried: yes` to requests and to
/// responses, and answers requests with `x-deny` itself.
pub fn tagger() -> Vec<u8> {
    wat::parse_str(include_str!("tagger.wat")).expect("the module of the tests")
}
