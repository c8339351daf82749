//! From options to a running server, and back to nothing.

use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::Router;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use url::Url;

use crate::cluster;
use crate::events::Events;
use crate::hosts::Hosts;
use crate::options::Options;
use crate::postgres::Private;
use crate::router;
use crate::shutdown::{self, Shutdown, Signals};
use crate::state::{AppState, leptos_options};

/// How long answers that are under way may take once we are told to stop.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Serves until a signal comes.
pub async fn run(options: Options) -> Result<()> {
    options.check()?;
    // First of all: a port that is taken should be known before a database is made.
    let pages = listen(options.listen, "--listen").await?;
    let modules = match options.modules_listen {
        Some(address) => Some(listen(address, "--modules-listen").await?),
        None => None,
    };

    // Before the database is started, which would outlive us.
    let mut signals = Signals::listen()?;
    let database = match &options.database_url {
        Some(_) => None,
        None => Some(Private::start(&options.data_dir()).await?),
    };
    let url = options.database_url.clone().or_else(|| database.as_ref().map(Private::url)).unwrap_or_default();
    let served = serve(&options, &url, pages, modules, &mut signals).await;

    // Also after a failure: a database that nobody uses should not stay.
    if let Some(database) = database {
        database.stop().await.context("cannot stop the private database")?;
    }
    served
}

async fn serve(
    options: &Options,
    database: &str,
    pages: TcpListener,
    modules: Option<TcpListener>,
    signals: &mut Signals,
) -> Result<()> {
    let address = pages.local_addr()?;
    let modules_address = modules.as_ref().map_or(Ok(address), TcpListener::local_addr)?;
    let (trigger, shutdown) = shutdown::pair();
    let module_base = options.module_base_url.clone().map_or_else(|| reachable(modules_address), Ok)?;

    let services = tokio::select! {
        services = cluster::services(options, database, &module_base) => services?,
        signal = signals.next() => {
            tracing::info!(signal, "stopping before the start was over");
            return Ok(());
        }
    };
    let subscribe = {
        let services = services.clone();
        move || services.changes()
    };
    let site = options.site_dir();
    let state = AppState {
        leptos_options: leptos_options(&site),
        events: Events::new(subscribe, shutdown.clone()),
        hosts: Hosts::new(address, options.public_url.as_ref()),
        services,
        site,
    };

    let mut serving = JoinSet::new();
    serving.spawn(serve_on(pages, router::router(&state), shutdown.clone()));
    if let Some(listener) = modules {
        tracing::info!(address = %modules_address, "modules are served here too");
        serving.spawn(serve_on(listener, router::modules_only(state.services.clone()), shutdown));
    }
    announce(options.public_url.as_ref().cloned().map_or_else(|| reachable(address), Ok)?)?;

    tokio::select! {
        signal = signals.next() => tracing::info!(signal, "stopping"),
        // A listener does not end by itself: this is a fault.
        ended = serving.join_next() => ended.context("nothing is served")???,
    }
    trigger.stop();
    let rest = async { while serving.join_next().await.is_some() {} };
    if tokio::time::timeout(LAST_WORDS, rest).await.is_err() {
        tracing::warn!("some answers took too long and were cut off");
    }
    Ok(())
}

async fn listen(address: SocketAddr, option: &str) -> Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}; choose another address by {option}"))
}

async fn serve_on(listener: TcpListener, router: Router, shutdown: Shutdown) -> Result<()> {
    Ok(axum::serve(listener, router).with_graceful_shutdown(shutdown.wait()).await?)
}

/// The address as something on this machine would write it.
fn reachable(address: SocketAddr) -> Result<Url> {
    let host = match address {
        _ if !address.ip().is_unspecified() => address,
        SocketAddr::V4(_) => SocketAddr::from(([127, 0, 0, 1], address.port())),
        SocketAddr::V6(_) => SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, address.port())),
    };
    Ok(Url::parse(&format!("http://{host}"))?)
}

/// The one line on standard output.
fn announce(address: Url) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "Plugin Marketplace: {address}")?;
    Ok(out.flush()?)
}
