//! basic-auth.

use tests_envoy::client::Payload;

use super::{Case, Refused, body_is};

/// alice:correct horse (100 rounds), bob:pässword (plain).
const USERS: &str = r#"{"consumers":[
    {"name":"alice","password":"$pbkdf2-sha256$100$c2FsdHNhbHQxMjM0NTY3OA$8B2J36nei0UKYjLq4DXx6rnvBUW4svsM49QbVQN3Vag"},
    {"name":"bob","password":"pässword"}],
    "exempt":[{"paths":["/basic/open*"]}],"rules":[{"paths":["/basic/admin*"],"methods":["POST"],"allow":["alice"]}]}"#;
const ALICE: &str = "authorization: Basic YWxpY2U6Y29ycmVjdCBob3JzZQ==";
const BOB: &str = "authorization: Basic Ym9iOnDDpHNzd29yZA==";
const WRONG: &str = "authorization: Basic YWxpY2U6d3Jvbmc=";

fn case(name: &'static str, path: &'static str, headers: &[&'static str]) -> Case {
    let chain = vec![("basic_auth", Some(USERS.to_owned()))];
    Case { headers: headers.to_vec(), ..Case::new(name, chain, path) }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            times: 2,
            counted: vec![("basic_auth_passed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                assert_eq!(outcome.upstream().all("x-consumer-name"), ["alice"]);
                assert!(outcome.upstream().all("authorization").is_empty());
            },
            ..case("a right password, and again from memory", "/basic/good", &[ALICE, "x-consumer-name: root"])
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().all("x-consumer-name"), ["bob"]),
            ..case("a plain password that is not ASCII", "/basic/plain", &[BOB])
        },
        Case {
            counted: vec![("basic_auth_refused", 1)],
            check: |outcome| {
                outcome.is_refused(401);
                let challenge = outcome.response.header("www-authenticate");
                assert_eq!(challenge.as_deref(), Some("Basic realm=\"gateway\", charset=\"UTF-8\""));
                body_is(outcome, r#"{"error":"unauthorized","message":"no credentials"}"#);
            },
            ..case("no header", "/basic/none", &[])
        },
        Case { check: |o| o.is_refused(401), ..case("a wrong password", "/basic/wrong", &[WRONG]) },
        Case { check: |o| o.is_refused(401), ..case("two headers", "/basic/two", &[ALICE, WRONG]) },
        Case { check: |o| o.is_refused(401), ..case("bytes that are no text", "/basic/bytes", &["authorization: Basic \u{ff}\u{fe}"]) },
        Case { check: |o| o.is_refused(401), ..case("cut base64", "/basic/cut", &["authorization: Basic YWxpY2U6Y29ycmVjdCBob3JzZQ="]) },
        Case {
            check: |o| o.is_refused(401),
            ..case("a huge header", "/basic/huge", &[super::leak(format!("authorization: Basic {}", "QUFB".repeat(12_000)))])
        },
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 401), ..case("HEAD", "/basic/head", &[]) },
        Case {
            chain: vec![("basic_auth", Some(USERS.replace("\"alice\",\"password\"", "\"alice\",\"username\":\"al\",\"password\"")))],
            times: 60,
            check: |outcome| {
                assert!(outcome.earlier.iter().any(|r| r.status == 401), "some are checked");
                assert!(outcome.earlier.iter().any(|r| r.status == 429 && r.header("retry-after").as_deref() == Some("1")));
            },
            ..case("guessing is slowed down", "/basic/guess", &[WRONG])
        },
        Case { counted: vec![("basic_auth_skipped", 1)], check: |o| body_is(o, "ok"), ..case("exempted", "/basic/open?a", &[]) },
        Case { check: |o| body_is(o, "ok"), ..case("another method than the rule's", "/basic/admin", &[BOB]) },
        Case {
            method: "POST",
            payload: Payload::Sized(vec![]),
            check: |o| o.is_refused(403),
            ..case("a rule by path and method, empty body", "/basic/admin/a", &[BOB])
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"one".to_vec(), b"two".to_vec()], vec!["x-sum: 1"]),
            check: |outcome| assert_eq!(outcome.upstream().body, b"onetwo"),
            ..case("chunks and trailers go on", "/basic/chunked", &[ALICE])
        },
        Case { http2: true, check: |o| body_is(o, "ok"), ..case("HTTP/2", "/basic/http2", &[ALICE]) },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |o| assert_eq!(o.response.header("grpc-status").as_deref(), Some("16")),
            ..case("gRPC", "/basic/grpc", &["content-type: application/grpc", "te: trailers"])
        },
        Case {
            chain: vec![super::key_auth::denies_all(), ("basic_auth", Some(USERS.to_owned()))],
            counted: vec![("basic_auth_passed", 0), ("basic_auth_refused", 0)],
            check: |o| o.is_refused(401),
            ..case("answered by an earlier plugin", "/basic/before", &[ALICE])
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "basic_auth", configuration, log };
    vec![
        refused(r#"{"user":[]}"#, "basic-auth: configuration refused: field \"user\": unknown"),
        refused(r#"{"consumers":[{"name":"a","password":"$2b$12$x"}]}"#, "field \"consumers[0].password\": only $pbkdf2-sha256$ is known"),
        refused(r#"{"consumers":[{"name":"a:b","password":"x"}]}"#, "field \"consumers[0].username\": must be text without a colon"),
    ]
}
