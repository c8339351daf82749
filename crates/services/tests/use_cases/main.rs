//! The use cases on a real Postgres (`TEST_DATABASE_URL` says where) and the demo mesh.
#![allow(clippy::unwrap_used)]

mod applying;
mod away;
mod catalogue;
mod configuration;
mod editing;
mod elsewhere;
mod foreign;
mod modules;
mod refusals;
mod setup;
mod trying;
mod versions;
