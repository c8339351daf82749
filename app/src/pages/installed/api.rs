//! The plugins that are installed, and taking one away.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::traffic::{InstalledPage, InstalledRow};

use crate::error::Result;

/// One page of installed plugins.
#[server(prefix = "/api", endpoint = "installed", input = GetUrl)]
pub async fn installed(
    #[server(default)] namespace: String,
    #[server(default)] plugin: String,
    #[server(default)] state: String,
    #[server(default)] text: String,
    #[server(default)] page: u32,
) -> Result<InstalledPage> {
    use marketplace_domain::views::traffic::InstalledQuery;

    use crate::ssr;

    let query = InstalledQuery { namespace, plugin, state, text, page: page.max(1) };
    ssr::services().installed(&query).await.map_err(ssr::fail)
}

/// One installed plugin, for the page that asks before it is taken away.
#[server(prefix = "/api", endpoint = "installed/one", input = GetUrl)]
pub async fn installed_one(namespace: String, resource: String) -> Result<InstalledRow> {
    use marketplace_domain::views::traffic::InstalledQuery;

    use crate::ssr;

    let mut query = InstalledQuery { namespace, text: resource, page: 1, ..InstalledQuery::default() };
    loop {
        let found = ssr::services().installed(&query).await.map_err(ssr::fail)?;
        let this = |row: &InstalledRow| row.resource == query.text && row.namespace == query.namespace;
        if let Some(row) = found.rows.iter().find(|row| this(row)) {
            return Ok(row.clone());
        }
        if query.page >= found.pages {
            return Err(ssr::fail(ssr::ServiceError::NotFound));
        }
        query.page += 1;
    }
}

/// Takes a plugin out of the cluster: exactly the object that was looked at, and no other of its name.
#[server(prefix = "/api", endpoint = "uninstall")]
pub async fn uninstall(namespace: String, resource: String, uid: String) -> Result<()> {
    use crate::ssr;

    let who = ssr::person();
    let (Ok(namespace), Ok(name)) = (namespace.parse(), resource.parse()) else {
        return Err(ssr::fail(ssr::ServiceError::NotFound));
    };
    ssr::services().uninstall(&namespace, &name, &uid, &who).await.map_err(ssr::fail)?;
    ssr::redirect(&format!("/installed?removed={name}"));
    Ok(())
}
