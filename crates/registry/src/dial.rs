//! Calling out: every connection goes to an address that was looked at after the name was resolved and before it is
//! called, so a name that answers differently the second time gains nothing. Redirects are followed here, one by one.

use std::{error::Error, fmt, future::Future, io, net::IpAddr, net::SocketAddr, pin::Pin, sync::Arc, time::Duration};

use marketplace_domain::fetch::{FetchProblem, Oversize};
use reqwest::{
    Client, Response,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{AUTHORIZATION, HeaderMap, LOCATION, USER_AGENT},
    redirect::Policy,
};
use url::{Host, Url};

use crate::networks::Networks;

/// Longest chain of redirects.
const REDIRECTS: usize = 10;
/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);
/// Longest words of others that are shown.
const WORDS: usize = 200;

/// The addresses of a name, once they are known.
pub type Found<'a> = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send + 'a>>;

/// Finds the addresses of a name.
pub trait Lookup: Send + Sync + 'static {
    /// All of them; what may be called is decided afterwards.
    fn lookup<'a>(&'a self, host: &'a str) -> Found<'a>;
}

/// As the system does it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

impl Lookup for SystemLookup {
    fn lookup<'a>(&'a self, host: &'a str) -> Found<'a> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, 0)).await?.map(|address| address.ip()).collect()) })
    }
}

/// A client that calls allowed addresses only.
#[derive(Clone)]
pub(crate) struct Dial {
    client: Client,
    networks: Networks,
}

/// The name leads nowhere, or nowhere that may be called.
#[derive(Debug)]
enum NoAddress {
    Unknown,
    NotAllowed(IpAddr),
}

impl fmt::Display for NoAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("unknown host"),
            Self::NotAllowed(address) => write!(f, "{address} may not be called"),
        }
    }
}

impl Error for NoAddress {}

struct Guarded {
    lookup: Arc<dyn Lookup>,
    networks: Networks,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, networks) = (self.lookup.clone(), self.networks.clone());
        Box::pin(async move {
            let found = lookup.lookup(name.as_str()).await.map_err(|_| NoAddress::Unknown)?;
            let first = *found.first().ok_or(NoAddress::Unknown)?;
            let allowed: Vec<_> = found.into_iter().filter(|address| networks.admit(*address)).collect();
            if allowed.is_empty() {
                return Err(NoAddress::NotAllowed(first).into());
            }
            let addresses: Addrs = Box::new(allowed.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(addresses)
        })
    }
}

impl Dial {
    /// A client for these networks; `request` is the time for one answer. The error is a fault of the machine: without
    /// certificates of the web, for instance, nobody can call anywhere.
    pub fn new(networks: Networks, lookup: Arc<dyn Lookup>, request: Duration) -> Result<Self, String> {
        // Somebody may have told it already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            // A proxy would call in our place, and look at nothing.
            .no_proxy()
            .dns_resolver(Guarded { lookup, networks: networks.clone() })
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT.min(request))
            .timeout(request)
            .pool_max_idle_per_host(1)
            .build()
            .map_err(|error| words(&error))?;
        Ok(Self { client, networks })
    }

    /// The answer to a GET, after all redirects. Who we are is told to nobody else than the one it was meant for.
    pub async fn get(&self, url: &Url, headers: &HeaderMap) -> Result<Response, FetchProblem> {
        let (mut url, mut headers) = (url.clone(), headers.clone());
        headers.entry(USER_AGENT).or_insert(reqwest::header::HeaderValue::from_static("plugin-marketplace"));
        for _ in 0..=REDIRECTS {
            self.check(&url)?;
            let sent = self.client.get(url.clone()).headers(headers.clone()).send().await;
            let response = sent.map_err(|error| problem(&url, &error))?;
            if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
                return Ok(response);
            }
            let location = response.headers().get(LOCATION).and_then(|location| location.to_str().ok());
            let next = location.and_then(|location| url.join(location).ok()).ok_or(FetchProblem::Redirects)?;
            if next.origin() != url.origin() {
                headers.remove(AUTHORIZATION);
            }
            url = next;
            // User and password in an address of somebody else's choice are none of our business.
            if url.set_username("").and_then(|()| url.set_password(None)).is_err() {
                return Err(FetchProblem::Redirects);
            }
        }
        Err(FetchProblem::Redirects)
    }

    /// Addresses that stand in the URL itself never come past the resolver.
    fn check(&self, url: &Url) -> Result<(), FetchProblem> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(FetchProblem::Redirects);
        }
        let address: IpAddr = match url.host() {
            Some(Host::Domain(_)) => return Ok(()),
            Some(Host::Ipv4(v4)) => v4.into(),
            Some(Host::Ipv6(v6)) => v6.into(),
            None => return Err(FetchProblem::Redirects),
        };
        if self.networks.admit(address) {
            return Ok(());
        }
        Err(FetchProblem::NotAllowed { host: host_of(url), address: address.to_string() })
    }
}

/// The body, up to a limit.
pub(crate) async fn body(mut response: Response, most: usize) -> Result<Vec<u8>, FetchProblem> {
    let too_large = || FetchProblem::TooLarge { what: Oversize::Download, most: most as u64 };
    if response.content_length().is_some_and(|length| length > most as u64) {
        return Err(too_large());
    }
    let url = response.url().clone();
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| problem(&url, &error))? {
        if bytes.len() + chunk.len() > most {
            return Err(too_large());
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// `host` or `host:port`, as it stands in the address.
pub(crate) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// Whether trying again may help.
pub(crate) fn is_passing(problem: &FetchProblem) -> bool {
    match problem {
        FetchProblem::Unreachable { .. } => true,
        FetchProblem::Status { status, .. } => *status >= 500 && !matches!(status, 501 | 505 | 511),
        _ => false,
    }
}

/// The words of [`FetchProblem::Tls`] for a server that speaks plain http.
const PLAIN: &str = "plain http";

/// Whether a server that was asked by https answered in plain http.
pub(crate) fn answered_plainly(problem: &FetchProblem) -> bool {
    matches!(problem, FetchProblem::Tls { words, .. } if words == PLAIN)
}

fn problem(url: &Url, error: &reqwest::Error) -> FetchProblem {
    let host = host_of(url);
    for cause in causes(error) {
        if let Some(no_address) = cause.downcast_ref::<NoAddress>() {
            return match no_address {
                NoAddress::Unknown => FetchProblem::HostUnknown { host },
                NoAddress::NotAllowed(address) => FetchProblem::NotAllowed { host, address: address.to_string() },
            };
        }
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            let plain = matches!(tls, rustls::Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType));
            return FetchProblem::Tls { host, words: if plain { PLAIN.to_owned() } else { short(&tls.to_string()) } };
        }
    }
    if error.is_timeout() {
        return FetchProblem::Unreachable { host, words: "no answer in time".to_owned() };
    }
    FetchProblem::Unreachable { host, words: words(error) }
}

/// An error and all that is behind it. What an `io::Error` wraps is not its source but is hidden inside.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| behind(*error))
}

fn behind<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

/// The innermost cause: that is what says "connection refused".
fn words(error: &reqwest::Error) -> String {
    causes(error).last().map(|cause| short(&cause.to_string())).unwrap_or_default()
}

fn short(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(WORDS).collect()
}
