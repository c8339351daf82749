//! The bytes of a module that is to run: ours, or fetched as for the verdict. What was fetched a moment ago is good for the
//! next run, so that whoever changes a sample and runs again does not fetch again.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use marketplace_domain::{Digest, ModuleUrl, catalogue::Address, fetch::FetchProblem};
use marketplace_registry::Order;
use marketplace_sandbox::{Module, modules::sha256_hex};

use crate::{
    Services,
    error::{Result, ServiceError},
};

/// For so long a module that was fetched is not fetched again. Whoever pushes a new one to the same address and runs again
/// shall not wonder for long.
const FRESH: Duration = Duration::from_secs(60);
/// For so long where its digest is given: there can be no other.
const FRESH_PINNED: Duration = Duration::from_secs(600);
/// Modules that are remembered; the largest has 16 MiB.
const REMEMBERED: usize = 4;

/// Where a module is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// With us.
    Ours(Digest),
    /// Where proxies fetch it.
    Elsewhere {
        /// Its address.
        url: ModuleUrl,
        /// The digest it must have, as Istio compares it.
        pin: Option<Digest>,
    },
}

impl Place {
    /// Elsewhere; an image's address may hold the digest.
    pub(crate) fn elsewhere(url: ModuleUrl, pin: Option<Digest>) -> Self {
        let pin = pin.or_else(|| url.image_digest());
        Self::Elsewhere { url, pin }
    }
}

/// Why there are no bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// We were to have it and do not.
    Gone,
    /// It could not be fetched.
    NotFetched(FetchProblem),
}

/// What was fetched lately, the newest at the end.
#[derive(Default)]
pub(super) struct Lately(Mutex<VecDeque<Entry>>);

struct Entry {
    key: Key,
    module: Module,
    until: Instant,
}

/// What was asked for: with another login there may be another answer. Of the login only a digest is remembered.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    url: ModuleUrl,
    pin: Option<Digest>,
    login: Option<String>,
}

impl Lately {
    fn get(&self, key: &Key, now: Instant) -> Option<Module> {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.until > now);
        entries.iter().find(|entry| entry.key == *key).map(|entry| entry.module.clone())
    }

    fn put(&self, key: Key, module: Module, now: Instant) {
        let mut entries = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| entry.key != key);
        let until = now + if key.pin.is_some() { FRESH_PINNED } else { FRESH };
        entries.push_back(Entry { key, module, until });
        while entries.len() > REMEMBERED {
            entries.pop_front();
        }
    }
}

fn digest_of(secret: &str) -> String {
    sha256_hex(secret.as_bytes())
}

impl Services {
    /// The module at a place, with the login of a pull secret where there is one.
    pub(crate) async fn module_at(
        &self,
        place: &Place,
        secret: Option<&str>,
    ) -> Result<std::result::Result<Module, Missing>> {
        let (url, pin) = match place {
            Place::Ours(digest) => return Ok(self.kept(digest).await?.ok_or(Missing::Gone)),
            Place::Elsewhere { url, pin } => (url, pin.as_ref()),
        };
        // An address of ours without a module behind it is asked for like any other.
        if let Some(digest) = self.own(&Address::Url(url.clone()))
            && let Some(module) = self.kept(&digest).await?
        {
            return Ok(match pin.filter(|pin| **pin != digest) {
                Some(pin) => Err(Missing::NotFetched(FetchProblem::Digest { wanted: pin.clone(), found: digest })),
                None => Ok(module),
            });
        }
        let key = Key { url: url.clone(), pin: pin.cloned(), login: secret.map(digest_of) };
        if let Some(module) = self.looking.lately.get(&key, Instant::now()) {
            return Ok(Ok(module));
        }
        let Ok(_permit) = self.looking.fetches.try_acquire() else {
            return Ok(Err(Missing::NotFetched(FetchProblem::Busy)));
        };
        match self.parts.fetcher.fetch(Order { url, sha256: pin, secret }).await {
            Ok(fetched) => {
                let module = digested(fetched.bytes).await?;
                self.looking.lately.put(key, module.clone(), Instant::now());
                Ok(Ok(module))
            }
            Err(problem) => Ok(Err(Missing::NotFetched(problem))),
        }
    }

    async fn kept(&self, digest: &Digest) -> Result<Option<Module>> {
        match self.catalogue().module(digest).await? {
            Some(bytes) => Ok(Some(digested(bytes).await?)),
            None => Ok(None),
        }
    }
}

/// Bytes with their digest, which is made where nobody's page waits behind it.
pub(super) async fn digested(bytes: Vec<u8>) -> Result<Module> {
    let made = tokio::task::spawn_blocking(move || Module::new(bytes)).await;
    made.map_err(|error| ServiceError::Internal(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(url: &str, secret: Option<&str>) -> Key {
        Key { url: url.parse().unwrap(), pin: None, login: secret.map(digest_of) }
    }

    #[test]
    fn a_few_modules_are_remembered_for_a_while() {
        let (lately, begin) = (Lately::default(), Instant::now());
        let module = |text: &str| Module::new(text.as_bytes().to_vec());
        let urls = ["oci://r/a:1", "oci://r/b:1", "oci://r/c:1", "oci://r/d:1"];
        for url in urls {
            lately.put(key(url, None), module(url), begin);
        }
        assert!(urls.iter().all(|url| lately.get(&key(url, None), begin) == Some(module(url))));
        assert_eq!(lately.get(&key(urls[0], Some("login")), begin), None);
        // The same again takes no room; one more takes that of the oldest.
        lately.put(key(urls[3], None), module("new"), begin);
        assert_eq!(lately.get(&key(urls[3], None), begin), Some(module("new")));
        lately.put(key("oci://r/e:1", None), module("e"), begin);
        assert_eq!(lately.get(&key(urls[0], None), begin), None);
        assert!(lately.get(&key(urls[1], None), begin).is_some());
        let pinned = Key { pin: Some("1".repeat(64).parse().unwrap()), ..key(urls[1], None) };
        lately.put(pinned.clone(), module("pinned"), begin);
        assert_eq!(lately.get(&key(urls[2], None), begin + FRESH), None);
        assert_eq!(lately.get(&pinned, begin + FRESH), Some(module("pinned")));
        assert_eq!(lately.get(&pinned, begin + FRESH_PINNED), None);
    }
}
