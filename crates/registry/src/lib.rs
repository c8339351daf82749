//! Fetches modules as Istio's agent does (`wasmplugin.md` §8), so that what can be fetched here can be fetched by a proxy:
//! images in the three layouts it reads, files by http(s), packed or not, digests as it compares them.
//!
//! Addresses come from people, so three things are different. Private addresses are not called unless the operator allows
//! them ([`Networks`]), sizes are refused instead of cut, and an unknown host is not asked for again.

mod challenge;
mod dial;
mod image;
pub mod manifest;
mod networks;
mod reference;
mod secret;
pub mod unpack;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use dial::{Dial, is_passing};
pub use dial::{Found, Lookup, SystemLookup};
use marketplace_domain::{
    Digest, ModuleUrl,
    fetch::{FetchProblem, Layout},
};
pub use networks::{BadNetwork, Networks};
use reference::Reference;
use reqwest::header::HeaderMap;
use sha2::{Digest as _, Sha256};
pub use unpack::Limits;
use url::Url;

/// How modules are fetched.
#[derive(Clone)]
pub struct Options {
    /// Which addresses may be called.
    pub networks: Networks,
    /// Who resolves names.
    pub lookup: Arc<dyn Lookup>,
    /// How large things may be.
    pub limits: Limits,
    /// How often it is tried when a connection breaks or a server fails. Istio's agent tries five times.
    pub attempts: u32,
    /// How long to wait before the second time; twice as long before each further one.
    pub pause: Duration,
    /// The time for one answer.
    pub request: Duration,
    /// The time for all of it.
    pub total: Duration,
}

impl Default for Options {
    /// As Istio's agent does it.
    fn default() -> Self {
        Self {
            networks: Networks::public(),
            lookup: Arc::new(SystemLookup),
            limits: Limits::default(),
            attempts: 5,
            pause: Duration::from_millis(500),
            request: Duration::from_secs(15),
            total: Duration::from_secs(30),
        }
    }
}

/// What to fetch.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    /// Where it is.
    pub url: &'a ModuleUrl,
    /// The digest it must have: of the image's manifest, or of the module.
    pub sha256: Option<&'a Digest>,
    /// The pull secret's `.dockerconfigjson`, for images.
    pub secret: Option<&'a str>,
}

/// A module that was fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The module.
    pub bytes: Vec<u8>,
    /// The digest that Istio compares: of the image's manifest, or of the module.
    pub digest: Digest,
    /// In which form it was there.
    pub layout: Layout,
    /// How long it took.
    pub took: Duration,
}

/// Fetches modules. Cheap to clone.
#[derive(Clone)]
pub struct Fetcher {
    dial: Dial,
    options: Options,
}

impl Fetcher {
    /// A fetcher; the error is a fault of this machine.
    pub fn new(options: Options) -> Result<Self, String> {
        let dial = Dial::new(options.networks.clone(), options.lookup.clone(), options.request)?;
        Ok(Self { dial, options })
    }

    /// Fetches a module, or says why a proxy would not get it either.
    pub async fn fetch(&self, order: Order<'_>) -> Result<Fetched, FetchProblem> {
        let begin = Instant::now();
        let total = self.options.total;
        let fetched = tokio::time::timeout(total, self.patiently(order)).await;
        let (bytes, digest, layout) = fetched.map_err(|_| FetchProblem::TimedOut { seconds: total.as_secs() })??;
        Ok(Fetched { bytes, digest, layout, took: begin.elapsed() })
    }

    /// Again, where that may help.
    async fn patiently(&self, order: Order<'_>) -> Result<(Vec<u8>, Digest, Layout), FetchProblem> {
        let mut pause = self.options.pause;
        for _ in 1..self.options.attempts.max(1) {
            match self.once(order).await {
                Err(problem) if is_passing(&problem) => {
                    tracing::debug!(url = %order.url, %problem, "fetching again");
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                answered => return answered,
            }
        }
        self.once(order).await
    }

    async fn once(&self, order: Order<'_>) -> Result<(Vec<u8>, Digest, Layout), FetchProblem> {
        let limits = self.options.limits;
        if let Some(reference) = Reference::of(order.url) {
            let found = image::fetch(&self.dial, &reference, order.sha256, order.secret, limits).await?;
            return Ok((found.bytes, found.digest, found.layout));
        }
        let url = Url::parse(order.url.as_str())
            .map_err(|_| FetchProblem::HostUnknown { host: order.url.as_str().chars().take(100).collect() })?;
        let response = self.dial.get(&url, &HeaderMap::new()).await?;
        if response.status() != 200 {
            return Err(FetchProblem::Status { host: dial::host_of(&url), status: response.status().as_u16() });
        }
        let sent = dial::body(response, limits.download).await?;
        let unpacked = tokio::task::spawn_blocking(move || {
            let packed = !sent.starts_with(b"\0asm");
            let bytes = unpack::file(sent, limits)?;
            Ok((digest_of(&bytes), if packed { Layout::Packed } else { Layout::File }, bytes))
        });
        let (digest, layout, bytes) = unpacked.await.map_err(|error| FetchProblem::Manifest(error.to_string()))??;
        match order.sha256.filter(|wanted| **wanted != digest) {
            Some(wanted) => Err(FetchProblem::Digest { wanted: wanted.clone(), found: digest }),
            None => Ok((bytes, digest, layout)),
        }
    }
}

/// The SHA-256 of bytes.
pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    Digest::from_bytes(Sha256::digest(bytes).into())
}

/// Reads JSON that is an object; Serde alone would take a list for one, too.
pub(crate) fn object<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_slice(bytes)?;
    serde_json::from_value(object.into())
}
