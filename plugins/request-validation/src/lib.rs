//! Refuses requests whose headers or bodies do not match a JSON Schema.
//!
//! ```text
//! Validation (the phases) -> settings  which requests must match what
//!                         -> schema    compiled schemas
//!                              -> compile  from JSON
//!                              -> check    values
//!                              -> value    equality and order of JSON values
//!                              -> pattern  regular expressions at a known cost
//! ```

mod schema;
mod settings;
mod validation;

pub use validation::Validation;

plugin_kit::start!(Validation: request_body, response);
