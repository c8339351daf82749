//! Fetching a module, as Istio's agent does it (`wasmplugin.md` §8).

use std::time::Duration;

use reqwest::{Client, Response, redirect::Policy};
use sha2::{Digest, Sha256};

use super::{
    oci,
    unpack::{self, SIZE_LIMIT},
};

/// Istio's limit for one request.
const REQUEST_TIME: Duration = Duration::from_secs(15);
/// Istio's limit for all of it.
const FETCH_TIME: Duration = Duration::from_secs(30);
/// Istio's agent tries five times and begins with half a second; nobody wants to wait for that in a demo.
const ATTEMPTS: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_millis(150);

/// What to fetch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Order {
    /// With an explicit scheme in lower case.
    pub url: String,
    /// The digest the content must have.
    pub sha256: Option<String>,
    /// The pull secret's `.dockerconfigjson`; an error when it is not there.
    pub secret: Option<Result<String, String>>,
}

/// Fetches a module: its bytes, or why not.
pub(super) async fn fetch(order: Order) -> Result<Vec<u8>, String> {
    let client = Client::builder()
        .no_proxy()
        .timeout(REQUEST_TIME)
        .redirect(Policy::limited(10))
        .user_agent("istio-pilot-agent")
        .build()
        .map_err(|error| format!("cannot fetch: {}", chain(&error)))?;
    let all = async {
        if let Some(reference) = order.url.strip_prefix("oci://") {
            let secret = order.secret.transpose()?;
            return oci::fetch(&client, reference, order.sha256.as_deref(), secret.as_deref()).await;
        }
        if !order.url.starts_with("http://") && !order.url.starts_with("https://") {
            return Err(format!("unsupported Wasm module downloading URL scheme: {}", order.url));
        }
        let response = get(&client, &order.url).await.map_err(|why| format!("wasm module download failed: {why}"))?;
        let bytes = body(response).await.map_err(|why| format!("wasm module download failed: {why}"))?;
        let bytes = unpack::module(bytes)?;
        let sum = sha256(&bytes);
        match order.sha256.filter(|wanted| *wanted != sum) {
            Some(wanted) => {
                Err(format!("module downloaded from {} has checksum {sum}, which does not match: {wanted}", order.url))
            }
            None => Ok(bytes),
        }
    };
    let bytes = tokio::time::timeout(FETCH_TIME, all)
        .await
        .map_err(|_| format!("wasm module download failed: no answer within {} s", FETCH_TIME.as_secs()))??;
    // The agent looks for the magic before it hands anything to Envoy: a page of HTML is a failed fetch.
    if bytes.len() >= 8 && bytes.starts_with(b"\0asm") {
        Ok(bytes)
    } else {
        Err(format!("fetched Wasm binary from {} is invalid", order.url))
    }
}

/// A GET, tried again when the connection or the server fails; anything but 200 is an error.
async fn get(client: &Client, url: &str) -> Result<Response, String> {
    let mut pause = FIRST_PAUSE;
    let mut last = String::new();
    for attempt in 1..=ATTEMPTS {
        match client.get(url).send().await {
            Ok(response) if response.status() == 200 => return Ok(response),
            Ok(response) => {
                let status = response.status();
                last = status.to_string();
                if !status.is_server_error() || matches!(status.as_u16(), 501 | 505 | 511) {
                    return Err(last);
                }
            }
            Err(error) => last = chain(&error),
        }
        if attempt < ATTEMPTS {
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
    }
    Err(last)
}

/// The body, cut at the limit.
pub(super) async fn body(mut response: Response) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| chain(&error))? {
        let room = SIZE_LIMIT - bytes.len();
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if bytes.len() == SIZE_LIMIT {
            break;
        }
    }
    Ok(bytes)
}

/// The digest in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An error with its causes: the innermost one is what says "connection refused".
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let more = cause.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        source = cause.source();
    }
    text
}
