use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::{Hmac, KeyInit, Mac};
use plugin_kit::fake::{FakeHeaders, FakeProxy, answer};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::Sha256;

use super::*;
use crate::key;
use crate::remote::MOST_ASKING;

const NOW: u64 = 1_700_000_000;
const SECRET: [u8; 32] = [7; 32];

fn sign(header: &str, claims: &str) -> String {
    let encode = |text: &str| Base64UrlUnpadded::encode_string(text.as_bytes());
    let message = format!("{}.{}", encode(header), encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(&SECRET).expect("a key").chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", Base64UrlUnpadded::encode_string(&mac))
}

fn token(claims: &Value) -> String {
    sign(r#"{"alg":"HS256"}"#, &claims.to_string())
}

/// A consumer with the secret and these fields.
fn plugin(consumer: Value, more: Value) -> JwtAuth {
    let jwks = json!({"kty": "oct", "k": Base64UrlUnpadded::encode_string(&SECRET)}).to_string();
    let mut own = json!({"name": "alice", "jwks": jwks, "issuer": "me"});
    own.as_object_mut().expect("an object").extend(consumer.as_object().expect("an object").clone());
    let mut all = json!({"consumers": [own]});
    all.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    JwtAuth::read(all.to_string().as_bytes()).expect("good")
}

fn bearer(token: &str) -> FakeHeaders {
    FakeHeaders::request(
        "GET",
        "a",
        "/p",
        &[("authorization", &format!("Bearer {token}")), ("x-sub", "root"), ("x-consumer-name", "root")],
    )
}

fn decide(plugin: &JwtAuth, request: &FakeHeaders, now: u64) -> Decision {
    plugin.on_request(&mut Stream::default(), &FakeProxy::at(now).cx(request))
}

/// What the client is told.
fn why(decision: Decision) -> String {
    match decision {
        Decision::Refuse(reply) => {
            let body: Value = serde_json::from_str(&reply.body).expect("JSON");
            format!("{} {}", reply.status, body["message"].as_str().expect("text"))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn a_good_token_tells_who_it_is() {
    let plugin = plugin(
        json!({"claimsToHeaders": [{"claim": "sub", "header": "X-Sub"}, {"claim": "roles", "header": "x-roles"}, {"claim": "a.b", "header": "x-deep"}]}),
        json!({}),
    );
    let request =
        bearer(&token(&json!({"iss": "me", "sub": "u1", "exp": NOW + 1, "roles": ["a", "b"], "a": {"b": 3}})));
    assert_eq!(decide(&plugin, &request, NOW), Decision::Pass);
    for (name, value) in [("x-consumer-name", "alice"), ("x-sub", "u1"), ("x-roles", "a,b"), ("x-deep", "3")] {
        assert_eq!(request.text(name).as_deref(), Some(value));
    }
    assert!(request.text("authorization").is_some(), "the upstream may want it");
}

#[test]
fn refusals_take_what_the_client_claims() {
    let plugin = plugin(
        json!({"claimsToHeaders": [{"claim": "sub", "header": "x-sub"}]}),
        json!({"exempt": [{"paths": ["/p"]}]}),
    );
    let request = bearer("x");
    assert_eq!(decide(&plugin, &request, NOW), Decision::Skip);
    assert_eq!((request.text("x-sub"), request.text("x-consumer-name")), (None, None));
}

#[test]
fn claims_that_no_header_can_hold_are_left_out() {
    let plugin = plugin(json!({"claimsToHeaders": [{"claim": "sub", "header": "x-sub"}]}), json!({}));
    for sub in
        [json!("a\r\nx: y"), json!(["a,b"]), json!({"a": 1}), json!([["a"]]), json!(null), json!(" a"), json!("\u{0}")]
    {
        let request = bearer(&token(&json!({"iss": "me", "exp": NOW + 1, "sub": sub})));
        assert_eq!(decide(&plugin, &request, NOW), Decision::Pass);
        assert_eq!(request.text("x-sub"), None, "{sub}");
    }
}

#[test]
fn dates_at_their_edges() {
    let plugin = plugin(json!({"clockSkewSeconds": 10}), json!({}));
    let at = |claims: Value| {
        let mut all = json!({"iss": "me", "exp": NOW + 100});
        all.as_object_mut().expect("an object").extend(claims.as_object().expect("an object").clone());
        why(decide(&plugin, &bearer(&token(&all)), NOW))
    };
    for good in [
        json!({"exp": NOW - 9}),
        json!({"exp": NOW as f64 - 9.5}),
        json!({"exp": 1e300}),
        json!({"nbf": NOW + 10}),
        json!({"nbf": -5}),
        json!({"iat": NOW + 1000}),
    ] {
        assert_eq!(at(good.clone()), "Pass", "{good}");
    }
    for expired in [json!({"exp": NOW - 10}), json!({"exp": 0}), json!({"exp": -1}), json!({"exp": -1e300})] {
        assert_eq!(at(expired.clone()), "401 the token has expired", "{expired}");
    }
    assert_eq!(at(json!({"nbf": NOW + 11})), "401 the token is not valid yet");
    for odd in [json!({"exp": NOW.to_string()}), json!({"exp": null}), json!({"exp": [NOW + 5]}), json!({"nbf": true})]
    {
        assert_eq!(at(odd.clone()), "401 a date of the token is not a number", "{odd}");
    }
    assert_eq!(why(decide(&plugin, &bearer(&token(&json!({"iss": "me"}))), NOW)), "401 the token never expires");
    let lenient = self::plugin(json!({"requireExpiry": false}), json!({}));
    assert_eq!(why(decide(&lenient, &bearer(&token(&json!({"iss": "me"}))), NOW)), "Pass");
}

#[test]
fn issuer_audience_and_claims() {
    let plugin = plugin(
        json!({"audiences": ["api", "web"], "requiredClaims": [{"claim": "azp", "values": ["app"]}, {"claim": "scope", "values": ["r", "w"]}]}),
        json!({}),
    );
    let with = |iss: Value, aud: Value, azp: Value, scope: Value| {
        let claims = json!({"iss": iss, "aud": aud, "azp": azp, "scope": scope, "exp": NOW + 1});
        why(decide(&plugin, &bearer(&token(&claims)), NOW))
    };
    assert_eq!(with(json!("me"), json!("api"), json!("app"), json!(["x", "w"])), "Pass");
    assert_eq!(with(json!("me"), json!(["x", "web"]), json!("app"), json!("r")), "Pass");
    for iss in [json!("Me"), json!("me/"), json!(null), json!(["me"])] {
        assert_eq!(with(iss, json!("api"), json!("app"), json!("r")), "401 the issuer of the token is not known");
    }
    for aud in [json!("ap"), json!("API"), json!([]), json!([["api"]]), json!({"api": 1}), json!(null)] {
        assert_eq!(with(json!("me"), aud, json!("app"), json!("r")), "401 the token is for another audience");
    }
    assert_eq!(with(json!("me"), json!("api"), json!("app2"), json!("r")), "401 the token lacks a claim");
    assert_eq!(with(json!("me"), json!("api"), json!("app"), json!("r w")), "401 the token lacks a claim");
}

#[test]
fn headers_and_payloads_are_read_strictly() {
    let plugin = plugin(json!({}), json!({}));
    let claims = json!({"iss": "me", "exp": NOW + 1}).to_string();
    let of = |header: &str, claims: &str| why(decide(&plugin, &bearer(&sign(header, claims)), NOW));
    assert_eq!(of(r#" { "alg" : "HS256", "typ":"at+jwt", "jku":"x", "jwk":{} } "#, &claims), "Pass");
    for none in ["none", "None", "NONE", "nOnE", "", "hs256", "HS256 ", "HS1"] {
        assert_eq!(
            of(&json!({"alg": none}).to_string(), &claims),
            "401 the algorithm of the token is not accepted",
            "{none}"
        );
    }
    for header in [r#"{"alg":null}"#, "{}", r#"{"alg":["HS256"]}"#, r#"{"alg":1}"#] {
        assert_eq!(of(header, &claims), "401 the algorithm of the token is not accepted", "{header}");
    }
    for crit in [r#"["exp"]"#, "[]", r#"["b64"]"#, "null"] {
        assert_eq!(
            of(&format!(r#"{{"alg":"HS256","crit":{crit},"b64":false}}"#), &claims),
            "401 the token needs extensions"
        );
    }
    for header in [
        "",
        "[]",
        "x",
        r#"{"alg":"none","alg":"HS256"}"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256","\u0061lg":"HS256"}"#,
    ] {
        assert_eq!(of(header, &claims), "401 the token is malformed", "{header}");
    }
    for claims in ["", "[]", "1", "{}x", r#"{"iss":"you","iss":"me","exp":1e300}"#, &"[".repeat(4000), "\u{feff}{}"] {
        assert_eq!(of(r#"{"alg":"HS256"}"#, claims), "401 the token is malformed", "{claims}");
    }
}

#[test]
fn there_is_one_way_to_write_a_token() {
    let plugin = plugin(json!({}), json!({}));
    let good = token(&json!({"iss": "me", "exp": NOW + 1}));
    let parts: Vec<&str> = good.split('.').collect();
    let [header, claims, signature] = parts[..] else { panic!("{good}") };
    for bad in [
        format!("{good}="),
        format!("{good}."),
        format!(".{good}"),
        format!("{good}\n"),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}..{signature}"),
        format!("{header}.{claims}.{signature}.{signature}.{signature}"),
        format!("{header} .{claims}.{signature}"),
        format!("{header}.{claims}.{}", &signature[1..]),
        good.replace('.', ","),
        "...".to_owned(),
        "a".repeat(20_000),
        format!("{header}.{claims}.{signature}").replace('-', "+").replace('_', "/") + "/+",
    ] {
        assert!(why(decide(&plugin, &bearer(&bad), NOW)).starts_with("401 the ") || bad.ends_with('\n'), "{bad}");
    }
    // 32 bytes leave two bits of the last character: with one of them set, it is another text for the same bytes.
    let last = signature.as_bytes()[signature.len() - 1];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = alphabet.iter().position(|&b| b == last).expect("a character");
    let stray = format!("{}{}", &good[..good.len() - 1], alphabet[at ^ 1] as char);
    assert_eq!(why(decide(&plugin, &bearer(&stray), NOW)), "401 the token is malformed");
}

#[test]
fn tokens_are_where_they_may_be() {
    let good = token(&json!({"iss": "me", "exp": NOW + 1}));
    let plugin = plugin(
        json!({}),
        json!({"fromHeaders": [{"name": "Authorization", "valuePrefix": "Bearer "}, {"name": "x-token"}], "fromParams": ["access_token"], "fromCookies": ["jwt"], "hideCredentials": true}),
    );
    let basic = ("authorization", "Basic YTpi");
    for (path, headers) in [
        ("/p?a=1", vec![("authorization", format!("bearer  {good}"))]),
        ("/p?a=1", vec![("x-token", good.clone())]),
        (&format!("/p?access_token={good}&a=1"), vec![]),
        ("/p?a=1", vec![("cookie", format!("jwt={good}"))]),
        ("/p?a=1", vec![("cookie", format!("jwt=\"{good}\"")), ("x-token", good.clone())]),
    ] {
        let headers: Vec<_> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let request = FakeHeaders::request("GET", "a", path, &headers);
        assert_eq!(decide(&plugin, &request, NOW), Decision::Pass, "{path} {headers:?}");
        assert_eq!(request.text(":path").as_deref(), Some("/p?a=1"));
        assert!(["authorization", "x-token", "cookie"].iter().all(|name| request.text(name).is_none()));
    }
    let two = FakeHeaders::request("GET", "a", "/p?access_token=x", &[("x-token", &good)]);
    assert_eq!(why(decide(&plugin, &two, NOW)), "401 there is more than one token");
    let other = FakeHeaders::request("GET", "a", "/p", &[basic]);
    assert_eq!(why(decide(&plugin, &other, NOW)), "401 no token");
    let both = FakeHeaders::request("GET", "a", "/p", &[basic, ("x-token", &good)]);
    assert_eq!(decide(&plugin, &both, NOW), Decision::Pass);
    assert!(both.text("authorization").is_some(), "not a token");
}

#[test]
fn the_first_consumer_that_fits() {
    let jwks = json!({"kty": "oct", "k": Base64UrlUnpadded::encode_string(&SECRET)}).to_string();
    let plugin = JwtAuth::read(
        json!({"consumers": [
        {"name": "a", "jwks": jwks, "issuer": "me", "audiences": ["a"]},
        {"name": "b", "jwks": jwks, "issuer": "me", "algorithms": ["HS512"]},
        {"name": "c", "jwks": jwks, "audiences": ["c"]},
    ], "rules": [{"paths": ["/p"], "allow": ["c"]}]})
        .to_string()
        .as_bytes(),
    )
    .expect("good");
    let of = |aud: &str| {
        let request = bearer(&token(&json!({"iss": "me", "aud": aud, "exp": NOW + 1})));
        (why(decide(&plugin, &request, NOW)), request.text("x-consumer-name"))
    };
    assert_eq!(of("c"), ("Pass".to_owned(), Some("c".to_owned())));
    assert_eq!(of("a"), ("403 this consumer may not do that".to_owned(), None));
    assert_eq!(of("b"), ("401 the token is for another audience".to_owned(), None));
}

fn remote() -> JwtAuth {
    JwtAuth::read(json!({"consumers": [{"name": "a", "issuer": "https://issuer.test", "remoteJwks": {"host": "idp.test", "port": 8080}}]}).to_string().as_bytes()).expect("good")
}

fn jwks(vectors: &Value) -> Answer {
    answer(200, &[], &vectors["jwks"].to_string())
}

fn good(vectors: &Value, name: &str) -> FakeHeaders {
    bearer(vectors["good"][name].as_str().expect("text"))
}

#[test]
fn keys_are_fetched_by_the_clock() {
    let (plugin, vectors, proxy) = (remote(), key::tests::vectors(), FakeProxy::at(NOW));
    assert!(plugin.tick().is_some());
    let call = plugin.on_tick(&proxy).expect("a call");
    assert_eq!((call.cluster.as_str(), call.path.as_str()), ("outbound|8080||idp.test", "/.well-known/jwks.json"));
    assert!(plugin.on_tick(&proxy).is_none(), "one at a time");
    plugin.on_tick_answer(&proxy, Some(jwks(&vectors)));
    for name in ["RS256", "PS384", "ES256", "ES512", "EdDSA"] {
        assert_eq!(decide(&plugin, &good(&vectors, name), NOW), Decision::Pass, "{name}");
        assert_eq!(decide(&plugin, &good(&vectors, name), NOW), Decision::Pass, "{name}, remembered");
    }
    assert!(matches!(decide(&plugin, &good(&vectors, "HS256"), NOW + 1), Decision::Ask(_)), "an unknown kid");
    assert!(plugin.on_tick(&FakeProxy::at(NOW + 299)).is_none());
    assert!(plugin.on_tick(&FakeProxy::at(NOW + 300)).is_some());
    plugin.on_tick_answer(&FakeProxy::at(NOW + 300), Some(answer(503, &[], "")));
    assert_eq!(decide(&plugin, &good(&vectors, "RS256"), NOW + 301), Decision::Pass, "old keys stay");
    assert!(plugin.on_tick(&FakeProxy::at(NOW + 304)).is_none() && plugin.on_tick(&FakeProxy::at(NOW + 305)).is_some());
    plugin.on_tick_answer(&FakeProxy::at(NOW + 305), None);
    let late = decide(&plugin, &good(&vectors, "RS256"), NOW + 86_400);
    assert!(matches!(late, Decision::Ask(_)), "not for ever: {late:?}");
}

#[test]
fn requests_wait_for_keys_within_bounds() {
    let (plugin, vectors, proxy) = (remote(), key::tests::vectors(), FakeProxy::at(NOW));
    let request = good(&vectors, "RS256");
    let mut streams: Vec<Stream> = (0..MOST_ASKING).map(|_| Stream::default()).collect();
    for stream in &mut streams {
        assert!(matches!(plugin.on_request(stream, &proxy.cx(&request)), Decision::Ask(_)));
    }
    let mut late = Stream::default();
    assert_eq!(why(plugin.on_request(&mut late, &proxy.cx(&request))), "503 the keys are not available");
    let mut answered = streams.iter_mut();
    let first = answered.next().expect("a stream");
    assert_eq!(plugin.on_answer(first, &proxy.cx(&request), Some(jwks(&vectors))), Decision::Pass);
    for stream in answered {
        assert_eq!(plugin.on_answer(stream, &proxy.cx(&request), None), Decision::Pass, "by the first one's keys");
    }
    assert_eq!(plugin.on_request(&mut late, &proxy.cx(&request)), Decision::Pass);
    assert_eq!(proxy.counted("jwks_errors") as u32, MOST_ASKING - 1);
}

#[test]
fn a_new_key_is_fetched_once_in_a_while() {
    let (plugin, vectors) = (remote(), key::tests::vectors());
    plugin.on_tick(&FakeProxy::at(NOW));
    let mut old = vectors["jwks"].clone();
    old["keys"].as_array_mut().expect("a list").retain(|key| key["kid"] != "rsa");
    plugin.on_tick_answer(&FakeProxy::at(NOW), Some(answer(200, &[], &old.to_string())));
    let (request, mut stream) = (good(&vectors, "RS256"), Stream::default());
    assert!(matches!(plugin.on_request(&mut stream, &FakeProxy::at(NOW + 1).cx(&request)), Decision::Ask(_)));
    let same = answer(200, &[], &old.to_string());
    let decision = plugin.on_answer(&mut stream, &FakeProxy::at(NOW + 1).cx(&request), Some(same));
    assert_eq!(why(decision), "401 the signature of the token is not valid");
    assert!(!matches!(decide(&plugin, &request, NOW + 10), Decision::Ask(_)), "too soon");
    let mut stream = Stream::default();
    assert!(matches!(plugin.on_request(&mut stream, &FakeProxy::at(NOW + 11).cx(&request)), Decision::Ask(_)));
    assert_eq!(
        plugin.on_answer(&mut stream, &FakeProxy::at(NOW + 11).cx(&request), Some(jwks(&vectors))),
        Decision::Pass
    );
}

#[test]
fn fetched_keys_replace_what_was_remembered() {
    let (plugin, vectors) = (remote(), key::tests::vectors());
    let give = |now: u64, keys: &Value| {
        assert!(plugin.on_tick(&FakeProxy::at(now)).is_some());
        plugin.on_tick_answer(&FakeProxy::at(now), Some(answer(200, &[], &keys.to_string())));
    };
    give(NOW, &vectors["jwks"]);
    assert_eq!(decide(&plugin, &good(&vectors, "ES256"), NOW), Decision::Pass);
    let mut without = vectors["jwks"].clone();
    without["keys"].as_array_mut().expect("a list").retain(|key| key["kid"] != "ec256");
    give(NOW + 300, &without);
    assert_ne!(decide(&plugin, &good(&vectors, "ES256"), NOW + 300), Decision::Pass, "withdrawn");
}

#[test]
fn what_is_no_key_set_is_no_answer() {
    let (plugin, vectors) = (remote(), key::tests::vectors());
    let secrets = json!({"keys": [{"kty": "oct", "k": vectors["secret"], "kid": "secret"}]}).to_string();
    let mut now = NOW;
    for body in [
        "",
        "{}",
        "[]",
        r#"{"keys":{}}"#,
        r#"{"keys":[]}"#,
        "<html>",
        &secrets,
        &format!("{}{}", vectors["jwks"], " ".repeat(300_000)),
    ] {
        assert!(plugin.on_tick(&FakeProxy::at(now)).is_some());
        plugin.on_tick_answer(&FakeProxy::at(now), Some(answer(200, &[], body)));
        assert!(plugin.settings.remotes[0].keys(now).is_none(), "{body:.60}");
        now += 5;
    }
}

proptest! {
    #[test]
    fn nothing_panics(text in proptest::collection::vec(any::<u8>(), 0..200), header in "[{}\":,a-zA-Z0-9\\[\\]]{0,40}", claims in "[{}\":,a-z0-9.e-]{0,40}") {
        let plugin = plugin(json!({}), json!({"fromHeaders": [{"name": "x-token"}]}));
        let request = FakeHeaders::request("GET", "a", "/", &[]);
        plugin_kit::plugin::Headers::set(&request, "x-token", &text);
        prop_assert_ne!(decide(&plugin, &request, NOW), Decision::Pass);
        plugin_kit::plugin::Headers::set(&request, "x-token", sign(&header, &claims).as_bytes());
        decide(&plugin, &request, NOW);
        let _ = crate::keys::Keys::fetched(&text);
        let _ = JwtAuth::read(&text);
    }

    /// No other text than the one that was signed.
    #[test]
    fn changed_tokens_are_refused(at in 0usize..400, flip in 1u8..=255) {
        let good = token(&json!({"iss": "me", "exp": NOW + 1}));
        let mut bytes = good.clone().into_bytes();
        let at = at % bytes.len();
        bytes[at] ^= flip;
        let plugin = plugin(json!({}), json!({"fromHeaders": [{"name": "x-token"}]}));
        let request = FakeHeaders::request("GET", "a", "/", &[]);
        plugin_kit::plugin::Headers::set(&request, "x-token", &bytes);
        prop_assert_ne!(decide(&plugin, &request, NOW), Decision::Pass);
    }
}
