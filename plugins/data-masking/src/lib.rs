//! Masks personal data in response bodies.
//!
//! The logic is plain Rust; `shell` joins it to the proxy.
//!
//! ```text
//! shell -> policy   which answers are looked at
//!       -> masking  body in, body out
//!            -> json      strings and numbers of a JSON text
//!            -> rules     which bytes of a text are hidden
//!                 -> digits, email, ipv4   the detectors
//!       -> settings configuration, compiled once
//! ```

mod digits;
mod email;
mod ipv4;
mod json;
mod masking;
mod policy;
mod rules;
mod settings;
mod shell;

plugin_kit::start!(shell::Masking);
