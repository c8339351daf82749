//! Shows a notice on HTML pages.
//!
//! The logic is plain Rust; `shell` joins it to the proxy.
//!
//! ```text
//! shell -> policy    which requests and answers get the notice
//!            -> language  what the visitor reads
//!       -> dismissal the link and the cookie that put it away
//!       -> place     where in the page it goes
//!       -> settings  configuration, with the banners rendered once
//!            -> banner, time
//! ```

mod banner;
mod dismissal;
mod language;
mod place;
mod policy;
mod settings;
mod shell;
mod time;

plugin_kit::start!(shell::Notice: response, response_body);
