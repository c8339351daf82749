//! request-block.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;

use super::{Case, Refused, body_is};

const ALL: &str = r#"{"block_urls":["swagger"],"block_regexp_urls":["\\.env$"],"block_headers":["x-debug:","blob: \u00ff"],"block_bodies":["<script"],"block_regexp_bodies":["drop\\s+table"],"case_sensitive":false,"blocked_message":"no","max_body_kib":64}"#;
const LENIENT: &str = r#"{"block_bodies":["<script"],"unreadable_bodies":"pass","max_body_kib":1}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("request_block", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str) -> Case {
    Case { check: |outcome| outcome.is_refused(403), ..Case::new(name, chain(Some(ALL)), path) }
}

fn post(name: &'static str, path: &'static str, payload: Payload) -> Case {
    Case { method: "POST", payload, ..case(name, path) }
}

pub fn cases() -> Vec<Case> {
    let sized = |text: &str| Payload::Sized(text.into());
    let chunks = |chunks: &[&str]| Payload::Chunked(chunks.iter().map(|c| c.as_bytes().to_vec()).collect(), vec![]);
    vec![
        Case {
            counted: vec![("request_block_refused", 1)],
            check: |outcome| {
                outcome.is_refused(403);
                body_is(outcome, b"no");
            },
            ..case("a part of the URL", "/rb/Swagger.html")
        },
        case("percent-encoded", "/rb/sw%61gger"),
        case("an expression", "/rb/.ENV"),
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 403), ..case("HEAD", "/rb/swagger-head") },
        Case { headers: vec!["X-Debug: 1"], ..case("a header", "/rb/header") },
        Case { headers: vec!["a: 1", "x-debug: 0", "x-debug: 1"], ..case("a header that came twice", "/rb/twice") },
        Case {
            headers: vec!["blob: \u{c3}\u{28}"],
            check: |outcome| body_is(outcome, b"ok"),
            ..case("a header that is not UTF-8", "/rb/bytes")
        },
        post("a body", "/rb/body", sized("a <SCRIPT>")),
        post("a body in chunks", "/rb/chunks", chunks(&["a <scr", "ipt> b"])),
        Case { http2: true, ..post("a body in HTTP/2", "/rb/h2", sized("DROP  TABLE x")) },
        Case {
            counted: vec![("request_block_passed", 1)],
            check: |outcome| assert_eq!(outcome.upstream().body, b"all is well"),
            ..post("a good body arrives whole", "/rb/good", chunks(&["all is", " well"]))
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().body, b""),
            ..post("an empty body", "/rb/empty", sized(""))
        },
        post("a body that is too large", "/rb/large", Payload::Sized(vec![b'x'; 65 * 1024])),
        post("too large, found out on the way", "/rb/large-chunks", Payload::Chunked(vec![vec![b'x'; 40_000]; 2], vec![])),
        Case { headers: vec!["content-encoding: gzip"], ..post("a compressed body", "/rb/gzip", sized("x")) },
        Case {
            chain: chain(Some(LENIENT)),
            counted: vec![("request_block_errors", 1)],
            check: |outcome| assert_eq!(outcome.upstream().body.len(), 3000),
            ..post("too large, but let pass", "/rb/lenient", Payload::Chunked(vec![vec![b'x'; 1000]; 3], vec![]))
        },
        Case {
            http2: true,
            headers: vec!["content-type: application/grpc"],
            check: |outcome| assert_eq!(outcome.upstream().body, b"<script"),
            ..post("gRPC bodies are left alone", "/rb/grpc", sized("<script"))
        },
        Case {
            chain: chain(None),
            check: |outcome| body_is(outcome, b"ok"),
            ..case("no configuration", "/rb/swagger-none")
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "request_block", configuration, log };
    vec![
        refused(r#"{"block_urls":[""]}"#, "request-block: configuration refused: field \"block_urls[0]\": empty"),
        refused(r#"{"block_regexp_bodies":["("]}"#, "field \"block_regexp_bodies[0]\": not a usable regular expression"),
        refused(r#"{"blocked_code":1}"#, "field \"blocked_code\": must be a whole number"),
    ]
}
