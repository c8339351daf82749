//! Logs requests and responses, masked, to the log or to a service.
//!
//! ```text
//! AccessLog (the phases) -> record    one exchange as a line of JSON
//!                             -> secrets  what must not be in it
//!                        -> queue     lines that wait for the service
//!                        -> settings  configuration
//! ```

mod access_log;
mod queue;
mod record;
mod secrets;
mod settings;

pub use access_log::AccessLog;

plugin_kit::start!(AccessLog: request_body, response, response_body, calls, ticks, log);
