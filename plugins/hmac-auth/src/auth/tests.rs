use base64ct::{Base64, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use plugin_kit::fake::{FakeHeaders, FakeProxy};
use plugin_kit::plugin::Headers;
use proptest::prelude::*;
use sha2::Sha256;

use super::*;

const NOW: u64 = 1_700_000_000;
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const SECRET: &str = "a secret of 32 random characters";
const KEYS: &str = r#""consumers":[{"name":"partner","accessKey":"partner-1","secretKey":"a secret of 32 random characters"},
    {"name":"other","secretKey":"another secret"}]"#;

fn plugin(more: &str) -> HmacAuth {
    HmacAuth::read(format!("{{{KEYS}{more}}}").as_bytes()).expect("good")
}

/// A request with these headers, of which those named are signed.
fn signed(signed: &str, headers: &[(&str, &str)]) -> FakeHeaders {
    let request = FakeHeaders::request("POST", "a.test", "/p?q=1", headers);
    let mut lines = vec!["partner-1".to_owned()];
    for name in signed.split(' ') {
        lines.push(match name {
            "@request-target" => "POST /p?q=1".to_owned(),
            "host" => "host: a.test".to_owned(),
            name => format!("{name}: {}", request.text(name).unwrap_or_default()),
        });
    }
    let text = lines.join("\n") + "\n";
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("a key").chain_update(text).finalize();
    let signature = Base64::encode_string(&mac.into_bytes());
    let header = format!(
        "Signature keyId=\"partner-1\",algorithm=\"hmac-sha256\",headers=\"{signed}\",signature=\"{signature}\""
    );
    request.set("authorization", header.as_bytes());
    request
}

fn decide(plugin: &HmacAuth, request: &FakeHeaders, now: u64) -> Decision {
    let proxy = FakeProxy::at(now);
    plugin.on_request(&mut Stream::default(), &Cx { headers: request, proxy: &proxy, end: true })
}

fn why(decision: Decision) -> String {
    match decision {
        Decision::Refuse(reply) => {
            let message = reply.body.split("\"message\":\"").nth(1).and_then(|rest| rest.split('"').next());
            format!("{} {}", reply.status, message.unwrap_or_default())
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn a_good_signature_tells_who_it_is() {
    let request = signed("@request-target date", &[("date", DATE), ("x-consumer-name", "root")]);
    assert_eq!(decide(&plugin(""), &request, NOW), Decision::Pass);
    assert_eq!((request.text("x-consumer-name").as_deref(), request.text("authorization")), (Some("partner"), None));
}

/// The request of the README, signed by its script.
#[test]
fn the_example_of_the_documentation() {
    let digest = "SHA-256=vHlB39UT0/KDXUZX5Su9O9WV3NTPa+Ezu9WqOwubvZg=";
    for (readme, what) in
        [(include_str!("../../README.md"), "English"), (include_str!("../../README.zh.md"), "Chinese")]
    {
        for scheme in ["Signature keyId", "hmac username"] {
            let header = readme
                .lines()
                .find_map(|line| line.trim().strip_prefix("authorization: ").filter(|v| v.starts_with(scheme)));
            let headers =
                [("date", DATE), ("digest", digest), ("x-nonce", "6f1d2c"), ("authorization", header.expect(what))];
            let request = FakeHeaders::request("POST", "shop.example.com", "/orders?dry=1", &headers);
            let (plugin, proxy, mut stream) = (plugin(""), FakeProxy::at(NOW), Stream::default());
            assert!(
                matches!(plugin.on_request(&mut stream, &proxy.cx(&request)), Decision::Collect(_)),
                "{what} {scheme}"
            );
            let body = |bytes: &[u8]| Body { bytes: bytes.to_vec(), room: 0 };
            assert_eq!(
                plugin.on_request_body(&mut stream, &proxy.cx(&request), body(br#"{"item":42}"#)),
                Decision::Pass
            );
            assert_eq!(
                why(plugin.on_request_body(&mut stream, &proxy.cx(&request), body(br#"{"item":43}"#))),
                "401 the body has another digest"
            );
        }
    }
}

#[test]
fn what_is_signed_cannot_be_changed() {
    let plugin = plugin("");
    let make = || signed("@request-target date host x-a", &[("date", DATE), ("x-a", "1"), ("x-b", "1")]);
    for (name, value, expected) in [
        ("x-b", "2", "Pass"),
        ("x-a", "2", "401 unknown key or wrong signature"),
        (":path", "/p?q=2", "401 unknown key or wrong signature"),
        (":path", "/P?q=1", "401 unknown key or wrong signature"),
        (":method", "PUT", "401 unknown key or wrong signature"),
        (":authority", "b.test", "401 unknown key or wrong signature"),
        ("date", "Tue, 14 Nov 2023 22:13:21 GMT", "401 unknown key or wrong signature"),
        ("x-date", DATE, "401 no date is signed"),
        ("x-nonce", "1", "401 no nonce is signed"),
    ] {
        let request = make();
        request.set(name, value.as_bytes());
        assert_eq!(why(decide(&plugin, &request, NOW)), expected, "{name}: {value}");
    }
    let request = make();
    request.add("x-a", b"2");
    assert_eq!(why(decide(&plugin, &request, NOW)), "401 a signed header is missing, or there twice");
}

#[test]
fn the_window_of_dates() {
    let plugin = plugin(r#","clockSkew":30"#);
    let request = || signed("@request-target date", &[("date", DATE)]);
    for good in [NOW - 30, NOW, NOW + 30] {
        assert_eq!(decide(&plugin, &request(), good), Decision::Pass);
    }
    for bad in [NOW - 31, NOW + 31, 0, u64::MAX / 1_000_000_000] {
        assert_eq!(why(decide(&plugin, &request(), bad)), "401 the date is too far from now");
    }
}

#[test]
fn what_must_be_signed() {
    let date = ("date", DATE);
    for (more, signed_headers, headers, expected) in [
        ("", "date", vec![date], "401 @request-target is not signed"),
        ("", "@request-target", vec![date], "401 no date is signed"),
        ("", "@request-target date", vec![("date", "now")], "401 no date is signed"),
        (
            r#","signedHeaders":["Host","X-A","date"]"#,
            "@request-target date host x-a",
            vec![date, ("x-a", "1")],
            "Pass",
        ),
        (r#","signedHeaders":["host","date"]"#, "@request-target x-date host", vec![("x-date", DATE)], "Pass"),
        (r#","signedHeaders":["host"]"#, "@request-target date", vec![date], "401 a header that must be signed is not"),
        (r#","requireNonce":true"#, "@request-target date", vec![date], "401 no nonce is signed"),
        (r#","requireNonce":true"#, "@request-target date", vec![date, ("x-nonce", "1")], "401 no nonce is signed"),
        (r#","requireNonce":true"#, "@request-target date x-nonce", vec![date, ("x-nonce", "1")], "Pass"),
        (r#","nonceHeader":"X-Ca-Nonce""#, "@request-target date x-ca-nonce", vec![date, ("x-ca-nonce", "1")], "Pass"),
        (
            r#","allowedAlgorithms":["hmac-sha512"]"#,
            "@request-target date",
            vec![date],
            "401 the algorithm is not accepted",
        ),
        ("", "@request-target date digest", vec![date, ("digest", "MD5=AAAA")], "401 no digest of the body is signed"),
    ] {
        assert_eq!(
            why(decide(&plugin(more), &signed(signed_headers, &headers), NOW)),
            expected,
            "{more} {signed_headers}"
        );
    }
}

#[test]
fn keys_are_not_told_apart() {
    let request = signed("@request-target date", &[("date", DATE)]);
    let header = request.text("authorization").expect("a header");
    for other in ["partner-2", "partner", "other", "PARTNER-1"] {
        request.set("authorization", header.replace("partner-1", other).as_bytes());
        assert_eq!(why(decide(&plugin(""), &request, NOW)), "401 unknown key or wrong signature");
    }
    request.set("authorization", b"Basic YTpi");
    assert_eq!(why(decide(&plugin(""), &request, NOW)), "401 malformed credentials");
    request.remove("authorization");
    assert_eq!(why(decide(&plugin(""), &request, NOW)), "401 no signature");
}

#[test]
fn a_nonce_comes_once() {
    let (plugin, proxy) = (plugin(""), FakeProxy::at(NOW));
    let send = |nonce: &str| {
        let request = signed("@request-target date x-nonce", &[("date", DATE), ("x-nonce", nonce)]);
        why(plugin.on_request(&mut Stream::default(), &Cx { headers: &request, proxy: &proxy, end: true }))
    };
    assert_eq!(
        (send("1").as_str(), send("2").as_str(), send("1").as_str()),
        ("Pass", "Pass", "401 this request came before")
    );
    proxy.time.set((NOW + 300) * 1_000_000_000);
    assert_eq!(send("1"), "401 this request came before", "as long as its date lets it in");
    proxy.time.set((NOW + 301) * 1_000_000_000);
    assert_eq!(send("1"), "401 the date is too far from now");
}

#[test]
fn bodies_need_a_digest_unless_told_otherwise() {
    let request = || signed("@request-target date", &[("date", DATE)]);
    let send = |plugin: &HmacAuth, request: &FakeHeaders| {
        plugin.on_request(&mut Stream::default(), &FakeProxy::at(NOW).cx(request))
    };
    assert_eq!(why(send(&plugin(""), &request())), "401 no digest of the body is signed");
    assert_eq!(send(&plugin(r#","validateRequestBody":false"#), &request()), Decision::Pass);
    let digest = ("digest", "SHA-256=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    let large = signed("@request-target date digest", &[("date", DATE), digest, ("content-length", "2048")]);
    assert_eq!(why(send(&plugin(r#","maxBodyKiB":1"#), &large)), "413 the body is too large to be checked");
    let both = signed(
        "@request-target date digest content-digest",
        &[("date", DATE), digest, ("content-digest", "sha-256=:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=:")],
    );
    let (plugin, mut stream, proxy) = (plugin(""), Stream::default(), FakeProxy::at(NOW));
    assert!(matches!(plugin.on_request(&mut stream, &proxy.cx(&both)), Decision::Collect(_)));
    let empty = Body { bytes: vec![], room: 0 };
    assert_eq!(why(plugin.on_request_body(&mut stream, &proxy.cx(&both), empty)), "401 the body has another digest");
}

#[test]
fn rules_hold_for_consumers() {
    let plugin = plugin(r#","rules":[{"paths":["/p"],"allow":["other"]}]"#);
    let request = signed("@request-target date", &[("date", DATE)]);
    assert_eq!(why(decide(&plugin, &request, NOW)), "403 this consumer may not do that");
}

proptest! {
    #[test]
    fn nothing_panics(header in proptest::collection::vec(any::<u8>(), 0..200), names in "[a-z@ :-]{0,40}", date in ".{0,40}", digest in ".{0,60}") {
        let request = signed(&format!("@request-target date {names}"), &[("date", &date), ("digest", &digest)]);
        decide(&plugin(""), &request, NOW);
        request.set("authorization", &header);
        prop_assert_ne!(decide(&plugin(""), &request, NOW), Decision::Pass);
    }
}
