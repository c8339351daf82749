//! cache-control.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, head, sized, status};

use super::{Case, Outcome, Refused, body_is};

const RULES: &str = r#"{"rules":[
    {"types":["image/*"],"paths":["/cache/static/*"],"cache_control":"public, max-age=31536000, immutable"},
    {"suffixes":["html"],"expires":"epoch"},{"suffixes":["over"],"expires":60,"override":true},
    {"suffixes":["PNG","jpg"],"expires":3600}]}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("cache_control", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str) -> Case {
    Case { ..Case::new(name, chain(Some(RULES)), path) }
}

/// What `cache-control` says, each line.
fn says(outcome: &Outcome, wanted: &[&str]) {
    let lines = outcome.response.headers.iter().filter(|(name, _)| name == "cache-control");
    assert_eq!(lines.map(|(_, value)| &value[..]).collect::<Vec<_>>(), wanted, "{:?}", outcome.response);
}

fn no_expires(outcome: &Outcome) {
    assert_eq!(outcome.response.header("expires"), None);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("cache_control_changed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                says(outcome, &["max-age=3600"]);
                assert!(outcome.response.header("expires").is_some_and(|date| date.ends_with(" GMT")));
            },
            ..case("by suffix, in any case", "/cache/a.Png?v=1")
        },
        Case {
            counted: vec![("cache_control_skipped", 1)],
            check: |outcome| says(outcome, &[]),
            ..case("a suffix in the query is none", "/cache/a.txt?x=.png")
        },
        Case {
            answer: sized(&["content-type: image/webp"], b"x"),
            check: |outcome| {
                says(outcome, &["public, max-age=31536000, immutable"]);
                no_expires(outcome);
            },
            ..case("by type and path", "/cache/static/a.png")
        },
        Case { check: |outcome| says(outcome, &["no-cache"]), ..case("epoch", "/cache/a.html") },
        Case {
            chain: chain(Some(r#"{"suffix":"js|css","expires":"max"}"#)),
            check: |outcome| {
                says(outcome, &["max-age=315360000"]);
                assert_eq!(outcome.response.header("expires").as_deref(), Some("Thu, 31 Dec 2037 23:55:55 GMT"));
            },
            ..case("as Higress writes it", "/cache/a.css")
        },
        Case {
            answer: sized(&["cache-control: private", "cache-control: max-age=5"], b"ok"),
            counted: vec![("cache_control_passed", 1)],
            check: |outcome| says(outcome, &["private,max-age=5"]),
            ..case("the upstream's own stays", "/cache/own.png")
        },
        Case {
            answer: sized(&["cache-control: private", "cache-control: \u{ff}", "expires: 0", "pragma: no-cache"], b"ok"),
            check: |outcome| {
                says(outcome, &["max-age=60"]);
                assert!(outcome.response.header("pragma").is_none());
                assert!(outcome.response.header("expires").is_some_and(|date| date.ends_with(" GMT")));
            },
            ..case("unless it is told to give way", "/cache/a.over")
        },
        Case {
            answer: sized(&["set-cookie: a=1"], b"ok"),
            check: |outcome| says(outcome, &[]),
            ..case("an answer with a cookie is somebody's own", "/cache/cookie.png")
        },
        Case {
            answer: status("404 Not Found", &[], b"gone"),
            check: |outcome| {
                body_is(outcome, "gone");
                says(outcome, &["no-store"]);
            },
            ..case("errors are not kept", "/cache/gone.png")
        },
        Case {
            answer: status("410 Gone", &["cache-control: max-age=9"], b"gone"),
            check: |outcome| says(outcome, &["max-age=9"]),
            ..case("unless the upstream says so", "/cache/gone2.png")
        },
        Case {
            chain: vec![("cache_control", None), ("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned()))],
            check: |outcome| {
                outcome.is_refused(403);
                says(outcome, &["no-store"]);
            },
            ..case("a local reply by a plugin further in", "/cache/blocked.png")
        },
        Case {
            chain: vec![("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned())), ("cache_control", None)],
            check: |outcome| {
                outcome.is_refused(403);
                says(outcome, &[]);
            },
            ..case("a local reply by a plugin in front", "/cache/blocked2.png")
        },
        Case {
            method: "HEAD",
            answer: vec![head("200 OK", &["content-length: 9"])],
            check: |outcome| {
                says(outcome, &["max-age=3600"]);
                assert_eq!(outcome.response.header("content-length").as_deref(), Some("9"));
            },
            ..case("HEAD", "/cache/head.png")
        },
        Case {
            answer: vec![head("304 Not Modified", &["etag: \"a\""])],
            check: |outcome| says(outcome, &["max-age=3600"]),
            ..case("304", "/cache/same.png")
        },
        Case {
            answer: status("302 Found", &["location: /x"], b""),
            check: |outcome| says(outcome, &[]),
            ..case("a redirect that is for now", "/cache/found.png")
        },
        Case {
            method: "POST",
            payload: Payload::Sized(b"x".to_vec()),
            check: |outcome| says(outcome, &[]),
            ..case("answers to POST are not kept", "/cache/post.png")
        },
        Case {
            http2: true,
            answer: chunked(&[], &[b"a", b"b"]),
            check: |outcome| {
                body_is(outcome, "ab");
                says(outcome, &["max-age=3600"]);
            },
            ..case("chunked to HTTP/2", "/cache/h2.png")
        },
        Case {
            http2: true,
            headers: vec!["content-type: application/grpc"],
            answer: sized(&["content-type: application/grpc"], b""),
            check: |outcome| says(outcome, &[]),
            ..case("gRPC", "/cache/grpc.png")
        },
        Case {
            answer: sized(&[], b""),
            check: |outcome| says(outcome, &["max-age=3600"]),
            ..case("an empty body", "/cache/empty.png")
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "cache_control", configuration, log };
    vec![
        refused(r#"{"expires":"1h"}"#, "cache-control: configuration refused: field \"expires\": must be epoch, max"),
        refused(r#"{"suffix":"png"}"#, "field \"expires\": missing; suffix needs it"),
        refused(r#"{"rules":[{"suffixes":["png"]}]}"#, "field \"rules[0].expires\": missing, and so is cache_control"),
    ]
}
