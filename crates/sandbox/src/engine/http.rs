//! The proxy's side of HTTP, as Envoy 1.40 does it.
//!
//! A request goes [`decode`] (filters in order) → [`router`] → upstream; the answer goes [`encode`] (filters in reverse) →
//! [`client`]. [`filter`] calls the plugins and reads what they return; [`local_reply`] answers in the upstream's place.

pub(crate) mod attempt;
pub(crate) mod buffering;
pub(crate) mod client;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod filter;
pub(crate) mod headers;
pub(crate) mod local_reply;
pub(crate) mod message;
pub(crate) mod pairs;
pub(crate) mod router;
pub(crate) mod stream;
pub(crate) mod wire;
