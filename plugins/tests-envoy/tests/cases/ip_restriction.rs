//! ip-restriction. The client is 127.0.0.1.

use tests_envoy::client::Payload;

use super::{Case, Refused, body_is};

const HEADER: &str = r#"{"allow":["10.0.0.0/8","2001:db8::/32"],"deny":["10.66.0.0/16"],"source":"header","hops":2}"#;
const LOCAL: &str = r#"{"allow":["127.0.0.0/8"]}"#;
const NOT_LOCAL: &str = r#"{"deny":["127.0.0.1"],"status":451,"message":"not here"}"#;

fn case(name: &'static str, path: &'static str, configuration: &str, headers: &[&'static str]) -> Case {
    let chain = vec![("ip_restriction", Some(configuration.to_owned()))];
    Case { headers: headers.to_vec(), ..Case::new(name, chain, path) }
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("ip_restriction_passed", 1)],
            check: |o| body_is(o, "ok"),
            ..case("an allowed peer", "/ip/peer", LOCAL, &[])
        },
        Case {
            // Without use_remote_address (as in Istio's sidecars) Envoy itself takes the last entry for the peer.
            check: |o| o.is_refused(403),
            ..case("Envoy believes the header", "/ip/believed", LOCAL, &["x-forwarded-for: 8.8.8.8"])
        },
        Case {
            counted: vec![("ip_restriction_refused", 1)],
            check: |outcome| {
                outcome.is_refused(451);
                body_is(outcome, "not here");
                assert_eq!(outcome.response.header("content-type").as_deref(), Some("text/plain; charset=utf-8"));
            },
            ..case("a denied peer, own words", "/ip/denied", NOT_LOCAL, &[])
        },
        Case {
            check: |o| body_is(o, "ok"),
            ..case("the second from the end", "/ip/second", HEADER, &["x-forwarded-for: 1.1.1.1, 10.1.2.3, 2.2.2.2"])
        },
        Case {
            check: |o| body_is(o, "ok"),
            ..case("over two lines", "/ip/lines", HEADER, &["x-forwarded-for: 2001:db8::7", "x-forwarded-for: 2.2.2.2"])
        },
        Case {
            check: |outcome| {
                outcome.is_refused(403);
                body_is(outcome, r#"{"error":"forbidden","message":"this address is not allowed"}"#);
            },
            ..case("denied before allowed", "/ip/66", HEADER, &["x-forwarded-for: 10.66.0.1, 2.2.2.2"])
        },
        Case {
            check: |o| o.is_refused(403),
            ..case("forged in front", "/ip/forged", HEADER, &["x-forwarded-for: 10.1.2.3, 9.9.9.9, 2.2.2.2"])
        },
        Case { check: |o| o.is_refused(403), ..case("no header", "/ip/none", HEADER, &[]) },
        Case { check: |o| o.is_refused(403), ..case("too short", "/ip/short", HEADER, &["x-forwarded-for: 10.1.2.3"]) },
        Case { check: |o| o.is_refused(403), ..case("no text", "/ip/bytes", HEADER, &["x-forwarded-for: \u{ff}, 2.2.2.2"]) },
        Case {
            check: |o| body_is(o, "ok"),
            ..case("a huge header", "/ip/huge", HEADER, &[super::leak(format!("x-forwarded-for: {}1.1.1.1", "10.0.0.1,".repeat(4_000)))])
        },
        Case {
            method: "HEAD",
            check: |o| assert_eq!(o.response.status, 451),
            ..case("HEAD", "/ip/head", NOT_LOCAL, &[])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Chunked(vec![b"a".to_vec(), b"b".to_vec()], vec![]),
            check: |o| assert_eq!(o.upstream().body, b"ab"),
            ..case("HTTP/2 with a body", "/ip/http2", LOCAL, &[])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |o| assert_eq!(o.response.header("grpc-status").as_deref(), Some("7")),
            ..case("gRPC", "/ip/grpc", r#"{"deny":["127.0.0.1"]}"#, &["content-type: application/grpc", "te: trailers"])
        },
        Case {
            chain: vec![super::key_auth::denies_all(), ("ip_restriction", Some(LOCAL.to_owned()))],
            counted: vec![("ip_restriction_passed", 0)],
            check: |o| o.is_refused(401),
            ..case("answered by an earlier plugin", "/ip/before", LOCAL, &[])
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "ip_restriction", configuration, log };
    vec![
        refused(r#"{"allow":["10.0.0.1/8"]}"#, "ip-restriction: configuration refused: field \"allow[0]\": must be an address or a network"),
        refused(r#"{"hops":17}"#, "field \"hops\": must be a whole number from 1 to 16, got 17"),
        refused(r#"{"blacklist":[]}"#, "field \"blacklist\": unknown"),
    ]
}
