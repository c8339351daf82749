//! Adding, editing and deleting a plugin.

use leptos::prelude::*;

/// Adding.
#[component]
pub fn AddPluginPage() -> impl IntoView {}
/// Editing.
#[component]
pub fn EditPluginPage() -> impl IntoView {}
/// Deleting.
#[component]
pub fn DeletePluginPage() -> impl IntoView {}
