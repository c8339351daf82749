//! ext-auth.

use tests_envoy::client::Payload;
use tests_envoy::upstream::{chunked, sized, status};

use super::{Case, Refused, body_is};

/// A case whose service is asked at `/check` + path.
fn case(name: &'static str, path: &'static str, more: &str, answer: Vec<Vec<u8>>) -> Case {
    let asked = super::leak(format!("/check{path}"));
    let configuration = format!(
        r#"{{"service":{{"host":"service.test","port":8080,"path":"{asked}","timeoutMs":800}},"upstreamHeaders":["x-user"]{more}}}"#
    );
    Case {
        callouts: vec![(asked, answer)],
        ..Case::new(name, vec![("ext_auth", Some(configuration))], path)
    }
}

fn allowed() -> Vec<Vec<u8>> {
    sized(&["x-user: alice", "x-other: 1"], b"fine")
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            headers: vec!["authorization: t", "x-user: root", "x-user: root2", "x-secret: s"],
            counted: vec![("ext_auth_passed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                let (upstream, asked) = (outcome.upstream(), outcome.calls[0].as_ref().expect("asked"));
                assert_eq!(upstream.all("x-user"), ["alice"]);
                assert!(upstream.all("x-other").is_empty());
                assert_eq!(asked.all("authorization"), ["t"]);
                assert_eq!(asked.all("x-forwarded-uri"), ["/ext/good"]);
                assert_eq!(asked.all("host"), ["service.test"]);
                assert!(asked.all("x-secret").is_empty() && asked.all("x-user").is_empty());
            },
            ..case("allowed", "/ext/good", "", allowed())
        },
        Case {
            counted: vec![("ext_auth_refused", 1), ("ext_auth_errors", 0)],
            check: |outcome| {
                outcome.is_refused(302);
                assert_eq!(outcome.response.header("location").as_deref(), Some("/login"));
                assert_eq!(outcome.response.header("set-cookie").as_deref(), Some("a=1,b=2"));
                assert_eq!(outcome.response.header("x-own"), None);
            },
            ..case(
                "sent to the login page",
                "/ext/login",
                "",
                status("302 Found", &["location: /login", "set-cookie: a=1", "set-cookie: b=2", "x-own: 1"], b""),
            )
        },
        Case {
            check: |outcome| {
                outcome.is_refused(401);
                body_is(outcome, "who are you");
            },
            ..case("denied in chunks", "/ext/no", "", {
                let mut answer = chunked(&["content-type: text/plain"], &[b"who ", b"are you"]);
                answer[0] = String::from_utf8_lossy(&answer[0]).replace("200 OK", "401 Unauthorized").into_bytes();
                answer
            })
        },
        Case {
            counted: vec![("ext_auth_errors", 1), ("ext_auth_refused", 1)],
            check: |o| o.is_refused(403),
            ..case("the service fails", "/ext/500", "", status("500 Oh", &[], b""))
        },
        Case { check: |o| o.is_refused(503), ..case("it closes the connection", "/ext/closed", r#","statusOnError":503"#, vec![]) },
        Case {
            counted: vec![("ext_auth_errors", 1)],
            check: |o| o.is_refused(403),
            ..case("it takes too long", "/ext/hang", "", allowed())
        },
        Case {
            counted: vec![("ext_auth_errors", 1)],
            check: |o| body_is(o, "ok"),
            ..case("it fails and may", "/ext/may", r#","failureModeAllow":true"#, status("503 Oh", &[], b""))
        },
        Case {
            chain: vec![("ext_auth", Some(r#"{"service":{"host":"unknown.test"}}"#.to_owned()))],
            callouts: vec![],
            counted: vec![("ext_auth_errors", 1)],
            check: |o| o.is_refused(403),
            ..case("a service that the proxy does not know", "/ext/unknown", "", vec![])
        },
        Case {
            chain: vec![("ext_auth", Some(r#"{"service":{"host":"dead.test","port":8080}}"#.to_owned()))],
            callouts: vec![],
            check: |o| o.is_refused(403),
            ..case("a service that nobody runs", "/ext/dead", "", vec![])
        },
        Case {
            times: 3,
            counted: vec![("ext_auth_cache_hits", 1), ("ext_auth_passed", 1)],
            check: |outcome| {
                assert_eq!(outcome.upstream().all("x-user"), ["alice"]);
                assert!(outcome.calls[0].is_none(), "asked again");
            },
            ..case("kept", "/ext/kept", r#","cacheSeconds":60"#, allowed())
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"x".repeat(50_000), b"y".repeat(50_000)], vec!["x-sum: 1"]),
            check: |outcome| {
                let upstream = outcome.upstream();
                assert_eq!(upstream.body.len(), 100_000);
                assert!(outcome.calls[0].as_ref().is_some_and(|call| call.body.is_empty()));
            },
            ..case("a chunked body waits and goes on", "/ext/body", "", allowed())
        },
        Case {
            method: "POST",
            payload: Payload::Sized(vec![]),
            check: |o| assert_eq!(o.upstream().body, b""),
            ..case("an empty body", "/ext/empty", "", allowed())
        },
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 403), ..case("HEAD", "/ext/head", "", status("403 No", &[], b"no")) },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"body".to_vec()),
            check: |o| assert_eq!(o.upstream().body, b"body"),
            ..case("HTTP/2", "/ext/http2", "", allowed())
        },
        Case {
            http2: true,
            method: "POST",
            headers: vec!["content-type: application/grpc", "te: trailers"],
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |o| assert_eq!(o.response.header("grpc-status").as_deref(), Some("7")),
            ..case("gRPC", "/ext/grpc", "", status("403 No", &[], b""))
        },
        Case {
            headers: vec!["authorization: \u{ff}\u{fe}", "cookie: a=b", "cookie: c=d"],
            check: |outcome| {
                let asked = outcome.calls[0].as_ref().expect("asked");
                assert_eq!(asked.all("authorization"), ["\u{fffd}\u{fffd}"]);
            },
            ..case("headers that are no text", "/ext/bytes", "", allowed())
        },
        Case {
            headers: vec![super::leak(format!("cookie: a={}", "b".repeat(45_000)))],
            check: |o| body_is(o, "ok"),
            ..case("a huge header", "/ext/huge", "", allowed())
        },
        Case {
            headers: vec!["x-user: root"],
            counted: vec![("ext_auth_skipped", 1)],
            check: |outcome| {
                assert!(outcome.calls[0].is_none() && outcome.upstream().all("x-user").is_empty());
            },
            ..case("exempted", "/ext/open/a", r#","exempt":[{"paths":["/ext/open/*"]}]"#, allowed())
        },
        {
            let inner = case("answered by an earlier plugin", "/ext/before", "", allowed());
            Case {
                chain: [vec![super::key_auth::denies_all()], inner.chain.clone()].concat(),
                check: |outcome| {
                    outcome.is_refused(401);
                    assert!(outcome.calls[0].is_none());
                },
                ..inner
            }
        },
        {
            let inner = case("with another plugin that reads bodies", "/ext/chain", "", allowed());
            Case {
                chain: [inner.chain.clone(), vec![("data_masking", None)]].concat(),
                answer: sized(&["content-type: application/json"], br#"{"phone":"13812345678"}"#),
                check: |o| body_is(o, r#"{"phone":"138****5678"}"#),
                ..inner
            }
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "ext_auth", configuration, log };
    vec![
        refused("{}", "ext-auth: configuration refused: field \"service\": is missing"),
        refused(r#"{"service":{"host":"a","port":70000}}"#, "field \"service.port\": must be a whole number from 1 to 65535"),
        refused(r#"{"service":{"host":"a"},"upstreamHeaders":["host"]}"#, "field \"upstreamHeaders[0]\": must be a header's name"),
    ]
}
