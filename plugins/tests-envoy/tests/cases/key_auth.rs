//! key-auth.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;

use super::{Case, Refused, body_is};

const KEY: &str = "x-api-key: 0123456789abcdef";
const ALICE: &str = r#"{"consumers":[{"name":"alice","credentials":["0123456789abcdef"]},
    {"name":"bob","credentials":["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]}],
    "inQuery":true,"inCookie":true,"exempt":[{"paths":["/key/open/*"]},{"methods":["OPTIONS"]}],
    "rules":[{"paths":["/key/admin/*"],"allow":["alice"]}]}"#;

fn chain() -> Vec<Plugin> {
    vec![("key_auth", Some(ALICE.to_owned()))]
}

/// A plugin that answers every request itself, for chains with others.
pub fn denies_all() -> Plugin {
    ("key_auth", None)
}

fn case(name: &'static str, path: &'static str, headers: &[&'static str]) -> Case {
    Case { headers: headers.to_vec(), ..Case::new(name, chain(), path) }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("key_auth_passed", 1), ("key_auth_refused", 0)],
            check: |outcome| {
                body_is(outcome, "ok");
                assert_eq!(outcome.upstream().all("x-consumer-name"), ["alice"]);
                assert!(!outcome.request.contains("0123456789abcdef"), "{}", outcome.request);
            },
            ..case("a known key", "/key/good", &[KEY, "x-consumer-name: root", "x-consumer-name: bob"])
        },
        Case {
            counted: vec![("key_auth_refused", 1)],
            check: |outcome| {
                outcome.is_refused(401);
                assert_eq!(outcome.response.header("www-authenticate").as_deref(), Some("Key realm=\"gateway\""));
                body_is(outcome, r#"{"error":"unauthorized","message":"no API key"}"#);
            },
            ..case("no key", "/key/none", &[])
        },
        Case { check: |o| o.is_refused(401), ..case("a wrong key", "/key/wrong", &["x-api-key: 0123456789abcdeF"]) },
        Case { check: |o| o.is_refused(401), ..case("two keys", "/key/two", &[KEY, "x-api-key: other"]) },
        Case { check: |o| o.is_refused(401), ..case("a key that is no text", "/key/bytes", &["x-api-key: \u{ff}\u{fe}"]) },
        Case {
            check: |o| o.is_refused(401),
            ..case("a huge key", "/key/huge", &[super::leak(format!("x-api-key: {}", "k".repeat(40_000)))])
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.upstream().target(), "/key/query?a=%31&b");
                assert_eq!(outcome.upstream().all("x-consumer-name"), ["bob"]);
            },
            ..case("in the query, by its digest", "/key/query?a=%31&apikey=test&b", &[])
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().all("cookie"), ["a=b; c=d"]),
            ..case("in a cookie", "/key/cookie", &["cookie: a=b; apikey=0123456789abcdef; c=d"])
        },
        Case {
            method: "HEAD",
            check: |outcome| assert_eq!(outcome.response.status, 401),
            ..case("HEAD", "/key/head", &[])
        },
        Case {
            counted: vec![("key_auth_skipped", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                assert!(outcome.upstream().all("x-consumer-name").is_empty());
            },
            ..case("exempted", "/key/open/a", &["x-consumer-name: alice"])
        },
        Case { method: "OPTIONS", check: |o| body_is(o, "ok"), ..case("a preflight", "/key/preflight", &[]) },
        Case {
            check: |o| o.is_refused(401),
            ..case("a path that may be another", "/key/open/%2e%2e/admin/a", &[])
        },
        Case {
            check: |outcome| {
                outcome.is_refused(403);
                body_is(outcome, r#"{"error":"forbidden","message":"this consumer may not do that"}"#);
            },
            ..case("another's path", "/key/admin/a", &["apikey: test"])
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"one".to_vec(), b"two".to_vec()], vec![]),
            check: |outcome| assert_eq!(outcome.upstream().body, b"onetwo"),
            ..case("a chunked body goes on", "/key/chunked", &[KEY])
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"x".repeat(100_000), b"x".repeat(100_000)], vec![]),
            check: |o| assert_eq!(o.response.status, 401),
            ..case("a chunked body is refused", "/key/chunked-no", &[])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"body".to_vec()),
            check: |outcome| assert_eq!(outcome.upstream().body, b"body"),
            ..case("HTTP/2", "/key/http2", &[KEY])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("16"));
                assert!(outcome.received.as_ref().is_none_or(|r| !r.complete));
            },
            ..case("gRPC is refused in its own words", "/key/grpc", &["content-type: application/grpc", "te: trailers"])
        },
        Case {
            chain: vec![denies_all(), ("notice", Some(r#"{"textEn":"x"}"#.to_owned()))],
            check: |outcome| outcome.is_refused(401),
            ..case("answered before a plugin further in", "/key/before", &[KEY])
        },
        Case {
            chain: vec![("data_masking", None), ("key_auth", Some(r#"{"realm":"138 12345678"}"#.to_owned()))],
            check: |outcome| outcome.is_refused(401),
            ..case("answered behind a plugin further out", "/key/behind", &[KEY])
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "key_auth", configuration, log };
    vec![
        refused(r#"{"consumer":[]}"#, "key-auth: configuration refused: field \"consumer\": unknown"),
        refused(
            r#"{"consumers":[{"name":"a","credentials":["sha256:12"]}]}"#,
            "field \"consumers[0].credentials[0]\": must be 64 hexadecimal digits",
        ),
        refused(r#"{"exempt":[{}]}"#, "field \"exempt[0]\": must name paths"),
        refused(r#"{"rules":[{"allow":["x"]}]}"#, "field \"rules[0].allow[0]\": no consumer has this name"),
    ]
}
