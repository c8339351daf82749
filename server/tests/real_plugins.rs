//! Five built-in plugins at work on a real mesh, applied by the product's own forms; and again after each has a new module,
//! which replaced the old one under load. Needs what `real_mesh.rs` needs, and is skipped without it.
#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "skipped tests say so")]

mod support;

#[path = "real_mesh/cluster.rs"]
#[allow(dead_code, reason = "another test uses the rest")]
mod cluster;
#[path = "real_plugins/load.rs"]
mod load;
#[path = "real_plugins/next.rs"]
mod next;
#[path = "real_plugins/replaced.rs"]
mod replaced;
