//! The configuration, read strictly.

use plugin_kit::access::{self, Access, MAX_CONSUMERS};
use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::headers;
use plugin_kit::http;

use crate::signing::{self, ALGORITHMS, Algorithm};

const FIELDS: [&str; 9] = [
    "consumers",
    "allowedAlgorithms",
    "clockSkew",
    "signedHeaders",
    "validateRequestBody",
    "maxBodyKiB",
    "nonceHeader",
    "requireNonce",
    "nonceCapacity",
];
const MAX_TEXT: usize = 512;
const MAX_SIGNED: usize = 32;
/// A shorter secret can be guessed.
const SHORT: usize = 16;

/// Whose key it is, and its secret.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub id: String,
    /// What is shared.
    pub secret: Vec<u8>,
    /// Who it is for the upstream.
    pub consumer: String,
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who may do what.
    pub access: Access,
    /// In order of their names.
    keys: Vec<Key>,
    /// How requests may be signed.
    pub algorithms: Vec<Algorithm>,
    /// How far clocks may differ, in seconds.
    pub skew: u64,
    /// What must be signed besides the request's target and date; in lower case.
    pub signed: Vec<String>,
    /// Bodies must be signed by their digest.
    pub needs_digest: bool,
    /// The largest body, in bytes.
    pub max_body: usize,
    /// The header of the nonce.
    pub nonce: String,
    /// Requests must have one.
    pub needs_nonce: bool,
    /// Entries for signatures that came already.
    pub entries: usize,
    /// What the administrator should know.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads a configuration. Without consumers, nobody's signature is good.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &[&FIELDS[..], &access::FIELDS].concat())?;
        let keys = keys(&fields)?;
        let consumers: Vec<_> = keys.iter().map(|key| key.consumer.as_str()).collect();
        let algorithms =
            fields.list("allowedAlgorithms", 8, |value, path| config::choice(value, &path, &ALGORITHMS))?;
        let algorithms = algorithms.unwrap_or_else(|| ALGORITHMS.iter().map(|(_, algorithm)| *algorithm).collect());
        if algorithms.is_empty() {
            return Err(fields.refuse("allowedAlgorithms", "must not be empty"));
        }
        let signed = fields.list("signedHeaders", MAX_SIGNED, |value, path| {
            let name = config::string(value, &path, 64)?.to_ascii_lowercase();
            match signing::is_target(&name) || http::is_token(&name) {
                true => Ok(name),
                false => Err(Refusal::new(path, "must be a header's name")),
            }
        })?;
        let nonce = headers::name(&fields, "nonceHeader", "x-nonce")?;
        let capacity = fields.integer("nonceCapacity", 1024, 1_048_576)?.unwrap_or(131_072) as usize;
        let needs_digest = fields.boolean("validateRequestBody")?.unwrap_or(true);
        let short = keys.iter().filter(|key| key.secret.len() < SHORT).count();
        let mut warnings = Vec::new();
        if keys.is_empty() {
            warnings.push("no consumers: every request that is not exempted is refused".to_owned());
        }
        if short > 0 {
            warnings.push(format!("{short} secrets are shorter than {SHORT} characters and can be guessed"));
        }
        if !needs_digest {
            warnings.push(
                "validateRequestBody is off: bodies may be changed on the way unless clients sign digests".to_owned(),
            );
        }
        Ok(Self {
            access: Access::read(&fields, &consumers)?,
            algorithms,
            skew: fields.integer("clockSkew", 1, 3600)?.unwrap_or(300).into(),
            signed: signed.unwrap_or_default(),
            needs_digest,
            max_body: fields.integer("maxBodyKiB", 1, 65_536)?.unwrap_or(1024) as usize * 1024,
            nonce,
            needs_nonce: fields.boolean("requireNonce")?.unwrap_or(false),
            entries: capacity.div_ceil(crate::replay::WAYS),
            keys,
            warnings,
        })
    }

    /// The key of this name.
    pub fn key(&self, id: &str) -> Option<&Key> {
        let at = self.keys.binary_search_by(|key| key.id.as_str().cmp(id)).ok()?;
        self.keys.get(at)
    }
}

fn keys(fields: &Fields) -> Result<Vec<Key>, Refusal> {
    let mut keys: Vec<Key> = Vec::new();
    fields.list("consumers", MAX_CONSUMERS, |value, path| {
        let fields = Fields::nested(value, path, &["name", "accessKey", "secretKey"])?;
        let consumer = access::consumer_name(&fields, "name")?.to_owned();
        if keys.iter().any(|key| key.consumer == consumer) {
            return Err(fields.refuse("name", "is the name of another consumer, too"));
        }
        let id = fields.string("accessKey", MAX_TEXT)?.unwrap_or(&consumer).to_owned();
        if id.is_empty() || !id.bytes().all(|b| (b.is_ascii_graphic() || b == b' ') && b != b'"') {
            return Err(fields.refuse("accessKey", "must be printable ASCII without quotes"));
        }
        let secret = fields.string("secretKey", MAX_TEXT)?.unwrap_or_default().as_bytes().to_vec();
        if secret.is_empty() {
            return Err(fields.refuse("secretKey", "is missing"));
        }
        match keys.binary_search_by(|key| key.id.cmp(&id)) {
            Ok(_) => Err(fields.refuse("accessKey", "is another consumer's, too")),
            Err(at) => {
                keys.insert(at, Key { id, secret, consumer });
                Ok(())
            }
        }
    })?;
    Ok(keys)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        for (json, field) in [
            (r#"{"consumer":[]}"#, "consumer"),
            (r#"{"consumers":[{"secretKey":"s"}]}"#, "consumers[0].name"),
            (r#"{"consumers":[{"name":"a"}]}"#, "consumers[0].secretKey"),
            (r#"{"consumers":[{"name":"a","secretKey":"s","accessKey":"a\"b"}]}"#, "consumers[0].accessKey"),
            (
                r#"{"consumers":[{"name":"a","secretKey":"s"},{"name":"a","accessKey":"b","secretKey":"s"}]}"#,
                "consumers[1].name",
            ),
            (
                r#"{"consumers":[{"name":"a","secretKey":"s"},{"name":"b","accessKey":"a","secretKey":"s"}]}"#,
                "consumers[1].accessKey",
            ),
            (r#"{"allowedAlgorithms":["hmac-sha1"]}"#, "allowedAlgorithms[0]"),
            (r#"{"allowedAlgorithms":[]}"#, "allowedAlgorithms"),
            (r#"{"clockSkew":0}"#, "clockSkew"),
            (r#"{"signedHeaders":["a b"]}"#, "signedHeaders[0]"),
            (r#"{"nonceHeader":":path"}"#, "nonceHeader"),
            (r#"{"nonceCapacity":1}"#, "nonceCapacity"),
            (r#"{"rules":[{"allow":["x"]}]}"#, "rules[0].allow[0]"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(json).field(), field);
        }
    }

    #[test]
    fn the_key_is_named_as_its_consumer_unless_told_otherwise() {
        let json = br#"{"consumers":[{"name":"b","secretKey":"s"},{"name":"a","accessKey":"z","secretKey":"s"}]}"#;
        let settings = Settings::read(json).expect("good");
        assert_eq!(settings.key("b").map(|key| key.consumer.as_str()), Some("b"));
        assert_eq!(settings.key("z").map(|key| key.consumer.as_str()), Some("a"));
        assert!(settings.key("a").is_none());
        assert_eq!(settings.warnings.len(), 1);
    }
}
