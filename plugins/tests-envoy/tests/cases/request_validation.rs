//! request-validation.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;

use super::{Case, Refused, body_is, leak};

const JSON: &str = "content-type: application/json";
const RULES: &str = r#"{"maxBodyKiB":64,"rules":[{"methods":["POST"],"bodySchema":{"type":"object","required":["item"],"additionalProperties":false,
    "properties":{"item":{"type":"integer","minimum":1},"note":{"type":"string","pattern":"^[a-z ]*$","errorMessage":"letters only"},"tree":{"$ref":"\u0023/$defs/tree"}},
    "$defs":{"tree":{"type":"array","items":{"$ref":"\u0023/$defs/tree"}}}}},
    {"paths":["/rv/head/*"],"headerSchema":{"required":["x-id"],"properties":{"x-id":{"pattern":"^[0-9]+$"}}}}]}"#;

/// What only the newer drafts have: order types that share a base, each with fields of its own.
const NEWER: &str = r##"{"rules":[{"paths":["/rv/newer/*"],"bodySchema":{"$ref":"#base","properties":{"kind":{"const":"gift"},"to":{"format":"email"}},
    "unevaluatedProperties":false,"$defs":{"base":{"$anchor":"base","$dynamicAnchor":"node","properties":{"id":{"format":"uuid"},"parts":{"items":{"$dynamicRef":"#node"}}}}}}}]}"##;

fn chain() -> Vec<Plugin> {
    vec![("request_validation", Some(RULES.to_owned()))]
}

fn post(name: &'static str, path: &'static str, payload: Payload) -> Case {
    Case { method: "POST", headers: vec![JSON], payload, check: |o| o.is_refused(400), ..Case::new(name, chain(), path) }
}

fn newer(name: &'static str, path: &'static str, body: &str) -> Case {
    Case { chain: vec![("request_validation", Some(NEWER.to_owned()))], check: |_| (), ..post(name, path, sized(body)) }
}

fn sized(text: &str) -> Payload {
    Payload::Sized(text.into())
}

pub fn cases() -> Vec<Case> {
    let chunks = |chunks: &[&str]| Payload::Chunked(chunks.iter().map(|c| c.as_bytes().to_vec()).collect(), vec![]);
    let get = |name, path, headers: &[&'static str]| Case { headers: headers.to_vec(), ..Case::new(name, chain(), path) };
    vec![
        Case {
            counted: vec![("request_validation_passed", 1)],
            check: |outcome| {
                body_is(outcome, "ok");
                assert_eq!(outcome.upstream().body, br#"{"item":7,"note":"ok","tree":[[],[[]]]}"#);
            },
            ..post("a good body", "/rv/good", sized(r#"{"item":7,"note":"ok","tree":[[],[[]]]}"#))
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().body, br#"{"item":7}"#),
            ..post("in chunks", "/rv/chunks", chunks(&["{\"it", "em\":", "7}"]))
        },
        Case {
            counted: vec![("request_validation_refused", 1)],
            check: |outcome| {
                outcome.is_refused(400);
                body_is(outcome, r#"{"error":"invalid request","field":"/note","message":"letters only","rule":"pattern"}"#);
                assert_eq!(outcome.response.header("content-type").as_deref(), Some("application/json"));
            },
            ..post("a message of its own", "/rv/note", sized(r#"{"item":7,"note":"<1>"}"#))
        },
        Case {
            check: |outcome| {
                outcome.is_refused(400);
                body_is(outcome, r#"{"error":"invalid request","field":"/item","message":"the body does not match","rule":"required"}"#);
            },
            ..post("a field is missing", "/rv/missing", chunks(&["{", "}"]))
        },
        post("a field too many", "/rv/more", sized(r#"{"item":7,"admin":true}"#)),
        post("a field twice", "/rv/twice", sized(r#"{"item":0,"item":7}"#)),
        post("an empty body", "/rv/empty", sized("")),
        post("an empty chunked body", "/rv/empty-chunked", chunks(&[])),
        post("no body at all", "/rv/none", Payload::None),
        post("not UTF-8", "/rv/bytes", Payload::Sized(b"{\"item\":7,\"note\":\"\xff\"}".to_vec())),
        post("deeper than anything", "/rv/deep", sized(&format!("{{\"item\":7,\"tree\":{}", "[".repeat(30_000)))),
        post("a tree that is no tree", "/rv/tree", sized(r#"{"item":7,"tree":[[[1]]]}"#)),
        Case { check: |o| o.is_refused(413), ..post("too large", "/rv/large", Payload::Sized(vec![b' '; 70_000])) },
        Case {
            check: |o| o.is_refused(413),
            ..post("too large, found out on the way", "/rv/large-chunks", Payload::Chunked(vec![vec![b' '; 40_000]; 2], vec![]))
        },
        Case { headers: vec!["content-type: text/plain"], check: |o| o.is_refused(415), ..post("another type", "/rv/type", sized(r#"{"item":7}"#)) },
        Case { headers: vec![], check: |o| o.is_refused(415), ..post("no type", "/rv/no-type", sized(r#"{"item":7}"#)) },
        Case { headers: vec![JSON, JSON], check: |o| o.is_refused(415), ..post("two types", "/rv/two-types", sized(r#"{"item":7}"#)) },
        Case { headers: vec![JSON, "content-encoding: gzip"], check: |o| o.is_refused(415), ..post("compressed", "/rv/gzip", sized("x")) },
        Case { headers: vec!["x-id: 7"], check: |o| body_is(o, "ok"), ..get("a good header", "/rv/head/good", &["x-id: 7"]) },
        Case { check: |o| o.is_refused(400), ..get("a header is missing", "/rv/head/missing", &[]) },
        Case { check: |o| o.is_refused(400), ..get("a header that came twice", "/rv/head/twice", &["x-id: 7", "x-id: 8"]) },
        Case { check: |o| o.is_refused(400), ..get("a header that is no text", "/rv/head/bytes", &["x-id: \u{ff}"]) },
        Case {
            check: |o| o.is_refused(400),
            ..get("a huge header", "/rv/head/huge", &[leak(format!("x-id: {}x", "7".repeat(40_000)))])
        },
        Case { method: "HEAD", check: |o| assert_eq!(o.response.status, 400), ..get("HEAD", "/rv/head/head", &[]) },
        Case {
            counted: vec![("request_validation_skipped", 1)],
            check: |o| body_is(o, "ok"),
            ..get("no rule", "/rv/other", &[])
        },
        Case { check: |o| o.is_refused(400), ..get("a path that may be another", "/rv/x/..%2fhead/a", &[]) },
        Case {
            http2: true,
            check: |outcome| assert_eq!(outcome.upstream().body, br#"{"item":7}"#),
            ..post("HTTP/2", "/rv/http2", sized(r#"{"item":7}"#))
        },
        Case { http2: true, ..post("HTTP/2, refused", "/rv/http2-no", chunks(&["{\"item\"", ":0}"])) },
        Case {
            http2: true,
            headers: vec!["content-type: application/grpc", "te: trailers"],
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                assert!(outcome.response.header("grpc-status").is_some_and(|status| status != "0"));
            },
            ..post("gRPC is no JSON", "/rv/grpc", sized("\0\0\0\0\0"))
        },
        Case {
            chain: [vec![super::key_auth::denies_all()], chain()].concat(),
            check: |o| o.is_refused(401),
            ..post("answered by an earlier plugin", "/rv/before", sized(r#"{"item":7}"#))
        },
        Case {
            chain: [chain(), vec![("request_block", Some(r#"{"block_bodies":["evil"]}"#.to_owned()))]].concat(),
            check: |o| o.is_refused(403),
            ..post("in front of another plugin that reads bodies", "/rv/front", chunks(&["{\"item\":7,", "\"note\":\"evil\"}"]))
        },
        Case {
            chain: [vec![("request_block", Some(r#"{"block_bodies":["evil"]}"#.to_owned()))], chain()].concat(),
            check: |outcome| assert_eq!(outcome.upstream().body, br#"{"item":7}"#),
            ..post("behind another plugin that reads bodies", "/rv/behind", chunks(&["{\"item\"", ":7}"]))
        },
        Case {
            check: |o| body_is(o, "ok"),
            ..newer("a known field of each schema", "/rv/newer/good", r#"{"kind":"gift","to":"a@b.example","parts":[{"id":"01234567-89ab-cdef-0123-456789abcdef"}]}"#)
        },
        Case {
            check: |o| body_is(o, r#"{"error":"invalid request","field":"/more","message":"the body does not match","rule":"unevaluatedProperties"}"#),
            ..newer("a field of neither schema", "/rv/newer/more", r#"{"kind":"gift","more":1}"#)
        },
        Case {
            check: |o| body_is(o, r#"{"error":"invalid request","field":"/parts/0/id","message":"the body does not match","rule":"format"}"#),
            ..newer("a format, through a dynamic reference", "/rv/newer/format", r#"{"parts":[{"id":"7"}]}"#)
        },
        Case {
            chain: vec![("request_validation", Some(NEWER.replacen('{', r#"{"checkFormats":false,"#, 1)))],
            check: |o| body_is(o, "ok"),
            ..newer("formats that are not wanted", "/rv/newer/formats", r#"{"to":"nobody"}"#)
        },
        Case {
            chain: vec![("request_validation", None)],
            check: |o| body_is(o, "ok"),
            ..post("no configuration", "/rv/nothing", sized("anything"))
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "request_validation", configuration, log };
    vec![
        refused(r#"{"bodySchema":{"typ":"object"}}"#, "request-validation: configuration refused: field \"bodySchema/typ\": is no keyword"),
        refused(r#"{"bodySchema":{"pattern":"(?=a)"}}"#, "field \"bodySchema/pattern\": not a usable regular expression"),
        refused(r#"{"rules":[{"paths":["/a"]}]}"#, "field \"rules[0]\": must have headerSchema or bodySchema"),
    ]
}
