//! Keys as plugins pass them: DER or PEM, read as far as Envoy's library reads them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use der::{AnyRef, Decode};
use rsa::BoxedUint;

/// Object identifiers as they stand in DER.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 4, 1];
const X25519: &[u8] = &[0x2b, 0x65, 0x6e];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const P224: &[u8] = &[0x2b, 0x81, 4, 0, 0x21];
const P256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
const P384: &[u8] = &[0x2b, 0x81, 4, 0, 0x22];
const P521: &[u8] = &[0x2b, 0x81, 4, 0, 0x23];

const NULL: u8 = 0x05;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

/// Bits of an RSA modulus that Envoy takes, and those that the library here signs with.
const MODULUS: std::ops::RangeInclusive<usize> = 512..=16_384;
const SIGNING: std::ops::RangeInclusive<u32> = 1024..=8192;

/// A key that verifies or signs, by kind.
pub(super) enum Key<R, E256, E384, E521> {
    Rsa(Box<R>),
    P256(Box<E256>),
    P384(Box<E384>),
    P521(Box<E521>),
    /// Of a kind that hashes by itself, or not at all: it is a key, and no use here.
    Useless,
    /// Envoy would take it, and this is why the sandbox cannot.
    NotSimulated(&'static str),
}

pub(super) type Public =
    Key<rsa::PublicKey, p256::ecdsa::VerifyingKey, p384::ecdsa::VerifyingKey, p521::ecdsa::VerifyingKey>;
pub(super) type Private =
    Key<rsa::PrivateKey, p256::ecdsa::SigningKey, p384::ecdsa::SigningKey, p521::ecdsa::SigningKey>;

const NO_P224: &str = "the curve P-224";
const NO_SIZE: &str = "an RSA key of fewer than 1024 bits or more than 8192";

/// A public key in a SubjectPublicKeyInfo. What follows it is left alone.
pub(super) fn public(der: &[u8]) -> Option<Public> {
    let info = Items(der).take(SEQUENCE)?;
    let mut info = Items(info);
    let algorithm = Algorithm::read(info.take(SEQUENCE)?)?;
    let (unused, key) = info.take(BIT_STRING)?.split_first()?;
    if *unused != 0 || !info.0.is_empty() {
        return None;
    }
    Some(match algorithm {
        Algorithm::Rsa => {
            let mut whole = Items(key);
            let mut numbers = Items(whole.take(SEQUENCE)?);
            let (n, e) = (numbers.number()?, numbers.number()?);
            if !numbers.0.is_empty() || !whole.0.is_empty() {
                return None;
            }
            Key::Rsa(Box::new(rsa::PublicKey::new_with_size_limits(n, e, MODULUS).ok()?))
        }
        Algorithm::P256 => Key::P256(Box::new(p256::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?)),
        Algorithm::P384 => Key::P384(Box::new(p384::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?)),
        Algorithm::P521 => Key::P521(Box::new(p521::ecdsa::VerifyingKey::from_sec1_bytes(key).ok()?)),
        Algorithm::P224 => Key::NotSimulated(NO_P224),
        Algorithm::Useless => Key::Useless,
    })
}

/// A private key in PKCS #8. What follows it is left alone.
pub(super) fn private(der: &[u8]) -> Option<Private> {
    let mut info = Items(Items(der).take(SEQUENCE)?);
    info.take(INTEGER).filter(|version| *version == [0])?;
    let algorithm = Algorithm::read(info.take(SEQUENCE)?)?;
    let key = info.take(OCTET_STRING)?;
    match algorithm {
        Algorithm::Rsa => private_rsa(key),
        Algorithm::Useless => Some(Key::Useless),
        curve => private_ec(key, Some(curve)),
    }
}

fn private_rsa(der: &[u8]) -> Option<Private> {
    let mut numbers = Items(Items(der).take(SEQUENCE)?);
    numbers.take(INTEGER).filter(|version| *version == [0])?;
    let mut next = || numbers.number();
    let (n, e, d, p, q) = (next()?, next()?, next()?, next()?, next()?);
    if !SIGNING.contains(&n.bit_width()) {
        return Some(Key::NotSimulated(NO_SIZE));
    }
    Some(Key::Rsa(Box::new(rsa::PrivateKey::from_components(n, e, d, vec![p, q]).ok()?)))
}

/// As it stands inside PKCS #8, or alone, where it names its curve itself.
fn private_ec(der: &[u8], curve: Option<Algorithm>) -> Option<Private> {
    const PARAMETERS: u8 = 0xa0;
    let mut key = Items(Items(der).take(SEQUENCE)?);
    key.take(INTEGER).filter(|version| *version == [1])?;
    let secret = key.take(OCTET_STRING)?;
    let named = key.take(PARAMETERS).and_then(|named| Algorithm::curve(Items(named).take(OID)?));
    // Leading zeros may be missing.
    let padded = |len: usize| {
        let mut out = vec![0; len.checked_sub(secret.len())?];
        out.extend_from_slice(secret);
        Some(out)
    };
    Some(match curve.or(named)? {
        Algorithm::P256 => Key::P256(Box::new(p256::ecdsa::SigningKey::from_slice(&padded(32)?).ok()?)),
        Algorithm::P384 => Key::P384(Box::new(p384::ecdsa::SigningKey::from_slice(&padded(48)?).ok()?)),
        Algorithm::P521 => Key::P521(Box::new(p521::ecdsa::SigningKey::from_slice(&padded(66)?).ok()?)),
        Algorithm::P224 => Key::NotSimulated(NO_P224),
        Algorithm::Rsa | Algorithm::Useless => return None,
    })
}

/// A public key in a text.
pub(super) fn public_pem(text: &str) -> Option<Public> {
    public(&block(text, &["PUBLIC KEY"])?.1)
}

/// A private key in a text, of any of the kinds that are read.
pub(super) fn private_pem(text: &str) -> Option<Private> {
    let (label, der) = block(text, &["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"])?;
    match label {
        "RSA PRIVATE KEY" => private_rsa(&der),
        "EC PRIVATE KEY" => private_ec(&der, None),
        _ => private(&der),
    }
}

/// The first block with one of these labels; what stands around it is left alone.
fn block<'a>(text: &str, labels: &[&'a str]) -> Option<(&'a str, Vec<u8>)> {
    let mut lines = text.lines().map(str::trim_end);
    loop {
        let line = lines.next()?;
        let begin = line.strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
        let Some(label) = begin.and_then(|begin| labels.iter().find(|label| **label == begin)) else { continue };
        let end = format!("-----END {label}-----");
        let mut inside = String::new();
        loop {
            let line = lines.next()?;
            if line == end {
                return Some((label, STANDARD.decode(inside).ok()?));
            }
            inside.push_str(line);
        }
    }
}

enum Algorithm {
    Rsa,
    P224,
    P256,
    P384,
    P521,
    Useless,
}

impl Algorithm {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut items = Items(bytes);
        match items.take(OID)? {
            RSA => (items.take(NULL)?.is_empty() && items.0.is_empty()).then_some(Self::Rsa),
            EC => Self::curve(items.take(OID)?),
            DSA | X25519 | ED25519 => Some(Self::Useless),
            _ => None,
        }
    }

    fn curve(oid: &[u8]) -> Option<Self> {
        Some(match oid {
            P224 => Self::P224,
            P256 => Self::P256,
            P384 => Self::P384,
            P521 => Self::P521,
            _ => return None,
        })
    }
}

/// DER values that follow each other.
struct Items<'a>(&'a [u8]);

impl<'a> Items<'a> {
    /// What is in the next value, if it is one of that tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        if self.0.first() != Some(&tag) {
            return None;
        }
        let (value, rest) = AnyRef::from_der_partial(self.0).ok()?;
        self.0 = rest;
        Some(value.value())
    }

    fn number(&mut self) -> Option<BoxedUint> {
        let bytes = self.take(INTEGER)?;
        let is_minimal = match bytes {
            [] => false,
            [0, next, ..] => next & 0x80 != 0,
            [first, ..] => first & 0x80 == 0,
        };
        is_minimal.then(|| BoxedUint::from_be_slice_vartime(bytes))
    }
}
