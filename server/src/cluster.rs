//! Joins the use cases with the cluster that was chosen.

use anyhow::{Result, bail};
use marketplace_services::Services;
use url::Url;

use crate::options::Options;

/// The use cases on this database and this cluster.
pub async fn services(_options: &Options, _database: &str, _module_base: &Url) -> Result<Services> {
    bail!("being written")
}
