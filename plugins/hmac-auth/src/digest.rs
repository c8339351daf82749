//! The digest of a body, as a header announces it.

use base64ct::{Base64, Encoding};
use plugin_kit::http::same_secret;
use plugin_kit::plugin::Headers;
use sha2::{Digest, Sha256, Sha512};

/// The headers that announce it: of RFC 3230, and of RFC 9530 behind it.
pub const NAMES: [&str; 2] = ["digest", "content-digest"];

/// What a body must digest to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Announced {
    /// SHA-256.
    Sha256([u8; 32]),
    /// SHA-512.
    Sha512([u8; 64]),
}

impl Announced {
    /// What a header of this name announces. None if it is missing, came twice, or is not one good digest.
    pub fn of(request: &dyn Headers, name: &str) -> Option<Self> {
        let value = request.only(name)?;
        let text = std::str::from_utf8(&value).ok()?.trim();
        let (algorithm, digest) = text.split_once('=')?;
        let digest = match name {
            "content-digest" => digest.strip_prefix(':')?.strip_suffix(':')?,
            _ => digest,
        };
        let digest = Base64::decode_vec(digest).ok()?;
        match algorithm {
            _ if algorithm.eq_ignore_ascii_case("sha-256") => Some(Self::Sha256(digest.try_into().ok()?)),
            _ if algorithm.eq_ignore_ascii_case("sha-512") => Some(Self::Sha512(digest.try_into().ok()?)),
            _ => None,
        }
    }

    /// Whether it is this body's.
    pub fn is_of(&self, body: &[u8]) -> bool {
        match self {
            Self::Sha256(digest) => same_secret(digest, &Sha256::digest(body)),
            Self::Sha512(digest) => same_secret(digest, &Sha512::digest(body)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::FakeHeaders;

    #[test]
    fn one_good_digest() {
        // Of the empty body.
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let of = |name, value: &str| Announced::of(&FakeHeaders::new(&[(name, value)]), name);
        for (name, value) in [
            ("digest", format!("SHA-256={empty}")),
            ("digest", format!(" sha-256={empty} ")),
            ("content-digest", format!("sha-256=:{empty}:")),
        ] {
            let announced = of(name, &value).expect("a digest");
            assert!(announced.is_of(b"") && !announced.is_of(b"x"));
        }
        let long = Base64::encode_string(&Sha512::digest(b"x"));
        assert!(of("digest", &format!("SHA-512={long}")).is_some_and(|announced| announced.is_of(b"x")));
        for (name, value) in [
            ("digest", String::new()),
            ("digest", empty.to_owned()),
            ("digest", format!("MD5={empty}")),
            ("digest", format!("SHA-512={empty}")),
            ("digest", format!("SHA-256={}", &empty[4..])),
            ("digest", format!("SHA-256={empty},SHA-256={empty}")),
            ("content-digest", format!("sha-256={empty}")),
            ("content-digest", format!("sha-256=:{empty}")),
        ] {
            assert_eq!(of(name, &value), None, "{value}");
        }
    }
}
