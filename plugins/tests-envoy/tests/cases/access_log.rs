//! access-log.

use tests_envoy::client::Payload;
use tests_envoy::envoy::{DEAD, Plugin};
use tests_envoy::upstream::{chunked, head, sized, status, with_trailers};

use super::{Case, Outcome, Refused, body_is};

const FULL: &str = r#"{"request":{"headers":["user-agent","authorization","x-two"],"body":{"enabled":true,"maxSize":200}},
    "response":{"headers":["content-type","set-cookie"],"body":{"enabled":true,"maxSize":20,"contentTypes":["application/json","text/*"]}},
    "requestIdHeader":"x-request-id","exempt":[{"paths":["/al/healthz"]}]}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("access_log", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str) -> Case {
    let logged = path.split('?').next();
    Case { logged, ..Case::new(name, chain(Some(FULL)), path) }
}

fn post(name: &'static str, path: &'static str, payload: Payload) -> Case {
    Case { method: "POST", payload, headers: vec!["content-type: application/json"], ..case(name, path) }
}

/// The one line of the exchange has all these in it.
fn says(outcome: &Outcome, parts: &[&str]) {
    assert_eq!(outcome.log.len(), 1, "{:?}", outcome.log);
    for part in parts {
        assert!(outcome.log[0].contains(part), "{part} is not in {}", outcome.log[0]);
    }
}

fn hides(outcome: &Outcome, secret: &str) {
    assert!(!outcome.log.iter().any(|line| line.contains(secret)), "{:?}", outcome.log);
}

/// A case whose lines go to a service at `/logs` + path.
fn to_service(name: &'static str, path: &'static str, more: &str, answer: Vec<Vec<u8>>) -> Case {
    let asked = super::leak(format!("/logs{path}"));
    let configuration = format!(
        r#"{{"output":"service","service":{{"host":"service.test","port":8080,"path":"{asked}","timeoutMs":500{more}}}}}"#
    );
    Case {
        chain: chain(Some(&configuration)),
        callouts: vec![(asked, answer)],
        calls_later: true,
        logged: None,
        ..case(name, path)
    }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            headers: vec!["user-agent: test \"1\"", "authorization: Bearer abc", "x-two: 1", "x-two: 2", "x-request-id: 6f1c"],
            answer: sized(&["content-type: application/json", "set-cookie: sid=abc"], br#"{"token":"abc","a":1}"#),
            counted: vec![("access_log_passed", 1)],
            check: |outcome| {
                body_is(outcome, r#"{"token":"abc","a":1}"#);
                says(
                    outcome,
                    &[
                        r#"warning"#,
                        r#""method":"GET""#,
                        r#""path":"/al/full?x=1&access_token=***""#,
                        r#""status":200"#,
                        r#""host":"test""#,
                        r#""protocol":"HTTP/1.1""#,
                        r#""client":"127.0.0.1:"#,
                        r#""details":"via_upstream""#,
                        r#""response_bytes":21"#,
                        r#""duration_ms":"#,
                        r#""request_headers":{"authorization":"***","user-agent":"test \"1\"","#,
                        r#""response_headers":{"content-type":"application/json","set-cookie":"***"}"#,
                        r#""response_body":"{\"token\":\"***\",\"a\":"#,
                        r#""response_body_cut":true"#,
                        r#""time":"20"#,
                    ],
                );
                hides(outcome, "abc");
                let id = outcome.response.header("x-request-id").expect("an id");
                assert!(outcome.log[0].contains(&id));
            },
            ..case("headers and bodies, secrets hidden", "/al/full?x=1&access_token=abc")
        },
        Case {
            check: |outcome| {
                says(outcome, &[r#""request_body":"{\"user\":\"u\",\"password\":\"***\"}""#, r#""request_bytes":34"#]);
                assert_eq!(outcome.upstream().body, br#"{"user":"u","password":"p4ssw0rd"}"#);
                hides(outcome, "p4ss");
            },
            ..post("a body", "/al/body", Payload::Sized(br#"{"user":"u","password":"p4ssw0rd"}"#.to_vec()))
        },
        Case {
            check: |outcome| {
                says(outcome, &[r#""request_body":"{\"password\":\"***\"}""#]);
                hides(outcome, "p4ss");
                assert_eq!(outcome.upstream().body, br#"{"password":"p4ssw0rd"}"#);
            },
            ..post("a secret in two chunks", "/al/chunks", Payload::Chunked(vec![br#"{"passw"#.to_vec(), br#"ord":"p4ss"#.to_vec(), br#"w0rd"}"#.to_vec()], vec![]))
        },
        Case {
            headers: vec!["content-type: application/x-www-form-urlencoded"],
            check: |outcome| says(outcome, &[r#""request_body":"user=u&password=***&x=1""#]),
            ..post("a form", "/al/form", Payload::Sized(b"user=u&password=p&x=1".to_vec()))
        },
        Case {
            check: |outcome| {
                says(outcome, &[r#""request_body_cut":true"#]);
                assert_eq!(outcome.upstream().body.len(), 500_000);
            },
            ..post("a large body is cut in the log only", "/al/large", Payload::Chunked(vec![vec![b' '; 100_000]; 5], vec![]))
        },
        Case {
            check: |outcome| {
                says(outcome, &[r#""method":"POST""#]);
                hides(outcome, "request_body\"");
                assert_eq!(outcome.upstream().body, b"");
            },
            ..post("an empty body", "/al/empty", Payload::Sized(vec![]))
        },
        Case {
            method: "HEAD",
            answer: vec![head("200 OK", &["content-type: application/json", "content-length: 9"])],
            check: |outcome| says(outcome, &[r#""method":"HEAD""#, r#""status":200"#]),
            ..case("HEAD", "/al/head")
        },
        Case {
            http2: true,
            answer: with_trailers(&["content-type: text/plain"], &[b"ab", b"cd"], &["x-t: 1"]),
            check: |outcome| {
                body_is(outcome, "abcd");
                says(outcome, &[r#""protocol":"HTTP/2""#, r#""response_body":"abcd""#]);
            },
            ..case("HTTP/2 and trailers", "/al/h2")
        },
        Case {
            answer: chunked(&["content-type: text/event-stream"], &[b"data: 1\n\n", b"data: 2\n\n"]),
            check: |outcome| {
                body_is(outcome, "data: 1\n\ndata: 2\n\n");
                says(outcome, &[r#""response_body":"data: 1\n\ndata: 2\n\n""#]);
            },
            ..case("a stream of events goes by", "/al/events")
        },
        Case {
            headers: vec!["user-agent: \u{ff}\u{fe}", "content-type: application/grpc"],
            answer: sized(&["content-type: application/grpc", "grpc-status: 0"], b"\0\0\0\0\0"),
            http2: true,
            method: "POST",
            payload: Payload::Sized(vec![0; 5]),
            check: |outcome| {
                says(outcome, &["\"user-agent\":\""]);
                hides(outcome, "request_body\"");
            },
            ..case("gRPC, and bytes that are not UTF-8", "/al/grpc")
        },
        Case {
            headers: vec![super::leak(format!("user-agent: {}", "u".repeat(50_000)))],
            check: |outcome| {
                says(outcome, &["uuuu"]);
                assert!(outcome.log[0].len() < 4000);
            },
            ..case("a huge header", "/al/huge")
        },
        Case {
            headers: vec!["content-type: application/json", "content-encoding: gzip"],
            check: |outcome| hides(outcome, "request_body\""),
            ..post("a compressed body", "/al/gzip", Payload::Sized(b"xx".to_vec()))
        },
        Case {
            chain: vec![("access_log", Some(FULL.to_owned())), ("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned()))],
            check: |outcome| {
                outcome.is_refused(403);
                says(outcome, &[r#""status":403"#]);
            },
            ..case("a local reply of a plugin further in", "/al/blocked")
        },
        Case {
            chain: vec![("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned())), ("access_log", Some(FULL.to_owned()))],
            check: |outcome| {
                outcome.is_refused(403);
                says(outcome, &[r#""status":403"#]);
            },
            ..case("a local reply of a plugin in front", "/al/blocked-front")
        },
        Case {
            answer: vec![],
            check: |outcome| {
                assert_eq!(outcome.response.status, 503);
                says(outcome, &[r#""status":503"#, r#""flags":"#]);
            },
            ..case("a dead upstream", "/al/dead")
        },
        Case {
            logged: None,
            counted: vec![("access_log_skipped", 1)],
            check: |outcome| body_is(outcome, "ok"),
            ..case("what is exempted is not logged", "/al/healthz")
        },
        Case {
            chain: chain(Some(r#"{"samplePercent":0}"#)),
            logged: None,
            counted: vec![("access_log_skipped", 1), ("access_log_passed", 0)],
            ..case("nor what is not in the sample", "/al/sample")
        },
        Case {
            chain: chain(Some(r#"{"samplePercent":0,"level":"info"}"#)),
            answer: status("500 Oh", &[], b""),
            check: |outcome| says(outcome, &["info", r#""status":500"#]),
            ..case("but errors are", "/al/sample-500")
        },
        Case { chain: chain(None), check: |outcome| says(outcome, &[r#""status":200"#]), ..case("no configuration", "/al/none") },
        Case {
            counted: vec![("access_log_passed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                let call = outcome.calls[0].as_ref().expect("a call");
                let line = String::from_utf8_lossy(&call.body);
                assert!(line.starts_with('{') && line.ends_with("}\n") && line.contains(r#""path":"/al/service""#), "{line}");
                assert_eq!(call.all("content-type"), ["application/x-ndjson"]);
                assert_eq!(call.all("x-key"), ["k"]);
            },
            ..to_service("to a service", "/al/service", r#","maxWaitMs":50,"headers":[{"name":"x-key","value":"k"}]"#, sized(&[], b""))
        },
        Case {
            times: 3,
            check: |outcome| {
                let call = outcome.calls[0].as_ref().expect("a call");
                assert_eq!(String::from_utf8_lossy(&call.body).lines().count(), 3);
            },
            ..to_service("in batches", "/al/batch", r#","maxWaitMs":60000,"maxBatch":3"#, sized(&[], b""))
        },
        Case {
            times: 3,
            counted: vec![("access_log_dropped", 1), ("access_log_passed", 0)],
            calls_later: false,
            check: |outcome| body_is(outcome, "ok"),
            ..to_service("more than has room is dropped and counted", "/al/full-queue", r#","maxWaitMs":60000,"maxQueue":2"#, sized(&[], b""))
        },
        Case {
            counted: vec![("access_log_dropped", 1), ("access_log_errors", 3)],
            calls_later: false,
            check: |outcome| body_is(outcome, "ok"),
            chain: chain(Some(&format!(
                r#"{{"output":"service","service":{{"host":"dead.test","cluster":"{DEAD}","maxWaitMs":50,"timeoutMs":100}}}}"#
            ))),
            ..to_service("a service that is down costs lines, not requests", "/al/down", "", sized(&[], b""))
        },
        Case {
            counted: vec![("access_log_dropped", 1), ("access_log_errors", 3)],
            calls_later: false,
            check: |outcome| body_is(outcome, "ok"),
            chain: chain(Some(
                r#"{"output":"service","service":{"host":"nobody.test","cluster":"nobody","maxWaitMs":50,"timeoutMs":100}}"#,
            )),
            ..to_service("a service that nobody knows as well", "/al/unknown", "", sized(&[], b""))
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "access_log", configuration, log };
    vec![
        refused(r#"{"output":"service"}"#, "access-log: configuration refused: field \"service\": missing"),
        refused(r#"{"samplePercent":-1}"#, "field \"samplePercent\": must be a number from 0 to 100"),
        refused(r#"{"request":{"headers":["a b"]}}"#, "field \"request.headers[0]\": must be a header's name"),
    ]
}
