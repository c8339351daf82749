//! Buckets in the proxy's shared data.
//!
//! Shared data cannot be deleted, so there is a fixed number of entries with up to [`WAYS`] buckets each. A bucket that is
//! full again is as good as none, and gives its place away first.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::bucket::{self, Limit, Outcome};

/// Buckets in an entry.
pub const WAYS: usize = 8;
/// Bytes of a bucket: the hash of its key, and when it is full.
const BUCKET: usize = 16;

/// The hash by which a bucket is known. `seed` is this proxy's own, so that nobody can aim at another's bucket.
pub fn hash(seed: u64, parts: &[&[u8]]) -> u64 {
    let mut hasher = DefaultHasher::new();
    seed.hash(&mut hasher);
    parts.hash(&mut hasher);
    hasher.finish()
}

/// The entry in which a bucket lies.
pub fn entry(hash: u64, entries: usize) -> usize {
    (hash % entries.max(1) as u64) as usize
}

/// Takes a token out of a bucket. Gives what the entry becomes, unless it stays as it is.
pub fn take(entry: &[u8], hash: u64, limit: Limit, now: u64) -> (Outcome, Option<Vec<u8>>) {
    let mut buckets: Vec<(u64, u64)> = entry.chunks_exact(BUCKET).take(WAYS).map(read).collect();
    let found = buckets.iter().position(|(known, _)| *known == hash);
    let (outcome, next) = bucket::take(limit, found.map_or(0, |i| buckets[i].1), now);
    let Some(next) = next else {
        return (outcome, None);
    };
    match found {
        Some(i) => buckets[i].1 = next,
        None => {
            buckets.retain(|(_, full_at)| *full_at > now);
            if buckets.len() >= WAYS
                && let Some(least) = (0..buckets.len()).min_by_key(|&i| buckets[i].1)
            {
                buckets.swap_remove(least);
            }
            buckets.push((hash, next));
        }
    }
    let bytes = buckets.iter().flat_map(|(hash, full_at)| [hash.to_le_bytes(), full_at.to_le_bytes()]).flatten();
    (outcome, Some(bytes.collect()))
}

fn read(bucket: &[u8]) -> (u64, u64) {
    let number = |at: usize| {
        let mut bytes = [0; 8];
        bytes.copy_from_slice(&bucket[at..at + 8]);
        u64::from_le_bytes(bytes)
    };
    (number(0), number(8))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000_000_000_000;

    #[test]
    fn buckets_are_apart() {
        let limit = Limit::new(1, 60, 1);
        let (outcome, entry) = take(b"", 1, limit, NOW);
        assert!(outcome.allowed);
        let entry = entry.expect("written");
        let (outcome, same) = take(&entry, 1, limit, NOW);
        assert!(!outcome.allowed && same.is_none());
        let (outcome, both) = take(&entry, 2, limit, NOW);
        assert!(outcome.allowed);
        assert_eq!(both.expect("written").len(), 32);
    }

    #[test]
    fn an_entry_never_grows_beyond_its_ways() {
        let mut entry = Vec::new();
        for key in 0..100 {
            let limit = Limit::new(1, 60 + key as u32, 1);
            let (outcome, next) = take(&entry, key, limit, NOW);
            assert!(outcome.allowed);
            entry = next.expect("written");
            assert!(entry.len() <= WAYS * 16);
        }
        // Those that take longest to be full again have stayed.
        assert!(!take(&entry, 99, Limit::new(1, 159, 1), NOW).0.allowed);
        // All full again: all but one go.
        let later = NOW + 1_000_000_000_000;
        assert_eq!(take(&entry, 5, Limit::new(1, 60, 1), later).1.expect("written").len(), 16);
    }

    #[test]
    fn bytes_of_others_do_no_harm() {
        for bytes in [&b"x"[..], &[0xff; 15], &[0xff; 16], &[0; 1000]] {
            let (outcome, next) = take(bytes, 9, Limit::new(5, 1, 5), NOW);
            assert!(outcome.allowed && next.expect("written").len() <= WAYS * 16);
        }
    }

    #[test]
    fn parts_are_not_run_together() {
        assert_ne!(hash(1, &[b"ab", b"c"]), hash(1, &[b"a", b"bc"]));
        assert_ne!(hash(1, &[b"a"]), hash(2, &[b"a"]));
        assert_eq!(hash(1, &[b"a"]), hash(1, &[b"a"]));
        assert!(entry(u64::MAX, 7) < 7 && entry(5, 0) == 0);
    }
}
