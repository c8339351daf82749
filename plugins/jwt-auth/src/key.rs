//! One key: a JWK of RFC 7517, and whether a signature is its own.
//!
//! A key answers only for algorithms of its own kind, whatever a token says: a public RSA key is never a secret of HMAC.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::VerifyingKey as Ed25519;
use hmac::{Hmac, KeyInit, Mac};
use p256::ecdsa::signature::hazmat::PrehashVerifier;
use p256::elliptic_curve::point::AffineCoordinates;
use serde_json::{Map, Value};
use sha2::{Sha256, Sha384, Sha512};

use crate::algorithm::{Algorithm, Hash};
use crate::rsa::PublicKey;

/// The longest text of a member.
const MAX_MEMBER: usize = 4096;

/// A key that checks signatures.
#[derive(Debug)]
pub struct Key {
    /// Its `kid`.
    pub id: Option<String>,
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Debug)]
enum Material {
    Secret(Vec<u8>),
    Rsa(PublicKey),
    P256(Box<p256::ecdsa::VerifyingKey>),
    P384(Box<p384::ecdsa::VerifyingKey>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    Ed25519(Box<Ed25519>),
}

/// Why there is no key.
#[derive(Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is for something else than signatures.
    OtherUse,
    /// Something is wrong with it.
    Bad(&'static str),
}

impl From<&'static str> for Unusable {
    fn from(why: &'static str) -> Self {
        Self::Bad(why)
    }
}

impl Key {
    /// Reads a JWK.
    pub fn read(jwk: &Map<String, Value>) -> Result<Self, Unusable> {
        if !is_for_signatures(jwk) {
            return Err(Unusable::OtherUse);
        }
        let id = match jwk.get("kid") {
            None => None,
            Some(_) => Some(text(jwk, "kid")?.to_owned()),
        };
        if jwk.contains_key("d") {
            return Err("is a private key: take out d and all that is not public".into());
        }
        let material = match text(jwk, "kty")? {
            "oct" => Material::Secret(bytes(jwk, "k")?),
            "RSA" => Material::Rsa(rsa(jwk)?),
            "EC" => curve(jwk)?,
            "OKP" if text(jwk, "crv")? == "Ed25519" => Material::Ed25519(Box::new(ed25519(jwk)?)),
            "OKP" => return Err("of the curves of kty OKP, only Ed25519 is known".into()),
            _ => return Err("kty must be RSA, EC, OKP or oct".into()),
        };
        let algorithm = match jwk.get("alg") {
            None => None,
            Some(_) => Some(Algorithm::named(text(jwk, "alg")?).ok_or("alg is not one of those for signatures")?),
        };
        let key = Self { id, algorithm, material };
        if algorithm.is_some_and(|algorithm| !key.material.is_for(algorithm)) {
            return Err("alg does not go with kty, or with the length of k".into());
        }
        if let Material::Secret(secret) = &key.material
            && secret.len() < Hash::Sha256.size()
        {
            return Err("k must be at least 32 bytes long".into());
        }
        Ok(key)
    }

    /// Whether it is a secret, and not public.
    pub fn is_secret(&self) -> bool {
        matches!(self.material, Material::Secret(_))
    }

    /// Whether it may check signatures of this algorithm.
    pub fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|own| own == algorithm) && self.material.is_for(algorithm)
    }

    /// Whether this is the key's signature of a message.
    pub fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.is_for(algorithm) && self.material.verifies(algorithm, message, signature)
    }
}

impl Material {
    fn is_for(&self, algorithm: Algorithm) -> bool {
        match (self, algorithm) {
            (Self::Secret(secret), Algorithm::Hs(hash)) => secret.len() >= hash.size(),
            (Self::Rsa(_), Algorithm::Rs(_) | Algorithm::Ps(_))
            | (Self::P256(_), Algorithm::Es(Hash::Sha256))
            | (Self::P384(_), Algorithm::Es(Hash::Sha384))
            | (Self::P521(_), Algorithm::Es(Hash::Sha512))
            | (Self::Ed25519(_), Algorithm::EdDsa) => true,
            _ => false,
        }
    }

    fn verifies(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match (self, algorithm) {
            (Self::Secret(secret), Algorithm::Hs(hash)) => hmac(hash, secret, message, signature),
            (Self::Rsa(key), Algorithm::Rs(hash)) => key.verifies_pkcs1(hash, &hash.digest(&[message]), signature),
            (Self::Rsa(key), Algorithm::Ps(hash)) => key.verifies_pss(hash, &hash.digest(&[message]), signature),
            (Self::P256(key), Algorithm::Es(hash)) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_prehash(&hash.digest(&[message]), &signature).is_ok()),
            (Self::P384(key), Algorithm::Es(hash)) => p384::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_prehash(&hash.digest(&[message]), &signature).is_ok()),
            (Self::P521(key), Algorithm::Es(hash)) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_prehash(&hash.digest(&[message]), &signature).is_ok()),
            (Self::Ed25519(key), Algorithm::EdDsa) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            _ => false,
        }
    }
}

/// Compares in constant time.
fn hmac(hash: Hash, secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    macro_rules! with {
        ($digest:ty) => {
            Hmac::<$digest>::new_from_slice(secret)
                .is_ok_and(|mac| mac.chain_update(message).verify_slice(signature).is_ok())
        };
    }
    match hash {
        Hash::Sha256 => with!(Sha256),
        Hash::Sha384 => with!(Sha384),
        Hash::Sha512 => with!(Sha512),
    }
}

fn is_for_signatures(jwk: &Map<String, Value>) -> bool {
    let usable = jwk.get("use").is_none_or(|usage| usage == "sig");
    let operations = jwk.get("key_ops").is_none_or(|operations| {
        operations.as_array().is_some_and(|operations| operations.iter().any(|operation| operation == "verify"))
    });
    usable && operations
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, &'static str> {
    match jwk.get(name).and_then(Value::as_str) {
        Some(text) if !text.is_empty() && text.len() <= MAX_MEMBER => Ok(text),
        _ => Err(match name {
            "kty" => "kty is missing",
            "kid" => "kid must be text",
            "crv" => "crv is missing",
            "alg" => "alg must be text",
            _ => "a member of this kind of key is missing (RSA: n, e; EC: crv, x, y; OKP: crv, x; oct: k)",
        }),
    }
}

fn bytes(jwk: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, &'static str> {
    Base64UrlUnpadded::decode_vec(text(jwk, name)?).map_err(|_| "members must be base64url without padding")
}

fn rsa(jwk: &Map<String, Value>) -> Result<PublicKey, &'static str> {
    PublicKey::new(&bytes(jwk, "n")?, &bytes(jwk, "e")?)
        .ok_or("must have an odd modulus of 2048 to 4096 bits and a usual exponent")
}

/// Coordinates are as long as the curve's field, no byte less.
fn curve(jwk: &Map<String, Value>) -> Result<Material, &'static str> {
    // By its coordinates: the general way to read a point would bring square roots along.
    macro_rules! point {
        ($curve:ident, $kind:ident) => {{
            let coordinate = |name| $curve::FieldBytes::try_from(&bytes(jwk, name)?[..]).map_err(|_| OFF_CURVE);
            let point = $curve::AffinePoint::from_coordinates(&coordinate("x")?, &coordinate("y")?);
            let point = Option::from(point).ok_or(OFF_CURVE)?;
            let key = $curve::ecdsa::VerifyingKey::from_affine(point).map_err(|_| OFF_CURVE)?;
            Ok(Material::$kind(Box::new(key)))
        }};
    }
    match text(jwk, "crv")? {
        "P-256" => point!(p256, P256),
        "P-384" => point!(p384, P384),
        "P-521" => point!(p521, P521),
        _ => Err("of the curves of kty EC, P-256, P-384 and P-521 are known"),
    }
}

const OFF_CURVE: &str = "x and y must be a point of the curve, each as long as its field";

fn ed25519(jwk: &Map<String, Value>) -> Result<Ed25519, &'static str> {
    let wrong = "x must be a public key of Ed25519";
    let x: [u8; 32] = bytes(jwk, "x")?.try_into().map_err(|_| wrong)?;
    match Ed25519::from_bytes(&x) {
        Ok(key) if !key.is_weak() => Ok(key),
        _ => Err(wrong),
    }
}

#[cfg(test)]
pub(crate) mod tests;
