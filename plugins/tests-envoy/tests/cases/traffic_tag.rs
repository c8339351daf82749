//! traffic-tag.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{head, sized};

use super::{Case, Outcome, Refused, body_is};

const GRAY: &str = r#"{"defaultTagKey":"x-mse-tag","defaultTagVal":"base","conditionGroups":[
    {"headerName":"x-mse-tag","headerValue":"gray","logic":"and","conditions":[
        {"conditionType":"header","key":"role","operator":"in","value":["user","viewer"]},
        {"conditionType":"parameter","key":"foo","operator":"equal","value":["b r"]}]},
    {"headerName":"x-mse-tag","headerValue":"blue","logic":"or","conditions":[
        {"conditionType":"cookie","key":"group","operator":"regex","value":["^b"]},
        {"conditionType":"path","operator":"prefix","value":["/tag/blue"]}]},
    {"headerName":"x-route","headerValue":"other","conditions":[{"conditionType":"header","key":"x-go","operator":"exists"}]}]}"#;
const HASHED: &str = r#"{"weightGroups":[{"headerName":"x-mse-tag","headerValue":"a","weight":50},{"headerName":"x-mse-tag","headerValue":"b","weight":50}],
    "weightKey":{"conditionType":"header","key":"x-user"}}"#;
const ALL: &str = r#"{"weightGroups":[{"headerName":"x-mse-tag","headerValue":"all","weight":100}]}"#;
const KEEPS: &str = r#"{"defaultTagKey":"x-mse-tag","defaultTagVal":"base","keepClientTags":true}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("traffic_tag", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str, headers: Vec<&'static str>) -> Case {
    Case { headers, ..Case::new(name, chain(Some(GRAY)), path) }
}

fn tagged(outcome: &Outcome, tags: &[&str]) {
    assert_eq!(outcome.upstream().all("x-mse-tag"), tags);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("traffic_tag_changed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                tagged(outcome, &["gray"]);
            },
            ..case("header and parameter, decoded", "/tag/gray?x=1&foo=b%20r", vec!["role: user"])
        },
        Case {
            check: |outcome| tagged(outcome, &["base"]),
            ..case("the default for all others", "/tag/base?foo=other", vec!["role: user"])
        },
        Case {
            check: |outcome| tagged(outcome, &["base"]),
            ..case("what clients send does not count", "/tag/forged", vec!["x-mse-tag: gray", "X-MSE-TAG: blue"])
        },
        Case {
            check: |outcome| tagged(outcome, &["blue"]),
            ..case("a cookie", "/tag/cookie", vec!["cookie: a=1; group=beta"])
        },
        Case { check: |outcome| tagged(outcome, &["blue"]), ..case("a path", "/tag/blue/x", vec![]) },
        Case {
            check: |outcome| tagged(outcome, &["gray"]),
            ..case("one of two equal headers is enough", "/tag/two?foo=b+r", vec!["role: admin", "role: viewer"])
        },
        Case {
            check: |outcome| tagged(outcome, &["base"]),
            ..case("values that are not UTF-8", "/tag/bytes?foo=%ff", vec!["role: \u{ff}\u{fe}", "cookie: group=b\u{ff}"])
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.upstream().all("x-route"), ["other"]);
                assert_eq!(outcome.upstream().all("x-routed"), ["by-header"]);
            },
            ..case("the route is chosen anew", "/tag/route", vec!["x-go: 1"])
        },
        Case {
            check: |outcome| assert!(outcome.upstream().all("x-routed").is_empty()),
            ..case("and nobody takes it by himself", "/tag/no-route", vec!["x-route: other"])
        },
        Case {
            chain: chain(Some(HASHED)),
            times: 3,
            check: |outcome| tagged(outcome, &["a"]),
            ..case("a hash gives the same client the same tag", "/tag/hash", vec!["x-user: alice"])
        },
        Case {
            chain: chain(Some(HASHED)),
            check: |outcome| tagged(outcome, &["b"]),
            ..case("and another one another", "/tag/hash2", vec!["x-user: bob"])
        },
        Case { chain: chain(Some(ALL)), check: |outcome| tagged(outcome, &["all"]), ..case("all by weight", "/tag/all", vec![]) },
        Case {
            chain: chain(Some(KEEPS)),
            counted: vec![("traffic_tag_skipped", 1)],
            check: |outcome| tagged(outcome, &["gray"]),
            ..case("inside the mesh, tags are kept", "/tag/keep", vec!["x-mse-tag: gray"])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Chunked(vec![b"a".to_vec(), b"b".to_vec()], vec!["x-t: 1"]),
            check: |outcome| {
                tagged(outcome, &["base"]);
                assert_eq!(outcome.upstream().body, b"ab");
            },
            ..case("gRPC over HTTP/2, with trailers", "/tag/grpc", vec!["content-type: application/grpc", "te: trailers"])
        },
        Case {
            method: "HEAD",
            answer: vec![head("200 OK", &["content-length: 9"])],
            check: |outcome| tagged(outcome, &["base"]),
            ..case("HEAD", "/tag/head", vec![])
        },
        Case {
            method: "POST",
            payload: Payload::Sized(vec![]),
            check: |outcome| tagged(outcome, &["base"]),
            ..case("an empty body", "/tag/empty", vec![])
        },
        Case {
            check: |outcome| tagged(outcome, &["base"]),
            ..case("a huge header", "/tag/huge", vec![super::leak(format!("role: {}", "u".repeat(50_000)))])
        },
        Case {
            chain: vec![("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned())), ("traffic_tag", Some(GRAY.to_owned()))],
            answer: sized(&[], b"never"),
            check: |outcome| outcome.is_refused(403),
            ..case("a plugin in front refuses", "/tag/blocked", vec![])
        },
        Case {
            chain: chain(None),
            counted: vec![("traffic_tag_passed", 1)],
            check: |outcome| tagged(outcome, &["gray"]),
            ..case("no configuration", "/tag/none", vec!["x-mse-tag: gray"])
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "traffic_tag", configuration, log };
    vec![
        refused(r#"{"defaultTagKey":"x"}"#, "traffic-tag: configuration refused: field \"defaultTagVal\": missing"),
        refused(
            r#"{"weightGroups":[{"headerName":"x","headerValue":"a","weight":101}]}"#,
            "field \"weightGroups[0].weight\": must be a whole number from 0 to 100",
        ),
        refused(
            r#"{"conditionGroups":[{"headerName":"x","headerValue":"a","conditions":[{"conditionType":"path","operator":"regex","value":["("]}]}]}"#,
            "field \"conditionGroups[0].conditions[0].value[0]\": not a usable regular expression",
        ),
    ]
}
