//! Who did what.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::activity::ActivityPage;

use crate::error::Result;

/// Entries before one, or the newest; or one entry as a whole.
#[server(prefix = "/api", endpoint = "activity", input = GetUrl)]
pub async fn activity(
    #[server(default)] before: Option<i64>,
    #[server(default)] entry: Option<i64>,
) -> Result<ActivityPage> {
    use crate::ssr;

    let services = ssr::services();
    let page = match entry {
        Some(id) => services.activity_entry(id).await,
        None => services.activity(before).await,
    };
    page.map_err(ssr::fail)
}
