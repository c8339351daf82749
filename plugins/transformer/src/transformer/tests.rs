use plugin_kit::fake::{FakeHeaders, FakeProxy};
use proptest::prelude::*;

use super::*;

/// A request after the rules: its headers and its body.
fn request(json: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (FakeHeaders, String, Decision) {
    let transformer = Transformer::read(json.as_bytes()).expect("good");
    let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
    let request = FakeHeaders::request("POST", "foo.bar.com", path, headers);
    let mut decision = transformer.on_request(&mut stream, &proxy.cx(&request));
    let mut text = body.to_owned();
    if matches!(decision, Decision::Collect(_)) {
        let body = Body { bytes: body.into(), room: usize::MAX };
        decision = transformer.on_request_body(&mut stream, &proxy.cx(&FakeHeaders::default()), body);
        if let Decision::Replace(new) = &decision {
            text = String::from_utf8(new.clone()).expect("text");
        }
    }
    (request, text, decision)
}

fn all(headers: &FakeHeaders, name: &str) -> Vec<String> {
    headers.all(name).into_iter().map(|value| String::from_utf8_lossy(&value).into_owned()).collect()
}

const HEADERS: &str = r#"{"reqRules":[
    {"operate":"remove","headers":[{"key":"X-remove"}]},
    {"operate":"rename","headers":[{"oldKey":"X-not-renamed","newKey":"X-renamed"}]},
    {"operate":"replace","headers":[{"key":"X-replace","newValue":"replaced"}]},
    {"operate":"add","headers":[{"key":"X-add-append","value":"host-$1","host_pattern":"^(.*)\\.com$"}]},
    {"operate":"append","headers":[{"key":"X-add-append","appendValue":"path-$1","path_pattern":"^.*?/(\\w+)[?]{0,1}.*$"}]},
    {"operate":"map","headers":[{"fromKey":"X-add-append","toKey":"X-map"}]},
    {"operate":"dedupe","headers":[{"key":"X-first"},{"key":"X-last","strategy":"RETAIN_LAST"},{"key":"X-unique","strategy":"RETAIN_UNIQUE"}]}]}"#;

#[test]
fn headers_through_all_verbs() {
    let sent = [
        ("x-remove", "exist"),
        ("x-not-renamed", "a"),
        ("x-not-renamed", "b"),
        ("x-replace", "no"),
        ("x-first", "1"),
        ("x-first", "2"),
        ("x-last", "1"),
        ("x-last", "2"),
        ("x-unique", "1"),
        ("x-unique", "2"),
        ("x-unique", "1"),
    ];
    let (headers, _, decision) = request(HEADERS, "/get?x", &sent, "");
    assert_eq!(decision, Decision::Change);
    for (name, values) in [
        ("x-remove", &[][..]),
        ("x-not-renamed", &[]),
        ("x-renamed", &["a", "b"]),
        ("x-replace", &["replaced"]),
        ("x-add-append", &["host-foo.bar", "path-get"]),
        ("x-map", &["host-foo.bar", "path-get"]),
        ("x-first", &["1"]),
        ("x-last", &["2"]),
        ("x-unique", &["1", "2"]),
    ] {
        assert_eq!(all(&headers, name), values, "{name}");
    }
}

#[test]
fn queries_through_all_verbs() {
    let json = r#"{"reqRules":[
        {"operate":"remove","querys":[{"key":"k1"}]},{"operate":"rename","querys":[{"oldKey":"k2","newKey":"k2-new"}]},
        {"operate":"replace","querys":[{"key":"k2-new","newValue":"v2-new"}]},
        {"operate":"add","querys":[{"key":"k3","value":"v31-$1","path_pattern":"^/(\\w+)"}]},
        {"operate":"append","querys":[{"key":"k3","appendValue":"${header.x} &"}]},
        {"operate":"map","querys":[{"fromKey":"k3","toKey":"k4"}]},{"operate":"dedupe","querys":[{"key":"k4"}]}]}"#;
    let (headers, ..) = request(json, "/get?k1=v11&k1=v12&k2=v2&z=%7e", &[("x", "h")], "");
    assert_eq!(headers.text(":path").as_deref(), Some("/get?z=%7e&k2-new=v2-new&k3=v31-get&k3=h%20%26&k4=v31-get"));
}

const BODY: &str = r#"{"reqRules":[
    {"operate":"remove","body":[{"key":"a1"}]},{"operate":"rename","body":[{"oldKey":"a2","newKey":"n.a2"}]},
    {"operate":"replace","body":[{"key":"a3","newValue":"7","value_type":"number"}]},
    {"operate":"add","body":[{"key":"a4","value":"${query.q}"}]},
    {"operate":"append","body":[{"key":"a4","appendValue":"$1","host_pattern":"^(.*)\\.com$"}]},
    {"operate":"map","body":[{"fromKey":"a4.1","toKey":"a5"}]},
    {"operate":"map","mapSource":"headers","body":[{"fromKey":"X-Id","toKey":"id","value_type":"number"}]},
    {"operate":"dedupe","body":[{"key":"a4","strategy":"RETAIN_LAST"}]}]}"#;

#[test]
fn json_bodies_through_all_verbs() {
    let sent = [("content-type", "application/json; charset=utf-8"), ("content-length", "39"), ("x-id", "42")];
    let (headers, body, _) = request(BODY, "/?q=%C3%BC", &sent, r#"{"a1":"t1","a2":"t2","a3":"t3","n":{}}"#);
    assert_eq!(body, r#"{"a3":7,"n":{"a2":"t2"},"a4":"foo.bar","a5":"foo.bar","id":42}"#);
    assert_eq!(headers.text("content-length"), None);
    // A number that is none changes nothing, and neither does what is no JSON.
    let odd = [("content-type", "application/json"), ("x-id", "x")];
    assert!(!request(BODY, "/", &odd, "{}").1.contains("id"));
    assert_eq!(request(BODY, "/", &odd, "{").2, Decision::Failed);
}

#[test]
fn forms_through_all_verbs() {
    let sent = [("content-type", "application/x-www-form-urlencoded"), ("x-id", "42"), ("x-id", "43")];
    let (_, body, _) = request(BODY, "/?q=a+b", &sent, "a1=t1&a2=t2&a3=t3");
    assert_eq!(body, "a3=7&n.a2=t2&a4=foo.bar&id=42&id=43");
}

#[test]
fn bodies_that_cannot_be_read_keep_their_length() {
    for more in [("content-encoding", "gzip"), ("content-length", "600000"), ("content-type", "text/plain")] {
        let sent = [more, ("content-type", "application/json"), ("content-length", "9")];
        let (headers, _, decision) = request(BODY, "/", &sent, "{}");
        assert!(decision == Decision::Pass && headers.text("content-length").is_some(), "{more:?}");
    }
}

#[test]
fn nobody_writes_lines_of_his_own() {
    let json = r#"{"reqRules":[{"operate":"add","headers":[{"key":"x","value":"${query.q}"}]},
        {"operate":"map","mapSource":"querys","headers":[{"fromKey":"q","toKey":"y"}]}]}"#;
    let (headers, _, decision) = request(json, "/?q=a%0d%0aset-cookie:%20b", &[], "");
    assert_eq!((all(&headers, "x"), all(&headers, "y"), decision), (vec![], vec![], Decision::Pass));
}

#[test]
fn responses_know_their_requests() {
    let json = r#"{"respRules":[
        {"operate":"add","headers":[{"key":"x-for","value":"${method} ${path} ${request_header.x-id} ${status} ${cookie.s}"}]},
        {"operate":"map","mapSource":"requestHeaders","headers":[{"fromKey":"Host","toKey":"x-host"}]},
        {"operate":"map","mapSource":"querys","body":[{"fromKey":"q","toKey":"asked"}]}]}"#;
    let transformer = Transformer::read(json.as_bytes()).expect("good");
    let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
    let asked =
        FakeHeaders::request("GET", "h", "/p?q=1", &[("x-id", "7"), ("cookie", "s=c"), ("accept-encoding", "br")]);
    assert_eq!(transformer.on_request(&mut stream, &proxy.cx(&asked)), Decision::Undecided);
    assert_eq!(asked.text("accept-encoding").as_deref(), Some("identity"));
    let answer =
        FakeHeaders::new(&[(":status", "200"), ("content-type", "application/problem+json"), ("content-length", "2")]);
    assert!(matches!(transformer.on_response(&mut stream, &proxy.cx(&answer)), Decision::Collect(_)));
    assert_eq!(answer.text("x-for").as_deref(), Some("GET /p 7 200 c"));
    assert_eq!(answer.text("x-host").as_deref(), Some("h"));
    let body = Body { bytes: b"{}".to_vec(), room: usize::MAX };
    let decision = transformer.on_response_body(&mut stream, &proxy.cx(&FakeHeaders::default()), body);
    assert_eq!(decision, Decision::Replace(br#"{"asked":"1"}"#.to_vec()));
}

#[test]
fn what_has_no_room_goes_out_as_it_came() {
    let transformer = Transformer::read(BODY.as_bytes()).expect("good");
    let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
    let request = FakeHeaders::request("POST", "a.com", "/", &[("content-type", "application/json")]);
    transformer.on_request(&mut stream, &proxy.cx(&request));
    let body = Body { bytes: b"{}".to_vec(), room: 3 };
    assert_eq!(transformer.on_request_body(&mut stream, &proxy.cx(&FakeHeaders::default()), body), Decision::Failed);
}

#[test]
fn nothing_grows_without_end() {
    let double = r#"{"operate":"map","body":[{"fromKey":"a","toKey":"a.b"}]}"#;
    let json = format!(r#"{{"reqRules":[{}]}}"#, vec![double; 64].join(","));
    let (_, body, _) = request(&json, "/", &[("content-type", "application/json")], r#"{"a":{"x":"0123456789"}}"#);
    assert!(body.len() < 16 * 1024 * 1024, "{}", body.len());
    let double = r#"{"operate":"replace","headers":[{"key":"x","newValue":"${header.x}${header.x}"}]}"#;
    let json = format!(r#"{{"reqRules":[{}]}}"#, vec![double; 64].join(","));
    let (headers, ..) = request(&json, "/", &[("x", "0123456789")], "");
    assert!(headers.text("x").is_some_and(|value| value.len() <= 64 * 1024));
}

proptest! {
    #[test]
    fn any_message_comes_out_sound(path in "\\PC{0,30}", value in proptest::collection::vec(any::<u8>(), 0..30), body in "[ \\[\\]{}\",:0-9a]{0,40}", form: bool) {
        let transformer = Transformer::read(BODY.as_bytes()).expect("good");
        let (proxy, mut stream) = (FakeProxy::default(), Stream::default());
        let kind = if form { "application/x-www-form-urlencoded" } else { "application/json" };
        let request = FakeHeaders::request("POST", "a.com", &path, &[("content-type", kind)]);
        request.add("x-id", &value);
        transformer.on_request(&mut stream, &proxy.cx(&request));
        let came = Body { bytes: body.clone().into_bytes(), room: usize::MAX };
        if let Decision::Replace(text) = transformer.on_request_body(&mut stream, &proxy.cx(&FakeHeaders::default()), came) {
            prop_assert!(form || serde_json::from_slice::<serde_json::Value>(&text).is_ok());
        }
    }

    #[test]
    fn configurations_never_panic(text in "[\\[\\]{}\":,a-zA-Z0-9$.\\\\]{0,80}") {
        let _ = Transformer::read(text.as_bytes());
        let rule = serde_json::json!({"reqRules":[{"operate":"add","body":[{"key": text, "value": text}]}]});
        let _ = Transformer::read(rule.to_string().as_bytes());
    }
}
