//! opa.

use tests_envoy::client::Payload;
use tests_envoy::upstream::{chunked, sized, status};

use super::{Case, Refused, body_is, leak};

/// A case whose policy is asked at `/v1` + path.
fn case(name: &'static str, path: &'static str, more: &str, answer: Vec<Vec<u8>>) -> Case {
    let asked = leak(format!("/v1{}", path.split('?').next().unwrap_or_default()));
    let configuration = format!(
        r#"{{"service":{{"host":"service.test","port":8080,"path":"{asked}","timeoutMs":800}},"upstreamHeaders":["x-roles"]{more}}}"#
    );
    Case { callouts: vec![(asked, answer)], ..Case::new(name, vec![("opa", Some(configuration))], path) }
}

fn result(json: &str) -> Vec<Vec<u8>> {
    sized(&["content-type: application/json"], format!("{{\"result\":{json}}}").as_bytes())
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            headers: vec!["x-roles: root", "x-roles: admin", "cookie: a=b", "cookie: c=d", "x-odd: \u{ff}\""],
            counted: vec![("opa_passed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                let (upstream, asked) = (outcome.upstream(), outcome.calls[0].as_ref().expect("asked"));
                assert_eq!((upstream.all("x-roles"), upstream.all("x-other").len()), (vec!["reader".to_owned()], 0));
                assert!(asked.head.starts_with("POST /v1/opa/good HTTP/1.1"), "{}", asked.head);
                assert_eq!(asked.all("content-type"), ["application/json"]);
                let input = String::from_utf8_lossy(&asked.body);
                for part in [
                    r#""method":"GET""#,
                    r#""path":"/opa/good?id=7&id=%38""#,
                    r#""query":{"id":["7","8"]}"#,
                    r#""cookie":["a=b","c=d"]"#,
                    r#""source":"127.0.0.1""#,
                    "\"x-odd\":[\"\u{fffd}\\\"\"]",
                ] {
                    assert!(input.contains(part), "{part} in {input}");
                }
                assert!(!input.contains("x-roles"), "{input}");
            },
            ..case("allowed", "/opa/good?id=7&id=%38", "", result(r#"{"allow":true,"headers":{"x-roles":"reader","x-other":"1"}}"#))
        },
        Case {
            counted: vec![("opa_refused", 1), ("opa_errors", 0)],
            check: |outcome| {
                outcome.is_refused(403);
                body_is(outcome, r#"{"error":"forbidden","message":"the policy does not allow it"}"#);
            },
            ..case("denied", "/opa/no", "", result("false"))
        },
        Case { check: |o| body_is(o, "ok"), ..case("a plain yes", "/opa/yes", "", result("true")) },
        Case { check: |o| o.is_refused(403), ..case("an undefined policy", "/opa/undefined", "", sized(&[], b"{}")) },
        Case {
            check: |outcome| {
                outcome.is_refused(302);
                assert_eq!(outcome.response.header("location").as_deref(), Some("/login"));
                assert_eq!(outcome.response.header("x-own"), None);
            },
            ..case("sent to the login page", "/opa/login", "", result(r#"{"allow":false,"status":302,"headers":{"location":"/login","x-own":"1"},"body":"go"}"#))
        },
        Case {
            counted: vec![("opa_errors", 1), ("opa_refused", 1)],
            check: |o| o.is_refused(503),
            ..case("the server fails", "/opa/500", r#","statusOnError":503"#, status("500 Oh", &[], br#"{"result":true}"#))
        },
        Case { check: |o| o.is_refused(403), ..case("it closes the connection", "/opa/closed", "", vec![]) },
        Case { counted: vec![("opa_errors", 1)], check: |o| o.is_refused(403), ..case("it takes too long", "/opa/hang", "", result("true")) },
        Case { counted: vec![("opa_errors", 1)], check: |o| o.is_refused(403), ..case("no JSON", "/opa/html", "", sized(&[], b"<html>true")) },
        Case { counted: vec![("opa_errors", 1)], check: |o| o.is_refused(403), ..case("a yes in quotes", "/opa/quoted", "", result(r#""true""#)) },
        Case { counted: vec![("opa_errors", 1)], check: |o| o.is_refused(403), ..case("two results", "/opa/two", "", sized(&[], br#"{"result":false,"result":true}"#)) },
        Case {
            counted: vec![("opa_errors", 1)],
            check: |o| o.is_refused(403),
            ..case("a header that would split", "/opa/split", "", result(r#"{"allow":false,"headers":{"location":"/\r\nx: y"}}"#))
        },
        Case { check: |o| body_is(o, "ok"), ..case("in chunks", "/opa/chunks", "", chunked(&[], &[b"{\"res", b"ult\":tr", b"ue}"])) },
        Case {
            chain: vec![("opa", Some(r#"{"service":{"host":"unknown.test"},"policy":"a.b"}"#.to_owned()))],
            callouts: vec![],
            counted: vec![("opa_errors", 1)],
            check: |o| o.is_refused(403),
            ..case("a service that the proxy does not know", "/opa/unknown", "", vec![])
        },
        Case {
            chain: vec![("opa", Some(r#"{"service":{"host":"dead.test","port":8080},"policy":"a"}"#.to_owned()))],
            callouts: vec![],
            check: |o| o.is_refused(403),
            ..case("a service that nobody runs", "/opa/dead", "", vec![])
        },
        Case {
            times: 3,
            counted: vec![("opa_cache_hits", 1), ("opa_passed", 1)],
            check: |outcome| {
                assert_eq!(outcome.upstream().all("x-roles"), ["r"]);
                assert!(outcome.calls[0].is_none(), "asked again");
            },
            ..case("kept", "/opa/kept", r#","requestHeaders":["cookie"],"cacheSeconds":60"#, result(r#"{"allow":true,"headers":{"x-roles":"r"}}"#))
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"x".repeat(50_000), b"y".repeat(50_000)], vec!["x-sum: 1"]),
            check: |o| assert_eq!(o.upstream().body.len(), 100_000),
            ..case("a chunked body waits and goes on", "/opa/body", "", result("true"))
        },
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 403), ..case("HEAD", "/opa/head", "", result("false")) },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"body".to_vec()),
            check: |o| assert_eq!(o.upstream().body, b"body"),
            ..case("HTTP/2", "/opa/http2", "", result("true"))
        },
        Case {
            http2: true,
            method: "POST",
            headers: vec!["content-type: application/grpc", "te: trailers"],
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |o| assert_eq!(o.response.header("grpc-status").as_deref(), Some("7")),
            ..case("gRPC", "/opa/grpc", "", result("false"))
        },
        Case {
            headers: vec![leak(format!("cookie: a={}", "b".repeat(45_000)))],
            check: |o| body_is(o, "ok"),
            ..case("a huge header", "/opa/huge", "", result("true"))
        },
        Case {
            headers: vec!["x-roles: root"],
            counted: vec![("opa_skipped", 1)],
            check: |outcome| assert!(outcome.calls[0].is_none() && outcome.upstream().all("x-roles").is_empty()),
            ..case("exempted", "/opa/open/a", r#","exempt":[{"paths":["/opa/open/*"]}]"#, result("false"))
        },
        {
            let inner = case("answered by an earlier plugin", "/opa/before", "", result("true"));
            Case {
                chain: [vec![super::key_auth::denies_all()], inner.chain.clone()].concat(),
                check: |outcome| {
                    outcome.is_refused(401);
                    assert!(outcome.calls[0].is_none());
                },
                ..inner
            }
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "opa", configuration, log };
    vec![
        refused("{}", "opa: configuration refused: field \"service\": is missing"),
        refused(r#"{"service":{"host":"a"}}"#, "field \"policy\": is missing"),
        refused(r#"{"service":{"host":"a"},"policy":"a","cacheSeconds":5}"#, "field \"cacheSeconds\": needs requestHeaders"),
    ]
}
