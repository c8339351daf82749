//! What the Authorization header says, in the two ways that are in use.
//!
//! ```text
//! Signature keyId="…",algorithm="hmac-sha256",headers="@request-target date",signature="…"     APISIX, Higress
//! hmac username="…", algorithm="hmac-sha256", headers="@request-target date", signature="…"    Kong
//! ```

use base64ct::{Base64, Encoding};

/// The longest header, in bytes.
const MAX_HEADER: usize = 8 * 1024;
/// The most headers that are signed.
const MAX_SIGNED: usize = 32;

/// Whose way of writing the signed text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// The key's name first, and a line end behind the last line.
    Apisix,
    /// A name in front of every line, and no line end behind the last one.
    Kong,
}

/// What the header says.
#[derive(Debug, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// Whose way of signing.
    pub dialect: Dialect,
    /// Which key.
    pub key: &'a str,
    /// The name of the algorithm.
    pub algorithm: &'a str,
    /// What is signed, in order.
    pub headers: Vec<&'a str>,
    /// The signature.
    pub signature: Vec<u8>,
}

impl<'a> Credentials<'a> {
    /// Reads the header's value. None unless everything is there, once, and nothing else.
    pub fn read(value: &'a [u8]) -> Option<Self> {
        let text = std::str::from_utf8(value).ok().filter(|text| text.len() <= MAX_HEADER && text.is_ascii())?;
        let (scheme, rest) = text.trim().split_once(' ')?;
        let (dialect, key_name) = match scheme {
            _ if scheme.eq_ignore_ascii_case("signature") => (Dialect::Apisix, "keyId"),
            _ if scheme.eq_ignore_ascii_case("hmac") => (Dialect::Kong, "username"),
            _ => return None,
        };
        let (mut key, mut algorithm, mut headers, mut signature) = (None, None, None, None);
        let mut rest = rest.trim_start();
        while !rest.is_empty() {
            let (name, after) = rest.split_once("=\"")?;
            let (value, after) = after.split_once('"')?;
            let place = match name {
                _ if name == key_name => &mut key,
                "algorithm" => &mut algorithm,
                "headers" => &mut headers,
                "signature" => &mut signature,
                _ => return None,
            };
            if place.replace(value).is_some() || value.is_empty() {
                return None;
            }
            rest = match after.trim_start() {
                "" => "",
                more => more.strip_prefix(',')?.trim_start(),
            };
        }
        let headers: Vec<_> = headers?.split(' ').collect();
        if headers.len() > MAX_SIGNED {
            return None;
        }
        let signature = Base64::decode_vec(signature?).ok()?;
        Some(Self { dialect, key: key?, algorithm: algorithm?, headers, signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_ways_are_read() {
        let apisix = br#"Signature keyId="k",algorithm="hmac-sha256",headers="@request-target date",signature="AAEC""#;
        let kong = br#"hmac  username="k", signature="AAEC" , algorithm="hmac-sha256", headers="@request-target date""#;
        for (text, dialect) in [(&apisix[..], Dialect::Apisix), (&kong[..], Dialect::Kong)] {
            let expected = Credentials {
                dialect,
                key: "k",
                algorithm: "hmac-sha256",
                headers: vec!["@request-target", "date"],
                signature: vec![0, 1, 2],
            };
            assert_eq!(Credentials::read(text), Some(expected));
        }
    }

    #[test]
    fn nothing_may_be_missing_doubled_or_unknown() {
        let good = r#"Signature keyId="k",algorithm="a",headers="h",signature="AAEC""#;
        assert!(Credentials::read(good.as_bytes()).is_some());
        for (old, new) in [
            ("Signature", "Basic"),
            ("Signature", "hmac"),
            ("keyId=\"k\",", ""),
            ("keyId=\"k\"", "keyId=\"\""),
            ("keyId=\"k\"", "keyId=\"k\",keyId=\"k\""),
            ("keyId=\"k\"", "keyId=k"),
            ("keyId=\"k\"", "KeyId=\"k\""),
            ("keyId=\"k\",", "keyId=\"k\""),
            ("algorithm=\"a\",", ""),
            ("headers=\"h\",", ""),
            ("headers=\"h\"", "headers=\"\""),
            ("AAEC", "AAE"),
            ("AAEC", "AAF="),
            ("AAEC", "AA"),
            ("AAEC", " AAEC"),
            ("AAEC", "AA-_"),
            ("AAEC\"", "AAEC"),
            ("AAEC\"", "AAEC\",nonce=\"1\""),
            ("k", "\u{e4}"),
        ] {
            let bad = good.replacen(old, new, 1);
            assert_eq!(Credentials::read(bad.as_bytes()), None, "{bad}");
        }
        assert_eq!(Credentials::read(good.replace("\"h\"", &format!("\"{}\"", ["h"; 33].join(" "))).as_bytes()), None);
        assert_eq!(Credentials::read(b"Signature"), None);
        assert_eq!(Credentials::read(b""), None);
        assert_eq!(Credentials::read(b"\xff \xff"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(text in "(Signature|hmac) [a-zA-Z=\", ]{0,60}") {
            Credentials::read(text.as_bytes());
        }
    }
}
