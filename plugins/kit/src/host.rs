//! The proxy's side: headers, buffers, counters, configuration.

use std::cell::RefCell;

use crate::abi::{self, Bytes};
use crate::body::Buffer;
use crate::plugin::{Answer, Call, Headers, Proxy, Reply, Side};
use crate::wire;

/// The plugin's configuration as bytes; empty if there is none.
pub fn configuration() -> Vec<u8> {
    abi::read(Bytes::Configuration, usize::MAX).unwrap_or_default()
}

/// The headers of one direction, while their callback lasts.
///
/// Each look into the proxy costs more than most plugins do in between. So all headers are fetched when several values of
/// one are asked for, and from then on only what was written since is looked up again.
pub struct Map {
    /// None: the headers of a phase in which there are none.
    map: Option<abi::Map>,
    fetched: RefCell<Option<Fetched>>,
}

/// All headers at one time.
struct Fetched {
    bytes: Vec<u8>,
    /// The names that were written since.
    written: Vec<String>,
}

impl Fetched {
    /// The values of a name, if they are still known.
    fn values<'a>(&'a self, name: &'a str) -> Option<impl Iterator<Item = &'a [u8]>> {
        let known = !self.written.iter().any(|written| written == name);
        known.then(|| wire::values(&self.bytes, name.as_bytes()))
    }
}

impl Map {
    /// The headers of one direction.
    pub fn of(side: Side) -> Self {
        let map = match side {
            Side::Request => abi::Map::Request,
            Side::Response => abi::Map::Response,
        };
        Self { map: Some(map), fetched: RefCell::default() }
    }

    /// The headers of a phase in which there are none.
    pub fn none() -> Self {
        Self { map: None, fetched: RefCell::default() }
    }

    fn write(&self, name: &str, write: impl FnOnce(abi::Map)) {
        let Some(map) = self.map else { return };
        write(map);
        let mut fetched = self.fetched.borrow_mut();
        match &mut *fetched {
            // The proxy knows the authority by two names.
            Some(_) if matches!(name, "host" | ":authority") => *fetched = None,
            Some(fetched) => fetched.written.push(name.to_owned()),
            None => {}
        }
    }

    /// Reads all headers as they are now.
    fn whole<T>(&self, read: impl FnOnce(&Fetched) -> T) -> T {
        let mut fetched = self.fetched.borrow_mut();
        let fetch = || Fetched { bytes: self.map.map(abi::pairs).unwrap_or_default(), written: Vec::new() };
        if fetched.as_ref().is_some_and(|fetched| !fetched.written.is_empty()) {
            *fetched = None;
        }
        read(fetched.get_or_insert_with(fetch))
    }

    /// The first value of a header, if it is known without asking.
    fn known(&self, name: &str) -> Option<Option<Vec<u8>>> {
        let name = if name == "host" { ":authority" } else { name };
        let fetched = self.fetched.borrow();
        let mut values = fetched.as_ref()?.values(name)?;
        Some(values.next().map(<[u8]>::to_vec))
    }
}

impl Headers for Map {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        let map = self.map?;
        self.known(name).unwrap_or_else(|| abi::header(map, name))
    }

    fn each(&self, name: &str, see: &mut dyn FnMut(&[u8])) {
        if let Some(fetched) = &*self.fetched.borrow()
            && let Some(values) = fetched.values(name)
        {
            return values.for_each(see);
        }
        self.whole(|fetched| fetched.values(name).into_iter().flatten().for_each(see));
    }

    /// Most headers asked for are not there: that is told without copying the others.
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        if self.has(name) {
            self.each(name, &mut |value| all.push(value.to_vec()));
        }
        all
    }

    fn pairs(&self) -> Vec<(String, Vec<u8>)> {
        self.whole(|fetched| owned(&fetched.bytes))
    }

    fn set(&self, name: &str, value: &[u8]) {
        self.write(name, |map| abi::set_header(map, name, value));
    }

    fn add(&self, name: &str, value: &[u8]) {
        self.write(name, |map| abi::add_header(map, name, value));
    }

    fn remove(&self, name: &str) {
        if self.known(name) != Some(None) {
            self.write(name, |map| abi::remove_header(map, name));
        }
    }
}

/// Names are tokens; one that is not cannot be asked for, and is not lost either.
fn owned(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    wire::read(bytes).map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value.to_vec())).collect()
}

/// Whether the client asked for trailers. To be called with the request's headers.
pub fn wants_trailers() -> bool {
    abi::header(abi::Map::Request, "te").is_some_and(|te| te.to_ascii_lowercase().starts_with(b"trailers"))
}

/// Calls a service; the number under which its answer comes. None if the proxy does not know it.
pub fn call(call: &Call) -> Option<u32> {
    let pseudo = [(":method", &call.method), (":path", &call.path), (":authority", &call.host)];
    let mut headers: Vec<_> = pseudo.into_iter().map(|(name, value)| (name, value.as_bytes())).collect();
    headers.extend(call.headers.iter().map(|(name, value)| (&name[..], value.as_bytes())));
    let milliseconds = u32::try_from(call.timeout.as_millis()).unwrap_or(u32::MAX);
    abi::call(&call.cluster, &wire::pairs(&headers), &call.body, milliseconds)
}

/// The answer to a call, in its callback. None if it broke.
pub fn answer(headers: usize, body: usize) -> Option<Answer> {
    if headers == 0 {
        return None;
    }
    let headers = owned(&abi::pairs(abi::Map::Answer));
    let status = headers.iter().find(|(name, _)| name == ":status").and_then(|(_, value)| crate::http::length(value));
    let body = match body {
        0 => Vec::new(),
        size => abi::read(Bytes::Answer, size).unwrap_or_default(),
    };
    Some(Answer { status: status.and_then(|s| u16::try_from(s).ok()).unwrap_or(0), headers, body })
}

/// Answers the client. Once the response's headers are out, this resets it.
///
/// Closing the stream from its trailers would crash Envoy 1.40; a reply does not.
pub fn reply(reply: &Reply) {
    let headers: Vec<_> = reply.headers.iter().map(|(name, value)| (&name[..], value.as_bytes())).collect();
    abi::reply(u32::from(reply.status), &wire::pairs(&headers), reply.body.as_bytes());
}

/// A body in the proxy's buffer.
#[derive(Debug, Clone, Copy)]
pub struct InBuffer(pub Side);

impl InBuffer {
    fn buffer(self) -> Bytes {
        match self.0 {
            Side::Request => Bytes::Request,
            Side::Response => Bytes::Response,
        }
    }

    /// The first bytes of what is there.
    pub fn first(self, size: usize) -> Option<Vec<u8>> {
        abi::read(self.buffer(), size)
    }
}

impl Buffer for InBuffer {
    fn read(&self) -> Option<Vec<u8>> {
        self.first(usize::MAX)
    }

    fn replace(&self, drop: usize, with: &[u8]) {
        abi::replace(self.buffer(), drop, with);
    }
}

/// A version that nothing has: the proxy counts from 1. It takes any version for what is not there yet, and 0 would write
/// over whatever has come in between.
const NO_VERSION: u32 = u32::MAX;

/// The proxy of one plugin.
pub struct Host {
    prefix: String,
    /// Defined when they are first counted.
    counters: RefCell<Vec<(&'static str, Option<u32>)>>,
}

impl Host {
    /// For the plugin of this name; its counters show up as `wasmcustom.<name>_<counter>`, with `_` for `-`.
    pub fn new(plugin: &str) -> Self {
        let host = Self { prefix: plugin.replace('-', "_"), counters: RefCell::default() };
        for name in ["passed", "refused", "changed", "skipped", "errors"] {
            host.count(name, 0);
        }
        host
    }
}

impl Proxy for Host {
    fn now(&self) -> u64 {
        abi::now()
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        abi::property(&path.join("\0"))
    }

    fn shared(&self, key: &str) -> (Option<Vec<u8>>, Option<u32>) {
        abi::shared(key).map_or((None, None), |(value, version)| (Some(value), Some(version)))
    }

    fn share(&self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        abi::share(key, value, version.unwrap_or(NO_VERSION))
    }

    fn count(&self, name: &'static str, n: usize) {
        let mut counters = self.counters.borrow_mut();
        let id = match counters.iter().find(|(known, _)| *known == name) {
            Some((_, id)) => *id,
            None => {
                let id = abi::counter(&format!("{}_{name}", self.prefix));
                counters.push((name, id));
                id
            }
        };
        if let (Some(id), true) = (id, n > 0) {
            abi::count(id, n as i64);
        }
    }

    fn clear_route_cache(&self) {
        abi::foreign("clear_route_cache");
    }
}
