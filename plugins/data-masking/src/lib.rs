//! Masks personal data in request and response bodies.
//!
//! The logic is plain Rust; `shell` joins it to the proxy.
//!
//! ```text
//! shell -> policy   which bodies are looked at
//!       -> masking  body in, body out, whole or in pieces
//!            -> json      strings and numbers of a JSON text
//!                 -> walk, path   where in the text we are, and what is to be done there
//!                 -> escape
//!            -> text      a text that comes in pieces
//!            -> rules     which bytes of a text are hidden
//!                 -> digits, email, ipv4   the detectors
//!       -> settings configuration, compiled once
//! ```

mod digits;
mod email;
mod escape;
mod ipv4;
mod json;
mod masking;
mod path;
mod policy;
mod rules;
mod settings;
mod shell;
mod text;
mod walk;

plugin_kit::start!(shell::Masking: request_body, response, response_body);
