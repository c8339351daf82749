//! What a plugin's page asks the server for.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::{market::PluginPage, traffic::TrafficPage};

use crate::error::Result;

/// A plugin with one of its versions; the newest when none is named.
#[server(prefix = "/api", endpoint = "plugin", input = GetUrl)]
pub async fn load_plugin(name: String, #[server(default)] version: Option<String>) -> Result<PluginPage> {
    use crate::ssr;

    let name = ssr::plugin_name(Some(&name))?.ok_or_else(|| ssr::fail(ssr::ServiceError::NotFound))?;
    ssr::services().plugin_page(&name, version.as_deref()).await.map_err(ssr::fail)
}

/// Looks at a version's module now, and shows what came of it.
#[server(prefix = "/api", endpoint = "plugin/look-again")]
pub async fn look_again(name: String, #[server(default)] version: String) -> Result<()> {
    use super::tabs::{Tab, address};
    use crate::ssr;

    let plugin = ssr::plugin_name(Some(&name))?.ok_or_else(|| ssr::fail(ssr::ServiceError::NotFound))?;
    let version = Some(version.as_str()).filter(|version| !version.is_empty());
    ssr::services().look_again(&plugin, version).await.map_err(ssr::fail)?;
    ssr::redirect(&address(plugin.as_str(), Tab::Module, version));
    Ok(())
}

/// Services to choose from.
#[server(prefix = "/api", endpoint = "plugin/services", input = GetUrl)]
pub async fn find_services(
    #[server(default)] text: String,
    #[server(default)] namespace: String,
    #[server(default)] page: u32,
) -> Result<TrafficPage> {
    use marketplace_domain::views::traffic::TrafficQuery;

    use crate::ssr;

    let query = TrafficQuery { text, namespace, page: page.max(1) };
    ssr::services().traffic(&query).await.map_err(ssr::fail)
}
