//! What the frame asks the server for.

use leptos::{prelude::*, server_fn::codec::GetUrl};
use marketplace_domain::views::frame::Frame;

use crate::error::Result;

/// Counts and the cluster's health.
#[server(prefix = "/api", endpoint = "frame", input = GetUrl)]
pub async fn load_frame() -> Result<Frame> {
    Ok(crate::ssr::services().frame(&crate::ssr::person()).await)
}

/// Sets the language or the theme for a year. A plain form posts it, and Leptos sends the browser back to where it was.
#[server(prefix = "", endpoint = "preferences")]
pub async fn set_preferences(
    #[server(default)] lang: Option<String>,
    #[server(default)] theme: Option<String>,
) -> Result<()> {
    use marketplace_domain::Lang;

    use crate::{i18n::Theme, ssr};

    if let Some(lang) = lang.as_deref().and_then(Lang::from_code) {
        ssr::set_cookie("lang", lang.code());
    }
    if let Some(theme) = theme.as_deref().and_then(Theme::from_code) {
        ssr::set_cookie("theme", theme.code());
    }
    Ok(())
}
