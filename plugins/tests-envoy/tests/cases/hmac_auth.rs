//! hmac-auth. What it signs for the tests is signed here anew, at the time of the test.

use std::time::{SystemTime, UNIX_EPOCH};

use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;

use super::{Case, Refused, body_is, leak};

const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// A configuration with the key of [`signed`].
pub const KEYS: &str = r#"{"consumers":[{"name":"partner","accessKey":"p1","secretKey":"0123456789abcdef0123456789abcdef"}]}"#;

fn chain(more: &str) -> Vec<Plugin> {
    let keys = r#""consumers":[{"name":"partner","accessKey":"p1","secretKey":"0123456789abcdef0123456789abcdef"}]"#;
    vec![("hmac_auth", Some(format!("{{{keys}{more},\"exempt\":[{{\"paths\":[\"/hm/open/*\"]}}]}}")))]
}

fn date(ago: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time").as_secs() - ago;
    httpdate::fmt_http_date(UNIX_EPOCH + std::time::Duration::from_secs(now))
}

/// A `digest` header for a body.
pub fn digest_of(body: &[u8]) -> String {
    format!("SHA-256={}", Base64::encode_string(&Sha256::digest(body)))
}

/// Header lines, and the one that signs them; `ago`: when that was.
pub fn signed(method: &str, path: &str, ago: u64, headers: &[(&str, &str)]) -> Vec<&'static str> {
    let date = date(ago);
    let mut text = format!("p1\n{method} {path}\ndate: {date}\nhost: test\n");
    let mut names = "@request-target date host".to_owned();
    let mut lines = vec![leak(format!("date: {date}"))];
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\n"));
        names.push_str(&format!(" {name}"));
        lines.push(leak(format!("{name}: {value}")));
    }
    let mac = Hmac::<Sha256>::new_from_slice(SECRET).expect("a key").chain_update(text).finalize().into_bytes();
    let signature = Base64::encode_string(&mac);
    lines.push(leak(format!(
        "authorization: Signature keyId=\"p1\",algorithm=\"hmac-sha256\",headers=\"{names}\",signature=\"{signature}\""
    )));
    lines
}

fn get(name: &'static str, path: &'static str) -> Case {
    Case { headers: signed("GET", path, 0, &[]), ..Case::new(name, chain(""), path) }
}

fn post(name: &'static str, path: &'static str, body: &[u8], payload: Payload) -> Case {
    let headers = signed("POST", path, 0, &[("digest", &digest_of(body))]);
    Case { method: "POST", headers, payload, ..Case::new(name, chain(""), path) }
}

pub fn cases() -> Vec<Case> {
    let chunks = |chunks: &[&[u8]]| Payload::Chunked(chunks.iter().map(|chunk| chunk.to_vec()).collect(), vec![]);
    let good = |outcome: &super::Outcome| {
        body_is(outcome, "ok");
        let upstream = outcome.upstream();
        assert_eq!(upstream.all("x-consumer-name"), ["partner"]);
        assert!(upstream.all("authorization").is_empty());
    };
    // Twenty pieces that come one by one, while the answer has begun.
    let slow = |body: &[u8]| Payload::Chunked(vec![body.to_vec(); 20], vec![]);
    let early = || tests_envoy::upstream::chunked(&["content-type: text/plain"], &[b"ok"]);
    vec![
        Case {
            answer: early(),
            check: |outcome| {
                body_is(outcome, "ok");
                assert_eq!(outcome.upstream().body, b"good".repeat(20));
            },
            ..post("answered before its body has come", "/hm/early/good", &b"good".repeat(20), slow(b"good"))
        },
        Case {
            answer: early(),
            counted: vec![("hmac_auth_refused", 1)],
            check: |outcome| {
                assert!(!outcome.response.complete, "{:?}", outcome.response);
                let received = outcome.received.as_ref().expect("the head has come");
                assert!(!received.complete && received.body.is_empty(), "{received:?}");
            },
            ..post("answered before its body has come, which is another", "/hm/early/evil", &b"good".repeat(20), slow(b"evil"))
        },
        Case {
            // Whoever answers behind it ends the exchange; the rest of the body is nobody's.
            chain: [chain(""), vec![super::key_auth::denies_all()]].concat(),
            check: |outcome| outcome.is_refused(401),
            ..post("answered by a later plugin while the body comes", "/hm/answered", &b"good".repeat(20), slow(b"evil"))
        },
        Case {
            counted: vec![("hmac_auth_passed", 1), ("hmac_auth_refused", 0)],
            check: good,
            ..get("a good signature", "/hm/good?a=%31&b")
        },
        Case {
            headers: vec!["x-consumer-name: partner"],
            counted: vec![("hmac_auth_refused", 1)],
            check: |outcome| {
                outcome.is_refused(401);
                let challenge = outcome.response.header("www-authenticate");
                assert_eq!(challenge.as_deref(), Some("Signature realm=\"gateway\", headers=\"@request-target date\""));
            },
            ..get("no signature", "/hm/none")
        },
        Case { path: "/hm/other?a=2", check: |o| o.is_refused(401), ..get("signed for another query", "/hm/other?a=1") },
        Case { method: "DELETE", check: |o| o.is_refused(401), ..get("signed for another method", "/hm/method") },
        Case { headers: signed("GET", "/hm/old", 400, &[]), check: |o| o.is_refused(401), ..get("signed long ago", "/hm/old") },
        Case {
            headers: [signed("GET", "/hm/twice", 0, &[("x-a", "1")]), vec!["x-a: 2"]].concat(),
            check: |o| o.is_refused(401),
            ..get("a signed header that came twice", "/hm/twice")
        },
        Case {
            headers: signed("GET", "/hm/bytes", 0, &[]).into_iter().chain(["x-b: \u{ff}"]).collect(),
            check: good,
            ..get("another header is no text", "/hm/bytes")
        },
        Case {
            headers: vec!["authorization: Signature keyId=\"\u{ff}\",algorithm=\"hmac-sha256\",headers=\"date\",signature=\"AAAA\""],
            check: |o| o.is_refused(401),
            ..get("credentials that are no text", "/hm/odd")
        },
        Case {
            headers: vec![leak(format!("authorization: Signature keyId=\"{}\"", "k".repeat(40_000)))],
            check: |o| o.is_refused(401),
            ..get("huge credentials", "/hm/huge")
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.upstream().body, b"a body");
                assert_eq!(outcome.response.status, 200);
            },
            ..post("a body", "/hm/body", b"a body", Payload::Sized(b"a body".to_vec()))
        },
        Case {
            counted: vec![("hmac_auth_passed", 1)],
            check: |outcome| assert_eq!(outcome.upstream().body, b"a body in chunks"),
            ..post("in chunks", "/hm/chunks", b"a body in chunks", chunks(&[b"a body ", b"in ", b"chunks"]))
        },
        Case {
            counted: vec![("hmac_auth_refused", 1)],
            check: |o| o.is_refused(401),
            ..post("changed on the way", "/hm/changed", b"a body", Payload::Sized(b"A body".to_vec()))
        },
        Case {
            check: |o| o.is_refused(401),
            ..post("changed in chunks", "/hm/changed-chunks", b"a body", chunks(&[b"a b", b"ody!"]))
        },
        Case {
            check: |o| o.is_refused(401),
            ..post("a part is missing", "/hm/part", b"a body", Payload::Sized(b"".to_vec()))
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().body, b""),
            ..post("an empty body", "/hm/empty", b"", Payload::Sized(vec![]))
        },
        Case {
            method: "POST",
            headers: signed("POST", "/hm/undigested", 0, &[]),
            payload: Payload::Sized(b"x".to_vec()),
            check: |o| o.is_refused(401),
            ..get("a body without digest", "/hm/undigested")
        },
        Case {
            chain: chain(r#","maxBodyKiB":1"#),
            check: |o| o.is_refused(413),
            ..post("too large", "/hm/large", &[b'x'; 2000], Payload::Sized(vec![b'x'; 2000]))
        },
        Case {
            chain: chain(r#","maxBodyKiB":1"#),
            check: |o| o.is_refused(413),
            ..post("too large, found out on the way", "/hm/large-chunks", &[b'x'; 2000], chunks(&[&[b'x'; 1000], &[b'x'; 1000]]))
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().body.len(), 700_000),
            ..post("a large body in pieces", "/hm/pieces", &[b'y'; 700_000], Payload::Chunked(vec![vec![b'y'; 100_000]; 7], vec![]))
        },
        Case {
            headers: signed("GET", "/hm/nonce", 0, &[("x-nonce", "n-1")]),
            times: 2,
            counted: vec![("hmac_auth_refused", 1)],
            check: |outcome| {
                assert_eq!(outcome.earlier[0].status, 200, "the first time");
                outcome.is_refused(401);
                body_is(outcome, r#"{"error":"unauthorized","message":"this request came before"}"#);
            },
            ..get("sent again", "/hm/nonce")
        },
        Case {
            times: 2,
            check: |o| body_is(o, "ok"),
            ..get("without nonce it may be sent again", "/hm/again")
        },
        Case {
            chain: chain(r#","requireNonce":true"#),
            check: |o| o.is_refused(401),
            ..get("a nonce is needed", "/hm/needed")
        },
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 401), ..get("HEAD, signed as GET", "/hm/head") },
        Case {
            headers: vec!["x-consumer-name: root"],
            counted: vec![("hmac_auth_skipped", 1)],
            check: |outcome| assert!(outcome.upstream().all("x-consumer-name").is_empty()),
            ..get("exempted", "/hm/open/a")
        },
        Case {
            http2: true,
            check: |outcome| assert_eq!(outcome.upstream().body, b"body"),
            ..post("HTTP/2", "/hm/http2", b"body", Payload::Sized(b"body".to_vec()))
        },
        Case {
            http2: true,
            method: "POST",
            headers: vec!["content-type: application/grpc", "te: trailers"],
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |o| assert_eq!(o.response.header("grpc-status").as_deref(), Some("16")),
            ..get("gRPC is refused in its own words", "/hm/grpc")
        },
        Case {
            chain: [vec![super::key_auth::denies_all()], chain("")].concat(),
            check: |o| o.is_refused(401),
            ..get("answered by an earlier plugin", "/hm/before")
        },
        Case {
            chain: [chain(""), vec![("request_block", Some(r#"{"block_bodies":["bad"]}"#.to_owned()))]].concat(),
            check: |o| o.is_refused(403),
            ..post("in front of another plugin that reads bodies", "/hm/front", b"a bad body", chunks(&[b"a bad", b" body"]))
        },
        Case {
            chain: [vec![("request_block", Some(r#"{"block_bodies":["bad"]}"#.to_owned()))], chain("")].concat(),
            check: |o| o.is_refused(401),
            ..post("behind another plugin that reads bodies", "/hm/behind", b"a good body", chunks(&[b"a good", b" bodY"]))
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "hmac_auth", configuration, log };
    vec![
        refused(r#"{"consumers":[{"name":"a"}]}"#, "hmac-auth: configuration refused: field \"consumers[0].secretKey\": is missing"),
        refused(r#"{"allowedAlgorithms":["hmac-sha1"]}"#, "field \"allowedAlgorithms[0]\": must be one of hmac-sha256"),
        refused(r#"{"clockSkew":0}"#, "field \"clockSkew\": must be a whole number from 1 to 3600, got 0"),
    ]
}
