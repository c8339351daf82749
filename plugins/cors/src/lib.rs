//! Cross-origin resource sharing, as the Fetch standard has it.
//!
//! ```text
//! cors -> policy    what is answered to which request
//!      -> settings  configuration, compiled once
//!           -> origin    which origins are allowed
//! ```

mod cors;
mod origin;
mod policy;
mod settings;

plugin_kit::start!(crate::cors::Cors: response);
