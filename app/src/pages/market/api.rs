//! What the marketplace asks the server for.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::{
    Category, Loads, Origin, Phase,
    views::market::{MarketPage, Sort},
};

use crate::error::Result;

/// One page of cards.
#[server(prefix = "/api", endpoint = "market", input = GetUrl)]
#[allow(clippy::too_many_arguments, reason = "one for each part of the address")]
pub async fn market(
    #[server(default)] text: String,
    #[server(default)] categories: Vec<Category>,
    #[server(default)] phases: Vec<Phase>,
    #[server(default)] origins: Vec<Origin>,
    #[server(default)] in_use: bool,
    #[server(default)] loads: Vec<Loads>,
    #[server(default)] sort: Sort,
    #[server(default)] page: u32,
) -> Result<MarketPage> {
    use marketplace_domain::views::market::MarketQuery;

    use crate::ssr;

    let query = MarketQuery { text, categories, phases, origins, in_use, loads, sort, page: page.max(1) };
    ssr::services().market(&query, ssr::preferences().lang).await.map_err(ssr::fail)
}
