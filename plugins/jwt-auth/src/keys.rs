//! A set of keys: a JWKS, or one JWK alone.

use plugin_kit::json;
use serde_json::Value;

use crate::algorithm::Algorithm;
use crate::key::{Key, Unusable};

/// The most keys of a set.
pub const MAX_KEYS: usize = 64;
/// With how many keys a signature is tried. A token without `kid` may fit several.
const MAX_TRIES: usize = 8;
/// How deep a set may be nested: certificates and extensions are looked over, not at.
const MAX_DEPTH: usize = 16;

/// Keys, in order.
#[derive(Debug, Default)]
pub struct Keys(Vec<Key>);

impl Keys {
    /// Reads a set that an administrator wrote: every key must be good, but for those that are not for signatures.
    pub fn read(text: &str) -> Result<Self, String> {
        let set = json::parse_strict(text.as_bytes(), MAX_DEPTH)?;
        let mut keys = Vec::new();
        for (i, jwk) in items(&set)?.iter().enumerate() {
            let wrong = |why: &str| format!("key {i}: {why}");
            match Key::read(jwk.as_object().ok_or_else(|| wrong("must be an object"))?) {
                Ok(key) => keys.push(key),
                Err(Unusable::OtherUse) => {}
                Err(Unusable::Bad(why)) => return Err(wrong(why)),
            }
        }
        if keys.is_empty() { Err("holds no key for signatures".to_owned()) } else { Ok(Self(keys)) }
    }

    /// Reads a set that was fetched: what is not understood is left out, and so are secrets, which nobody may publish.
    pub fn fetched(body: &[u8]) -> Result<Self, String> {
        let set = json::parse_strict(body, MAX_DEPTH)?;
        let read = |jwk: &Value| Key::read(jwk.as_object()?).ok().filter(|key| !key.is_secret());
        let keys: Vec<_> = items(&set)?.iter().filter_map(read).collect();
        if keys.is_empty() { Err("holds no usable key".to_owned()) } else { Ok(Self(keys)) }
    }

    /// Whether a key has this `kid`.
    pub fn has(&self, id: &str) -> bool {
        self.0.iter().any(|key| key.id.as_deref() == Some(id))
    }

    /// Whether one of the keys signed the message. With a `kid`: one of this name, or if there is none, one without name.
    pub fn verify(&self, algorithm: Algorithm, id: Option<&str>, message: &[u8], signature: &[u8]) -> bool {
        let named = id.is_some_and(|id| self.has(id));
        let fits = |key: &&Key| {
            let meant = match id {
                Some(_) if named => key.id.as_deref() == id,
                Some(_) => key.id.is_none(),
                None => true,
            };
            meant && key.is_for(algorithm)
        };
        self.0.iter().filter(fits).take(MAX_TRIES).any(|key| key.verifies(algorithm, message, signature))
    }
}

fn items(set: &Value) -> Result<&[Value], String> {
    let items = match set.get("keys") {
        Some(Value::Array(items)) => &items[..],
        None if set.get("kty").is_some() => std::slice::from_ref(set),
        _ => return Err("must be a JWKS: an object with the list keys".to_owned()),
    };
    match items.len() {
        0..=MAX_KEYS => Ok(items),
        many => Err(format!("at most {MAX_KEYS} keys, got {many}")),
    }
}
