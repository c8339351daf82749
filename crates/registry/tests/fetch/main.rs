//! Fetching from a registry and a web server of our own, in this process.
#![allow(clippy::unwrap_used, reason = "tests")]

mod files;
mod guard;
mod hostile;
mod images;
mod logins;
mod pack;
mod site;
