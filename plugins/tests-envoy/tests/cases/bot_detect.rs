//! bot-detect.

use tests_envoy::client::Payload;

use super::{Case, Refused, body_is, leak};

fn case(name: &'static str, path: &'static str, agent: &'static str) -> Case {
    Case {
        headers: vec![leak(format!("user-agent: {agent}"))],
        check: |outcome| outcome.is_refused(403),
        ..Case::new(name, vec![("bot_detect", Some(r#"{"allow":["Goodbot"],"deny":["evil"]}"#.to_owned()))], path)
    }
}

pub fn cases() -> Vec<Case> {
    let tag = || vec![("bot_detect", Some(r#"{"action":"tag"}"#.to_owned()))];
    vec![
        Case { counted: vec![("bot_detect_refused", 1)], ..case("a crawler", "/bd/crawler", "CrawlerX") },
        case("an own expression", "/bd/own", "an evil one"),
        Case {
            counted: vec![("bot_detect_passed", 1)],
            check: |outcome| body_is(outcome, b"ok"),
            ..case("an allowed one", "/bd/allowed", "Goodbot/1")
        },
        Case { check: |o| body_is(o, b"ok"), ..case("a browser", "/bd/browser", "Mozilla/5.0 Firefox/126.0") },
        Case { headers: vec![], check: |o| body_is(o, b"ok"), ..case("no user agent", "/bd/none", "") },
        case("bytes that are not UTF-8", "/bd/bytes", "\u{ff}curl/8\u{fe}"),
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 403), ..case("HEAD", "/bd/head", "curl/8") },
        Case { http2: true, ..case("HTTP/2", "/bd/h2", "curl/8") },
        Case {
            headers: vec!["user-agent: nice", "user-agent: curl/8"],
            ..case("two user agents: each counts", "/bd/twice", "")
        },
        Case {
            headers: vec![leak(format!("user-agent: {}curl/8", "x".repeat(20_000)))],
            ..case("a huge user agent", "/bd/huge", "")
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"a".to_vec(), b"b".to_vec()], vec![]),
            ..case("a chunked body", "/bd/chunked", "curl/8")
        },
        Case {
            http2: true,
            method: "POST",
            headers: vec!["user-agent: curl/8", "content-type: application/grpc"],
            check: |outcome| assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("7")),
            ..case("gRPC", "/bd/grpc", "")
        },
        Case {
            chain: tag(),
            headers: vec!["user-agent: curl/8", "x-bot: human", "x-bot: human"],
            counted: vec![("bot_detect_changed", 1)],
            check: |outcome| assert_eq!(outcome.request.matches("x-bot: ").count(), 1, "{}", outcome.request),
            ..case("tagged, whatever the client says", "/bd/tag", "")
        },
        Case {
            chain: tag(),
            check: |outcome| assert!(outcome.request.contains("x-bot: human\r\n"), "{}", outcome.request),
            ..case("a browser is tagged too", "/bd/tag-human", "Mozilla/5.0 Firefox/126.0")
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "bot_detect", configuration, log };
    vec![
        refused(r#"{"deny":["("]}"#, "bot-detect: configuration refused: field \"deny[0]\": not a usable"),
        refused(r#"{"action":"drop"}"#, "field \"action\": must be one of block, tag"),
    ]
}
