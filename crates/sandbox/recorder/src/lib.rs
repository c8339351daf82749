//! Envoy's own answer to an exchange, and where the sandbox's differs. For tests only: nothing of the product uses it.
//!
//! [`bench`] has one Envoy and plays client, upstream and callouts around it; [`recording`] shares cases among several.
//! An [`Answer`] is what of a report is compared, of whichever of the two; [`compare`] says where two of them differ.

pub mod answer;
pub mod bench;
pub mod case;
pub mod cases;
pub mod compare;
pub mod golden;
pub mod probe;
pub mod recording;

mod client;
mod configuration;
mod envoy;
mod http1;
mod http2;
mod log;
mod normal;
mod server;
mod tls;
mod wire;

pub use answer::Answer;
pub use case::Case;
