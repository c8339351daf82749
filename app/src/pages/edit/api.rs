//! Adding, editing and deleting: what the pages ask the server for, and what they send.

use std::collections::BTreeMap;

use leptos::{
    prelude::*,
    server_fn::codec::{GetUrl, Json},
};
use marketplace_domain::{
    Problem,
    views::{market::PluginForm, verdict::ModuleView},
};

use crate::error::Result;

/// The form; without a name, for a new plugin. With a draft, as it was typed and with its problems.
#[server(prefix = "/api", endpoint = "plugin/form", input = GetUrl)]
pub async fn load_form(
    #[server(default)] name: Option<String>,
    #[server(default)] draft: Option<String>,
) -> Result<PluginForm> {
    use crate::ssr;

    let name = ssr::plugin_name(name.as_deref())?;
    ssr::services().plugin_form(name.as_ref(), ssr::draft_id(draft.as_deref())).await.map_err(ssr::fail)
}

/// What is wrong with what is typed at this moment; keeps nothing.
#[server(prefix = "/api", endpoint = "plugin/check", input = Json)]
pub async fn check_form(
    #[server(default)] editing: String,
    #[server(default)] fields: BTreeMap<String, String>,
) -> Result<Vec<Problem>> {
    use crate::{components::form, ssr};

    let editing = ssr::plugin_name(Some(editing.as_str()))?;
    ssr::services().check_plugin_form(editing.as_ref(), &form::draft(fields)).await.map_err(ssr::fail)
}

/// What is behind an address that is typed at this moment; nothing for what is no address.
#[server(prefix = "/api", endpoint = "plugin/look", input = Json)]
pub async fn look(#[server(default)] url: String, #[server(default)] sha256: String) -> Result<Option<ModuleView>> {
    use crate::ssr;

    ssr::services().look(&url, &sha256, false).await.map_err(ssr::fail)
}

/// Adds a plugin, or changes `editing`. What was typed and is wrong is kept, and shown again with its problems. With `do`
/// (`look`, `pin`, `no-file`) the form is not finished: it is kept, and shown again with what was asked for.
#[server(prefix = "/api", endpoint = "plugin/save")]
pub async fn save_form(
    #[server(default)] editing: String,
    #[server(default)] draft: String,
    #[server(rename = "do")]
    #[server(default)]
    what: String,
    #[server(default)] fields: BTreeMap<String, String>,
) -> Result<()> {
    use crate::{components::form, ssr};

    let who = ssr::person();
    let name = ssr::plugin_name(Some(editing.as_str()))?;
    let kept = ssr::draft_id(Some(&draft));
    let work = match what.as_str() {
        "look" => Some(ssr::FormWork::Look),
        "pin" => Some(ssr::FormWork::Pin),
        "no-file" => Some(ssr::FormWork::NoFile),
        _ => None,
    };
    if let Some(work) = work {
        let kept = ssr::services().work_on_plugin(name.as_ref(), form::draft(fields), kept, work).await;
        let id = kept.map_err(ssr::fail)?;
        ssr::redirect(&format!("{}#module", address(name.as_ref().map(|name| name.as_str()), &id.to_string())));
        return Ok(());
    }
    match ssr::services().save_plugin(name.as_ref(), &form::draft(fields), kept, &who).await {
        Ok(saved) => ssr::redirect(&format!("/plugins/{saved}")),
        Err(ssr::ServiceError::Invalid { draft: Some(id), .. }) => {
            ssr::redirect(&address(name.as_ref().map(|name| name.as_str()), &id.to_string()));
        }
        Err(error) => return Err(ssr::fail(error)),
    }
    Ok(())
}

/// Where a form is shown with what was typed.
pub fn address(editing: Option<&str>, draft: &str) -> String {
    match editing {
        Some(name) => format!("/plugins/{name}/edit?draft={draft}"),
        None => format!("/plugins/new?draft={draft}"),
    }
}

/// Deletes a plugin that nobody uses.
#[server(prefix = "/api", endpoint = "plugin/delete")]
pub async fn delete_plugin(name: String) -> Result<()> {
    use crate::ssr;

    let who = ssr::person();
    let name = ssr::plugin_name(Some(name.as_str()))?.ok_or_else(|| ssr::fail(ssr::ServiceError::NotFound))?;
    ssr::services().delete_plugin(&name, &who).await.map_err(ssr::fail)?;
    ssr::redirect("/");
    Ok(())
}
