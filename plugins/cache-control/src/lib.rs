//! Says how long answers may be kept, by suffix, type and path.
//!
//! ```text
//! Control (the phases) -> lifetime  what the headers say
//!                      -> settings  configuration
//! ```

mod control;
mod lifetime;
mod settings;

pub use control::Control;

plugin_kit::start!(Control: response);
