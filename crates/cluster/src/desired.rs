//! What people want to be in the cluster, and what came of it.

use std::collections::BTreeMap;

use marketplace_domain::{Namespace, ObjectName, extension::ExtensionSpec};
use serde_json::Value;

/// A WasmPlugin as somebody wants it to be.
#[derive(Debug, Clone, PartialEq)]
pub struct Desired {
    /// The namespace of the resource.
    pub namespace: Namespace,
    /// The name of the resource.
    pub name: ObjectName,
    /// Labels of ours on the resource.
    pub labels: BTreeMap<String, String>,
    /// Annotations of ours on the resource.
    pub annotations: BTreeMap<String, String>,
    /// What it asks for.
    pub spec: ExtensionSpec,
    /// The version of the resource that the person saw; `None` when there was none. When it is another one by now, the
    /// write is refused as [`crate::WriteError::ChangedMeanwhile`].
    pub resource_version: Option<String>,
    /// Whether somebody else made the resource: then only what differs is sent, so that nothing is claimed needlessly.
    pub foreign: bool,
}

impl Desired {
    /// A resource that is not there yet.
    pub fn new(namespace: Namespace, name: ObjectName, spec: ExtensionSpec) -> Self {
        let (labels, annotations) = (BTreeMap::new(), BTreeMap::new());
        Self { namespace, name, labels, annotations, spec, resource_version: None, foreign: false }
    }

    /// `namespace/name`.
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// What a write would do, by the word of the cluster itself.
#[derive(Debug, Clone, PartialEq)]
pub struct DryRun {
    /// Whether anything would change.
    pub changed: bool,
    /// What is sent.
    pub sent: Value,
    /// The resource as it would be stored, without `managedFields` and `status`.
    pub object: Value,
}

/// What a write did.
#[derive(Debug, Clone, PartialEq)]
pub struct Applied {
    /// Whether anything was written.
    pub changed: bool,
    /// Whether the resource is new.
    pub created: bool,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.resourceVersion` after it.
    pub resource_version: String,
    /// The resource as it is stored, without `managedFields` and `status`.
    pub object: Value,
}

/// What a delete did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deleted {
    /// Whether there was something to delete; `false` when it was gone already.
    pub existed: bool,
}
