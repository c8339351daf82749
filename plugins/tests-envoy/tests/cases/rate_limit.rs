//! local-rate-limit. Periods are so long that no token comes back while the test runs.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;

use super::{Case, Outcome, Refused, body_is};

fn chain(rules: &str) -> Vec<Plugin> {
    vec![("local_rate_limit", Some(format!(r#"{{"rule_items":[{rules}],"show_limit_quota_header":true}}"#)))]
}

/// Two a day for each value.
fn per(by: &str, name: &str, key: &str) -> Vec<Plugin> {
    chain(&format!(r#"{{"limit_by_{by}":"{name}","limit_keys":[{{"key":"{key}","query_per_day":2}}]}}"#))
}

fn case(name: &'static str, chain: Vec<Plugin>, path: &'static str, times: usize) -> Case {
    Case { times, ..Case::new(name, chain, path) }
}

fn quota(outcome: &Outcome, name: &str) -> Option<String> {
    outcome.response.header(&format!("x-ratelimit-{name}"))
}

fn is_limited(outcome: &Outcome) {
    outcome.is_refused(429);
    assert_eq!(outcome.response.text(), "Too many requests");
    assert!(outcome.earlier.iter().all(|response| response.status == 200), "{:?}", outcome.earlier);
    assert_eq!(quota(outcome, "remaining").as_deref(), Some("0"));
    assert!(outcome.response.header("retry-after").is_some_and(|s| s.parse::<u32>().is_ok_and(|s| s > 40_000)));
}

fn passes(outcome: &Outcome) {
    assert_eq!(outcome.response.status, 200);
    assert_eq!(quota(outcome, "limit"), None);
}

pub fn cases() -> Vec<Case> {
    let key = || per("per_header", "x-key", "*");
    vec![
        Case {
            headers: vec!["x-key: a"],
            counted: vec![("local_rate_limit_passed", 1)],
            check: |outcome| {
                body_is(outcome, b"ok");
                assert_eq!(quota(outcome, "limit").as_deref(), Some("2"));
                assert_eq!(quota(outcome, "remaining").as_deref(), Some("0"));
                assert_eq!(quota(outcome, "reset").as_deref(), Some("86400"));
            },
            ..case("the last token", key(), "/rl/last", 2)
        },
        Case {
            headers: vec!["x-key: b"],
            counted: vec![("local_rate_limit_refused", 1)],
            check: is_limited,
            ..case("one too many", key(), "/rl/many", 3)
        },
        Case {
            headers: vec!["x-key: c", "x-key: d"],
            check: is_limited,
            ..case("of two values the first counts", key(), "/rl/twice", 3)
        },
        Case { headers: vec!["x-key: d"], check: |o| assert_eq!(o.response.status, 200), ..case("the second is untouched", key(), "/rl/second", 1) },
        Case { check: passes, counted: vec![("local_rate_limit_skipped", 1)], ..case("without the header", key(), "/rl/none", 4) },
        Case { headers: vec!["x-key: "], check: passes, ..case("with an empty one", key(), "/rl/empty", 4) },
        Case { headers: vec!["x-key: \u{ff}\u{fe}"], check: is_limited, ..case("a value that is not UTF-8", key(), "/rl/bytes", 3) },
        Case { headers: vec!["cookie: x=1; sid=\"s1\""], check: is_limited, ..case("a cookie", per("per_cookie", "sid", "*"), "/rl/cookie", 3) },
        Case { check: is_limited, ..case("a parameter", per("per_param", "k", "regexp:^a"), "/rl/param?x=1&k=%61b", 3) },
        Case { check: passes, ..case("another parameter", per("per_param", "k", "regexp:^a"), "/rl/param2?k=b", 3) },
        Case {
            // {"sub":"u1"}
            headers: vec!["authorization: Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1MSJ9.x"],
            check: is_limited,
            ..case("a claim", per("per_claim", "sub", "*"), "/rl/claim", 3)
        },
        Case { headers: vec!["authorization: Bearer x.!.y"], check: passes, ..case("a token that is none", per("per_claim", "sub", "*"), "/rl/token", 3) },
        Case { check: is_limited, ..case("the client's address", per("per_ip", "from-remote-addr", "127.0.0.0/8"), "/rl/ip", 3) },
        Case { check: passes, ..case("an address of another network", per("per_ip", "from-remote-addr", "10.0.0.0/8"), "/rl/ip2", 3) },
        Case {
            headers: vec!["x-real: 6.6.6.6, 1.2.3.4"],
            check: is_limited,
            ..case("an address in a header", per("per_ip", "from-header-x-real", "1.2.3.4"), "/rl/forwarded", 3)
        },
        Case { headers: vec!["x-consumer-name: ann"], check: is_limited, ..case("a consumer", per("consumer", "", "ann"), "/rl/consumer", 3) },
        Case {
            headers: vec!["x-mse-consumer: ann", "x-consumer-name: bob"],
            check: is_limited,
            ..case("a consumer in another header", per("per_consumer", "X-Mse-Consumer", "regexp:^a"), "/rl/consumer2", 3)
        },
        Case {
            method: "HEAD",
            check: |outcome| {
                assert_eq!(outcome.response.status, 429);
                assert!(outcome.response.body.is_empty());
            },
            ..case("all together, HEAD", vec![("local_rate_limit", Some(r#"{"global_threshold":{"query_per_day":5,"burst":1}}"#.into()))], "/rl/all", 2)
        },
        Case {
            http2: true,
            headers: vec!["x-key: h2"],
            check: is_limited,
            ..case("HTTP/2", key(), "/rl/h2", 3)
        },
        Case {
            http2: true,
            method: "POST",
            headers: vec!["x-key: grpc", "content-type: application/grpc"],
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("14"));
            },
            ..case("gRPC", key(), "/rl/grpc", 3)
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![vec![b'x'; 10_000], vec![b'y'; 10_000]], vec![]),
            headers: vec!["x-key: post"],
            check: |outcome| assert_eq!(outcome.response.status, 429),
            ..case("a chunked body behind a refusal", key(), "/rl/post", 3)
        },
        Case {
            chain: vec![(
                "local_rate_limit",
                Some(r#"{"global_threshold":{"query_per_day":1},"rejected_code":503,"rejected_msg":"{\"busy\":true}"}"#.into()),
            )],
            check: |outcome| {
                outcome.is_refused(503);
                body_is(outcome, br#"{"busy":true}"#);
                assert_eq!(outcome.response.header("content-type").as_deref(), Some("application/json"));
                assert_eq!(quota(outcome, "limit"), None);
            },
            ..case("own words", vec![], "/rl/words", 2)
        },
        Case {
            check: passes,
            ..case("no configuration", vec![("local_rate_limit", None)], "/rl/nothing", 5)
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "local_rate_limit", configuration, log };
    vec![
        refused(
            r#"{"global_threshold":{"query_per_second":0}}"#,
            "local-rate-limit: configuration refused: field \"global_threshold.query_per_second\": must be a whole number",
        ),
        refused(r#"{"rule_items":[{"limit_by_per_ip":"peer","limit_keys":[]}]}"#, "field \"rule_items[0].limit_by_per_ip\": must be"),
        refused(r#"{"redis":{}}"#, "field \"redis\": unknown"),
    ]
}
