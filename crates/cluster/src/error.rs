//! What can go wrong in words that the use cases act on.

/// Why there is no connection to a cluster at all: settings, not the network.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The kubeconfig cannot be read, or has no such context.
    #[error("the kubeconfig cannot be used")]
    Kubeconfig(#[source] kube::config::KubeconfigError),
    /// We are not inside a cluster.
    #[error("there is no service account of a cluster here")]
    InCluster(#[source] kube::config::InClusterError),
    /// Certificates or credentials cannot be used.
    #[error("the cluster's certificates or credentials cannot be used")]
    Client(#[source] kube::Error),
}

/// A field that the cluster complains about, and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldCause {
    /// The field, e.g. `spec.priority`; empty when the cluster names none.
    pub field: String,
    /// The cluster's words.
    pub message: String,
}

/// Why nothing was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// Others own fields that we would change: `(field, manager)`.
    #[error("other managers own fields of the resource")]
    Conflict(Vec<(String, String)>),
    /// The cluster, or a webhook in it, refused the content.
    #[error("the cluster refused the resource: {message}")]
    Refused {
        /// Its words.
        message: String,
        /// What it says about single fields.
        causes: Vec<FieldCause>,
    },
    /// We have no right to do this; the cluster's words.
    #[error("not allowed: {0}")]
    Forbidden(String),
    /// The resource is not what the person saw any more (or exists by now, and nothing was seen).
    #[error("the resource changed since it was read")]
    ChangedMeanwhile,
    /// The resource, or its namespace, does not exist any more.
    #[error("the resource or its namespace is gone")]
    Gone,
    /// The API server does not answer, or not now. Whether the write took place is not known.
    #[error("the cluster does not answer: {0}")]
    Unreachable(String),
    /// The cluster does not know WasmPlugin.
    #[error("the cluster does not know WasmPlugin")]
    CrdMissing,
}
