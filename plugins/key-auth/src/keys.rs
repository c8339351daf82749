//! Keys, kept as SHA-256 digests only.
//!
//! A presented key is hashed and its digest looked up. How long the look-up takes depends on the digest, of which nobody
//! without the key knows anything: so nothing about a key can be learnt from time.

use sha2::{Digest, Sha256};

type Hash = [u8; 32];

/// The digest of a key.
pub fn hash(key: &[u8]) -> Hash {
    Sha256::digest(key).into()
}

/// Keys and whose they are.
#[derive(Debug, Default)]
pub struct Keys {
    /// In order of their digests; the consumer by number.
    digests: Vec<(Hash, usize)>,
    consumers: Vec<String>,
}

impl Keys {
    /// Adds a consumer with the digests of its keys. The number of the first one that is known already is the error.
    pub fn add(&mut self, consumer: &str, digests: &[Hash]) -> Result<(), usize> {
        for (i, digest) in digests.iter().enumerate() {
            match self.digests.binary_search_by(|(known, _)| known.cmp(digest)) {
                Ok(_) => return Err(i),
                Err(at) => self.digests.insert(at, (*digest, self.consumers.len())),
            }
        }
        self.consumers.push(consumer.to_owned());
        Ok(())
    }

    /// Whose key this is.
    pub fn consumer(&self, key: &[u8]) -> Option<&str> {
        let digest = hash(key);
        let at = self.digests.binary_search_by(|(known, _)| known.cmp(&digest)).ok()?;
        self.consumers.get(self.digests[at].1).map(String::as_str)
    }

    /// The names of all consumers.
    pub fn names(&self) -> Vec<&str> {
        self.consumers.iter().map(String::as_str).collect()
    }
}
