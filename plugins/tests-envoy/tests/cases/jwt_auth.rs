//! jwt-auth.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::json_string;
use tests_envoy::upstream::{sized, status};

use super::{Case, Refused, body_is, leak};

/// Keys and tokens that `jwt-auth` is tested with natively, too.
const VECTORS: &str = include_str!("../../../jwt-auth/src/vectors.json");

/// What stands behind a name in the vectors.
fn vector(name: &str) -> &'static str {
    let start = format!("\"{name}\": \"");
    VECTORS.split(&start).nth(1).and_then(|rest| rest.split('"').next()).expect("a vector")
}

fn jwks() -> String {
    let keys = VECTORS.split("\"jwks\": ").nth(1).and_then(|rest| rest.split(" \"secret\"").next()).expect("keys");
    keys.trim().trim_end_matches(',').to_owned()
}

/// A header with a token of the vectors.
pub fn bearer(name: &str) -> &'static str {
    leak(format!("authorization: Bearer {}", vector(name)))
}

/// A configuration for the tokens of the vectors.
pub fn consumers() -> String {
    format!(r#"{{"consumers":[{{"name":"alice","audiences":["api"],"jwks":{}}}]}}"#, json_string(&jwks()))
}

fn inline(more: &str) -> Vec<Plugin> {
    let jwks = json_string(&jwks());
    vec![(
        "jwt_auth",
        Some(format!(
            r#"{{"consumers":[{{"name":"alice","issuer":"https://issuer.test","audiences":["api"],"jwks":{jwks},
            "claimsToHeaders":[{{"claim":"sub","header":"x-user"}},{{"claim":"roles","header":"x-roles"}}]}}],
            "fromHeaders":[{{"name":"authorization","valuePrefix":"Bearer "}},{{"name":"x-token"}}],"fromParams":["access_token"],"fromCookies":["jwt"],
            "exempt":[{{"paths":["/jwt/open/*"]}}]{more}}}"#
        )),
    )]
}

fn case(name: &'static str, path: &'static str, headers: &[&'static str]) -> Case {
    Case { headers: headers.to_vec(), ..Case::new(name, inline(""), path) }
}

/// A case whose keys are fetched at `/keys` + path.
fn remote(name: &'static str, path: &'static str, token: &str, answer: Vec<Vec<u8>>) -> Case {
    let asked = leak(format!("/keys{path}"));
    let configuration = format!(
        r#"{{"consumers":[{{"name":"alice","issuer":"https://issuer.test","remoteJwks":{{"host":"service.test","port":8080,"path":"{asked}","timeoutMs":600,"refreshSeconds":3600}}}}]}}"#
    );
    Case {
        headers: vec![bearer(token)],
        callouts: vec![(asked, answer)],
        ..Case::new(name, vec![("jwt_auth", Some(configuration))], path)
    }
}

pub fn cases() -> Vec<Case> {
    let keys = || sized(&["content-type: application/json"], jwks().as_bytes());
    let mut cases = vec![
        Case {
            counted: vec![("jwt_auth_passed", 1), ("jwt_auth_refused", 0)],
            check: |outcome| {
                body_is(outcome, "ok");
                let upstream = outcome.upstream();
                assert_eq!(upstream.all("x-consumer-name"), ["alice"]);
                assert_eq!((upstream.all("x-user"), upstream.all("x-roles")), (vec!["alice".to_owned()], vec!["a,b".to_owned()]));
                assert_eq!(upstream.all("authorization").len(), 1);
            },
            ..case("a good token", "/jwt/good", &[bearer("RS256"), "x-user: root", "x-user: root2", "x-consumer-name: root"])
        },
        Case {
            counted: vec![("jwt_auth_refused", 1)],
            check: |outcome| {
                outcome.is_refused(401);
                assert_eq!(outcome.response.header("www-authenticate").as_deref(), Some("Bearer realm=\"gateway\""));
                body_is(outcome, r#"{"error":"unauthorized","message":"no token"}"#);
            },
            ..case("no token", "/jwt/none", &[])
        },
        Case {
            check: |outcome| {
                outcome.is_refused(401);
                let challenge = outcome.response.header("www-authenticate").unwrap_or_default();
                assert!(challenge.contains("error=\"invalid_token\", error_description=\"the signature"), "{challenge}");
            },
            ..case("other claims under the same signature", "/jwt/forged", &[bearer("RS256 with other claims")])
        },
        Case { check: |o| o.is_refused(401), ..case("HMAC with the public key", "/jwt/confused", &[bearer("HS256 with the public key, PEM")]) },
        Case {
            check: |o| o.is_refused(401),
            ..case("unsigned", "/jwt/unsigned", &[leak(format!("authorization: Bearer eyJhbGciOiJub25lIn0.{}.", vector("RS256").split('.').nth(1).expect("claims")))])
        },
        Case { check: |o| o.is_refused(401), ..case("two tokens", "/jwt/two", &[bearer("RS256"), bearer("ES256")]) },
        Case { check: |o| o.is_refused(401), ..case("a token that is no text", "/jwt/bytes", &["authorization: Bearer \u{ff}.\u{fe}.\u{fd}"]) },
        Case {
            check: |o| o.is_refused(401),
            ..case("a huge token", "/jwt/huge", &[leak(format!("authorization: Bearer {}.{}.a", "e".repeat(20_000), "e".repeat(20_000)))])
        },
        Case { check: |o| o.is_refused(401), ..case("another scheme", "/jwt/basic", &["authorization: Basic YTpi"]) },
        Case {
            chain: inline(r#","hideCredentials":true"#),
            check: |outcome| {
                assert_eq!(outcome.upstream().target(), "/jwt/query?a=%31&b");
                assert_eq!(outcome.upstream().all("x-user"), ["alice"]);
            },
            ..case("in the query, and hidden", leak(format!("/jwt/query?a=%31&access_token={}&b", vector("ES256"))), &[])
        },
        Case {
            chain: inline(r#","hideCredentials":true"#),
            check: |outcome| assert_eq!(outcome.upstream().all("cookie"), ["a=b; c=d"]),
            ..case("in a cookie, and hidden", "/jwt/cookie", &[leak(format!("cookie: a=b; jwt={}; c=d", vector("EdDSA")))])
        },
        Case {
            times: 3,
            counted: vec![("jwt_auth_passed", 1)],
            check: |o| body_is(o, "ok"),
            ..case("the same token again", "/jwt/again", &[bearer("ES384")])
        },
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 401), ..case("HEAD", "/jwt/head", &[]) },
        Case {
            counted: vec![("jwt_auth_skipped", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                assert!(outcome.upstream().all("x-user").is_empty() && outcome.upstream().all("x-consumer-name").is_empty());
            },
            ..case("exempted", "/jwt/open/a", &["x-user: root", "x-consumer-name: root"])
        },
        Case { check: |o| o.is_refused(401), ..case("a path that may be another", "/jwt/open/%2e%2e/a", &[]) },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"one".to_vec(), b"two".to_vec()], vec![]),
            check: |outcome| assert_eq!(outcome.upstream().body, b"onetwo"),
            ..case("a chunked body goes on", "/jwt/chunked", &[bearer("PS256")])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"body".to_vec()),
            check: |outcome| assert_eq!(outcome.upstream().body, b"body"),
            ..case("HTTP/2", "/jwt/http2", &[bearer("ES512")])
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"\0\0\0\0\0".to_vec()),
            check: |outcome| assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("16")),
            ..case("gRPC is refused in its own words", "/jwt/grpc", &["content-type: application/grpc", "te: trailers"])
        },
        Case {
            chain: [vec![super::key_auth::denies_all()], inline("")].concat(),
            check: |outcome| outcome.is_refused(401),
            ..case("answered by an earlier plugin", "/jwt/before", &[bearer("RS256")])
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.upstream().all("x-consumer-name"), ["alice"]);
                assert_eq!(outcome.upstream().body, b"waits");
            },
            method: "POST",
            payload: Payload::Sized(b"waits".to_vec()),
            ..remote("a body waits for fetched keys", "/jwt/fetched", "RS256", keys())
        },
        Case {
            counted: vec![("jwt_auth_errors", 1)],
            check: |outcome| {
                outcome.is_refused(503);
                assert_eq!(outcome.response.header("retry-after").as_deref(), Some("1"));
            },
            ..remote("the service of the keys fails", "/jwt/fails", "RS256", status("500 Oh", &[], b""))
        },
        Case { check: |o| o.is_refused(503), ..remote("it closes the connection", "/jwt/closes", "RS256", vec![]) },
        Case { check: |o| o.is_refused(503), ..remote("it takes too long", "/jwt/hang", "RS256", keys()) },
        Case { check: |o| o.is_refused(503), ..remote("it sends no keys", "/jwt/odd", "RS256", sized(&[], b"<html>")) },
        Case {
            check: |o| o.is_refused(401),
            ..remote("a key that is not there", "/jwt/unknown", "RS256 with an unknown kid", keys())
        },
        Case {
            chain: vec![(
                "jwt_auth",
                Some(r#"{"consumers":[{"name":"a","remoteJwks":{"host":"dead.test","port":8080}},{"name":"b","remoteJwks":{"host":"unknown.test"}}]}"#.to_owned()),
            )],
            callouts: vec![],
            check: |o| o.is_refused(503),
            ..remote("services that nobody runs or knows", "/jwt/dead", "RS256", vec![])
        },
    ];
    // Every way to sign, as the proxy computes it.
    for name in ["RS384", "RS512", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "RS256 without kid", "RS256 with exponent 3"] {
        let path = leak(format!("/jwt/way/{}", name.replace(' ', "-")));
        cases.push(Case { check: |o| body_is(o, "ok"), ..case(name, path, &[bearer(name)]) });
    }
    cases
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "jwt_auth", configuration, log };
    vec![
        refused(r#"{"consumer":[]}"#, "jwt-auth: configuration refused: field \"consumer\": unknown"),
        refused(r#"{"consumers":[{"name":"a"}]}"#, "field \"consumers[0].jwks\": is missing, and so is remoteJwks"),
        refused(
            r#"{"consumers":[{"name":"a","jwks":"{\"keys\":[{\"kty\":\"RSA\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]}"}]}"#,
            "field \"consumers[0].jwks\": key 0: must have an odd modulus of 2048 to 4096 bits",
        ),
    ]
}
