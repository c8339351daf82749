//! The list of services.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::traffic::TrafficPage;

use crate::error::Result;

/// One page of services.
#[server(prefix = "/api", endpoint = "traffic", input = GetUrl)]
pub async fn traffic(
    #[server(default)] text: String,
    #[server(default)] namespace: String,
    #[server(default)] page: u32,
) -> Result<TrafficPage> {
    use marketplace_domain::views::traffic::TrafficQuery;

    use crate::ssr;

    ssr::services().traffic(&TrafficQuery { text, namespace, page: page.max(1) }).await.map_err(ssr::fail)
}
