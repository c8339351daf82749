//! A web server that answers as it is told, and counts.

use std::{
    collections::HashMap,
    io,
    net::IpAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Response},
};
use marketplace_domain::fetch::FetchProblem;
use marketplace_registry::{Fetched, Fetcher, Found, Limits, Lookup, Networks, Options, Order};
use serde_json::{Value, json};

use crate::pack::digest;

type Handler = Arc<dyn Fn(&HeaderMap, usize) -> Response<Body> + Send + Sync>;

#[derive(Clone, Default)]
pub struct Site {
    pages: Arc<Mutex<HashMap<String, Handler>>>,
    seen: Arc<Mutex<Vec<(String, HeaderMap)>>>,
    port: u16,
}

pub fn answer(status: u16, headers: &[(&str, &str)], body: impl Into<Body>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(body.into()).unwrap()
}

impl Site {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self { port: listener.local_addr().unwrap().port(), ..Self::default() };
        let router = Router::new().fallback(serve).with_state(site.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        site
    }

    /// `host:port` under any name: all lead here.
    pub fn at(&self, host: &str) -> String {
        format!("{host}:{}", self.port)
    }

    /// Answers a path; the handler is told the headers and how often it was asked before.
    pub fn on(&self, path: &str, handler: impl Fn(&HeaderMap, usize) -> Response<Body> + Send + Sync + 'static) {
        self.pages.lock().unwrap().insert(path.to_owned(), Arc::new(handler));
    }

    pub fn put(&self, path: &str, body: &[u8]) {
        self.typed(path, "application/octet-stream", body);
    }

    pub fn typed(&self, path: &str, kind: &str, body: &[u8]) {
        let (kind, body) = (kind.to_owned(), body.to_vec());
        self.on(path, move |_, _| answer(200, &[("content-type", &kind)], body.clone()));
    }

    /// What a path answers.
    pub async fn body(&self, path: &str) -> Vec<u8> {
        let page = self.pages.lock().unwrap().get(path).cloned().unwrap();
        let body = page(&HeaderMap::new(), 0).into_body();
        axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()
    }

    /// How often a path was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.seen.lock().unwrap().iter().filter(|(seen, _)| seen == path).count()
    }

    /// The headers with which a path was asked for last.
    pub fn headers(&self, path: &str) -> HeaderMap {
        self.seen.lock().unwrap().iter().rev().find(|(seen, _)| seen == path).unwrap().1.clone()
    }

    /// Makes it a registry without logins.
    pub fn open(&self) {
        self.put("/v2/", b"{}");
    }

    /// Puts a manifest under a tag and its digest; the digest.
    pub fn manifest(&self, repository: &str, tag: &str, kind: &str, manifest: &Value) -> String {
        let bytes = manifest.to_string().into_bytes();
        let digest = digest(&bytes);
        for version in [tag, &format!("sha256:{digest}")] {
            self.typed(&format!("/v2/{repository}/manifests/{version}"), kind, &bytes);
        }
        digest
    }

    /// Puts an image; layers are media types and bytes. The digest of its manifest.
    pub fn image(&self, repository: &str, tag: &str, kind: &str, layers: &[(&str, &[u8])]) -> String {
        let layers: Vec<_> = layers
            .iter()
            .map(|(kind, bytes)| {
                let digest = digest(bytes);
                self.put(&format!("/v2/{repository}/blobs/sha256:{digest}"), bytes);
                json!({"mediaType": kind, "digest": format!("sha256:{digest}"), "size": bytes.len()})
            })
            .collect();
        self.manifest(repository, tag, kind, &json!({"schemaVersion": 2, "mediaType": kind, "layers": layers}))
    }
}

async fn serve(State(site): State<Site>, request: Request) -> Response<Body> {
    let path = request.uri().path().to_owned();
    let before = site.count(&path);
    site.seen.lock().unwrap().push((path.clone(), request.headers().clone()));
    let page = site.pages.lock().unwrap().get(&path).cloned();
    page.map_or_else(|| answer(404, &[], "no such page"), |page| page(request.headers(), before))
}

/// Every name leads here, but for some.
pub struct Here;

impl Lookup for Here {
    fn lookup<'a>(&'a self, host: &'a str) -> Found<'a> {
        Box::pin(async move {
            match host {
                "nobody.example.com" => Err(io::Error::other("unknown")),
                "private.example.com" => Ok(vec![IpAddr::from([10, 0, 0, 1])]),
                "metadata.example.com" => Ok(vec![IpAddr::from([169, 254, 169, 254])]),
                "mixed.example.com" => Ok(vec![IpAddr::from([10, 0, 0, 1]), IpAddr::from([127, 0, 0, 1])]),
                _ => Ok(vec![IpAddr::from([127, 0, 0, 1])]),
            }
        })
    }
}

/// May call 127.0.0.1, and is quick.
pub fn options() -> Options {
    Options {
        networks: "127.0.0.1".parse::<Networks>().unwrap(),
        lookup: Arc::new(Here),
        limits: Limits { download: 200_000, unpacked: 400_000, module: 100_000 },
        attempts: 3,
        pause: Duration::from_millis(5),
        request: Duration::from_secs(5),
        total: Duration::from_secs(10),
    }
}

pub async fn fetch(url: &str) -> Result<Fetched, FetchProblem> {
    fetch_with(options(), url, None, None).await
}

pub async fn fetch_pinned(url: &str, sha256: &str) -> Result<Fetched, FetchProblem> {
    fetch_with(options(), url, Some(sha256), None).await
}

pub async fn fetch_with(
    options: Options,
    url: &str,
    sha256: Option<&str>,
    secret: Option<&str>,
) -> Result<Fetched, FetchProblem> {
    let sha256 = sha256.map(|digits| digits.parse().unwrap());
    let order = Order { url: &url.parse().unwrap(), sha256: sha256.as_ref(), secret };
    Fetcher::new(options).unwrap().fetch(order).await
}
