//! One service.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::traffic::ServicePage;

use crate::error::Result;

/// A service with its workloads, proxies and plugins.
#[server(prefix = "/api", endpoint = "service", input = GetUrl)]
pub async fn service(namespace: String, name: String) -> Result<ServicePage> {
    use marketplace_domain::mesh::ServiceKey;

    use crate::ssr;

    let (Ok(namespace), Ok(name)) = (namespace.parse(), name.parse()) else {
        return Err(ssr::fail(ssr::ServiceError::NotFound));
    };
    ssr::services().service_page(&ServiceKey { namespace, name }).await.map_err(ssr::fail)
}
