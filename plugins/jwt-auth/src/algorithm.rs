//! The algorithms of RFC 7518 and RFC 8037. `none` is not one of them.

use sha2::{Digest, Sha256, Sha384, Sha512};

/// How messages are digested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// A way to sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Algorithm {
    /// HMAC.
    Hs(Hash),
    /// RSA with PKCS #1 v1.5 padding.
    Rs(Hash),
    /// RSA-PSS with a salt as long as the digest.
    Ps(Hash),
    /// ECDSA, each with the curve that goes with its digest.
    Es(Hash),
    /// Ed25519.
    EdDsa,
}

/// The names, as tokens and keys write them.
pub const NAMES: [(&str, Algorithm); 14] = [
    ("RS256", Algorithm::Rs(Hash::Sha256)),
    ("RS384", Algorithm::Rs(Hash::Sha384)),
    ("RS512", Algorithm::Rs(Hash::Sha512)),
    ("PS256", Algorithm::Ps(Hash::Sha256)),
    ("PS384", Algorithm::Ps(Hash::Sha384)),
    ("PS512", Algorithm::Ps(Hash::Sha512)),
    ("ES256", Algorithm::Es(Hash::Sha256)),
    ("ES384", Algorithm::Es(Hash::Sha384)),
    ("ES512", Algorithm::Es(Hash::Sha512)),
    ("HS256", Algorithm::Hs(Hash::Sha256)),
    ("HS384", Algorithm::Hs(Hash::Sha384)),
    ("HS512", Algorithm::Hs(Hash::Sha512)),
    ("EdDSA", Algorithm::EdDsa),
    // The same by the name of RFC 9864.
    ("Ed25519", Algorithm::EdDsa),
];

impl Algorithm {
    /// By its name, to the letter.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, algorithm)| *algorithm)
    }
}

impl Hash {
    /// The length of a digest in bytes.
    pub fn size(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of some pieces, one behind the other.
    pub fn digest(self, pieces: &[&[u8]]) -> Vec<u8> {
        #[inline(never)]
        fn of<D: Digest>(pieces: &[&[u8]]) -> Vec<u8> {
            pieces.iter().fold(D::new(), |digest, piece| digest.chain_update(piece)).finalize().to_vec()
        }
        match self {
            Self::Sha256 => of::<Sha256>(pieces),
            Self::Sha384 => of::<Sha384>(pieces),
            Self::Sha512 => of::<Sha512>(pieces),
        }
    }
}
