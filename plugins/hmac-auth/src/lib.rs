//! Lets requests through that are signed with a shared secret.
//!
//! ```text
//! HmacAuth (the phases) -> credentials  what the Authorization header says
//!                       -> signing      the text that is signed, and its signature
//!                       -> date         when it was signed
//!                       -> digest       of the body
//!                       -> replay       signatures that came already
//!                       -> settings     configuration
//! ```

mod auth;
mod credentials;
mod date;
mod digest;
mod replay;
mod settings;
mod signing;

pub use auth::HmacAuth;

plugin_kit::start!(HmacAuth: request_body, response);
