use plugin_kit::fake::{FakeHeaders, FakeProxy, answer};
use proptest::prelude::*;
use serde_json::Value;

use super::*;

const SERVICE: &str = r#"{"output":"service","service":{"host":"logs.test","port":8080,"path":"/in","maxBatch":2,"maxQueue":3,
    "headers":[{"name":"X-Key","value":"k"}]},"samplePercent":100,"maskFields":["pin"],"requestIdHeader":"X-Request-Id",
    "request":{"headers":["user-agent","authorization"],"body":{"enabled":true,"maxSize":40}},
    "response":{"headers":["content-type"],"body":{"enabled":true}}}"#;

fn log(json: &str) -> AccessLog {
    AccessLog::read(json.as_bytes()).expect("good")
}

fn post(path: &str) -> FakeHeaders {
    FakeHeaders::request(
        "POST",
        "shop.example",
        path,
        &[
            ("content-type", "application/json"),
            ("x-request-id", "id-1"),
            ("authorization", "Bearer x"),
            ("user-agent", "test"),
        ],
    )
}

/// Runs an exchange through all phases.
fn exchange(log: &AccessLog, proxy: &FakeProxy, request: &FakeHeaders, body: &str, status: &str) -> FakeHeaders {
    let mut stream = Stream::default();
    let response = FakeHeaders::new(&[(":status", status), ("content-type", "application/json")]);
    for (side, headers) in [(Side::Request, request), (Side::Response, &response)] {
        let decision = match side {
            Side::Request => log.on_request(&mut stream, &proxy.cx(headers)),
            Side::Response => log.on_response(&mut stream, &proxy.cx(headers)),
        };
        if let Decision::Watch(most) = decision {
            body.as_bytes()[..body.len().min(most)].chunks(7).for_each(|piece| log.on_sight(&mut stream, side, piece));
        }
    }
    log.on_log(&mut stream, request, &response, proxy);
    response
}

fn lines(call: &Call) -> Vec<Value> {
    let text = String::from_utf8(call.body.clone()).expect("text");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn lines_say_what_was_chosen_and_hide_secrets() {
    let (log, proxy) = (log(SERVICE), FakeProxy::at(784_111_777));
    proxy.set_property(&["source", "address"], "10.1.2.3:999");
    proxy.set_property(&["request", "size"], "\u{50}\0\0\0\0\0\0\0");
    let body = r#"{"pin":1234,"name":"a","password":"hidden","more":"than is logged of it"}"#;
    let response = exchange(&log, &proxy, &post("/a?token=t&x=1"), body, "200");
    assert_eq!(response.text("x-request-id").as_deref(), Some("id-1"));
    proxy.time.set(proxy.time.get() + 2_000_000_000);
    let call = log.on_tick(&proxy).expect("a call");
    assert_eq!((&call.method[..], &call.path[..], &call.cluster[..]), ("POST", "/in", "outbound|8080||logs.test"));
    assert!(call.headers.contains(&("x-key".to_owned(), "k".to_owned())));
    let line = &lines(&call)[0];
    for (name, value) in [
        ("time", Value::from("1994-11-06T08:49:37.000Z")),
        ("request_id", "id-1".into()),
        ("path", "/a?token=***&x=1".into()),
        ("status", 200.into()),
        ("client", "10.1.2.3:999".into()),
        ("request_bytes", 80.into()),
        ("request_headers", serde_json::json!({"authorization": "***", "user-agent": "test"})),
        ("request_body", r#"{"pin":"***","name":"a","password":"***""#.into()),
        ("request_body_cut", true.into()),
    ] {
        assert_eq!(line[name], value, "{name}");
    }
    assert!(
        line["response_body"]
            .as_str()
            .is_some_and(|body| body.ends_with("logged of it\"}") && !body.contains("hidden"))
    );
    assert_eq!(line.get("response_body_cut"), None);
    assert_eq!(proxy.counted("passed"), 1);
}

#[test]
fn lines_go_in_batches_and_what_is_too_much_is_counted() {
    let (log, proxy) = (log(SERVICE), FakeProxy::at(1000));
    for _ in 0..5 {
        exchange(&log, &proxy, &post("/"), "{}", "200");
    }
    assert_eq!((proxy.counted("passed"), proxy.counted("dropped")), (3, 2));
    assert_eq!(lines(&log.on_tick(&proxy).expect("a call")).len(), 2);
    assert!(log.on_tick(&proxy).is_none());
    log.on_tick_answer(&proxy, Some(answer(204, &[], "")));
    assert_eq!(proxy.counted("sent"), 2);
    proxy.time.set(proxy.time.get() + 1_000_000_000);
    for (status, dropped) in [(503, 2), (0, 2), (504, 3)] {
        assert_eq!(lines(&log.on_tick(&proxy).expect("a call")).len(), 1);
        log.on_tick_answer(&proxy, (status > 0).then(|| answer(status, &[], "")));
        assert_eq!(proxy.counted("dropped"), dropped);
    }
    assert_eq!(proxy.counted("errors"), 3);
    exchange(&log, &proxy, &post("/"), "{}", "200");
    proxy.time.set(proxy.time.get() + 1_000_000_000);
    assert!(log.on_tick(&proxy).is_some());
    log.on_tick_answer(&proxy, Some(answer(413, &[], "")));
    assert_eq!(proxy.counted("dropped"), 4);
}

#[test]
fn some_are_chosen_by_their_id_and_errors_always() {
    let proxy = FakeProxy::at(1);
    let sampled = log(r#"{"samplePercent":25.5,"exempt":[{"paths":["/healthz"]}]}"#);
    let mut logged = 0;
    for n in 0..2000 {
        let request = FakeHeaders::request("GET", "a", "/", &[("x-request-id", &format!("id-{n}"))]);
        let before = proxy.counted("passed");
        exchange(&sampled, &proxy, &request, "", "200");
        exchange(&sampled, &proxy, &request, "", "404");
        let both = proxy.counted("passed") - before;
        assert!(both != 1, "the same id is chosen always or never");
        logged += both / 2;
    }
    assert!((440..580).contains(&logged), "{logged}");
    let before = proxy.counted("passed");
    let none = log(r#"{"samplePercent":0,"exempt":[{"paths":["/healthz"]}]}"#);
    exchange(&none, &proxy, &post("/"), "", "200");
    exchange(&none, &proxy, &post("/healthz"), "", "500");
    assert_eq!(proxy.counted("passed"), before);
    exchange(&none, &proxy, &post("/"), "", "500");
    assert_eq!(proxy.counted("passed"), before + 1);
}

#[test]
fn what_never_began_is_logged_too() {
    let (log, proxy) = (log(SERVICE), FakeProxy::at(1));
    let nothing = FakeHeaders::default();
    log.on_log(&mut Stream::default(), &nothing, &nothing, &proxy);
    proxy.time.set(5_000_000_000);
    assert_eq!(lines(&log.on_tick(&proxy).expect("a call"))[0]["status"], 0);
}

#[test]
fn what_is_not_chosen_is_not_looked_at() {
    let (plain, proxy) = (log(""), FakeProxy::at(1));
    assert_eq!(plain.on_request(&mut Stream::default(), &proxy.cx(&post("/"))), Decision::Undecided);
    assert_eq!(plain.tick(), None);
    let chosen = log(SERVICE);
    for header in [("content-type", "text/plain"), ("content-encoding", "gzip")] {
        let request = post("/");
        request.set(header.0, header.1.as_bytes());
        assert_eq!(chosen.on_request(&mut Stream::default(), &proxy.cx(&request)), Decision::Undecided);
    }
}

proptest! {
    #[test]
    fn every_line_is_one_line_of_json(path in proptest::collection::vec(any::<u8>(), 0..40), agent in proptest::collection::vec(any::<u8>(), 0..40), body in "\\PC{0,60}") {
        let (log, proxy) = (log(SERVICE), FakeProxy::at(1));
        let request = post("/");
        request.set(":path", &path);
        request.set("user-agent", &agent);
        exchange(&log, &proxy, &request, &body, "200");
        proxy.time.set(5_000_000_000);
        let call = log.on_tick(&proxy).expect("a call");
        prop_assert_eq!(call.body.iter().filter(|b| **b == b'\n').count(), 1);
        prop_assert_eq!(lines(&call).len(), 1);
    }

    #[test]
    fn configurations_never_panic(text in "[\\[\\]{}\":,a-zA-Z0-9]{0,80}") {
        let _ = AccessLog::read(text.as_bytes());
    }
}
