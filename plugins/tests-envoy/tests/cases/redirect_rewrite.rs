//! redirect-rewrite.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;

use super::{Case, Outcome, Refused, body_is};

const ALL: &str = r#"{"status_code":301,"redirect_table":{"/rr/old":"/rr/new","/rr/ext":"https://other.example/x?y=1#top","/rr/a":"/rr/b","/rr/b":"/rr/a"},
    "redirects":[{"from":"/rr/go/*","to":"/$1","status_code":302},
        {"from":"~^/rr/user/([0-9]+)$","to":"/rr/profile?id=$1","status_code":308,"query":"drop"},
        {"from":"/rr/www","hosts":["test"],"to":"https://www.${host}${path}","status_code":307},
        {"from":"~^/rr/to/([^/]+)$","to":"https://$1/","status_code":303}],
    "rewrites":[{"from":"/rr/api/v1/*","to":"/rr/inner/$1?v=1"},{"from":"~^/rr/x/([a-z]+)/(.*)$","to":"/routed/$1/$2","query":"drop"},
        {"from":"/rr/host/*","host":"inner.example:8080"},{"from":"/rr/files/*","to":"/rr/static/$1"}],
    "allowed_hosts":["*.good.example"]}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("redirect_rewrite", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str) -> Case {
    Case::new(name, chain(Some(ALL)), path)
}

fn led(outcome: &Outcome, status: u16, location: &str) {
    outcome.is_refused(status);
    assert_eq!(outcome.response.header("location").as_deref(), Some(location));
    body_is(outcome, "");
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("redirect_rewrite_changed", 1)],
            check: |outcome| led(outcome, 301, "/rr/new?a=1&b=%20"),
            ..case("by table, with its query", "/rr/old?a=1&b=%20")
        },
        Case { check: |outcome| led(outcome, 301, "https://other.example/x?y=1&z#top"), ..case("to another host", "/rr/ext?z") },
        Case { check: |outcome| led(outcome, 308, "/rr/profile?id=17"), ..case("by expression, query dropped", "/rr/user/17?x=1") },
        Case { check: |outcome| led(outcome, 307, "https://www.test/rr/www"), ..case("with the request's host", "/rr/www") },
        Case { check: |outcome| led(outcome, 303, "https://a.good.example/"), ..case("a host on the list", "/rr/to/a.good.example") },
        Case {
            counted: vec![("redirect_rewrite_errors", 1)],
            check: |outcome| body_is(outcome, "ok"),
            ..case("a host that is not", "/rr/to/evil.example")
        },
        Case { check: |outcome| led(outcome, 302, "/evil.example/x"), ..case("two slashes are no host", "/rr/go//evil.example/x") },
        Case { check: |outcome| led(outcome, 302, "/%5Cevil.example"), ..case("a backslash is no slash", "/rr/go/\\evil.example") },
        Case {
            check: |outcome| {
                led(outcome, 302, "/%0d%0aset-cookie:a=1");
                assert_eq!(outcome.response.header("set-cookie"), None);
            },
            ..case("line ends stay encoded", "/rr/go/%0d%0aset-cookie:a=1")
        },
        Case {
            check: |outcome| led(outcome, 302, "/%C3%A9%ff%2f..%5c"),
            ..case("what is encoded, UTF-8 or not, stays so", "/rr/go/%C3%A9%ff%2f..%5c")
        },
        Case {
            counted: vec![("redirect_rewrite_errors", 1), ("redirect_rewrite_circles", 1)],
            check: |outcome| body_is(outcome, "ok"),
            ..case("nobody is led in circles", "/rr/a?x")
        },
        Case {
            method: "HEAD",
            check: |outcome| {
                assert_eq!(outcome.response.status, 301);
                assert!(outcome.response.header("location").is_some());
            },
            ..case("HEAD", "/rr/old")
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Chunked(vec![b"a".to_vec(), b"b".to_vec()], vec![]),
            check: |outcome| led(outcome, 308, "/rr/profile?id=1"),
            ..case("a POST in HTTP/2", "/rr/user/1")
        },
        Case {
            upstream_path: Some("/rr/inner/a/b"),
            counted: vec![("redirect_rewrite_changed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                assert_eq!(outcome.upstream().target(), "/rr/inner/a/b?v=1&z=%2f");
                assert_eq!(outcome.upstream().all("x-envoy-original-path"), ["/rr/api/v1/a/b?z=%2f"]);
                assert_eq!(outcome.upstream().body, b"body");
            },
            method: "POST",
            payload: Payload::Chunked(vec![b"bo".to_vec(), b"dy".to_vec()], vec![]),
            ..case("rewritten, with query and body", "/rr/api/v1/a/b?z=%2f")
        },
        Case {
            upstream_path: Some("/routed/one/two"),
            headers: vec!["x-envoy-original-path: /forged", "x-envoy-original-path: /forged2"],
            check: |outcome| {
                assert_eq!(outcome.upstream().target(), "/routed/one/two");
                assert_eq!(outcome.upstream().all("x-routed"), ["by-path"]);
                assert_eq!(outcome.upstream().all("x-envoy-original-path"), ["/rr/x/one/two?dropped"]);
            },
            ..case("the route is chosen anew", "/rr/x/one/two?dropped")
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.upstream().all("host"), ["inner.example:8080"]);
                assert_eq!(outcome.upstream().all("x-forwarded-host"), ["test"]);
            },
            ..case("another host", "/rr/host/a")
        },
        Case {
            counted: vec![("redirect_rewrite_errors", 1)],
            upstream_path: Some("/rr/files/%2e%2e/admin"),
            check: |outcome| assert_eq!(outcome.upstream().target(), "/rr/files/%2e%2e/admin"),
            ..case("nobody climbs out of a folder", "/rr/files/%2e%2e/admin")
        },
        Case {
            http2: true,
            method: "POST",
            headers: vec!["content-type: application/grpc", "te: trailers"],
            payload: Payload::Sized(vec![0; 5]),
            counted: vec![("redirect_rewrite_passed", 1)],
            check: |outcome| assert_eq!(outcome.upstream().body, [0; 5]),
            ..case("gRPC is not redirected", "/rr/new")
        },
        Case {
            chain: chain(Some(r#"{"http_to_https":true,"https_port":8443}"#)),
            headers: vec!["host: Shop.example:8080"],
            check: |outcome| led(outcome, 301, "https://shop.example:8443/rr/tls?a=1"),
            ..case("to TLS", "/rr/tls?a=1")
        },
        Case {
            chain: chain(Some(r#"{"http_to_https":true}"#)),
            headers: vec!["host: a@evil.example"],
            counted: vec![("redirect_rewrite_errors", 1)],
            check: |outcome| body_is(outcome, "ok"),
            ..case("a host that is none", "/rr/tls-host")
        },
        Case {
            method: "OPTIONS",
            headers: vec![super::leak(format!("x-huge: {}", "h".repeat(50_000)))],
            check: |outcome| body_is(outcome, "ok"),
            ..case("what no rule is for passes, whatever its size", "/rr/other")
        },
        Case {
            chain: vec![("request_block", Some(r#"{"block_urls":["/rr/old"]}"#.to_owned())), ("redirect_rewrite", Some(ALL.to_owned()))],
            check: |outcome| outcome.is_refused(403),
            ..case("a plugin in front refuses first", "/rr/old")
        },
        Case {
            chain: vec![("redirect_rewrite", Some(ALL.to_owned())), ("request_block", Some(r#"{"block_urls":["/inner/secret"]}"#.to_owned()))],
            check: |outcome| outcome.is_refused(403),
            ..case("a plugin further in sees the new path", "/rr/api/v1/secret")
        },
        Case { chain: chain(None), check: |outcome| body_is(outcome, "ok"), ..case("no configuration", "/rr/none") },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "redirect_rewrite", configuration, log };
    vec![
        refused(r#"{"status_code":304}"#, "redirect-rewrite: configuration refused: field \"status_code\": must be one of 301"),
        refused(r#"{"redirects":[{"from":"/a/*","to":"https://$1/"}]}"#, "field \"redirects[0].to\": clients would choose the host"),
        refused(r#"{"redirects":[{"from":"/a","to":"//evil.example"}]}"#, "field \"redirects[0].to\": must begin with one /"),
        refused(r#"{"rewrites":[{"from":"~(","to":"/"}]}"#, "field \"rewrites[0].from\": not a usable regular expression"),
    ]
}
