use plugin_kit::fake::{FakeHeaders, FakeProxy, answer};
use plugin_kit::plugin::Call;
use proptest::prelude::*;

use super::*;

const SETTINGS: &str = r#"{"service":{"host":"auth.test","port":8080,"path":"/check"},"upstreamHeaders":["x-user"],
    "exempt":[{"paths":["/open/*"]}],"headersToAdd":[{"name":"x-from","value":"gw"}],"cacheSeconds":60}"#;

fn plugin(json: &str) -> ExtAuth {
    ExtAuth::read(json.as_bytes()).expect("a good configuration")
}

fn request(path: &str) -> FakeHeaders {
    FakeHeaders::request(
        "PUT",
        "a.test",
        path,
        &[("cookie", "a=b"), ("authorization", "t"), ("x-user", "root"), ("x-o", "1")],
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
fn the_service_sees_what_it_may() {
    let (plugin, proxy, request) = (plugin(SETTINGS), FakeProxy::at(1), request("/a?b=c"));
    let call = asked(plugin.on_request(&mut Stream::default(), &proxy.cx(&request)));
    assert_eq!(
        (call.cluster.as_str(), call.host.as_str(), call.path.as_str()),
        ("outbound|8080||auth.test", "auth.test", "/check")
    );
    let headers: Vec<_> = call.headers.iter().map(|(n, v)| format!("{n}={v}")).collect();
    let expected = "x-forwarded-method=PUT x-forwarded-host=a.test x-forwarded-uri=/a?b=c x-forwarded-proto=http authorization=t cookie=a=b x-from=gw";
    assert_eq!(headers.join(" "), expected);
}

#[test]
fn answers_are_carried_out_and_kept() {
    let (plugin, proxy, mut stream) = (plugin(SETTINGS), FakeProxy::at(1), Stream::default());
    let first = request("/a");
    asked(plugin.on_request(&mut stream, &proxy.cx(&first)));
    let good = answer(200, &[("x-user", "alice"), ("x-other", "1")], "");
    assert_eq!(plugin.on_answer(&mut stream, &proxy.cx(&first), Some(good)), Decision::Pass);
    assert_eq!(first.text("x-user").as_deref(), Some("alice"));
    assert_eq!(first.text("x-other"), None);
    let again = request("/a");
    assert_eq!(plugin.on_request(&mut Stream::default(), &proxy.cx(&again)), Decision::Pass);
    assert_eq!((again.text("x-user").as_deref(), proxy.counted("cache_hits")), (Some("alice"), 1));
    asked(plugin.on_request(&mut Stream::default(), &proxy.cx(&request("/b"))));
    asked(plugin.on_request(&mut Stream::default(), &FakeProxy::at(61).cx(&request("/a"))));
}

#[test]
fn only_clear_answers_decide() {
    let plugin = plugin(SETTINGS);
    let proxy = FakeProxy::at(1);
    let decide = |answer| plugin.on_answer(&mut Stream::default(), &proxy.cx(&request("/a")), answer);
    assert_eq!(status(decide(Some(answer(302, &[("location", "/login")], "")))), 302);
    assert_eq!(status(decide(Some(answer(401, &[], "no")))), 401);
    for bad in [0, 100, 500, 503, 504, 600] {
        assert_eq!(status(decide(Some(answer(bad, &[], "")))), 403, "{bad}");
    }
    assert_eq!(status(decide(None)), 403);
    let open = self::plugin(&SETTINGS.replace("\"cacheSeconds\":60", "\"failureModeAllow\":true"));
    assert_eq!(open.on_answer(&mut Stream::default(), &proxy.cx(&request("/a")), None), Decision::Failed);
}

#[test]
fn bad_header_values_of_the_service_go_nowhere() {
    let plugin = plugin(SETTINGS);
    let split = answer(401, &[("location", "/\r\nset-cookie: a"), ("set-cookie", "ok=1"), ("x-own", "1")], "");
    match plugin.on_answer(&mut Stream::default(), &FakeProxy::at(1).cx(&request("/")), Some(split)) {
        Decision::Refuse(reply) => assert_eq!(reply.headers, [("set-cookie".to_owned(), "ok=1".to_owned())]),
        other => panic!("{other:?}"),
    }
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
        (r#"{"service":{}}"#, "service.host"),
        (r#"{"service":{"host":"a b"}}"#, "service.host"),
        (r#"{"service":{"host":"a","port":0}}"#, "service.port"),
        (r#"{"service":{"host":"a","path":"x"}}"#, "service.path"),
        (r#"{"service":{"host":"a"},"upstreamHeaders":[":path"]}"#, "upstreamHeaders[0]"),
        (r#"{"service":{"host":"a"},"headersToAdd":[{"name":"a","value":"b\r\nc"}]}"#, "headersToAdd[0].value"),
        (r#"{"service":{"host":"a"},"exempt":[{}]}"#, "exempt[0]"),
        (r#"{"service":{"host":"a"},"statusOnError":200}"#, "statusOnError"),
    ] {
        assert_eq!(ExtAuth::read(json.as_bytes()).expect_err(json).field(), field);
    }
}

proptest! {
    /// Requests that differ in anything the service sees have different keys.
    #[test]
    fn keys_do_not_collide(a in "[a-c:]{0,4}", b in "[a-c:]{0,4}", c in "[a-c:]{0,4}", d in "[a-c:]{0,4}") {
        let settings = Settings::read(SETTINGS.as_bytes()).expect("good");
        let key = |x: &str, y: &str| {
            let request = FakeHeaders::request("GET", "a", "/", &[("authorization", x), ("cookie", y)]);
            question::key(&question::ask(&request, &settings), &settings)
        };
        prop_assert_eq!(key(&a, &b) == key(&c, &d), (a, b) == (c, d));
    }

    #[test]
    fn answers_never_panic(status in any::<u16>(), value in proptest::collection::vec(any::<u8>(), 0..20)) {
        let answer = Answer { status, headers: vec![("location".into(), value.clone())], body: value };
        let settings = Settings::read(SETTINGS.as_bytes()).expect("good");
        let allowed = matches!(Verdict::of(&answer, &settings), Some(Verdict::Allow(_)));
        prop_assert_eq!(allowed, (200..300).contains(&status));
    }
}
