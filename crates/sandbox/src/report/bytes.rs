//! Bytes in a report: a body with its digest, a header line, a text that may not be UTF-8.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::modules::sha256_hex;

/// A body as it was, in three forms.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyBytes {
    /// In bytes.
    pub size: usize,
    /// 64 hex digits.
    pub sha256: String,
    /// Always there.
    pub base64: String,
    /// `None` when it is not UTF-8.
    pub text: Option<String>,
}

impl BodyBytes {
    /// All forms of these bytes.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        Self {
            size: bytes.len(),
            sha256: sha256_hex(bytes),
            base64: STANDARD.encode(bytes),
            text: std::str::from_utf8(bytes).ok().map(str::to_owned),
        }
    }

    /// The bytes themselves; none where somebody else wrote the report and its base64 is none.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.base64).unwrap_or_default()
    }
}

/// A string, or `{"base64": …}` where the bytes are not UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Text {
    /// UTF-8.
    Plain(String),
    /// Anything else.
    Encoded {
        /// Standard alphabet, padded.
        base64: String,
    },
}

impl Text {
    /// These bytes as text, where they are text.
    #[must_use]
    pub fn new(bytes: &[u8]) -> Self {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Plain(text.to_owned()),
            Err(_) => Self::Encoded { base64: STANDARD.encode(bytes) },
        }
    }
}

/// `[name, value]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct HeaderLine(pub Text, pub Text);

impl HeaderLine {
    /// One line as received.
    #[must_use]
    pub fn new(name: &[u8], value: &[u8]) -> Self {
        Self(Text::new(name), Text::new(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_written_as_the_contract_shows_it() {
        let json = serde_json::to_value(BodyBytes::new(b"hello")).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"size": 5, "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
                "base64": "aGVsbG8=", "text": "hello"})
        );
        assert_eq!(BodyBytes::new(&[0xff]).text, None);
    }

    #[test]
    fn a_header_that_is_not_utf_8_is_encoded() {
        let line = HeaderLine::new(b"x", &[0xff, b'a']);
        assert_eq!(serde_json::to_string(&line).unwrap(), r#"["x",{"base64":"/2E="}]"#);
        assert_eq!(serde_json::to_string(&HeaderLine::new(b"x", b"y")).unwrap(), r#"["x","y"]"#);
    }
}
