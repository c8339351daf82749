//! What handlers share.

use std::path::PathBuf;
use std::sync::Arc;

use axum::extract::FromRef;
use leptos::config::LeptosOptions;
use marketplace_services::Services;

use crate::events::Events;
use crate::hosts::Hosts;
use crate::watch::Watch;

/// What handlers share.
#[derive(Clone)]
pub struct AppState {
    /// Names of the browser's files.
    pub leptos_options: LeptosOptions,
    /// The use cases.
    pub services: Arc<Services>,
    /// The stream of events.
    pub events: Events,
    /// The names we answer to.
    pub hosts: Hosts,
    /// The `site` folder.
    pub site: PathBuf,
}

impl FromRef<AppState> for LeptosOptions {
    fn from_ref(state: &AppState) -> Self {
        state.leptos_options.clone()
    }
}

impl FromRef<AppState> for Arc<Services> {
    fn from_ref(state: &AppState) -> Self {
        state.services.clone()
    }
}

/// Leptos' settings for a `site` folder that `xtask site` or cargo-leptos wrote.
///
/// `hash.txt` is named by its whole path: Leptos joins the name to the binary's folder, which a whole path replaces. Where
/// there is no such file, as in tests and under `cargo leptos watch`, names have no hashes.
pub fn leptos_options(site: &std::path::Path) -> LeptosOptions {
    let site = site.canonicalize().unwrap_or_else(|_| site.to_path_buf());
    let names = site.join("hash.txt");
    LeptosOptions::builder()
        .output_name("marketplace")
        .site_root(site.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .hash_files(names.is_file())
        .hash_file(Arc::from(names.to_string_lossy()))
        .reload_port(Watch::of_this_process().map_or(0, |watch| watch.reload_port).into())
        .build()
}
