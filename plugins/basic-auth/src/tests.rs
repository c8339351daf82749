use base64ct::{Base64, Encoding};
use plugin_kit::fake::{FakeHeaders, FakeProxy};
use plugin_kit::plugin::Reply;
use proptest::prelude::*;

use super::*;
use crate::password::{Password, pbkdf2};

/// hashlib.pbkdf2_hmac("sha256", "correct horse", b"saltsalt12345678", 100), and a plain one.
const CONFIGURATION: &str = r#"{"consumers":[
    {"name":"alice","password":"$pbkdf2-sha256$100$c2FsdHNhbHQxMjM0NTY3OA$HASH"},
    {"name":"bob","username":"b@b.test","password":"pässword:1"}],"exempt":[{"paths":["/open"]}]}"#;

fn plugin() -> BasicAuth {
    let hash = base64ct::Base64Unpadded::encode_string(&pbkdf2(b"correct horse", b"saltsalt12345678", 100));
    let text = CONFIGURATION.replace("HASH", &hash.replace('+', "."));
    BasicAuth::read(text.as_bytes()).expect("a good configuration")
}

fn request(pair: &str) -> FakeHeaders {
    let value = format!("Basic {}", Base64::encode_string(pair.as_bytes()));
    FakeHeaders::request("GET", "a", "/", &[("authorization", &value)])
}

fn run(plugin: &BasicAuth, request: &FakeHeaders) -> Decision {
    plugin.on_request(&mut (), &FakeProxy::at(1).cx(request))
}

fn refusal(decision: Decision) -> Reply {
    match decision {
        Decision::Refuse(reply) => reply,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pbkdf2_has_the_values_of_rfc_7914() {
    let expected = [0x55, 0xac, 0x04, 0x6e, 0x56, 0xe3, 0x08, 0x9f, 0xec, 0x16, 0x91, 0xc2, 0x25, 0x44, 0xb6, 0x05];
    assert_eq!(pbkdf2(b"passwd", b"salt", 1)[..16], expected);
    let expected = [0x4d, 0xdc, 0xd8, 0xf6, 0x0b, 0x98, 0xbe, 0x21, 0x83, 0x0c, 0xee, 0x5e, 0xf2, 0x27, 0x01, 0xf9];
    assert_eq!(pbkdf2(b"Password", b"NaCl", 80_000)[..16], expected);
}

#[test]
fn right_passwords_pass_and_are_hidden() {
    let plugin = plugin();
    for (pair, name) in
        [("alice:correct horse", "alice"), ("alice:correct horse", "alice"), ("b@b.test:pässword:1", "bob")]
    {
        let request = request(pair);
        assert_eq!(run(&plugin, &request), Decision::Pass, "{pair}");
        assert_eq!(request.text("x-consumer-name").as_deref(), Some(name));
        assert_eq!(request.text("authorization"), None);
    }
}

#[test]
fn all_else_is_refused() {
    let plugin = plugin();
    for pair in [
        "alice:",
        "alice:correct horsE",
        "alice",
        ":x",
        "bob:pässword:1",
        "ALICE:correct horse",
        "alice:correct horse\n",
    ] {
        let reply = refusal(run(&plugin, &request(pair)));
        assert_eq!(reply.status, 401, "{pair}");
        let challenge = ("www-authenticate".to_owned(), "Basic realm=\"gateway\", charset=\"UTF-8\"".to_owned());
        assert!(reply.headers.contains(&challenge));
    }
    for header in [
        "",
        "Basic",
        "Basic ",
        "Basic !!!",
        "Basic YQ",
        "Bearer YTpi",
        "Basic /w==",
        "Basic YWxpY2U6Y29ycmVjdCBob3JzZR==",
    ] {
        let request = FakeHeaders::request("GET", "a", "/", &[("authorization", header)]);
        assert_eq!(refusal(run(&plugin, &request)).status, 401, "{header}");
    }
    let twice = request("alice:correct horse");
    plugin_kit::plugin::Headers::add(&twice, "authorization", b"Basic YTpi");
    assert_eq!(refusal(run(&plugin, &twice)).status, 401);
}

#[test]
fn attempts_are_bounded_and_do_not_hurt_the_known() {
    let plugin = plugin();
    assert_eq!(run(&plugin, &request("alice:correct horse")), Decision::Pass);
    let statuses: Vec<_> = (0..40).map(|i| refusal(run(&plugin, &request(&format!("mallory:{i}")))).status).collect();
    assert_eq!(statuses.iter().filter(|s| **s == 401).count(), users::SLOW_CHECKS as usize - 1);
    assert_eq!(statuses.last(), Some(&429));
    assert_eq!(run(&plugin, &request("alice:correct horse")), Decision::Pass);
    assert_eq!(refusal(run(&plugin, &request("alice:wrong"))).status, 429);
    let later = plugin.on_request(&mut (), &FakeProxy::at(2).cx(&request("alice:wrong")));
    assert_eq!(refusal(later).status, 401);
}

#[test]
fn passwords_are_read_strictly() {
    for bad in [
        "",
        "$2y$10$abc",
        "$pbkdf2-sha256$0$c2FsdHNhbHQ$AAAA",
        "$pbkdf2-sha256$20001$c2FsdHNhbHQ$AAAA",
        "$pbkdf2-sha256$1$c2FsdA$AAAA",
        "$pbkdf2-sha256$1$c2FsdHNhbHQ$AAAA",
        "$pbkdf2-sha256$1$c2FsdHNhbHQ",
    ] {
        assert!(Password::read(bad).is_err(), "{bad}");
    }
}

#[test]
fn refusals_name_the_field() {
    for (json, field) in [
        (r#"{"users":[]}"#, "users"),
        (r#"{"consumers":[{"name":"a"}]}"#, "consumers[0].password"),
        (r#"{"consumers":[{"name":"a","password":"$x"}]}"#, "consumers[0].password"),
        (r#"{"consumers":[{"name":"a:b","password":"x"}]}"#, "consumers[0].username"),
        (
            r#"{"consumers":[{"name":"a","password":"x"},{"name":"b","username":"a","password":"x"}]}"#,
            "consumers[1].username",
        ),
    ] {
        assert_eq!(BasicAuth::read(json.as_bytes()).expect_err(json).field(), field);
    }
}

proptest! {
    #[test]
    fn headers_never_panic(header in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = credentials::read(&header);
        let _ = credentials::read(&[b"Basic ", &header[..]].concat());
    }

    #[test]
    fn what_was_written_is_read(name in "[a-zé ]{1,20}", password in "[^\\p{C}]{0,40}") {
        let value = format!("bAsIc  {}", Base64::encode_string(format!("{name}:{password}").as_bytes()));
        prop_assert_eq!(credentials::read(value.as_bytes()), Some((name, password)));
    }
}
