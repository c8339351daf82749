//! The seam to whatever gets modules from the network.

/// Why a module could not be had from its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotFetched {
    /// It is larger than a module may be.
    TooLarge(String),
    /// Anything else, in words.
    Failed(String),
}

/// Gets modules from `oci://`, `https://` and `http://`, as Istio would. Blocks.
pub trait Fetch: Sync {
    /// The module at that address.
    ///
    /// # Errors
    /// In words for people.
    fn fetch(&self, address: &str) -> Result<Vec<u8>, NotFetched>;
}

/// Gets nothing.
#[derive(Debug, Clone, Copy)]
pub struct NoFetch;

impl Fetch for NoFetch {
    fn fetch(&self, address: &str) -> Result<Vec<u8>, NotFetched> {
        Err(NotFetched::Failed(format!("{address} is not fetched: this program gets nothing from the network")))
    }
}
