//! Who did what.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::activity::ActivityPage;

use crate::error::Result;

/// Entries before one, or the newest.
#[server(prefix = "/api", endpoint = "activity", input = GetUrl)]
pub async fn activity(#[server(default)] before: Option<i64>) -> Result<ActivityPage> {
    use crate::ssr;

    ssr::services().activity(before).await.map_err(ssr::fail)
}
