//! Token buckets in the proxy, shared by its workers.
//!
//! ```text
//! limiter -> settings  rules, compiled once
//!         -> source    what a request is told apart by
//!         -> table     buckets, a few in each entry of the proxy's shared data
//!              -> bucket    how many may come
//! ```

mod bucket;
mod limiter;
mod settings;
mod source;
mod table;

plugin_kit::start!(crate::limiter::Limiter: response);
