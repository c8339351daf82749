//! Masks personal data in response bodies.
//!
//! The logic is plain Rust; `shell` alone knows the proxy.
//!
//! ```text
//! shell -> policy   which answers are looked at
//!       -> masking  body in, body out
//!            -> json      strings and numbers of a JSON text
//!            -> rules     which bytes of a text are hidden
//!                 -> digits, email, ipv4   the detectors
//!       -> settings configuration, compiled once
//! ```

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod digits;
mod email;
mod ipv4;
mod json;
mod masking;
mod policy;
mod rules;
mod settings;

#[cfg(target_arch = "wasm32")]
mod shell;
