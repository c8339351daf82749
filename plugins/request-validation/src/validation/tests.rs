use plugin_kit::fake::{FakeHeaders, FakeProxy};
use proptest::prelude::*;
use serde_json::json;

use super::*;

const ORDERS: &str = r#"{"rules":[{"paths":["/orders","/orders/*"],"methods":["POST"],"rejectedMsg":"not an order",
    "headerSchema":{"required":["x-id"],"properties":{"x-id":{"pattern":"^[0-9]{1,8}$","errorMessage":"x-id is a number"}}},
    "bodySchema":{"type":"object","required":["item"],"properties":{"item":{"type":"integer","minimum":1},"note":{"type":"string","maxLength":5}},"additionalProperties":false}}]}"#;

fn plugin(json: &str) -> Validation {
    Validation::read(json.as_bytes()).expect("good")
}

/// What becomes of a request with this body; None: it ends with its headers.
fn send(plugin: &Validation, path: &str, headers: &[(&str, &str)], body: Option<&[u8]>) -> Decision {
    let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
    let request = FakeHeaders::request("POST", "a.test", path, headers);
    let cx = Cx { headers: &request, proxy: &proxy, end: body.is_none() };
    match (plugin.on_request(&mut stream, &cx), body) {
        (Decision::Collect(_), Some(body)) => {
            plugin.on_request_body(&mut stream, &cx, Body { bytes: body.to_vec(), room: 0 })
        }
        (decision, _) => decision,
    }
}

fn refusal(decision: Decision) -> (u16, Value) {
    match decision {
        Decision::Refuse(reply) => (reply.status, serde_json::from_str(&reply.body).expect("JSON")),
        other => panic!("{other:?}"),
    }
}

const GOOD: [(&str, &str); 2] = [("x-id", "1"), ("content-type", "application/json")];

#[test]
fn what_matches_passes_and_the_rest_is_told_what_is_wrong() {
    let plugin = plugin(ORDERS);
    let of = |body: &str| send(&plugin, "/orders", &GOOD, Some(body.as_bytes()));
    assert_eq!(of(r#"{"item":7,"note":"ok"}"#), Decision::Pass);
    for (body, field, rule) in [
        (r#"{}"#, "/item", "required"),
        (r#"{"item":0}"#, "/item", "minimum"),
        (r#"{"item":"7"}"#, "/item", "type"),
        (r#"{"item":7,"note":"too long"}"#, "/note", "maxLength"),
        (r#"{"item":7,"admin":true}"#, "/admin", "additionalProperties"),
        ("[]", "", "type"),
    ] {
        let expected = json!({"error": "invalid request", "message": "not an order", "field": field, "rule": rule});
        assert_eq!(refusal(of(body)), (400, expected), "{body}");
    }
    assert_eq!(send(&plugin, "/other", &[], Some(b"x")), Decision::Skip);
}

#[test]
fn headers_are_strings() {
    let plugin = plugin(ORDERS);
    let of = |headers: &[(&str, &str)]| refusal(send(&plugin, "/orders", headers, Some(b"{}"))).1;
    assert_eq!(of(&[])["field"], "/x-id");
    assert_eq!(of(&[("x-id", "a")])["message"], "x-id is a number");
    assert_eq!(of(&[("x-id", "1"), ("x-id", "2")])["rule"], "pattern", "joined by commas");
    let cookies = self::plugin(r#"{"headerSchema":{"properties":{"cookie":{"const":"a=1; b=2"},":path":false}}}"#);
    assert_eq!(send(&cookies, "/", &[("cookie", "a=1"), ("cookie", "b=2")], None), Decision::Pass);
}

#[test]
fn bodies_that_another_reader_may_read_otherwise_are_refused() {
    let plugin = plugin(ORDERS);
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json, text/plain",
        "application/json; charset=utf-16",
        "json",
        "",
    ] {
        assert_eq!(
            refusal(send(&plugin, "/orders", &[("x-id", "1"), ("content-type", kind)], Some(b"{}"))).0,
            415,
            "{kind}"
        );
    }
    for kind in ["application/json;charset=UTF-8", "Application/Problem+JSON"] {
        assert_eq!(
            send(&plugin, "/orders", &[("x-id", "1"), ("content-type", kind)], Some(br#"{"item":1}"#)),
            Decision::Pass,
            "{kind}"
        );
    }
    assert_eq!(refusal(send(&plugin, "/orders", &[("x-id", "1")], Some(b"{}"))).0, 415);
    let twice = [("x-id", "1"), ("content-type", "application/json"), ("content-type", "application/json")];
    assert_eq!(refusal(send(&plugin, "/orders", &twice, Some(b"{}"))).0, 415);
    let gzip = [GOOD[0], GOOD[1], ("content-encoding", "gzip")];
    assert_eq!(refusal(send(&plugin, "/orders", &gzip, Some(b"{}"))).0, 415);
    assert_eq!(refusal(send(&plugin, "/orders", &GOOD, None)).1["message"], "a body is missing");
    for body in [
        &b""[..],
        b"{",
        br#"{"item":0,"item":1}"#,
        b"{\"item\":1}\0",
        b"\xef\xbb\xbf{\"item\":1}",
        b"{\"item\":\"\xff\"}",
        &b"[".repeat(10_000),
        b"{'item':1}",
        b"{\"item\":01}",
    ] {
        let (status, told) = refusal(send(&plugin, "/orders", &GOOD, Some(body)));
        assert_eq!(status, 400, "{told}");
    }
    let large = [GOOD[0], GOOD[1], ("content-length", "2000000")];
    assert_eq!(refusal(send(&plugin, "/orders", &large, Some(b"{}"))).0, 413);
}

#[test]
fn every_rule_that_may_be_meant_must_hold() {
    let plugin = plugin(
        r#"{"rejectedCode":422,"verbose":false,"bodySchema":{"type":"object"},"rules":[{"paths":["/a/*"],"bodySchema":{"required":["x"]}}]}"#,
    );
    let of = |path: &str, body: &str| send(&plugin, path, &GOOD, Some(body.as_bytes()));
    assert_eq!(of("/b", "{}"), Decision::Pass);
    assert_eq!(
        refusal(of("/b", "[]")),
        (422, json!({"error": "invalid request", "message": "the body does not match"}))
    );
    assert_eq!(refusal(of("/a/b", "{}")).0, 422);
    assert_eq!(refusal(of("/b/..%2fa/b", "{}")).0, 422, "a path that may be another");
    assert_eq!(of("/a/b", r#"{"x":1}"#), Decision::Pass);
}

#[test]
fn names_of_strangers_are_shortened() {
    let plugin = plugin(r#"{"bodySchema":{"additionalProperties":false}}"#);
    let body = json!({"\"<\u{1}é".repeat(500): 1}).to_string();
    let (_, told) = refusal(send(&plugin, "/", &GOOD, Some(body.as_bytes())));
    assert_eq!(told["field"].as_str().map(|field| field.chars().count()), Some(MAX_POINTER));
}

proptest! {
    #[test]
    fn nothing_panics(path in "[/a-z.%]{0,20}", kind in "[a-z/+;,= -]{0,30}", body in proptest::collection::vec(any::<u8>(), 0..60), text in "[{}\\[\\]\":,a-z0-9]{0,40}") {
        let plugin = plugin(ORDERS);
        send(&plugin, &path, &[("content-type", &kind)], Some(&body));
        send(&plugin, "/orders", &GOOD, Some(text.as_bytes()));
        let _ = Validation::read(&body);
    }
}
