//! A plugin as the cluster holds it: one model for what Istio calls WasmPlugin (and, from 1.30, TrafficExtension).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Digest, Direction, FailStrategy, Namespace, ObjectName, Phase, PullPolicy};

/// One plugin resource of the cluster, whoever made it. Read tolerantly: values that a cluster accepts and we would
/// never write (an odd address, no priority) stay as they are.
#[derive(Debug, Clone, PartialEq)]
pub struct Extension {
    /// The namespace of the resource.
    pub namespace: Namespace,
    /// The name of the resource.
    pub name: ObjectName,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.resourceVersion`.
    pub resource_version: String,
    /// `metadata.creationTimestamp`, seconds since 1970.
    pub created: i64,
    /// Who wrote the spec last: the manager's name out of `metadata.managedFields`, e.g. `kubectl-client-side-apply`.
    pub manager: Option<String>,
    /// Labels of the resource.
    pub labels: BTreeMap<String, String>,
    /// Annotations of the resource.
    pub annotations: BTreeMap<String, String>,
    /// What it asks for.
    pub spec: ExtensionSpec,
    /// Whether the object is being deleted.
    pub deleting: bool,
}

impl Extension {
    /// `namespace/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// The part of a plugin resource that people decide.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ExtensionSpec {
    /// The address as it stands in the resource.
    pub url: String,
    /// The digest that the content must have, as it stands in the resource.
    pub sha256: Option<Digest>,
    /// `imagePullPolicy`.
    pub pull_policy: PullPolicy,
    /// `imagePullSecret`, a Secret of the same namespace.
    pub pull_secret: Option<String>,
    /// `pluginConfig`; absent and `{}` reach the plugin alike, as an empty configuration.
    pub config: Option<serde_json::Value>,
    /// `pluginName`, Envoy's root id.
    pub root_id: Option<String>,
    /// `phase`.
    pub phase: Phase,
    /// `priority`; unset sorts below every number.
    pub priority: Option<i32>,
    /// `failStrategy`.
    pub fail_strategy: FailStrategy,
    /// `vmConfig.env`.
    pub env: Vec<EnvVar>,
    /// `match`; empty is all traffic.
    pub matches: Vec<MatchRule>,
    /// Whether it is a network (TCP) plugin.
    pub network: bool,
    /// `selector.matchLabels`; `None` without a selector.
    pub selector: Option<BTreeMap<String, String>>,
    /// `targetRefs` (or the older single `targetRef`).
    pub targets: Vec<TargetRef>,
}

/// One environment variable of the plugin's VM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: EnvValue,
}

/// Where an environment variable's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EnvValue {
    /// Given in the resource.
    Inline(String),
    /// Copied from the environment of the istio-proxy container.
    Host,
}

/// One item of `match`: direction and ports are AND-ed, items OR-ed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MatchRule {
    /// The side of the proxy; unset means both.
    pub direction: Option<Direction>,
    /// Ports: the service's for outbound, the container's for inbound. Empty means all.
    pub ports: Vec<u16>,
}

/// One item of `targetRefs`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetRef {
    /// The API group; empty (or `core`) for Service.
    pub group: String,
    /// `Service`, `ServiceEntry`, `Gateway`, `GatewayClass`.
    pub kind: String,
    /// The name, in the resource's own namespace.
    pub name: String,
}

/// A plugin resource by namespace and name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ExtensionKey {
    /// The namespace.
    pub namespace: Namespace,
    /// The name.
    pub name: ObjectName,
}

impl std::fmt::Display for ExtensionKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

impl Extension {
    /// Where the resource is.
    pub fn id(&self) -> ExtensionKey {
        ExtensionKey { namespace: self.namespace.clone(), name: self.name.clone() }
    }
}
