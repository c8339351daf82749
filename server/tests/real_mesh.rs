//! On a real API server and a real mesh: `TEST_KUBECONFIG` names it, and without it these tests are skipped. What needs
//! proxies also needs `MESH_GATEWAY` (requests go in there) and `MESH_HOST_FROM_PODS` (proxies reach this machine by it).
#![allow(clippy::unwrap_used)]
#![allow(clippy::print_stdout, reason = "skipped tests say so")]

mod support;

#[path = "real_mesh/cluster.rs"]
mod cluster;
#[path = "real_mesh/end_to_end.rs"]
mod end_to_end;
#[path = "real_mesh/same_verdict.rs"]
mod same_verdict;
