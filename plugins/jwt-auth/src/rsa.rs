//! Signatures of RSA, of RFC 8017: PKCS #1 v1.5 and PSS.
//!
//! The arithmetic is crypto-bigint's, with numbers of fixed size: the `rsa` crate's own are 60 KB larger, a sixth of the
//! module. What is left to do with public keys is to compare paddings, byte by byte. The tests hold it against that crate.

use crypto_bigint::modular::{FixedMontyForm, FixedMontyParams};
use crypto_bigint::{Odd, U2048, U4096, Uint};

use crate::algorithm::Hash;

/// Shorter keys are forbidden by RFC 7518, longer ones cost too much.
const BITS: std::ops::RangeInclusive<u32> = 2048..=4096;
/// Larger exponents would cost too much, and nobody uses them.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// A public key.
#[derive(Debug)]
pub struct PublicKey {
    modulus: Modulus,
    bits: u32,
    exponent: u64,
}

#[derive(Debug)]
enum Modulus {
    Short(Box<FixedMontyParams<{ U2048::LIMBS }>>),
    Long(Box<FixedMontyParams<{ U4096::LIMBS }>>),
}

impl PublicKey {
    /// Of modulus and exponent, big-endian. None if it is no key that one should trust.
    pub fn new(modulus: &[u8], exponent: &[u8]) -> Option<Self> {
        let modulus = without_zeros(modulus);
        let bits = (modulus.len() as u32 * 8).checked_sub(modulus.first()?.leading_zeros())?;
        if !BITS.contains(&bits) {
            return None;
        }
        let exponent = without_zeros(exponent);
        let exponent = exponent.iter().fold(0, |sum, &b| (sum << 8) | u64::from(b)) * u64::from(exponent.len() <= 5);
        if exponent % 2 == 0 || !(3..=MAX_EXPONENT).contains(&exponent) {
            return None;
        }
        let modulus = if bits <= U2048::BITS {
            Modulus::Short(Box::new(FixedMontyParams::new_vartime(Option::from(Odd::new(number(modulus)?))?)))
        } else {
            Modulus::Long(Box::new(FixedMontyParams::new_vartime(Option::from(Odd::new(number(modulus)?))?)))
        };
        Some(Self { modulus, bits, exponent })
    }

    /// Whether a signature with PKCS #1 v1.5 padding is this key's.
    pub fn verifies_pkcs1(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        let Some(message) = self.open(signature) else {
            return false;
        };
        // What must be there is written and compared as a whole: a padding that is parsed can be deceived.
        let info = digest_info(hash);
        let Some(padding) = message.len().checked_sub(3 + info.len() + digest.len()) else {
            return false;
        };
        message == [&[0, 1], &vec![0xff; padding][..], &[0], &info, digest].concat()
    }

    /// Whether a PSS signature with MGF1 of the same hash and a salt as long as the digest is this key's.
    pub fn verifies_pss(&self, hash: Hash, digest: &[u8], signature: &[u8]) -> bool {
        self.open(signature).is_some_and(|message| pss_matches(hash, digest, &message, self.bits - 1).unwrap_or(false))
    }

    /// The padded message, as long as the modulus.
    fn open(&self, signature: &[u8]) -> Option<Vec<u8>> {
        let length = self.bits.div_ceil(8) as usize;
        if signature.len() != length {
            return None;
        }
        let bytes = match &self.modulus {
            Modulus::Short(params) => bytes(&power(&number(signature)?, self.exponent, params)?),
            Modulus::Long(params) => bytes(&power(&number(signature)?, self.exponent, params)?),
        };
        bytes.get(bytes.len() - length..).map(<[u8]>::to_vec)
    }
}

fn without_zeros(bytes: &[u8]) -> &[u8] {
    let start = bytes.iter().position(|&b| b != 0).unwrap_or(bytes.len());
    &bytes[start..]
}

/// A number of big-endian bytes. None if it is too long.
fn number<const LIMBS: usize>(bytes: &[u8]) -> Option<Uint<LIMBS>> {
    let mut padded = vec![0; (Uint::<LIMBS>::BITS / 8) as usize];
    let start = padded.len().checked_sub(bytes.len())?;
    padded.get_mut(start..)?.copy_from_slice(bytes);
    Some(Uint::from_be_slice(&padded))
}

fn bytes<const LIMBS: usize>(number: &Uint<LIMBS>) -> Vec<u8> {
    number.as_limbs().iter().rev().flat_map(|limb| limb.0.to_be_bytes()).collect()
}

/// The power, by squaring. None unless the base is smaller than the modulus.
fn power<const LIMBS: usize>(
    base: &Uint<LIMBS>,
    exponent: u64,
    params: &FixedMontyParams<LIMBS>,
) -> Option<Uint<LIMBS>> {
    if base >= params.modulus().as_ref() {
        return None;
    }
    let base = FixedMontyForm::new(base, params);
    let mut product = base;
    for bit in (0..exponent.ilog2()).rev() {
        product = product.square();
        if exponent >> bit & 1 == 1 {
            product = product.mul(&base);
        }
    }
    Some(product.retrieve())
}

/// The DER that says which digest follows.
fn digest_info(hash: Hash) -> [u8; 19] {
    let (number, size) = match hash {
        Hash::Sha256 => (1, 32),
        Hash::Sha384 => (2, 48),
        Hash::Sha512 => (3, 64),
    };
    [0x30, size + 17, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, number, 5, 0, 4, size]
}

/// EMSA-PSS-VERIFY of RFC 8017, 9.1.2. `bits`: how many of the message's bits may be set.
fn pss_matches(hash: Hash, digest: &[u8], message: &[u8], bits: u32) -> Option<bool> {
    let (size, length) = (hash.size(), bits.div_ceil(8) as usize);
    let (above, message) = message.split_at_checked(message.len().checked_sub(length)?)?;
    let (rest, end) = message.split_at_checked(length.checked_sub(1)?)?;
    let (masked, seed) = rest.split_at_checked(rest.len().checked_sub(size)?)?;
    let unused = 8 * length as u32 - bits;
    let stray = masked.first()?.checked_shr(8 - unused).unwrap_or(0);
    if above.iter().any(|&b| b != 0) || end != [0xbc] || stray != 0 {
        return Some(false);
    }
    let mut block: Vec<u8> = masked.iter().zip(mask(hash, seed, masked.len())).map(|(a, b)| a ^ b).collect();
    *block.first_mut()? &= 0xff >> unused;
    let (padding, salt) = block.split_at_checked(block.len().checked_sub(size)?)?;
    let (one, zeros) = padding.split_last()?;
    Some(*one == 1 && zeros.iter().all(|&b| b == 0) && hash.digest(&[&[0; 8], digest, salt]) == seed)
}

/// MGF1.
fn mask(hash: Hash, seed: &[u8], length: usize) -> Vec<u8> {
    let mut mask = Vec::with_capacity(length + hash.size());
    for counter in 0u32.. {
        if mask.len() >= length {
            break;
        }
        mask.extend(hash.digest(&[seed, &counter.to_be_bytes()]));
    }
    mask
}

#[cfg(test)]
mod tests;
