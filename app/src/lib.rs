//! The pages of Plugin Marketplace, rendered on the server and taken over in the browser.
//!
//! # How to add a page
//!
//! 1. `pages/<feature>/api.rs`: one server function for each thing the page needs, with a fixed endpoint
//!    (`#[server(prefix = "/api", endpoint = "…")]`, `input = GetUrl` for what only reads). Its body is: who is it
//!    ([`ssr::person`], for changes), get the [`ssr::services`], call one use case, turn its error into ours with
//!    [`ssr::fail`]. What the browser sends are flat arguments.
//! 2. `pages/<feature>/mod.rs`: the component. It reads its addresses' parameters, makes a [`Resource`] whose source holds
//!    them and, where the page is live, the counters of [`live::use_live`], and shows it under `<Transition>` with
//!    `Suspend`. Errors go to [`components::ErrorView`]; it also sets the status of the page.
//! 3. `texts/<page>.rs`: every word, in both languages side by side ([`texts`]). Views have no words of their own.
//! 4. A `<Route>` below, with `ssr=SsrMode::Async`: pages are complete before they are sent, so that they work without scripts.
//! 5. `style/components/<page>.css`, imported by `style/main.css`. No `style` attributes: the content security policy
//!    refuses them.
//!
//! Changes are plain forms: `<ActionForm>` to a server function that redirects with [`ssr::redirect`]. What was typed and
//! is wrong is kept by the services as a draft; the server function then redirects to the page with `?draft=<id>`.
//!
//! The first render in the browser must equal the server's: no clocks, no random numbers, no `cfg!` in views. What differs
//! goes into an `Effect` (as [`components::When`] does).

#![recursion_limit = "256"]

pub mod components;
pub mod error;
pub mod i18n;
mod keyboard;
mod layout;
pub mod live;
pub mod pages;
mod press;
pub mod texts;

#[cfg(feature = "ssr")]
pub mod ssr;

/// What differs between the server and the browser, under one name.
#[cfg(feature = "ssr")]
pub(crate) use ssr as host;

#[cfg(not(feature = "ssr"))]
#[path = "browser.rs"]
pub(crate) mod host;

use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::{
    i18n::{LangTag, Preferences, provide_preferences},
    live::provide_live,
    pages::{
        NotFound,
        activity::ActivityPage,
        apply::{ApplyPage, ChoosePluginPage, EditInstalledPage, TryPage},
        edit::{AddPluginPage, DeletePluginPage, EditPluginPage},
        installed::{InstalledPage, UninstallPage},
        market::MarketPage,
        plugin::{ChooseServicePage, PluginPage},
        runs::RunPage,
        service::ServicePage,
        traffic::TrafficPage,
    },
};

/// The document around the application; only the server renders it.
pub fn shell(options: LeptosOptions) -> impl IntoView {
    let Preferences { lang, theme } = host::preferences();
    view! {
        <!DOCTYPE html>
        <html lang=lang.tag() data-theme=theme.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.color_scheme()/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <HashedStylesheet options=options.clone()/>
                <AutoReload options=options.clone()/>
                <HydrationScripts options/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// The application: its routes and its frame.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    let lang = provide_preferences(host::preferences());
    provide_live();
    keyboard::listen();

    view! {
        <Title formatter=move |title: String| texts::frame::document_title(lang, &title)/>
        <Router>
            <layout::Frame>
                <FlatRoutes fallback=NotFound>
                    <Route path=path!("/") view=MarketPage ssr=SsrMode::Async/>
                    <Route path=path!("/plugins/new") view=AddPluginPage ssr=SsrMode::Async/>
                    <Route path=path!("/plugins/:name") view=PluginPage ssr=SsrMode::Async/>
                    <Route path=path!("/plugins/:name/edit") view=EditPluginPage ssr=SsrMode::Async/>
                    <Route path=path!("/plugins/:name/delete") view=DeletePluginPage ssr=SsrMode::Async/>
                    <Route path=path!("/plugins/:name/apply") view=ChooseServicePage ssr=SsrMode::Async/>
                    <Route path=path!("/plugins/:name/try") view=TryPage ssr=SsrMode::Async/>
                    <Route path=path!("/runs/:id") view=RunPage ssr=SsrMode::Async/>
                    <Route path=path!("/traffic") view=TrafficPage ssr=SsrMode::Async/>
                    <Route path=path!("/services/:namespace/:name") view=ServicePage ssr=SsrMode::Async/>
                    <Route path=path!("/services/:namespace/:name/apply") view=ChoosePluginPage ssr=SsrMode::Async/>
                    <Route path=path!("/services/:namespace/:name/apply/:plugin") view=ApplyPage ssr=SsrMode::Async/>
                    <Route path=path!("/installed") view=InstalledPage ssr=SsrMode::Async/>
                    <Route path=path!("/installed/:namespace/:resource/edit") view=EditInstalledPage ssr=SsrMode::Async/>
                    <Route path=path!("/installed/:namespace/:resource/uninstall") view=UninstallPage ssr=SsrMode::Async/>
                    <Route path=path!("/activity") view=ActivityPage ssr=SsrMode::Async/>
                </FlatRoutes>
            </layout::Frame>
        </Router>
    }
}
