//! JSON from strangers for the plugins that look into it: schemas and values, and documents that are changed.

use plugin_kit::exercise::Input;
use plugin_kit::fake::{FakeHeaders, FakeProxy};
use plugin_kit::plugin::{Body, Decision, Plugin, Side};
use serde_json::{Value, json};

/// Any schema and any value for request-validation. Both may be no JSON at all.
pub fn any_schema(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let schema = input.bytes();
    let configuration = [br#"{"bodySchema":"#, schema, b"}"].concat();
    let Ok(plugin) = request_validation_subject::Started::read(&configuration) else {
        return;
    };
    let (proxy, mut stream) = (FakeProxy::default(), Default::default());
    let request = FakeHeaders::request("POST", "a", "/", &[("content-type", "application/json")]);
    if let Decision::Collect(_) = plugin.on_request(&mut stream, &proxy.cx(&request)) {
        let body = Body { bytes: input.rest().to_vec(), room: 0 };
        plugin.on_request_body(&mut stream, &proxy.cx(&FakeHeaders::default()), body);
    }
}

/// Steps that reach everywhere in a document.
fn steps() -> Value {
    json!([
        {"operate": "add", "body": [{"key": "a.b.0", "value": "1", "value_type": "number"}]},
        {"operate": "append", "body": [{"key": "a.b", "appendValue": "{\"x\":[]}", "value_type": "object"}]},
        {"operate": "rename", "body": [{"oldKey": "a.c", "newKey": "d.e"}]},
        {"operate": "map", "body": [{"fromKey": "d", "toKey": "f.0"}, {"fromKey": "f", "toKey": "a.g"}]},
        {"operate": "dedupe", "body": [{"key": "a.b", "strategy": "RETAIN_UNIQUE"}, {"key": "h", "strategy": "SPLIT_AND_RETAIN_LAST"}]},
        {"operate": "replace", "body": [{"key": "h", "newValue": "${header.x}"}]},
        {"operate": "remove", "body": [{"key": "a.b.1"}, {"key": "i"}]},
    ])
}

/// Any body for transformer.
///
/// # Panics
/// If JSON becomes something else.
pub fn any_document(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let Value::Array(mut steps) = steps() else { return };
    // Some of the steps, from some on.
    let from = usize::from(input.byte()) % steps.len();
    steps.rotate_left(from);
    steps.truncate(1 + usize::from(input.byte()) % steps.len());
    let Ok(plugin) = transformer_subject::Started::read(json!({"respRules": steps}).to_string().as_bytes()) else {
        return;
    };
    let body = input.rest();
    let (proxy, mut stream) = (FakeProxy::default(), Default::default());
    plugin.on_request(&mut stream, &proxy.cx(&FakeHeaders::request("GET", "a", "/?q=1", &[])));
    let headers = FakeHeaders::new(&[(":status", "200"), ("content-type", "application/json"), ("x", "\u{e4}\"\\")]);
    let Decision::Collect(_) = plugin.on_response(&mut stream, &proxy.cx(&headers)) else {
        return;
    };
    let cx = proxy.cx(&headers);
    let decision = plugin.on_response_body(&mut stream, &cx, Body { bytes: body.to_vec(), room: usize::MAX });
    if let Decision::Replace(changed) = decision {
        let is_json = |bytes: &[u8]| serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok();
        assert!(!is_json(body) || is_json(&changed), "{}", String::from_utf8_lossy(&changed));
    }
}

/// Any body for access-log, in pieces, and what it would log of it.
///
/// # Panics
/// If a member called `password` is in the line as it came.
pub fn any_logged_body(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let configuration = br#"{"request":{"body":{"enabled":true,"maxSize":512}},"output":"service","service":{"host":"a","maxBatch":1}}"#;
    let Ok(plugin) = access_log_subject::Started::read(configuration) else {
        return;
    };
    let proxy = FakeProxy::at(1);
    let secret = "Q7Q7Q7Q7";
    let before = String::from_utf8_lossy(input.bytes()).into_owned();
    let body = json!({"a": before, "password": [secret], "b": {"token": {"c": secret}}}).to_string().into_bytes();
    let request = FakeHeaders::request("POST", "a", "/", &[("content-type", "application/json")]);
    let mut stream = Default::default();
    plugin.on_request(&mut stream, &proxy.cx(&request));
    let length = usize::from(input.byte()) + 1;
    let cut = usize::from(input.byte()) * 4;
    for piece in body[..body.len().min(cut)].chunks(length) {
        plugin.on_sight(&mut stream, Side::Request, piece);
    }
    plugin.on_log(&mut stream, &request, &FakeHeaders::new(&[(":status", "200")]), &proxy);
    if let Some(call) = plugin.on_tick(&proxy) {
        let line = String::from_utf8_lossy(&call.body).into_owned();
        assert!(before.contains("Q7Q7") || !line.contains("Q7Q7"), "{line}");
    }
}
