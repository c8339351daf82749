//! Vectors: of the RFCs, and `vectors.json`, made with another library from keys that were thrown away. What must not
//! verify is what such libraries have been deceived with before.

use base64ct::{Base64UrlUnpadded, Encoding};
use serde_json::json;

use super::*;
use crate::keys::Keys;
use crate::token::Token;

pub(crate) fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors.json")).expect("JSON")
}

/// All keys of the vectors, the secret too.
fn keys(vectors: &Value) -> Keys {
    let mut set = vectors["jwks"].clone();
    let secret = json!({"kty": "oct", "kid": "secret", "k": vectors["secret"]});
    set["keys"].as_array_mut().expect("a list").push(secret);
    Keys::read(&set.to_string()).expect("good keys")
}

fn verifies(keys: &Keys, text: &str) -> bool {
    Token::read(text.as_bytes())
        .is_ok_and(|token| keys.verify(token.algorithm, token.key_id.as_deref(), token.message, &token.signature))
}

#[test]
fn good_signatures_verify() {
    let vectors = vectors();
    let keys = keys(&vectors);
    for (name, token) in vectors["good"].as_object().expect("an object") {
        assert!(verifies(&keys, token.as_str().expect("text")), "{name}");
    }
}

#[test]
fn forged_signatures_do_not() {
    let vectors = vectors();
    let keys = keys(&vectors);
    let bad = vectors["bad"].as_object().expect("an object");
    assert!(bad.len() > 70);
    for (name, token) in bad {
        assert!(!verifies(&keys, token.as_str().expect("text")), "{name}");
    }
}

/// The bytes of the compact forms in appendix A of RFC 7515 and of RFC 8037, some of which are no JWT.
#[test]
fn the_examples_of_the_rfcs_verify() {
    let joe = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    let examples = [
        (
            json!({"kty": "oct", "k": "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"}),
            "HS256",
            format!("eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.{joe}"),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
        ),
        (
            json!({"kty": "RSA", "e": "AQAB", "n": "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}),
            "RS256",
            format!("eyJhbGciOiJSUzI1NiJ9.{joe}"),
            "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw",
        ),
        (
            json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}),
            "ES256",
            format!("eyJhbGciOiJFUzI1NiJ9.{joe}"),
            "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
        ),
        (
            json!({"kty": "EC", "crv": "P-521", "x": "AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBpXp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk", "y": "ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXMoxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2"}),
            "ES512",
            "eyJhbGciOiJFUzUxMiJ9.UGF5bG9hZA".to_owned(),
            "AdwMgeerwtHoh-l192l60hp9wAHZFVJbLfD_UxMi70cwnZOYaRI1bKPWROc-mZZqwqT2SI-KGDKB34XO0aw_7XdtAG8GaSwFKdCAPZgoXD2YBJZCPEX3xKpRwcdOO8KpEHwJjyqOgzDO7iKvU8vcnwNrmxYbSW9ERBXukOXolLzeO_Jn",
        ),
        (
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
            "EdDSA",
            "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc".to_owned(),
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
        ),
    ];
    for (jwk, name, message, signature) in examples {
        let key = Key::read(jwk.as_object().expect("an object")).expect("a key");
        let algorithm = Algorithm::named(name).expect("known");
        let mut signature = Base64UrlUnpadded::decode_vec(signature).expect("base64url");
        assert!(key.verifies(algorithm, message.as_bytes(), &signature), "{name}");
        assert!(!key.verifies(algorithm, &message.as_bytes()[1..], &signature), "{name}");
        for at in 0..signature.len() {
            signature[at] ^= 1;
            assert!(!key.verifies(algorithm, message.as_bytes(), &signature), "{name}, byte {at}");
            signature[at] ^= 1;
        }
    }
}

/// Every key with every algorithm: only its own.
#[test]
fn keys_answer_only_for_their_kind() {
    let vectors = vectors();
    let jwks = vectors["jwks"]["keys"].as_array().expect("a list");
    for jwk in jwks {
        let key = Key::read(jwk.as_object().expect("an object")).expect("a key");
        let own: Vec<_> =
            crate::algorithm::NAMES.iter().filter(|(_, a)| key.is_for(*a)).map(|(name, _)| *name).collect();
        let expected: &[&str] = match jwk["kid"].as_str().expect("text") {
            "rsa" | "rsa3" => &["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"],
            "ec256" => &["ES256"],
            "ec384" => &["ES384"],
            "ec512" => &["ES512"],
            "ed" => &["EdDSA", "Ed25519"],
            other => panic!("{other}"),
        };
        assert_eq!(own, expected);
        let mut named = jwk.clone();
        for (name, algorithm) in crate::algorithm::NAMES {
            named["alg"] = name.into();
            match Key::read(named.as_object().expect("an object")) {
                Ok(key) => assert!(expected.contains(&name) && key.is_for(algorithm)),
                Err(_) => assert!(!expected.contains(&name), "{name}"),
            }
        }
    }
    let secret = json!({"kty": "oct", "k": Base64UrlUnpadded::encode_string(&[7; 40])});
    let secret = Key::read(secret.as_object().expect("an object")).expect("a key");
    assert!(secret.is_for(Algorithm::Hs(Hash::Sha256)) && !secret.is_for(Algorithm::Hs(Hash::Sha384)));
}

#[test]
fn bad_keys_are_refused() {
    let vectors = vectors();
    let keys = &vectors["jwks"]["keys"];
    let with = |at: usize, changes: Value| {
        let mut jwk = keys[at].clone();
        for (name, value) in changes.as_object().expect("an object") {
            match value {
                Value::Null => drop(jwk.as_object_mut().expect("an object").remove(name)),
                value => jwk[name] = value.clone(),
            }
        }
        Key::read(jwk.as_object().expect("an object"))
    };
    let flipped = |text: &Value| {
        let mut bytes = Base64UrlUnpadded::decode_vec(text.as_str().expect("text")).expect("base64url");
        *bytes.last_mut().expect("not empty") ^= 1;
        Base64UrlUnpadded::encode_string(&bytes)
    };
    let padded = |text: &Value| {
        let bytes = Base64UrlUnpadded::decode_vec(text.as_str().expect("text")).expect("base64url");
        Base64UrlUnpadded::encode_string(&[&[0][..], &bytes].concat())
    };
    for (at, changes) in [
        (0, json!({"kty": null})),
        (0, json!({"kty": "rsa"})),
        (0, json!({"n": null})),
        (0, json!({"e": "AA"})),
        (0, json!({"e": "AQ"})),
        (0, json!({"e": "Ag"})),
        (0, json!({"e": "AQAAAAAB"})),
        (0, json!({"n": flipped(&keys[0]["n"])})),
        (0, json!({"n": format!("{}=", keys[0]["n"].as_str().expect("text"))})),
        (0, json!({"n": Base64UrlUnpadded::encode_string(&[0xff; 513])})),
        (0, json!({"n": vectors["small"]["n"]})),
        (0, json!({"d": "AQAB"})),
        (0, json!({"alg": "none"})),
        (0, json!({"alg": "RSA-OAEP"})),
        (0, json!({"alg": 1})),
        (0, json!({"kid": 1})),
        (2, json!({"crv": "P-384"})),
        (2, json!({"crv": "secp256k1"})),
        (2, json!({"y": keys[2]["x"]})),
        (2, json!({"y": flipped(&keys[2]["y"])})),
        (2, json!({"x": padded(&keys[2]["x"])})),
        (2, json!({"x": Base64UrlUnpadded::encode_string(&[0; 32]), "y": Base64UrlUnpadded::encode_string(&[0; 32])})),
        (2, json!({"x": Base64UrlUnpadded::encode_string(&[0xff; 32])})),
        (5, json!({"crv": "Ed448"})),
        (5, json!({"crv": "X25519"})),
        (5, json!({"x": "AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})),
        (5, json!({"x": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"})),
        (5, json!({"x": "AQAB"})),
    ] {
        assert!(matches!(with(at, changes.clone()), Err(Unusable::Bad(_))), "{changes}");
    }
    for changes in
        [json!({"use": "enc"}), json!({"key_ops": ["sign"]}), json!({"key_ops": "verify"}), json!({"use": 1})]
    {
        assert_eq!(with(0, changes.clone()).err(), Some(Unusable::OtherUse), "{changes}");
    }
    assert!(with(0, json!({"use": "sig", "key_ops": ["sign", "verify"], "x5t": "a"})).is_ok());
    for k in ["", "AA", &Base64UrlUnpadded::encode_string(&[1; 31])] {
        assert!(Key::read(json!({"kty": "oct", "k": k}).as_object().expect("an object")).is_err());
    }
}
