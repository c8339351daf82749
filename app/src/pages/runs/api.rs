//! What the page of a run asks the server for.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::run::RunView;

use crate::error::Result;

/// A run that is kept, with one page of its trace.
#[server(prefix = "/api", endpoint = "run", input = GetUrl)]
pub async fn load_run(id: String, #[server(default)] page: usize) -> Result<RunView> {
    use crate::ssr;

    let id = ssr::draft_id(Some(&id)).ok_or_else(|| ssr::fail(ssr::ServiceError::NotFound))?;
    ssr::services().run_view(id, page.max(1)).await.map_err(ssr::fail)
}
