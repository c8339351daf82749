use plugin_kit::fake::{FakeHeaders, FakeProxy, answer};
use plugin_kit::plugin::Call;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SETTINGS: &str = r#"{"service":{"host":"opa.test","port":8181},"policy":"http.authz","upstreamHeaders":["x-user"],
    "requestHeaders":["authorization","cookie"],"exempt":[{"paths":["/open/*"]}],"cacheSeconds":60}"#;

fn plugin(json: &str) -> Opa {
    Opa::read(json.as_bytes()).expect("a good configuration")
}

fn request(path: &str) -> FakeHeaders {
    FakeHeaders::request(
        "PUT",
        "A.test",
        path,
        &[("cookie", "a=b"), ("cookie", "c=d"), ("x-user", "root"), ("x-o", "1")],
    )
}

fn asked(decision: Decision) -> Call {
    match decision {
        Decision::Ask(call) => call,
        other => panic!("{other:?}"),
    }
}

fn status(decision: Decision) -> u16 {
    match decision {
        Decision::Refuse(reply) => reply.status,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_policy_sees_the_request() {
    let (plugin, proxy) = (plugin(SETTINGS), FakeProxy::at(1));
    proxy.set_property(&["source", "address"], "10.0.0.7:5000");
    let call = asked(plugin.on_request(&mut Stream::default(), &proxy.cx(&request("/a/b?x=1&x=%202&y#f"))));
    assert_eq!(
        (call.cluster.as_str(), call.method.as_str(), call.path.as_str()),
        ("outbound|8181||opa.test", "POST", "/v1/data/http/authz/allow")
    );
    assert_eq!(call.headers, [("content-type".to_owned(), "application/json".to_owned())]);
    let input: Value = serde_json::from_slice(&call.body).expect("JSON");
    assert_eq!(
        input,
        json!({"input": {"request": {
            "method": "PUT", "scheme": "http", "host": "A.test", "path": "/a/b?x=1&x=%202&y#f", "url_path": "/a/b",
            "query": {"x": ["1", " 2"], "y": [""]}, "headers": {"cookie": ["a=b", "c=d"]}, "source": "10.0.0.7",
        }}})
    );
    let all = self::plugin(r#"{"service":{"host":"opa.test","path":"/v1/data/a/allow"}}"#);
    let call = asked(all.on_request(&mut Stream::default(), &FakeProxy::at(1).cx(&request("/"))));
    let input: Value = serde_json::from_slice(&call.body).expect("JSON");
    assert_eq!(
        input["input"]["request"]["headers"],
        json!({"cookie": ["a=b", "c=d"], "x-user": ["root"], "x-o": ["1"]})
    );
    assert_eq!(input["input"]["request"]["source"], Value::Null);
}

#[test]
fn verdicts_are_carried_out_and_kept() {
    let (plugin, proxy, mut stream) = (plugin(SETTINGS), FakeProxy::at(1), Stream::default());
    let first = request("/a");
    asked(plugin.on_request(&mut stream, &proxy.cx(&first)));
    let good = answer(200, &[], r#"{"result":{"allow":true,"headers":{"X-User":"alice","x-other":"1"}}}"#);
    assert_eq!(plugin.on_answer(&mut stream, &proxy.cx(&first), Some(good)), Decision::Pass);
    assert_eq!((first.text("x-user").as_deref(), first.text("x-other")), (Some("alice"), None));
    let again = request("/a");
    assert_eq!(plugin.on_request(&mut Stream::default(), &proxy.cx(&again)), Decision::Pass);
    assert_eq!((again.text("x-user").as_deref(), proxy.counted("cache_hits")), (Some("alice"), 1));
    asked(plugin.on_request(&mut Stream::default(), &proxy.cx(&request("/b"))));
    asked(plugin.on_request(&mut Stream::default(), &FakeProxy::at(61).cx(&request("/a"))));
}

#[test]
fn only_a_clear_yes_is_one() {
    let plugin = plugin(SETTINGS);
    let decide = |answer| {
        let proxy = FakeProxy::at(1);
        let decision = plugin.on_answer(&mut Stream::default(), &proxy.cx(&request("/a")), answer);
        (decision, proxy.counted("errors"))
    };
    let body = |body: &str| Some(answer(200, &[], body));
    for yes in
        [r#"{"result":true}"#, r#"{"result":{"allow":true}}"#, r#"{"result":{"allowed":true},"decision_id":"a"}"#]
    {
        assert_eq!(decide(body(yes)), (Decision::Pass, 0), "{yes}");
    }
    for no in ["{}", r#"{"result":false}"#, r#"{"result":{"allow":false}}"#, r#"{"decision_id":"a"}"#] {
        let (decision, errors) = decide(body(no));
        assert_eq!((status(decision), errors), (403, 0), "{no}");
    }
    for unclear in [
        "",
        "true",
        "[]",
        "null",
        r#"{"result":1}"#,
        r#"{"result":"true"}"#,
        r#"{"result":[true]}"#,
        r#"{"result":null}"#,
        r#"{"result":{}}"#,
        r#"{"result":{"allow":"true"}}"#,
        r#"{"result":{"allow":1}}"#,
        r#"{"result":false,"result":true}"#,
        r#"{"result":{"allow":false,"allow":true}}"#,
        r#"{"result":{"allow":true,"headers":[]}}"#,
        r#"{"result":{"allow":true,"headers":{"x-user":"a\r\nb: c"}}}"#,
        r#"{"result":{"allow":true,"headers":{"x-user":1}}}"#,
        r#"{"result":{"allow":false,"status":200}}"#,
        r#"{"result":{"allow":false,"status":"403"}}"#,
        r#"{"result":true} x"#,
    ] {
        let (decision, errors) = decide(body(unclear));
        assert_eq!((status(decision), errors), (403, 1), "{unclear}");
    }
    for answer in
        [None, Some(answer(500, &[], r#"{"result":true}"#)), Some(answer(204, &[], "")), Some(answer(0, &[], ""))]
    {
        let (decision, errors) = decide(answer);
        assert_eq!((status(decision), errors), (403, 1));
    }
}

#[test]
fn the_policy_may_say_how_it_denies() {
    let plugin = plugin(SETTINGS);
    let deny = |result: &str| {
        let answer = answer(200, &[], &format!(r#"{{"result":{result}}}"#));
        match plugin.on_answer(&mut Stream::default(), &FakeProxy::at(1).cx(&request("/a")), Some(answer)) {
            Decision::Refuse(reply) => reply,
            other => panic!("{other:?}"),
        }
    };
    let reply = deny(r#"{"allow":false,"status":302,"headers":{"Location":"/login","x-own":"1"},"body":""}"#);
    assert_eq!((reply.status, reply.headers), (302, vec![("location".to_owned(), "/login".to_owned())]));
    let reply = deny(r#"{"allow":false,"http_status":429,"body":{"why":"slow \" down"}}"#);
    assert_eq!((reply.status, reply.body.as_str()), (429, r#"{"why":"slow \" down"}"#));
    let reply = deny(r#"{"allow":false,"headers":{"content-type":"text/html"},"body":{"a":1}}"#);
    assert_eq!(reply.headers, [("content-type".to_owned(), "text/html".to_owned())]);
}

#[test]
fn exempted_requests_are_not_asked_about_and_say_nothing() {
    let open = request("/open/a");
    assert_eq!(plugin(SETTINGS).on_request(&mut Stream::default(), &FakeProxy::at(1).cx(&open)), Decision::Skip);
    assert_eq!(open.text("x-user"), None);
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        ("", "service"),
        (r#"{"service":{"host":"a"}}"#, "policy"),
        (r#"{"service":{"host":"a","path":"/x"},"policy":"a"}"#, "policy"),
        (r#"{"service":{"host":"a"},"policy":"a..b"}"#, "policy"),
        (r#"{"service":{"host":"a"},"policy":"../a"}"#, "policy"),
        (r#"{"service":{"host":"a"},"policy":"a b"}"#, "policy"),
        (r#"{"service":{},"policy":"a"}"#, "service.host"),
        (r#"{"service":{"host":"a"},"policy":"a","cacheSeconds":5}"#, "cacheSeconds"),
        (r#"{"service":{"host":"a"},"policy":"a","upstreamHeaders":[":path"]}"#, "upstreamHeaders[0]"),
        (r#"{"service":{"host":"a"},"policy":"a","exempt":[{}]}"#, "exempt[0]"),
        (r#"{"service":{"host":"a"},"policy":"a","rejectedCode":200}"#, "rejectedCode"),
        (r#"{"service":{"host":"a"},"policy":"a","failureModeAllow":true}"#, "failureModeAllow"),
    ] {
        assert_eq!(Opa::read(json.as_bytes()).expect_err(json).field(), field);
    }
}

proptest! {
    /// Whatever comes back, only a result that says yes lets a request through.
    #[test]
    fn answers_never_panic(status in any::<u16>(), body in "[{}\":\\[\\]a-z0-9,]{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        let settings = Settings::read(SETTINGS.as_bytes()).expect("good");
        for body in [body.into_bytes(), bytes] {
            let answer = Answer { status, headers: vec![], body };
            prop_assert!(!matches!(Verdict::of(Some(&answer), &settings), Ok(Verdict::Allow(_))));
        }
    }

    /// Requests that differ in anything the policy sees are different questions.
    #[test]
    fn questions_do_not_collide(a in "[a-c\":,]{0,4}", b in "[a-c\":,]{0,4}", c in "[a-c\":,]{0,4}", d in "[a-c\":,]{0,4}") {
        let settings = Settings::read(SETTINGS.as_bytes()).expect("good");
        let question = |x: &str, y: &str| {
            let request = FakeHeaders::request("GET", "a", "/", &[("authorization", x), ("cookie", y)]);
            question::ask(&request, &FakeProxy::at(1), &settings)
        };
        prop_assert_eq!(question(&a, &b) == question(&c, &d), (a, b) == (c, d));
    }
}
