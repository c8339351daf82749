//! Random bytes that are the same in every run with the same seed. Nothing here is a secret.

use sha2::{Digest, Sha256};

/// SHA-256 over seed and counter: slow for gigabytes, and guests are given 64 KiB at most at once.
#[derive(Debug, Clone)]
pub(crate) struct Random {
    seed: u64,
    block: u64,
    left: Vec<u8>,
}

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, block: 0, left: Vec::new() }
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        while self.left.len() < len {
            let mut hash = Sha256::new();
            hash.update(b"sandbox random");
            hash.update(self.seed.to_le_bytes());
            hash.update(self.block.to_le_bytes());
            self.block += 1;
            self.left.extend_from_slice(&hash.finalize());
        }
        let rest = self.left.split_off(len);
        std::mem::replace(&mut self.left, rest)
    }

    /// A version 4 UUID, as `x-request-id` is one.
    pub(crate) fn uuid(&mut self) -> String {
        let mut bytes = self.bytes(16);
        bytes[6] = bytes[6] & 0x0f | 0x40;
        bytes[8] = bytes[8] & 0x3f | 0x80;
        let hex = hex(&bytes);
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a string cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_in_any_portions() {
        let (mut one, mut two) = (Random::new(7), Random::new(7));
        let mut pieces = two.bytes(3);
        pieces.extend(two.bytes(70));
        assert_eq!(one.bytes(73), pieces);
        assert_ne!(Random::new(8).bytes(8), Random::new(7).bytes(8));
    }

    #[test]
    fn a_uuid_looks_like_one() {
        let id = Random::new(1).uuid();
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4');
    }
}
