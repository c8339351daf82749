//! Tokens, keys and signatures with a few bytes changed: what passes must be signed.

use std::sync::OnceLock;

use plugin_kit::exercise::Input;
use plugin_kit::fake::{FakeHeaders, FakeProxy, answer};
use plugin_kit::plugin::{Decision, Headers, Plugin};
use serde_json::{Value, json};

/// When tokens and signatures of the tests are good.
const NOW: u64 = 1_700_000_000;

/// Changes some bytes of a text, as the input says, or takes the input in its place.
fn changed(text: &str, input: &mut Input) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..input.byte() % 4 {
        let at = (usize::from(input.byte()) | usize::from(input.byte()) << 8) % (bytes.len() + 1);
        match input.byte() % 8 {
            0 => bytes = input.bytes().to_vec(),
            1 => bytes.truncate(at),
            2 => bytes.insert(at, input.byte()),
            3 if at < bytes.len() => drop(bytes.remove(at)),
            4 => bytes.splice(at..at, input.bytes().iter().copied()).for_each(drop),
            5 if at < bytes.len() => bytes[at] ^= 1 << (input.byte() % 8),
            _ if at < bytes.len() => bytes[at] = input.byte(),
            _ => {}
        }
    }
    bytes
}

struct Vectors {
    jwks: String,
    tokens: Vec<String>,
    configuration: String,
}

fn vectors() -> &'static Vectors {
    static VECTORS: OnceLock<Vectors> = OnceLock::new();
    VECTORS.get_or_init(|| {
        let all: Value = serde_json::from_str(include_str!("../../jwt-auth/src/vectors.json")).unwrap_or_default();
        let texts = |of: &Value| {
            of.as_object().into_iter().flatten().filter_map(|(_, t)| Some(t.as_str()?.to_owned())).collect()
        };
        let mut inline = all["jwks"].clone();
        if let Some(keys) = inline["keys"].as_array_mut() {
            keys.push(json!({"kty": "oct", "kid": "secret", "k": all["secret"]}));
        }
        let configuration = json!({"consumers": [
            {"name": "inline", "jwks": inline.to_string()},
            {"name": "remote", "remoteJwks": {"host": "idp.test"}},
        ]});
        Vectors { jwks: all["jwks"].to_string(), tokens: texts(&all["good"]), configuration: configuration.to_string() }
    })
}

/// What of a token is signed.
fn signed(token: &[u8]) -> &[u8] {
    token.iter().rposition(|&b| b == b'.').map_or(token, |dot| &token[..dot])
}

/// A changed token, and a changed set of keys, for jwt-auth.
///
/// # Panics
/// If a token passes that nobody signed.
pub fn any_token(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    match input.byte() % 4 {
        // To read all keys takes longer than all the rest.
        0 => {
            let keys = changed(&vectors().jwks, &mut input);
            plugin(&keys).iter().for_each(|plugin| token_for(plugin, &mut input));
        }
        _ => PLUGIN.with(|plugin| plugin.iter().for_each(|plugin| token_for(plugin, &mut input))),
    }
}

thread_local! {
    static PLUGIN: Option<jwt_auth_subject::Started> = plugin(vectors().jwks.as_bytes());
}

/// jwt-auth with all keys, of which some were fetched.
fn plugin(fetched: &[u8]) -> Option<jwt_auth_subject::Started> {
    let plugin = jwt_auth_subject::Started::read(vectors().configuration.as_bytes()).ok()?;
    let proxy = FakeProxy::at(NOW);
    plugin.on_tick(&proxy)?;
    plugin.on_tick_answer(&proxy, Some(answer(200, &[], &String::from_utf8_lossy(fetched))));
    Some(plugin)
}

fn token_for(plugin: &jwt_auth_subject::Started, input: &mut Input) {
    let (vectors, proxy) = (vectors(), FakeProxy::at(NOW));
    let token = &vectors.tokens[usize::from(input.byte()) % vectors.tokens.len()];
    let token = changed(token, input);
    let request = FakeHeaders::request("GET", "a", "/", &[]);
    request.set("authorization", &[b"Bearer ", &token[..]].concat());
    let mut decision = plugin.on_request(&mut Default::default(), &proxy.cx(&request));
    if let Decision::Ask(_) = decision {
        decision = plugin.on_answer(&mut Default::default(), &proxy.cx(&request), None);
    }
    // Keys may have been changed such that another one signs: only what somebody of ours signed passes, though.
    let is_signed = vectors.tokens.iter().any(|good| signed(good.as_bytes()) == signed(token.trim_ascii()));
    assert!(is_signed || decision != Decision::Pass, "{}", String::from_utf8_lossy(&token));
}

const KEYS: &str =
    r#"{"consumers":[{"name":"partner","accessKey":"partner-1","secretKey":"a secret of 32 random characters"}]}"#;
const SIGNATURE: &str = "52Xc6kknNdc6YWL6jZhqk5qAJyiXPpXpZ4IvDsskljo=";
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const DIGEST: &str = "SHA-256=vHlB39UT0/KDXUZX5Su9O9WV3NTPa+Ezu9WqOwubvZg=";

/// A changed request for hmac-auth: the one of its README.
///
/// # Panics
/// If it passes although something that is signed is another.
pub fn any_signature(bytes: &[u8]) {
    let mut input = Input::new(bytes);
    let Ok(plugin) = hmac_auth_subject::Started::read(KEYS.as_bytes()) else {
        return;
    };
    let authorization = format!(
        "Signature keyId=\"partner-1\",algorithm=\"hmac-sha256\",headers=\"@request-target date host digest x-nonce\",signature=\"{SIGNATURE}\""
    );
    let signed = [("date", DATE), ("digest", DIGEST), ("x-nonce", "6f1d2c")];
    let request = FakeHeaders::request("POST", "shop.example.com", "/orders?dry=1", &signed);
    request.set("authorization", &changed(&authorization, &mut input));
    let which = usize::from(input.byte()) % (signed.len() + 1);
    let mut same = true;
    if let Some((name, value)) = signed.get(which) {
        let other = changed(value, &mut input);
        same = other.trim_ascii() == value.as_bytes();
        request.set(name, &other);
    }
    let text = request.text("authorization").unwrap_or_default();
    let decision = plugin.on_request(&mut Default::default(), &FakeProxy::at(NOW).cx(&request));
    let passes = !matches!(decision, Decision::Refuse(_));
    assert!(!passes || (same && text.contains(SIGNATURE)), "{text}");
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Otherwise nothing that is changed would say anything.
    #[test]
    fn what_is_not_changed_passes() {
        let plugin = plugin(vectors().jwks.as_bytes()).expect("good");
        assert!(vectors().tokens.len() > 15);
        for token in &vectors().tokens {
            let request = FakeHeaders::request("GET", "a", "/", &[("authorization", &format!("Bearer {token}"))]);
            assert_eq!(plugin.on_request(&mut Default::default(), &FakeProxy::at(NOW).cx(&request)), Decision::Pass);
        }
        let plugin = hmac_auth_subject::Started::read(KEYS.as_bytes()).expect("good");
        let authorization = format!(
            "Signature keyId=\"partner-1\",algorithm=\"hmac-sha256\",headers=\"@request-target date host digest x-nonce\",signature=\"{SIGNATURE}\""
        );
        let headers = [("date", DATE), ("digest", DIGEST), ("x-nonce", "6f1d2c"), ("authorization", &authorization)];
        let request = FakeHeaders::request("POST", "shop.example.com", "/orders?dry=1", &headers);
        let decision = plugin.on_request(&mut Default::default(), &FakeProxy::at(NOW).cx(&request));
        assert!(matches!(decision, Decision::Collect(_)), "{decision:?}");
    }
}
