//! Changes headers, query and bodies of requests and responses.
//!
//! ```text
//! Transformer (the phases) -> steps      what the rules say, one step after the other
//!                          -> head       headers and query: names with several values
//!                               -> values  values by name, and what verbs do to them
//!                          -> document   JSON bodies, by path
//!                               -> json    a JSON text that is opened only where it is changed
//!                          -> form       form bodies
//!                          -> text       values with holes
//!                          -> settings   configuration
//! ```

mod document;
mod form;
mod head;
mod json;
mod settings;
mod steps;
mod text;
mod transformer;
mod values;

pub use transformer::Transformer;

plugin_kit::start!(Transformer: request_body, response, response_body);
