//! A plugin.

use leptos::prelude::*;

/// A plugin.
#[component]
pub fn PluginPage() -> impl IntoView {}
/// Choosing a service for a plugin.
#[component]
pub fn ChooseServicePage() -> impl IntoView {}
