//! The catalogue on a real Postgres: `TEST_DATABASE_URL` says where.
#![allow(clippy::unwrap_used)]

mod activity;
mod connect;
mod drafts;
mod modules;
mod plugins;
mod runs;
mod search;
mod seed;
mod shelf;
mod typos;
mod verdicts;
