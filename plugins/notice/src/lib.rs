//! Shows a notice on HTML pages.
//!
//! The logic is plain Rust; `shell` alone knows the proxy.
//!
//! ```text
//! shell -> policy    which requests and answers get the notice
//!            -> language  what the visitor reads
//!       -> place     where in the page it goes
//!       -> settings  configuration, with the banners rendered once
//!            -> banner, time
//! ```

#![cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]

mod banner;
mod language;
mod place;
mod policy;
mod settings;
mod time;

#[cfg(target_arch = "wasm32")]
mod shell;
