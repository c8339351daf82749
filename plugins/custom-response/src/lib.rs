//! Mock answers, maintenance pages, own pages for errors.
//!
//! ```text
//! Respond (the phases) -> settings  configuration: which exchanges, and what is answered
//!                          -> page      an answer in several languages
//! ```

mod page;
mod respond;
mod settings;

pub use respond::Respond;

plugin_kit::start!(Respond: response);
