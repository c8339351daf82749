//! `verify_signature` and `sign`.

use p256::ecdsa::signature::hazmat::{PrehashSigner, PrehashVerifier};
use rsa::Pkcs1v15Sign;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};

use super::keys::{self, Key, Private, Public};
use super::{Done, NotSimulated};
use crate::engine::message::{Message, put_bool, put_bytes};
use crate::engine::status::Status;

const NO_VERIFY: &str = "Failed to initialize digest verify.";
const NO_KEY: &str = "Invalid key type: private key required for signing operation.";
const NO_SIGN: &str = "Invalid private key: key data is corrupted or malformed.";
const BAD: &str = "Failed to verify digest. Error code: 0";

/// The argument names a hash (1), a key in DER (2) or in PEM (5), a signature (3) and a text (4); the answer says whether the
/// signature is right (1), or why not (2).
pub(super) fn verify(args: &[u8]) -> Result<Done, Status> {
    let args = Message::read(args).and_then(|args| args.with_texts(&[1, 5])).ok_or(Status::BadArgument)?;
    let (der, pem) = (args.bytes(2), args.text(5));
    if der.is_empty() == pem.is_empty() {
        return Err(Status::BadArgument);
    }
    let verdict = match Hash::named(args.text(1)) {
        None => Err(unsupported(args.text(1))),
        Some(hash) => {
            let key = if pem.is_empty() { keys::public(der) } else { keys::public_pem(pem) };
            let digest = hash.of(args.bytes(4));
            match key {
                Some(Key::NotSimulated(what)) => return Ok(Err(NotSimulated(what))),
                key => verdict(key, hash, &digest, args.bytes(3)).map_err(str::to_owned),
            }
        }
    };
    let mut out = Vec::new();
    put_bool(&mut out, 1, verdict.is_ok());
    put_bytes(&mut out, 2, verdict.err().unwrap_or_default().as_bytes());
    Ok(Ok(out))
}

fn unsupported(hash: &str) -> String {
    format!("{hash} is not supported.")
}

fn verdict(key: Option<Public>, hash: Hash, digest: &[u8], signature: &[u8]) -> Result<(), &'static str> {
    macro_rules! ecdsa {
        ($curve:ident, $key:expr, $size:expr) => {
            $curve::ecdsa::Signature::from_der(signature)
                .is_ok_and(|signature| $key.verify_prehash(&widened(digest, $size), &signature).is_ok())
        };
    }
    let good = match key {
        Some(Key::Rsa(key)) => key.verify(hash.padding(), digest, signature).is_ok(),
        Some(Key::P256(key)) => ecdsa!(p256, key, 32),
        Some(Key::P384(key)) => ecdsa!(p384, key, 48),
        Some(Key::P521(key)) => ecdsa!(p521, key, 66),
        Some(Key::Useless | Key::NotSimulated(_)) | None => return Err(NO_VERIFY),
    };
    if good { Ok(()) } else { Err(BAD) }
}

/// The argument names a hash (1), a key in DER (2) or in PEM (4) and a text (3); the answer says whether it was signed (1),
/// and has the signature (2) or why not (3).
pub(super) fn sign(args: &[u8]) -> Result<Done, Status> {
    let args = Message::read(args).and_then(|args| args.with_texts(&[1, 4])).ok_or(Status::BadArgument)?;
    let (der, pem) = (args.bytes(2), args.text(4));
    if der.is_empty() == pem.is_empty() {
        return Err(Status::BadArgument);
    }
    let signature = match Hash::named(args.text(1)) {
        None => Err(unsupported(args.text(1))),
        Some(hash) => {
            let key = if pem.is_empty() { keys::private(der) } else { keys::private_pem(pem) };
            match key {
                Some(Key::NotSimulated(what)) => return Ok(Err(NotSimulated(what))),
                key => signature(key, hash, &hash.of(args.bytes(3))).map_err(str::to_owned),
            }
        }
    };
    let mut out = Vec::new();
    put_bool(&mut out, 1, signature.is_ok());
    match signature {
        Ok(signature) => put_bytes(&mut out, 2, &signature),
        Err(why) => put_bytes(&mut out, 3, why.as_bytes()),
    }
    Ok(Ok(out))
}

fn signature(key: Option<Private>, hash: Hash, digest: &[u8]) -> Result<Vec<u8>, &'static str> {
    // Where Envoy throws dice, this is the same in every run.
    macro_rules! ecdsa {
        ($curve:ident, $key:expr, $size:expr) => {{
            let signed: Result<$curve::ecdsa::Signature, _> = $key.sign_prehash(&widened(digest, $size));
            signed.map(|signature| signature.to_der().as_bytes().to_vec()).map_err(|_| NO_SIGN)
        }};
    }
    match key {
        Some(Key::Rsa(key)) => key.sign(hash.padding(), digest).map_err(|_| NO_SIGN),
        Some(Key::P256(key)) => ecdsa!(p256, key, 32),
        Some(Key::P384(key)) => ecdsa!(p384, key, 48),
        Some(Key::P521(key)) => ecdsa!(p521, key, 66),
        Some(Key::Useless | Key::NotSimulated(_)) => Err(NO_SIGN),
        None => Err(NO_KEY),
    }
}

/// The library does not take a digest that is much shorter than the curve's numbers; the number it stands for is the same
/// with zeros in front.
fn widened(digest: &[u8], size: usize) -> Vec<u8> {
    let mut out = vec![0; size.saturating_sub(digest.len())];
    out.extend_from_slice(digest);
    out
}

#[derive(Debug, Clone, Copy)]
enum Hash {
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "sha1" => Self::Sha1,
            "sha224" => Self::Sha224,
            "sha256" => Self::Sha256,
            "sha384" => Self::Sha384,
            "sha512" => Self::Sha512,
            _ => return None,
        })
    }

    fn of(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(text).to_vec(),
            Self::Sha224 => Sha224::digest(text).to_vec(),
            Self::Sha256 => Sha256::digest(text).to_vec(),
            Self::Sha384 => Sha384::digest(text).to_vec(),
            Self::Sha512 => Sha512::digest(text).to_vec(),
        }
    }

    /// What stands before the digest in an RSA signature (RFC 8017, 9.2).
    fn padding(self) -> Pkcs1v15Sign {
        let (len, oid): (u8, &[u8]) = match self {
            Self::Sha1 => (20, &[0x2b, 0x0e, 3, 2, 0x1a]),
            Self::Sha224 => (28, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4]),
            Self::Sha256 => (32, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]),
            Self::Sha384 => (48, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2]),
            Self::Sha512 => (64, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3]),
        };
        let oid_len = u8::try_from(oid.len()).unwrap_or(0);
        let mut prefix = vec![0x30, 8 + oid_len + len, 0x30, 4 + oid_len, 6, oid_len];
        prefix.extend_from_slice(oid);
        prefix.extend([5, 0, 4, len]);
        Pkcs1v15Sign { hash_len: Some(usize::from(len)), prefix: prefix.into_boxed_slice() }
    }
}
