//! Tags requests by what they carry, by weight or by a stable hash.
//!
//! ```text
//! Tagger (the phase) -> condition  what a request must carry
//!                    -> settings   configuration
//! ```

mod condition;
mod settings;
mod tagger;

pub use tagger::Tagger;

plugin_kit::start!(Tagger);
