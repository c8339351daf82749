//! A proxy for native tests: headers and everything else, in memory.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use crate::plugin::{Answer, Cx, Headers, Proxy};

/// Headers in memory.
#[derive(Debug, Default)]
pub struct FakeHeaders(RefCell<Vec<(String, Vec<u8>)>>);

impl FakeHeaders {
    /// Headers of these names and values.
    pub fn new(pairs: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), value.as_bytes().to_vec());
        Self(RefCell::new(pairs.iter().map(own).collect()))
    }

    /// A request's headers.
    pub fn request(method: &str, authority: &str, path: &str, more: &[(&str, &str)]) -> Self {
        let pseudo = [(":authority", authority), (":path", path), (":method", method), (":scheme", "http")];
        Self::new(&[&pseudo[..], more].concat())
    }

    /// The first value of a header as text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(|value| String::from_utf8_lossy(&value).into_owned())
    }
}

impl Headers for FakeHeaders {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        self.0.borrow().iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    }

    fn pairs(&self) -> Vec<(String, Vec<u8>)> {
        self.0.borrow().clone()
    }

    fn set(&self, name: &str, value: &[u8]) {
        self.remove(name);
        self.add(name, value);
    }

    fn add(&self, name: &str, value: &[u8]) {
        self.0.borrow_mut().push((name.to_owned(), value.to_vec()));
    }

    fn remove(&self, name: &str) {
        self.0.borrow_mut().retain(|(known, _)| known != name);
    }
}

/// Everything else in memory.
#[derive(Debug, Default)]
pub struct FakeProxy {
    /// The time in nanoseconds.
    pub time: Cell<u64>,
    properties: RefCell<HashMap<String, Vec<u8>>>,
    shared: RefCell<HashMap<String, (Vec<u8>, u32)>>,
    counters: RefCell<HashMap<&'static str, usize>>,
    /// How often the route was to be chosen anew.
    pub routes_cleared: Cell<usize>,
}

impl FakeProxy {
    /// A proxy at this time, in seconds since 1970.
    pub fn at(seconds: u64) -> Self {
        let proxy = Self::default();
        proxy.time.set(seconds * 1_000_000_000);
        proxy
    }

    /// Sets a property.
    pub fn set_property(&self, path: &[&str], value: &str) {
        self.properties.borrow_mut().insert(path.join("."), value.as_bytes().to_vec());
    }

    /// What was counted under a name.
    pub fn counted(&self, name: &str) -> usize {
        self.counters.borrow().get(name).copied().unwrap_or(0)
    }

    /// The context of a phase with these headers.
    pub fn cx<'a>(&'a self, headers: &'a FakeHeaders) -> Cx<'a> {
        Cx { headers, proxy: self, end: false }
    }
}

impl Proxy for FakeProxy {
    fn now(&self) -> u64 {
        self.time.get()
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.properties.borrow().get(&path.join(".")).cloned()
    }

    fn shared(&self, key: &str) -> (Option<Vec<u8>>, Option<u32>) {
        self.shared.borrow().get(key).map_or((None, None), |(value, version)| (Some(value.clone()), Some(*version)))
    }

    fn share(&self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        let mut shared = self.shared.borrow_mut();
        let last = shared.get(key).map(|(_, version)| *version);
        if last.is_some() && version != last {
            return false;
        }
        shared.insert(key.to_owned(), (value.to_vec(), last.unwrap_or(0) + 1));
        true
    }

    fn count(&self, name: &'static str, n: usize) {
        *self.counters.borrow_mut().entry(name).or_default() += n;
    }

    fn clear_route_cache(&self) {
        self.routes_cleared.set(self.routes_cleared.get() + 1);
    }
}

/// The answer of a called service.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    Answer { status, headers: FakeHeaders::new(headers).pairs(), body: body.as_bytes().to_vec() }
}
