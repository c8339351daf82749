//! Redirects and rewrites by table, pattern or regular expression.
//!
//! ```text
//! Redirect (the phase) -> rules     who is sent where, and that nobody is sent in circles
//!                           -> target  where a rule leads, safely written
//!                      -> settings  configuration
//! ```

mod redirect;
mod rules;
mod settings;
mod target;

pub use redirect::Redirect;

plugin_kit::start!(Redirect);
