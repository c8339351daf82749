//! What was decided, for a while. Keys are digests, so no credentials are kept.

/// The digest of all that a decision depends on.
pub type Key = [u8; 32];

/// The most entries a worker keeps.
const PLACES: usize = 4096;

/// Decisions, and until when (in seconds) they hold. Each has one place, which its key names: when another one is kept
/// there, the first one goes. Keys are digests, so nobody can choose whose place it is.
#[derive(Debug)]
pub struct Cache<T>(Vec<Option<Entry<T>>>);

#[derive(Debug)]
struct Entry<T> {
    key: Key,
    until: u64,
    value: T,
}

impl<T> Default for Cache<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Cache<T> {
    /// What holds at this time.
    pub fn get(&self, key: &Key, now: u64) -> Option<&T> {
        let entry = self.0.get(place(key))?.as_ref()?;
        (entry.key == *key && now < entry.until).then_some(&entry.value)
    }

    /// Keeps something for some seconds.
    pub fn put(&mut self, key: Key, value: T, now: u64, seconds: u64) {
        if self.0.is_empty() {
            self.0.resize_with(PLACES, || None);
        }
        if let Some(entry) = self.0.get_mut(place(&key)) {
            *entry = Some(Entry { key, until: now.saturating_add(seconds), value });
        }
    }
}

fn place(key: &Key) -> usize {
    usize::from(u16::from_le_bytes([key[0], key[1]])) % PLACES
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(n: usize) -> Key {
        let mut key = Key::default();
        key[..8].copy_from_slice(&n.to_le_bytes());
        key
    }

    #[test]
    fn entries_hold_for_their_time() {
        let mut cache = Cache::default();
        cache.put(key(1), "a", 10, 5);
        assert_eq!((cache.get(&key(1), 14), cache.get(&key(1), 15), cache.get(&key(2), 10)), (Some(&"a"), None, None));
    }

    #[test]
    fn one_place_holds_one() {
        let mut cache = Cache::default();
        for n in 0..3 * PLACES {
            cache.put(key(n), n, 0, 1);
            assert_eq!(cache.get(&key(n), 0), Some(&n));
        }
        assert_eq!(
            (cache.0.len(), cache.get(&key(1), 0), cache.get(&key(2 * PLACES + 1), 0)),
            (PLACES, None, Some(&(2 * PLACES + 1)))
        );
    }
}
