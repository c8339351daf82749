//! Ways to a cluster.

use std::{path::PathBuf, sync::Arc};

use kube::{
    Client, Config,
    client::ClientBuilder,
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::{ConnectError, observe::ObserveLayer, shared::Shared};

/// Which cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Connect {
    /// One of a kubeconfig.
    Kubeconfig {
        /// The file; `None` for what `KUBECONFIG` names, or the one in the home directory.
        path: Option<PathBuf>,
        /// The context; `None` for the current one.
        context: Option<String>,
    },
    /// The cluster we run in.
    InCluster,
}

/// A client and the name of its cluster. Says nothing about whether the cluster answers.
pub(crate) async fn client(choice: Connect, shared: &Arc<Shared>) -> Result<(Client, String), ConnectError> {
    // Libraries that link in another provider would leave rustls without a choice. Somebody may have told it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let (config, name) = match choice {
        Connect::InCluster => (Config::incluster().map_err(ConnectError::InCluster)?, "in-cluster".to_owned()),
        Connect::Kubeconfig { path, context } => {
            let kubeconfig = match path {
                Some(path) => Kubeconfig::read_from(path),
                None => Kubeconfig::read(),
            };
            let kubeconfig = kubeconfig.map_err(ConnectError::Kubeconfig)?;
            let name = context.clone().or_else(|| kubeconfig.current_context.clone());
            let options = KubeConfigOptions { context, ..KubeConfigOptions::default() };
            let config =
                Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(ConnectError::Kubeconfig)?;
            (config, name.unwrap_or_else(|| "kubeconfig".to_owned()))
        }
    };
    let builder = ClientBuilder::try_from(config).map_err(ConnectError::Client)?;
    Ok((builder.with_layer(&ObserveLayer(Arc::clone(shared))).build(), name))
}
