//! A Kubernetes cluster with Istio, as the domain sees it: the only crate that knows types of Kubernetes. All reading is
//! from memory, which watches keep current; all writing is server-side apply without force.

mod classify;
mod cluster;
mod connect;
mod desired;
mod error;
mod health;
mod live;
mod mesh_config;
mod observe;
mod plugin;
mod pods;
#[cfg(test)]
mod samples;
mod secret;
mod service_index;
mod services;
mod shared;
mod snapshot;
mod watch;
mod write;

pub use cluster::Cluster;
pub use connect::Connect;
pub use desired::{Applied, Deleted, Desired, DryRun};
pub use error::{ConnectError, FieldCause, WriteError};
pub use health::{Change, Health, Kind, KindState};
pub use snapshot::{Malformed, NamespaceInfo, Snapshot};
pub use write::FIELD_MANAGER;
