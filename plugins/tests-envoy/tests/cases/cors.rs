//! cors.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, head, sized};

use super::{Case, Outcome, Refused, body_is};

const SHOP: &str = r#"{"allow_origins":["https://shop.example"],"allow_origin_patterns":["https://*.shop.example:[*]"],"allow_origin_regex":["https://pr-[0-9]+\\.test"],"allow_credentials":true,"allow_private_network":true,"expose_headers":["x-total"],"max_age":600}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("cors", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str, headers: Vec<&'static str>) -> Case {
    Case { headers, ..Case::new(name, chain(Some(SHOP)), path) }
}

fn preflight(name: &'static str, path: &'static str, headers: Vec<&'static str>) -> Case {
    Case { method: "OPTIONS", ..case(name, path, headers) }
}

fn header(outcome: &Outcome, name: &str) -> Option<String> {
    outcome.response.header(&format!("access-control-{name}"))
}

fn allows(outcome: &Outcome, origin: &str) {
    assert_eq!(header(outcome, "allow-origin").as_deref(), Some(origin), "{:?}", outcome.response);
    assert_eq!(header(outcome, "allow-credentials").as_deref(), Some("true"));
    assert!(outcome.response.header("vary").is_some_and(|names| names.contains("origin")));
}

fn allows_nothing(outcome: &Outcome) {
    let owned = outcome.response.headers.iter().filter(|(name, _)| name.starts_with("access-control-"));
    assert_eq!(owned.count(), 0, "{:?}", outcome.response);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("cors_changed", 1)],
            check: |outcome| {
                assert_eq!((outcome.response.status, outcome.request.as_str()), (204, ""));
                assert!(outcome.response.body.is_empty());
                allows(outcome, "https://shop.example");
                assert_eq!(header(outcome, "allow-headers").as_deref(), Some("authorization, x-a"));
                assert_eq!(header(outcome, "max-age").as_deref(), Some("600"));
                assert!(header(outcome, "allow-methods").is_some_and(|methods| methods.contains("PATCH")));
                assert_eq!(header(outcome, "allow-private-network"), None);
            },
            ..preflight(
                "a preflight",
                "/cors/preflight",
                vec![
                    "origin: https://shop.example",
                    "access-control-request-method: PATCH",
                    "access-control-request-headers: authorization,x-a",
                ],
            )
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.response.status, 204);
                assert_eq!(header(outcome, "allow-private-network").as_deref(), Some("true"));
            },
            ..preflight(
                "a preflight into a private network, with HTTP/2",
                "/cors/private",
                vec![
                    "origin: https://a.b.shop.example:8443",
                    "access-control-request-method: GET",
                    "access-control-request-private-network: true",
                ],
            )
        },
        Case {
            http2: true,
            check: |outcome| {
                assert_eq!((outcome.response.status, outcome.request.as_str()), (204, ""));
                allows(outcome, "https://pr-17.test");
            },
            ..preflight(
                "a preflight in HTTP/2, by expression",
                "/cors/h2",
                vec!["origin: https://pr-17.test", "access-control-request-method: PUT"],
            )
        },
        Case {
            counted: vec![("cors_refused", 1)],
            check: |outcome| {
                outcome.is_refused(403);
                allows_nothing(outcome);
                assert!(outcome.response.header("vary").is_some());
            },
            ..preflight(
                "a preflight of another origin",
                "/cors/other-preflight",
                vec!["origin: https://shop.example.evil", "access-control-request-method: PUT"],
            )
        },
        Case {
            answer: sized(
                &["access-control-allow-origin: *", "access-control-allow-origin: https://x", "vary: accept"],
                b"ok",
            ),
            check: |outcome| {
                body_is(outcome, b"ok");
                allows(outcome, "https://shop.example");
                assert_eq!(header(outcome, "expose-headers").as_deref(), Some("x-total"));
                assert_eq!(outcome.response.header("vary").as_deref(), Some("accept,origin"));
            },
            ..case("the upstream's own headers, twice, give way", "/cors/own", vec!["origin: https://shop.example"])
        },
        Case {
            answer: sized(&["access-control-allow-origin: *"], b"ok"),
            counted: vec![("cors_passed", 1)],
            check: |outcome| {
                body_is(outcome, b"ok");
                allows_nothing(outcome);
            },
            ..case("another origin passes without leave", "/cors/other", vec!["origin: null"])
        },
        Case {
            chain: chain(Some(r#"{"allow_origins":["https://shop.example"],"block_disallowed":true}"#)),
            check: |outcome| outcome.is_refused(403),
            ..case("another origin is blocked", "/cors/blocked", vec!["origin: https://evil.example"])
        },
        Case {
            counted: vec![("cors_skipped", 1)],
            check: |outcome| {
                body_is(outcome, b"ok");
                allows_nothing(outcome);
                assert_eq!(outcome.response.header("vary").as_deref(), Some("origin"));
            },
            ..case("no origin", "/cors/none", vec![])
        },
        Case {
            check: |outcome| allows_nothing(outcome),
            ..case("an origin that is not UTF-8", "/cors/bytes", vec!["origin: https://\u{ff}.shop.example"])
        },
        Case {
            check: allows_nothing,
            ..case(
                "two origins are none",
                "/cors/twice",
                vec!["origin: https://shop.example", "origin: https://evil.example"],
            )
        },
        Case {
            chain: chain(None),
            check: |outcome| {
                assert_eq!(header(outcome, "allow-origin").as_deref(), Some("*"));
                assert_eq!(outcome.response.header("vary"), None);
            },
            ..case("no configuration: anybody, without cookies", "/cors/any", vec!["origin: https://a"])
        },
        Case {
            method: "HEAD",
            answer: vec![head("200 OK", &["content-length: 5"])],
            check: |outcome| allows(outcome, "https://shop.example"),
            ..case("HEAD", "/cors/head", vec!["origin: https://shop.example"])
        },
        Case {
            method: "OPTIONS",
            check: |outcome| {
                body_is(outcome, b"ok");
                allows(outcome, "https://shop.example");
            },
            ..case("OPTIONS that is no preflight reaches the upstream", "/cors/options", vec!["origin: https://shop.example"])
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"a".to_vec(), b"b".to_vec()], vec![]),
            answer: chunked(&[], &[b"x", b"y"]),
            check: |outcome| {
                assert_eq!(outcome.upstream().body, b"ab");
                body_is(outcome, b"xy");
                allows(outcome, "https://shop.example");
            },
            ..case("chunked in both directions", "/cors/chunked", vec!["origin: https://shop.example"])
        },
        Case {
            http2: true,
            method: "POST",
            answer: sized(&["content-type: application/grpc"], b""),
            check: |outcome| allows(outcome, "https://shop.example"),
            ..case("gRPC", "/cors/grpc", vec!["origin: https://shop.example", "content-type: application/grpc"])
        },
        Case {
            chain: vec![("cors", Some(SHOP.to_owned())), ("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned()))],
            check: |outcome| {
                outcome.is_refused(403);
                allows(outcome, "https://shop.example");
            },
            ..case("a reply of a plugin further in can be read by the page", "/cors/blocked-inside", vec!["origin: https://shop.example"])
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "cors", configuration, log };
    vec![
        refused(r#"{"allow_credentials":true}"#, "cors: configuration refused: field \"allow_origins\": * cannot"),
        refused(r#"{"allow_origins":["shop.example"]}"#, "field \"allow_origins[0]\": must be an origin"),
        refused(r#"{"allow_origin_regex":["("]}"#, "field \"allow_origin_regex[0]\": not a usable regular expression"),
        refused(r#"{"max_age":"1h"}"#, "field \"max_age\": must be a whole number"),
    ]
}
