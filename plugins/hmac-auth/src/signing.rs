//! The text that is signed, and its signature.

use hmac::{Hmac, KeyInit, Mac};
use plugin_kit::plugin::Headers;
use sha2::{Sha256, Sha384, Sha512};

use crate::credentials::{Credentials, Dialect};

/// How a text is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC with SHA-256.
    Sha256,
    /// HMAC with SHA-384.
    Sha384,
    /// HMAC with SHA-512.
    Sha512,
}

/// Their names. SHA-1 is not among them.
pub const ALGORITHMS: [(&str, Algorithm); 3] =
    [("hmac-sha256", Algorithm::Sha256), ("hmac-sha384", Algorithm::Sha384), ("hmac-sha512", Algorithm::Sha512)];

impl Algorithm {
    /// By its name, to the letter.
    pub fn named(name: &str) -> Option<Self> {
        ALGORITHMS.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }

    /// Whether this is the text's signature, in a time that does not depend on it. A shortened one is none.
    pub fn verifies(self, secret: &[u8], text: &[u8], signature: &[u8]) -> bool {
        macro_rules! with {
            ($digest:ty) => {
                Hmac::<$digest>::new_from_slice(secret)
                    .is_ok_and(|mac| mac.chain_update(text).verify_slice(signature).is_ok())
            };
        }
        match self {
            Self::Sha256 => with!(Sha256),
            Self::Sha384 => with!(Sha384),
            Self::Sha512 => with!(Sha512),
        }
    }
}

/// The request's method and target, as opposed to a header.
pub fn is_target(name: &str) -> bool {
    matches!(name, "@request-target" | "(request-target)" | "request-line")
}

/// The text that was signed. None if a header is missing, or came twice: then nobody knows which one is meant.
pub fn text(credentials: &Credentials, request: &dyn Headers) -> Option<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    if credentials.dialect == Dialect::Apisix {
        lines.push(credentials.key.as_bytes().to_vec());
    }
    for name in &credentials.headers {
        let lower = name.to_ascii_lowercase();
        let line = match (is_target(&lower), credentials.dialect) {
            (true, dialect) => target(&lower, dialect, request)?,
            (false, _) => {
                // Connections of HTTP/2 call the host by another name.
                let asked = if lower == "host" { ":authority" } else { &lower };
                let value = request.only(asked)?;
                [name.as_bytes(), b": ", value.trim_ascii()].concat()
            }
        };
        lines.push(line);
    }
    let mut text = lines.join(&b'\n');
    if credentials.dialect == Dialect::Apisix {
        text.push(b'\n');
    }
    Some(text)
}

fn target(name: &str, dialect: Dialect, request: &dyn Headers) -> Option<Vec<u8>> {
    let (method, path) = (request.get(":method")?, request.get(":path")?);
    Some(match (name, dialect) {
        ("@request-target", Dialect::Apisix) => [&method[..], b" ", &path].concat(),
        ("@request-target" | "(request-target)", Dialect::Kong) => {
            [name.as_bytes(), b": ", &method.to_ascii_lowercase(), b" ", &path].concat()
        }
        // With the version of HTTP, which a proxy in between may change.
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
