use plugin_kit::fake::{FakeHeaders, FakeProxy};
use plugin_kit::plugin::Reply;
use proptest::prelude::*;

use super::*;

const ALL: &str = r#"{"consumers":[{"name":"alice","credentials":["0123456789abcdef","second-key-of-alice"]},
    {"name":"bob","credentials":["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"]}],
    "inQuery":true,"inCookie":true,"exempt":[{"paths":["/open/*"]}]}"#;

fn run(request: &FakeHeaders) -> Decision {
    let plugin = KeyAuth::read(ALL.as_bytes()).expect("a good configuration");
    plugin.on_request(&mut (), &FakeProxy::default().cx(request))
}

fn request(path: &str, headers: &[(&str, &str)]) -> FakeHeaders {
    FakeHeaders::request("GET", "a", path, headers)
}

fn refusal(decision: Decision) -> Reply {
    match decision {
        Decision::Refuse(reply) => reply,
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_are_found_everywhere_and_hidden() {
    for (path, headers) in [
        ("/a?x=1", &[("apikey", "0123456789abcdef")][..]),
        ("/a?x=1", &[("x-api-key", "Bearer second-key-of-alice")]),
        ("/a?apikey=0123456789abcdef&x=1", &[]),
        ("/a?x=1&%61pikey=0123456789%61bcdef", &[("apikey", "0123456789abcdef")]),
        ("/a?x=1", &[("cookie", "a=b; apikey=0123456789abcdef")]),
    ] {
        let request = request(path, headers);
        assert_eq!(run(&request), Decision::Pass, "{path} {headers:?}");
        assert_eq!(request.text("x-consumer-name").as_deref(), Some("alice"));
        assert_eq!(request.text(":path").as_deref(), Some("/a?x=1"));
        assert!(!format!("{request:?}").contains("0123"), "{request:?}");
    }
}

#[test]
fn digests_are_keys_and_not_the_key() {
    let by_key = request("/", &[("apikey", "test")]);
    assert_eq!(run(&by_key), Decision::Pass);
    assert_eq!(by_key.text("x-consumer-name").as_deref(), Some("bob"));
    let digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    assert_eq!(refusal(run(&request("/", &[("apikey", digest)]))).status, 401);
}

#[test]
fn doubt_is_refused() {
    for headers in [
        &[][..],
        &[("apikey", "")],
        &[("apikey", "0123456789abcdeF")],
        &[("apikey", "0123456789abcdef,0123456789abcdef")],
        &[("apikey", "0123456789abcdef"), ("apikey", "other")],
        &[("apikey", "0123456789abcdef"), ("cookie", "apikey=other")],
    ] {
        let reply = refusal(run(&request("/", headers)));
        assert_eq!(reply.status, 401, "{headers:?}");
        assert!(reply.headers.contains(&("www-authenticate".into(), "Key realm=\"gateway\"".into())));
    }
}

#[test]
fn the_exempted_pass_without_a_name() {
    let open = request("/open/x", &[("x-consumer-name", "alice")]);
    assert_eq!(run(&open), Decision::Skip);
    assert_eq!(open.text("x-consumer-name"), None);
    assert_eq!(refusal(run(&request("/open/../x", &[]))).status, 401);
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"consumer":[]}"#, "consumer"),
        (r#"{"consumers":[{"credentials":["a"]}]}"#, "consumers[0].name"),
        (r#"{"consumers":[{"name":"a\nb","credentials":["a"]}]}"#, "consumers[0].name"),
        (r#"{"consumers":[{"name":"a"}]}"#, "consumers[0].credentials"),
        (r#"{"consumers":[{"name":"a","credentials":[]}]}"#, "consumers[0].credentials"),
        (r#"{"consumers":[{"name":"a","credentials":["a b"]}]}"#, "consumers[0].credentials[0]"),
        (r#"{"consumers":[{"name":"a","credentials":["sha256:12"]}]}"#, "consumers[0].credentials[0]"),
        (r#"{"consumers":[{"name":"a","credentials":["k","k"]}]}"#, "consumers[0].credentials[1]"),
        (r#"{"consumers":[{"name":"a","credentials":["k"]},{"name":"a","credentials":["l"]}]}"#, "consumers[1].name"),
        (r#"{"keyNames":[":path"]}"#, "keyNames[0]"),
        (r#"{"keyNames":[]}"#, "keyNames"),
        (r#"{"inHeader":false}"#, "inHeader"),
    ] {
        assert_eq!(KeyAuth::read(json.as_bytes()).expect_err(json).field(), field);
    }
}

#[test]
fn dangerous_configurations_are_warned_about() {
    assert_eq!(KeyAuth::read(b"").expect("nobody").warnings().len(), 1);
    assert_eq!(KeyAuth::read(ALL.as_bytes()).expect("plain").warnings().len(), 1);
    let short = br#"{"consumers":[{"name":"a","credentials":["short"]}]}"#;
    assert_eq!(KeyAuth::read(short).expect("short").warnings().len(), 2);
}

proptest! {
    #[test]
    fn nothing_but_a_key_opens(value in "\\PC{0,40}", path in "/[ -~]{0,40}") {
        let decision = run(&request(&path, &[("apikey", &value), ("cookie", &value)]));
        prop_assert!(matches!(decision, Decision::Refuse(_)) || path.starts_with("/open/"));
    }

    #[test]
    fn configurations_never_panic(json in "[\\[\\]{}\",:a-z0-9]{0,80}") {
        let _ = KeyAuth::read(json.as_bytes());
    }
}
