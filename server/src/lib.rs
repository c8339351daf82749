//! The server of Plugin Marketplace: what stands between the network and the pages.
//!
//! [`router`] lists every route on one page. Each concern of the way there and back has a module of its own, which knows
//! nothing of the others.

pub mod assets;
pub mod cluster;
pub mod events;
pub mod fetch;
pub mod health;
pub mod hosts;
pub mod logging;
pub mod modules;
pub mod options;
pub mod origin;
pub mod pages;
pub mod panics;
pub mod postgres;
pub mod requests;
pub mod router;
pub mod run;
pub mod runs;
pub mod security;
pub mod shutdown;
pub mod state;
pub mod uploads;
pub mod watch;
