use plugin_kit::fake::{FakeHeaders, FakeProxy};
use proptest::prelude::*;

use super::*;

/// What the answer says in the end: `cache-control` and `expires`.
fn said(json: &str, method: &str, path: &str, status: &str, headers: &[(&str, &str)]) -> [Option<String>; 2] {
    let control = Control::read(json.as_bytes()).expect("good");
    let proxy = FakeProxy::at(784_111_777);
    let mut stream = Stream::default();
    control.on_request(&mut stream, &proxy.cx(&FakeHeaders::request(method, "a", path, &[])));
    let answer = FakeHeaders::new(&[&[(":status", status)][..], headers].concat());
    control.on_response(&mut stream, &proxy.cx(&answer));
    [answer.text("cache-control"), answer.text("expires")]
}

fn some(control: &str, expires: &str) -> [Option<String>; 2] {
    [Some(control.to_owned()), Some(expires.to_owned())]
}

const NONE: [Option<String>; 2] = [None, None];
const HOUR: &str = r#"{"suffix":"jpg|PNG","expires":3600}"#;

#[test]
fn suffixes_and_lifetimes_as_of_old() {
    let hour = some("max-age=3600", "Sun, 06 Nov 1994 09:49:37 GMT");
    assert_eq!(said(HOUR, "GET", "/a.png?v=1", "200", &[]), hour);
    assert_eq!(said(HOUR, "HEAD", "/x/a.JPG", "304", &[]), hour);
    assert_eq!(said(HOUR, "GET", "/a.html?x=a.png", "200", &[]), NONE);
    assert_eq!(said(HOUR, "POST", "/a.png", "200", &[]), NONE);
    assert_eq!(said(HOUR, "GET", "/a.png", "302", &[]), NONE);
    let max = some("max-age=315360000", "Thu, 31 Dec 2037 23:55:55 GMT");
    assert_eq!(said(r#"{"expires":"max"}"#, "GET", "/", "200", &[]), max);
    let epoch = some("no-cache", "Thu, 01 Jan 1970 00:00:01 GMT");
    assert_eq!(said(r#"{"expires":"epoch"}"#, "GET", "/", "200", &[]), epoch);
    assert_eq!(said(r#"{"expires":"60"}"#, "GET", "/", "200", &[])[0].as_deref(), Some("max-age=60"));
}

#[test]
fn the_first_rule_whose_conditions_all_hold_decides() {
    let json = r#"{"rules":[
        {"types":["image/*"],"paths":["/static/*"],"cache_control":"public, max-age=9, immutable"},
        {"types":["text/css"],"expires":0}],"expires":5}"#;
    let control = |path, kind| said(json, "GET", path, "200", &[("content-type", kind)])[0].clone();
    assert_eq!(control("/static/a", "image/PNG; x=y").as_deref(), Some("public, max-age=9, immutable"));
    assert_eq!(control("/a", "image/png").as_deref(), Some("max-age=5"));
    assert_eq!(control("/a", "text/css").as_deref(), Some("max-age=0"));
}

#[test]
fn what_the_upstream_says_stays_unless_told() {
    let own = [("cache-control", "private")];
    assert_eq!(said(HOUR, "GET", "/a.png", "200", &own), [Some("private".to_owned()), None]);
    let old = [("pragma", "no-cache")];
    assert_eq!(said(HOUR, "GET", "/a.png", "200", &old), NONE);
    assert_eq!(said(HOUR, "GET", "/a.png", "200", &[("set-cookie", "a=1")]), NONE);
    let over = r#"{"expires":60,"override":true}"#;
    let both = [("cache-control", "private"), ("expires", "0"), ("pragma", "no-cache"), ("set-cookie", "a=1")];
    assert_eq!(said(over, "GET", "/", "200", &both)[0].as_deref(), Some("max-age=60"));
}

#[test]
fn errors_are_not_kept() {
    let no_store = [Some("no-store".to_owned()), None];
    for status in ["400", "404", "429", "500", "503"] {
        assert_eq!(said("", "GET", "/a.png", status, &[]), no_store);
    }
    assert_eq!(said(HOUR, "GET", "/a.png", "404", &[]), no_store);
    assert_eq!(said("", "GET", "/", "404", &[("cache-control", "max-age=5")])[0].as_deref(), Some("max-age=5"));
    assert_eq!(said(r#"{"errors":"leave","expires":5}"#, "GET", "/", "500", &[]), NONE);
}

#[test]
fn streams_of_messages_are_left_alone() {
    assert_eq!(said(r#"{"expires":5}"#, "GET", "/", "200", &[("content-type", "application/grpc+proto")]), NONE);
}

proptest! {
    #[test]
    fn an_answer_gets_at_most_one_of_each(path in ".{0,40}", status in "[0-9]{3}", kind in ".{0,20}", own: bool) {
        let control = Control::read(br#"{"suffix":"a|b","expires":1,"override":true}"#).expect("good");
        let (proxy, mut stream) = (FakeProxy::at(1), Stream::default());
        control.on_request(&mut stream, &proxy.cx(&FakeHeaders::request("GET", "a", &path, &[])));
        let answer = FakeHeaders::new(&[(":status", &status), ("content-type", &kind)]);
        if own {
            answer.add("cache-control", b"\xff");
            answer.add("cache-control", b"x");
        }
        let decision = control.on_response(&mut stream, &proxy.cx(&answer));
        prop_assert!(decision != Decision::Change || answer.all("cache-control").len() == 1);
    }

    #[test]
    fn configurations_never_panic(text in "[\\[\\]{}\":,a-zA-Z0-9]{0,80}") {
        let _ = Control::read(text.as_bytes());
    }
}
