//! The marketplace.

pub mod api;

use leptos::prelude::*;

/// The marketplace.
#[component]
pub fn MarketPage() -> impl IntoView {}
