//! Signatures that came already, in the proxy's shared data: all workers see them.
//!
//! Shared data cannot be deleted, so there is a fixed number of entries. A signature lies in the entry that its digest names,
//! for as long as its date would let it in; when an entry is full of such, no more is let in, because a cache that forgets
//! under load forgets when it matters. Only signatures that are good get here, so strangers cannot fill it.

use plugin_kit::plugin::Proxy;
use sha2::{Digest, Sha256};

/// Signatures in an entry. Half of all places can be in use before an entry is likely to be full.
pub const WAYS: usize = 64;
/// Bytes of a signature: a part of its digest, and until when (in seconds) it could come again.
const SIZE: usize = 16;
/// How often a write is tried when other workers write to the same entry.
const TRIES: usize = 16;

/// What is known of a signature.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// It came for the first time, and is remembered now.
    First,
    /// It came before.
    Again,
    /// There is no room to remember it.
    Full,
}

/// Notes that a signature came. `scope` keeps uses of the plugin apart; `entries` is how many there are.
pub fn note(proxy: &dyn Proxy, scope: &[u8], signature: &[&[u8]], until: u64, entries: usize) -> Seen {
    let now = proxy.seconds();
    let digest = signature
        .iter()
        .fold(Sha256::new(), |digest, part| digest.chain_update((part.len() as u64).to_le_bytes()).chain_update(part));
    let digest: [u8; 32] = digest.finalize().into();
    let number = |at: usize| digest[at..at + 8].iter().fold(0u64, |sum, &b| sum << 8 | u64::from(b));
    let (tag, entry) = (number(0), number(8) % entries.max(1) as u64);
    let scope: String = scope.iter().map(|&b| if b.is_ascii_graphic() { b as char } else { '_' }).collect();
    let key = format!("hmac-auth/{scope}/{entry}");
    for _ in 0..TRIES {
        let (data, version) = proxy.shared(&key);
        match add(&data.unwrap_or_default(), tag, until, now) {
            Ok(changed) if proxy.share(&key, &changed, version) => return Seen::First,
            Ok(_) => {}
            Err(seen) => return seen,
        }
    }
    Seen::Full
}

/// An entry with one signature more, and without those that cannot come again.
fn add(entry: &[u8], tag: u64, until: u64, now: u64) -> Result<Vec<u8>, Seen> {
    let mut kept = Vec::with_capacity(entry.len() + SIZE);
    for record in entry.chunks_exact(SIZE) {
        let (known, end) = record.split_at(8);
        let end = end.iter().rev().fold(0u64, |sum, &b| sum << 8 | u64::from(b));
        if now <= end {
            if known == tag.to_le_bytes() {
                return Err(Seen::Again);
            }
            kept.extend_from_slice(record);
        }
    }
    if kept.len() >= WAYS * SIZE {
        return Err(Seen::Full);
    }
    kept.extend_from_slice(&tag.to_le_bytes());
    kept.extend_from_slice(&until.to_le_bytes());
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::FakeProxy;
    use proptest::prelude::*;

    #[test]
    fn a_signature_comes_once_in_its_time() {
        let proxy = FakeProxy::at(1000);
        let note = |signature: &[u8], until| note(&proxy, b"here", &[b"key", signature], until, 8);
        assert_eq!((note(b"a", 1010), note(b"a", 1010), note(b"b", 1010)), (Seen::First, Seen::Again, Seen::First));
        proxy.time.set(1_010_000_000_000);
        assert_eq!(note(b"a", 1020), Seen::Again, "until the end of the second");
        proxy.time.set(1_011_000_000_000);
        assert_eq!(note(b"a", 1020), Seen::First);
        assert_eq!(super::note(&proxy, b"there", &[b"key", b"a"], 1020, 8), Seen::First, "another use of the plugin");
        assert_eq!(super::note(&proxy, b"here", &[b"ke", b"ya"], 1020, 8), Seen::First, "another key");
    }

    #[test]
    fn a_full_entry_lets_nothing_in_until_there_is_room() {
        let proxy = FakeProxy::at(1000);
        let note = |n: usize, until| note(&proxy, b"", &[&n.to_le_bytes()], until, 1);
        for n in 0..WAYS {
            assert_eq!(note(n, 1001), Seen::First);
        }
        assert_eq!((note(WAYS, 1010), note(0, 1001)), (Seen::Full, Seen::Again));
        proxy.time.set(1_002_000_000_000);
        assert_eq!(note(WAYS, 1010), Seen::First);
        assert_eq!(proxy.shared("hmac-auth//0").0.map(|entry| entry.len()), Some(SIZE), "what is over has gone");
    }

    /// A proxy in which another worker writes to an entry after it was looked at.
    struct Meanwhile<'a>(&'a FakeProxy, std::cell::RefCell<Option<&'a dyn Fn()>>);

    impl Proxy for Meanwhile<'_> {
        fn now(&self) -> u64 {
            self.0.now()
        }

        fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
            self.0.property(path)
        }

        fn shared(&self, key: &str) -> (Option<Vec<u8>>, Option<u32>) {
            let seen = self.0.shared(key);
            if let Some(other) = self.1.take() {
                other();
            }
            seen
        }

        fn share(&self, key: &str, value: &[u8], version: Option<u32>) -> bool {
            self.0.share(key, value, version)
        }

        fn count(&self, name: &'static str, n: usize) {
            self.0.count(name, n);
        }

        fn clear_route_cache(&self) {}
    }

    #[test]
    fn of_two_at_once_one_is_the_first() {
        // The first signature of an entry, and a later one.
        for earlier in [0, 1] {
            let proxy = FakeProxy::at(1000);
            let note = |proxy: &dyn Proxy, n: usize| note(proxy, b"", &[&n.to_le_bytes()], 1010, 1);
            (0..earlier).for_each(|n| assert_eq!(note(&proxy, n), Seen::First));
            let other = || assert_eq!(note(&proxy, 9), Seen::First);
            let other: &dyn Fn() = &other;
            assert_eq!(note(&Meanwhile(&proxy, Some(other).into()), 9), Seen::Again);
        }
    }

    proptest! {
        /// Whatever another plugin wrote there, nothing panics, and what was let in once is not again.
        #[test]
        fn foreign_data_does_no_harm(data in proptest::collection::vec(any::<u8>(), 0..3000), tag: u64, until in 5u64..100) {
            if let Ok(entry) = add(&data, tag, until, 5) {
                prop_assert_eq!(add(&entry, tag, until, 5), Err(Seen::Again));
                prop_assert!(entry.len() <= WAYS * SIZE);
            }
        }
    }
}
