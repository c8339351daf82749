//! Shares of all requests: by chance, or the same ones each time.

use std::cell::Cell;

/// A share in hundredths of a per cent.
pub const WHOLE: u64 = 10_000;

/// Where a value stands among all values, below [`WHOLE`]. The same value always stands at the same place; another `seed`
/// shuffles them.
pub fn place(seed: &[u8], value: &[u8]) -> u64 {
    // FNV-1a, and then a mixer: alone, its low bits are too regular.
    let parts = [seed, b"\0", value];
    let hash = parts
        .iter()
        .flat_map(|part| part.iter())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    mixed(hash) % WHOLE
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// Places by chance. No secret: it is enough that they are spread evenly, and that no client chooses its own.
#[derive(Debug, Default)]
pub struct Chance(Cell<u64>);

impl Chance {
    /// The next one, at this time.
    pub fn next(&self, now: u64) -> u64 {
        let state = self.0.get().wrapping_add(0x9e37_79b9_7f4a_7c15) ^ now.rotate_left(32);
        self.0.set(state);
        mixed(state) % WHOLE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(places: impl Iterator<Item = u64>) {
        let mut tenths = [0_u32; 10];
        places.for_each(|place| tenths[(place * 10 / WHOLE) as usize] += 1);
        assert!(tenths.iter().all(|n| (900..1100).contains(n)), "{tenths:?}");
    }

    #[test]
    fn places_are_spread_evenly() {
        spread((0..10_000).map(|n| place(b"", format!("user-{n}").as_bytes())));
        let chance = Chance::default();
        // A clock that stands still must not matter.
        spread((0..10_000).map(|_| chance.next(1_764_000_000_000_000_000)));
        spread((0..10_000).map(|n| chance.next(1_764_000_000_000_000_000 + n * 1_000_000)));
    }

    #[test]
    fn a_value_keeps_its_place_until_the_seed_changes() {
        assert_eq!(place(b"a", b"u1"), place(b"a", b"u1"));
        assert_ne!(place(b"a", b"u1"), place(b"b", b"u1"));
        assert_ne!(place(b"ab", b"c"), place(b"a", b"bc"));
    }
}
