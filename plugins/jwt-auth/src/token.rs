//! What a token says, before anybody believes it: the compact form of RFC 7515.

use base64ct::{Base64UrlUnpadded, Encoding};
use plugin_kit::json;
use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::claims::Claims;

/// The longest token, in bytes.
pub const MAX_TOKEN: usize = 16 * 1024;
/// How deep header and claims may be nested.
const MAX_DEPTH: usize = 16;
/// The longest `kid`.
const MAX_ID: usize = 512;

/// A token.
#[derive(Debug)]
pub struct Token<'a> {
    /// What it says it is signed with.
    pub algorithm: Algorithm,
    /// Which key it says it is signed with. Where the header says that keys may be found is never looked at.
    pub key_id: Option<String>,
    /// What is signed.
    pub message: &'a [u8],
    /// The signature.
    pub signature: Vec<u8>,
    /// What it claims.
    pub claims: Claims,
}

impl<'a> Token<'a> {
    /// Reads a token. The error says what is wrong, in words that need no escapes.
    pub fn read(text: &'a [u8]) -> Result<Self, &'static str> {
        if text.len() > MAX_TOKEN {
            return Err("the token is too long");
        }
        let mut parts = text.split(|&b| b == b'.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("the token does not have three parts");
        };
        let fields = object(header)?;
        // Whoever sets it wants extensions understood, and none is known here.
        if fields.contains_key("crit") {
            return Err("the token needs extensions");
        }
        let algorithm = fields.get("alg").and_then(Value::as_str).and_then(Algorithm::named);
        let key_id = match fields.get("kid") {
            None => None,
            Some(Value::String(id)) if id.len() <= MAX_ID => Some(id.clone()),
            Some(_) => return Err("the token is malformed"),
        };
        Ok(Self {
            algorithm: algorithm.ok_or("the algorithm of the token is not accepted")?,
            key_id,
            message: text.get(..header.len() + 1 + payload.len()).unwrap_or_default(),
            signature: decode(signature)?,
            claims: Claims::new(object(payload)?),
        })
    }
}

fn object(part: &[u8]) -> Result<Map<String, Value>, &'static str> {
    match json::parse_strict(&decode(part)?, MAX_DEPTH) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err("the token is malformed"),
    }
}

/// Only the one way of writing: no padding, no blanks, no stray bits.
fn decode(part: &[u8]) -> Result<Vec<u8>, &'static str> {
    let text = std::str::from_utf8(part).map_err(|_| "the token is malformed")?;
    Base64UrlUnpadded::decode_vec(text).map_err(|_| "the token is malformed")
}
