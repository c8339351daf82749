//! Lets requests through that carry a valid JSON Web Token.
//!
//! ```text
//! JwtAuth (the phases) -> token     what a token says, before anybody believes it
//!                           -> algorithm, claims
//!                      -> consumer  whose token it is
//!                      -> remote    keys that are fetched
//!                           -> keys -> key  one key, and whether a signature is its own
//!                                     -> rsa
//!                      -> settings  configuration
//! ```

mod algorithm;
mod auth;
mod claims;
mod consumer;
mod key;
mod keys;
mod remote;
mod rsa;
mod settings;
mod token;

pub use auth::JwtAuth;

plugin_kit::start!(JwtAuth: calls, ticks);
