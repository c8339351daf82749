//! What the built-in plugins share.
//!
//! Everything but [`host`] is plain Rust without proxy-wasm types, so that it is tested natively; `host` is the thin
//! layer that talks to the proxy and exists on wasm32 only.

pub mod body;
pub mod config;
pub mod http;

#[cfg(target_arch = "wasm32")]
pub mod host;
