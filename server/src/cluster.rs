//! Puts the use cases together: a catalogue, a cluster, and who knows what the cluster's proxies do.

use std::sync::Arc;

use anyhow::{Context, Result};
use marketplace_catalogue::Catalogue;
use marketplace_cluster::{Cluster, Connect};
use marketplace_demomesh::DemoMesh;
use marketplace_domain::state::{ProxyStates, Unobserved};
use marketplace_services::{Parts, Services};
use url::Url;

use crate::fetch;
use crate::options::{ClusterOption, Options};

/// The use cases on this database and the cluster that was chosen, with the built-in plugins in the catalogue.
pub async fn services(options: &Options, database: &str, module_base: &Url) -> Result<Arc<Services>> {
    let catalogue = Catalogue::connect(database).await.context("cannot use the database")?;
    let (cluster, states) = cluster(options).await?;
    let demo = options.cluster() == ClusterOption::Demo;
    tracing::info!(cluster = cluster.name(), modules = %module_base, "proxies fetch modules from us");

    let module_base_url = module_base.as_str().trim_end_matches('/').to_owned();
    let fetcher = fetch::patient(options)?;
    let pool = Arc::new(marketplace_commands::server_pool(&options.data_dir()));
    let parts = Parts {
        catalogue,
        cluster,
        states,
        module_base_url,
        demo,
        fetcher,
        // Runs and looks alike: never in this process.
        checker: pool.clone(),
        runner: pool,
    };
    let services = Services::new(parts).await?;
    match options.plugins_dir() {
        Some(folder) => {
            let changed = services.seed(&folder).await;
            changed.with_context(|| format!("cannot read the built-in plugins in {}", folder.display()))?;
        }
        None => tracing::warn!("there are no built-in plugins: give their folder by --plugins-dir"),
    }
    Ok(services)
}

async fn cluster(options: &Options) -> Result<(Cluster, Arc<dyn ProxyStates>)> {
    let connect = match options.cluster() {
        ClusterOption::Demo => {
            let mesh = demo_mesh(options);
            let cluster = Cluster::over(mesh.service(), DemoMesh::NAME);
            return Ok((cluster, Arc::new(mesh)));
        }
        ClusterOption::Kubeconfig(context) => Connect::Kubeconfig { path: None, context },
        ClusterOption::InCluster => Connect::InCluster,
    };
    let cluster = Cluster::connect(connect).await.context(
        "the settings of the cluster are no good. Choose another one by --cluster, for instance --cluster demo",
    )?;
    Ok((cluster, Arc::new(Unobserved)))
}

/// Its plugins lie beside the private database. With a database elsewhere there is no data folder of ours, and a mesh
/// in the process is for a moment only.
fn demo_mesh(options: &Options) -> DemoMesh {
    if options.database_url.is_some() && options.data_dir.is_none() {
        return DemoMesh::start();
    }
    let folder = options.data_dir();
    match std::fs::create_dir_all(&folder) {
        Ok(()) => DemoMesh::start_kept(folder.join("demo-mesh.json")),
        Err(error) => {
            tracing::warn!(%error, folder = %folder.display(), "what is applied to the demo mesh will be gone after a restart");
            DemoMesh::start()
        }
    }
}
