//! The way from the network to a handler and back, without a database: what stands behind the routes is made up.
#![allow(clippy::unwrap_used)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Method, Request, Response, StatusCode, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use axum::{Router, body::Bytes};
use http_body_util::BodyExt;
use marketplace_domain::Digest;
use marketplace_services::{Change, Readiness};
use server::{assets, events, health, hosts, modules, origin, router, shutdown};
use sha2::Digest as _;
use tokio::sync::broadcast;
use tower::ServiceExt;

struct OneModule(Vec<u8>);

impl OneModule {
    fn digest(&self) -> Digest {
        Digest::from_bytes(sha2::Sha256::digest(&self.0).into())
    }
}

impl modules::ModuleSource for OneModule {
    async fn module(&self, digest: &Digest) -> anyhow::Result<Option<bytes::Bytes>> {
        Ok((*digest == self.digest()).then(|| self.0.clone().into()))
    }
}

fn request(method: Method, path: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Body::empty()).unwrap()
}

async fn ask(router: &Router, method: Method, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
    router.clone().oneshot(request(method, path, headers)).await.unwrap()
}

async fn body(response: Response<Body>) -> Bytes {
    response.into_body().collect().await.unwrap().to_bytes()
}

fn header<'a>(response: &'a Response<Body>, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

fn one_module() -> (Router, String, Vec<u8>) {
    let bytes: Vec<u8> = (0..=255).collect();
    let source = OneModule(bytes.clone());
    let path = format!("/modules/{}.wasm", source.digest());
    (router::finish(modules::router(Arc::new(source))), path, bytes)
}

#[tokio::test]
async fn a_module_is_served_for_ever_under_its_digest() {
    let (router, path, bytes) = one_module();
    let response = ask(&router, Method::GET, &path, &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "application/wasm");
    assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
    assert_eq!(header(&response, "content-encoding"), "");
    assert_eq!(header(&response, "content-length"), "256");
    let etag = header(&response, "etag").to_owned();
    assert_eq!(body(response).await, bytes);

    let known = ask(&router, Method::GET, &path, &[("if-none-match", &etag)]).await;
    assert_eq!(known.status(), StatusCode::NOT_MODIFIED);
    assert_eq!(header(&known, "etag"), etag);
    assert_eq!(body(known).await, "");

    let head = ask(&router, Method::HEAD, &path, &[]).await;
    assert_eq!((head.status(), header(&head, "content-length")), (StatusCode::OK, "256"));
    assert_eq!(body(head).await, "");
}

impl health::Parts for OneModule {
    async fn readiness(&self) -> Readiness {
        Readiness { database: true, cluster: true }
    }
}

#[tokio::test]
async fn the_listener_for_proxies_has_modules_and_no_pages() {
    let (_, path, _) = one_module();
    let router = router::modules_only(Arc::new(OneModule((0..=255).collect())));
    // By a name that only the mesh knows.
    let from_a_proxy = [("host", "marketplace.tools.svc:7421")];
    for path in [path.as_str(), "/healthz", "/readyz"] {
        assert_eq!(ask(&router, Method::GET, path, &from_a_proxy).await.status(), StatusCode::OK, "{path}");
    }
    for path in ["/", "/events", "/api/market", "/pkg/"] {
        assert_eq!(ask(&router, Method::GET, path, &from_a_proxy).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn parts_of_a_module() {
    let (router, path, bytes) = one_module();
    let part = ask(&router, Method::GET, &path, &[("range", "bytes=10-19")]).await;
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(header(&part, "content-range"), "bytes 10-19/256");
    assert_eq!(body(part).await, bytes[10..20]);

    let outside = ask(&router, Method::GET, &path, &[("range", "bytes=300-")]).await;
    assert_eq!(outside.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(header(&outside, "content-range"), "bytes */256");

    let other = ask(&router, Method::GET, &path, &[("range", "bytes=0-1"), ("if-range", "\"other\"")]).await;
    assert_eq!(other.status(), StatusCode::OK);
}

#[tokio::test]
async fn what_is_no_module_is_not_found_and_not_remembered() {
    let (router, path, _) = one_module();
    let upper = path.to_uppercase().replace("/MODULES", "/modules").replace(".WASM", ".wasm");
    let prefixed = path.replace("/modules/", "/modules/sha256:");
    for path in
        [upper.as_str(), &prefixed, "/modules/x.wasm", "/modules/", "/modules/..%2fetc", &path[..path.len() - 5]]
    {
        let response = ask(&router, Method::GET, path, &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!header(&response, "cache-control").contains("immutable"), "{path}");
    }
    assert_eq!(ask(&router, Method::POST, &path, &[]).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

/// The next piece of a stream of events.
async fn next(body: &mut Body) -> Option<String> {
    let frame = tokio::time::timeout(Duration::from_secs(2), body.frame()).await.expect("an event in time")?;
    Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
}

#[tokio::test]
async fn a_change_reaches_an_open_page_within_a_tenth_of_a_second() {
    let (sender, _) = broadcast::channel(16);
    let (trigger, shutdown) = shutdown::pair();
    let subscribe = {
        let sender = sender.clone();
        move || sender.subscribe()
    };
    let router = router::finish(events::router(events::Events::new(subscribe, shutdown)));

    let response = ask(&router, Method::GET, "/events", &[("accept-encoding", "gzip")]).await;
    assert_eq!(header(&response, "content-type"), "text/event-stream");
    assert_eq!(header(&response, "content-encoding"), "");
    let mut body = response.into_body();
    assert!(next(&mut body).await.unwrap().contains("event: hello\n"));

    let begin = Instant::now();
    sender.send(Change::Cluster).unwrap();
    let event = next(&mut body).await.unwrap();
    assert!(begin.elapsed() < Duration::from_millis(100), "{:?}", begin.elapsed());
    assert_eq!(event, "event: change\ndata: cluster\n\n");

    for _ in 0..40 {
        sender.send(Change::Catalogue).unwrap();
    }
    assert!(next(&mut body).await.unwrap().contains("event: resync\n"));

    trigger.stop();
    let rest = async { while next(&mut body).await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(1), rest).await.expect("the stream ends when the server stops");
}

/// A router as `router::router` builds it for browsers, with a handler that can be watched.
fn for_browsers() -> Router {
    let local = hosts::Hosts::new("127.0.0.1:7420".parse().unwrap(), None);
    let panics = get(|| async { panic!("a secret of the handler") as &'static str });
    let inner = Router::new()
        .route("/page", get(|| async { "page" }).post(|body: Bytes| async move { body.len().to_string() }))
        .route("/change", post(|| async { "changed" }).delete(|| async { "deleted" }))
        .route("/panic", panics)
        .layer(from_fn(origin::check))
        .layer(from_fn_with_state(local, hosts::check));
    router::finish(inner)
}

#[tokio::test]
async fn every_answer_carries_the_headers() {
    let router = for_browsers();
    for path in ["/page", "/nothing", "/panic"] {
        let response = ask(&router, Method::GET, path, &[]).await;
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "same-origin", "{path}");
        assert_eq!(header(&response, "cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header(&response, "content-security-policy").contains("default-src 'none'"), "{path}");
        assert_eq!(header(&response, "x-request-id").len(), 32, "{path}");
    }
    let named = ask(&router, Method::GET, "/page", &[("x-request-id", "from-the-gateway")]).await;
    assert_eq!(header(&named, "x-request-id"), "from-the-gateway");
}

#[tokio::test]
async fn changes_come_from_our_own_pages() {
    let router = for_browsers();
    let ours = [("host", "127.0.0.1:7420"), ("origin", "http://127.0.0.1:7420")];
    let other = [("host", "127.0.0.1:7420"), ("origin", "http://evil.example")];
    let sibling = [("host", "127.0.0.1:7420"), ("sec-fetch-site", "same-site")];
    for method in [Method::POST, Method::DELETE] {
        assert_eq!(ask(&router, method.clone(), "/change", &ours).await.status(), StatusCode::OK);
        assert_eq!(ask(&router, method.clone(), "/change", &other).await.status(), StatusCode::FORBIDDEN);
        assert_eq!(ask(&router, method.clone(), "/change", &sibling).await.status(), StatusCode::FORBIDDEN);
        // curl and the like.
        assert_eq!(ask(&router, method, "/change", &[]).await.status(), StatusCode::OK);
    }
    // A link from elsewhere is fine.
    assert_eq!(ask(&router, Method::GET, "/page", &[("sec-fetch-site", "cross-site")]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn names_that_are_not_ours_are_not_answered() {
    let rebound = [("host", "evil.example:7420"), ("origin", "http://evil.example:7420")];
    let response = ask(&for_browsers(), Method::GET, "/page", &rebound).await;
    assert_eq!(response.status(), StatusCode::MISDIRECTED_REQUEST);
}

#[tokio::test]
async fn a_panic_is_a_page_that_tells_nothing() {
    let response = ask(&for_browsers(), Method::GET, "/panic", &[]).await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let text = String::from_utf8(body(response).await.to_vec()).unwrap();
    assert!(text.contains("服务器出错了") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_body_has_a_largest_size() {
    let router = for_browsers();
    let post = |bytes: usize| Request::post("/page").body(Body::from(vec![b'x'; bytes])).unwrap();
    let fits = router.clone().oneshot(post(1024 * 1024)).await.unwrap();
    assert_eq!(body(fits).await, "1048576");
    let large = router.clone().oneshot(post(1024 * 1024 + 1)).await.unwrap();
    assert_eq!(large.status(), StatusCode::PAYLOAD_TOO_LARGE);
}

struct Answers(Readiness);

impl health::Parts for Answers {
    async fn readiness(&self) -> Readiness {
        self.0
    }
}

#[tokio::test]
async fn readiness_names_what_is_not_ready() {
    let ready = |database, cluster| health::router(Arc::new(Answers(Readiness { database, cluster })));
    let response = ask(&ready(true, true), Method::GET, "/readyz", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let response = ask(&ready(true, false), Method::GET, "/readyz", &[]).await;
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    let answer: serde_json::Value = serde_json::from_slice(&body(response).await).unwrap();
    assert_eq!(answer, serde_json::json!({ "database": "ready", "cluster": "not ready" }));
    assert_eq!(ask(&ready(false, false), Method::GET, "/healthz", &[]).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn files_come_compressed_and_only_from_pkg() {
    let site = std::env::temp_dir().join(format!("marketplace-site-{}", std::process::id()));
    std::fs::create_dir_all(site.join("pkg")).unwrap();
    for (name, text) in
        [("pkg/a.1.js", "plain"), ("pkg/a.1.js.br", "brotli"), ("pkg/a.1.js.gz", "gzip"), ("hash.txt", "js")]
    {
        std::fs::write(site.join(name), text).unwrap();
    }
    let router = router::finish(assets::router(&site, true));
    for (accepted, encoding) in [("gzip, deflate, br, zstd", "br"), ("gzip", "gzip"), ("identity", "")] {
        let response = ask(&router, Method::GET, "/pkg/a.1.js", &[("accept-encoding", accepted)]).await;
        assert_eq!(header(&response, "content-encoding"), encoding);
        assert_eq!(header(&response, "content-type"), "text/javascript");
        assert_eq!(header(&response, "cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(header(&response, header::VARY.as_str()).to_lowercase(), "accept-encoding");
    }
    for path in ["/pkg/b.js", "/hash.txt", "/pkg/../hash.txt", "/pkg/%2e%2e/hash.txt", "/pkg/"] {
        let response = ask(&router, Method::GET, path, &[]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(!header(&response, "cache-control").contains("immutable"), "{path}");
    }
    let watched = router::finish(assets::router(&site, false));
    let response = ask(&watched, Method::GET, "/pkg/a.1.js", &[]).await;
    assert_eq!(
        header(&response, "cache-control"),
        "no-cache",
        "a name without a hash may have another content tomorrow"
    );
    assert_eq!(header(&ask(&router, Method::GET, "/favicon.svg", &[]).await, "content-type"), "image/svg+xml");
    std::fs::remove_dir_all(&site).unwrap();
}
