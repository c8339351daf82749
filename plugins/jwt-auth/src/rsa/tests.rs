//! Held against the `rsa` crate: the same verdict on every vector and on everything made up.

use base64ct::{Base64UrlUnpadded, Encoding};
use proptest::prelude::*;
use rsa::{BoxedUint, Pkcs1v15Sign, Pss};
use sha2::{Sha256, Sha384, Sha512};

use super::*;
use crate::algorithm::Algorithm;
use crate::key;
use crate::token::Token;

struct Pair {
    ours: PublicKey,
    theirs: rsa::PublicKey,
}

impl Pair {
    fn new(modulus: &[u8], exponent: &[u8]) -> Self {
        let number = BoxedUint::from_be_slice_vartime;
        Self {
            ours: PublicKey::new(modulus, exponent).expect("a key"),
            theirs: rsa::PublicKey::new(number(modulus), number(exponent)).expect("a key"),
        }
    }

    /// Both verdicts.
    fn verify(&self, pss: bool, hash: Hash, digest: &[u8], signature: &[u8]) -> (bool, bool) {
        let (size, theirs) = (hash.size(), &self.theirs);
        match pss {
            true => (
                self.ours.verifies_pss(hash, digest, signature),
                match hash {
                    Hash::Sha256 => theirs.verify(Pss::<Sha256>::new_with_salt(size), digest, signature),
                    Hash::Sha384 => theirs.verify(Pss::<Sha384>::new_with_salt(size), digest, signature),
                    Hash::Sha512 => theirs.verify(Pss::<Sha512>::new_with_salt(size), digest, signature),
                }
                .is_ok(),
            ),
            false => (
                self.ours.verifies_pkcs1(hash, digest, signature),
                match hash {
                    Hash::Sha256 => theirs.verify(Pkcs1v15Sign::new::<Sha256>(), digest, signature),
                    Hash::Sha384 => theirs.verify(Pkcs1v15Sign::new::<Sha384>(), digest, signature),
                    Hash::Sha512 => theirs.verify(Pkcs1v15Sign::new::<Sha512>(), digest, signature),
                }
                .is_ok(),
            ),
        }
    }
}

fn bytes_of(text: &serde_json::Value) -> Vec<u8> {
    Base64UrlUnpadded::decode_vec(text.as_str().expect("text")).expect("base64url")
}

#[test]
fn every_vector_has_the_same_verdict() {
    let vectors = key::tests::vectors();
    let pair = |i: usize| {
        let jwk = &vectors["jwks"]["keys"][i];
        Pair::new(&bytes_of(&jwk["n"]), &bytes_of(&jwk["e"]))
    };
    let (pairs, mut seen) = ([pair(0), pair(1)], 0);
    for set in ["good", "bad"] {
        for (name, text) in vectors[set].as_object().expect("an object") {
            let Ok(token) = Token::read(text.as_str().expect("text").as_bytes()) else { continue };
            let (pss, hash) = match token.algorithm {
                Algorithm::Rs(hash) => (false, hash),
                Algorithm::Ps(hash) => (true, hash),
                _ => continue,
            };
            let digest = hash.digest(&[token.message]);
            let (ours, theirs) = pairs[usize::from(token.key_id.as_deref() == Some("rsa3"))].verify(
                pss,
                hash,
                &digest,
                &token.signature,
            );
            assert_eq!(ours, theirs, "{name}");
            seen += 1;
        }
    }
    assert!(seen > 35, "{seen}");
}

/// With exponent 3 and a signature whose cube is small, whole paddings can be made up without the private key.
#[test]
fn lengths_between_those_of_limbs() {
    let mut modulus = [0xc3u8; 512];
    for length in [256, 257, 300, 320, 384, 511, 512] {
        modulus[0] = 1;
        let modulus = &modulus[..length];
        match PublicKey::new(modulus, &[3]) {
            None => assert!(length == 256, "{length}"),
            Some(key) => {
                assert!(!key.verifies_pkcs1(Hash::Sha256, &[0; 32], &vec![1; length]));
                assert!(!key.verifies_pkcs1(Hash::Sha256, &[0; 32], &vec![1; length - 1]));
                assert!(!key.verifies_pss(Hash::Sha512, &[0; 64], &vec![0; length]));
            }
        }
    }
}

#[test]
fn zeros_in_front_of_numbers_do_not_count() {
    let jwk = &key::tests::vectors()["jwks"]["keys"][0];
    let modulus = [&[0, 0][..], &bytes_of(&jwk["n"])].concat();
    assert!(PublicKey::new(&modulus, &[0, 1, 0, 1]).is_some_and(|key| key.bits == 2048));
    assert!(PublicKey::new(&[], &[3]).is_none() && PublicKey::new(&[0; 256], &[3]).is_none());
    assert!(PublicKey::new(&modulus, &[]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Encoded messages of all kinds, right ones among them, looked at without the power.
    #[test]
    fn pss_paddings(salt in proptest::collection::vec(any::<u8>(), 32), digest in any::<[u8; 32]>(), spoil in 0usize..600, bits in 2041u32..2049) {
        let hash = Hash::Sha256;
        let length = bits.div_ceil(8) as usize;
        let seed = hash.digest(&[&[0; 8], &digest, &salt]);
        let block = [vec![0; length - 66], vec![1], salt.clone()].concat();
        let mut message: Vec<u8> = block.iter().zip(mask(hash, &seed, block.len())).map(|(a, b)| a ^ b).collect();
        message[0] &= 0xff >> (8 * length as u32 - bits);
        message.extend_from_slice(&seed);
        message.push(0xbc);
        prop_assert_eq!(pss_matches(hash, &digest, &message, bits), Some(true));
        if let Some(byte) = message.get_mut(spoil) {
            *byte ^= 0x41;
            prop_assert_eq!(pss_matches(hash, &digest, &message, bits), Some(false));
        }
    }

    #[test]
    fn made_up_signatures_have_the_same_verdict(modulus in proptest::collection::vec(any::<u8>(), 256..513), signature in proptest::collection::vec(any::<u8>(), 250..515), pss: bool, exponent in prop_oneof![Just(3u8), Just(17)]) {
        let mut modulus = modulus;
        modulus[0] |= 0x80;
        *modulus.last_mut().expect("not empty") |= 1;
        let mut signature = signature;
        signature.resize(modulus.len(), 7);
        let (ours, theirs) = Pair::new(&modulus, &[exponent]).verify(pss, Hash::Sha384, &[7; 48], &signature);
        prop_assert_eq!(ours, theirs);
    }

    /// The power itself.
    #[test]
    fn powers_are_those_of_the_crate(modulus in proptest::collection::vec(any::<u8>(), 256..513), base in proptest::collection::vec(any::<u8>(), 512), exponent in prop_oneof![Just(65537u64), 1u64..1 << 33]) {
        use crypto_bigint::NonZero;
        let exponent = exponent | 3;
        let mut modulus = modulus;
        modulus[0] |= 0x80;
        *modulus.last_mut().expect("not empty") |= 1;
        let base = &base[..modulus.len()];
        let key = PublicKey::new(&modulus, &exponent.to_be_bytes()).expect("a key");
        let opened = key.open(base);
        let (wide, n) = (number::<{ U4096::LIMBS }>(base).expect("fits"), number::<{ U4096::LIMBS }>(&modulus).expect("fits"));
        prop_assert_eq!(opened.is_some(), wide < n);
        if let Some(opened) = opened {
            let n = NonZero::new(n).expect("not zero");
            let mut product = Uint::<{ U4096::LIMBS }>::ONE;
            for bit in (0..64).rev() {
                product = product.mul_mod(&product, &n);
                if exponent >> bit & 1 == 1 {
                    product = product.mul_mod(&wide, &n);
                }
            }
            prop_assert_eq!(number::<{ U4096::LIMBS }>(&opened).expect("fits"), product);
        }
    }
}
