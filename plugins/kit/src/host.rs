//! The proxy's side: headers, buffers, counters, configuration.
//!
//! The SDK's host calls panic on a status they do not expect, so these helpers are called only in the phases in which
//! the proxy serves them. Headers are read as bytes: the SDK's text variants panic on values that are not UTF-8.

use std::cell::RefCell;
use std::time::UNIX_EPOCH;

use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, MapType, MetricType};

use crate::body::Buffer;
use crate::plugin::{Answer, Call, Headers, Proxy, Reply, Side};

/// The plugin's configuration as bytes; empty if there is none.
pub fn configuration() -> Vec<u8> {
    hostcalls::get_buffer(BufferType::PluginConfiguration, 0, usize::MAX).ok().flatten().unwrap_or_default()
}

/// The headers of one direction, while their callback lasts.
pub struct Map(Option<MapType>);

/// The request's headers.
pub static REQUEST: Map = Map(Some(MapType::HttpRequestHeaders));
/// The response's headers.
pub static RESPONSE: Map = Map(Some(MapType::HttpResponseHeaders));
/// The headers of a phase in which there are none.
pub static NO_HEADERS: Map = Map(None);

// Writing cannot fail in a headers callback, and there would be nothing to do if it did.
impl Headers for Map {
    fn get(&self, name: &str) -> Option<Vec<u8>> {
        hostcalls::get_map_value_bytes(self.0?, name).ok().flatten()
    }

    /// Most headers asked for are not there: that is told without copying the others.
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        if self.get(name).is_none() {
            return Vec::new();
        }
        self.pairs().into_iter().filter(|(known, _)| known == name).map(|(_, value)| value).collect()
    }

    fn pairs(&self) -> Vec<(String, Vec<u8>)> {
        self.0.and_then(|map| hostcalls::get_map_bytes(map).ok()).unwrap_or_default()
    }

    fn set(&self, name: &str, value: &[u8]) {
        if let Some(map) = self.0 {
            let _ = hostcalls::set_map_value_bytes(map, name, Some(value));
        }
    }

    fn add(&self, name: &str, value: &[u8]) {
        if let Some(map) = self.0 {
            let _ = hostcalls::add_map_value_bytes(map, name, value);
        }
    }

    fn remove(&self, name: &str) {
        if let Some(map) = self.0 {
            let _ = hostcalls::remove_map_value(map, name);
        }
    }
}

/// Whether the client asked for trailers. To be called with the request's headers.
pub fn wants_trailers() -> bool {
    REQUEST.get("te").is_some_and(|te| te.to_ascii_lowercase().starts_with(b"trailers"))
}

/// Calls a service; false if the proxy does not know it.
///
/// The SDK takes text only: bytes that are not UTF-8 must have been dealt with before.
pub fn call(call: &Call) -> bool {
    let mut headers = vec![(":method", &call.method[..]), (":path", &call.path), (":authority", &call.host)];
    headers.extend(call.headers.iter().map(|(name, value)| (&name[..], &value[..])));
    let body = (!call.body.is_empty()).then_some(&call.body[..]);
    hostcalls::dispatch_http_call(&call.cluster, headers, body, vec![], call.timeout).is_ok()
}

/// The answer to a call, in its callback. None if it broke.
pub fn answer(headers: usize, body: usize) -> Option<Answer> {
    if headers == 0 {
        return None;
    }
    let headers = hostcalls::get_map_bytes(MapType::HttpCallResponseHeaders).ok()?;
    let status = headers.iter().find(|(name, _)| name == ":status").and_then(|(_, value)| crate::http::length(value));
    let body = match body {
        0 => Vec::new(),
        size => hostcalls::get_buffer(BufferType::HttpCallResponseBody, 0, size).ok().flatten().unwrap_or_default(),
    };
    Some(Answer { status: status.and_then(|s| u16::try_from(s).ok()).unwrap_or(0), headers, body })
}

/// Answers the client. Once the response's headers are out, this resets it.
///
/// Closing the stream from its trailers would crash Envoy 1.40; a reply does not.
pub fn reply(reply: &Reply) {
    let headers = reply.headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
    let body = (!reply.body.is_empty()).then_some(reply.body.as_bytes());
    let _ = hostcalls::send_http_response(u32::from(reply.status), headers, body);
}

/// The request's body in the proxy's buffer.
pub struct RequestBody;

impl Buffer for RequestBody {
    fn read(&self) -> Option<Vec<u8>> {
        hostcalls::get_buffer(BufferType::HttpRequestBody, 0, usize::MAX).ok().flatten()
    }

    fn replace(&self, drop: usize, with: &[u8]) {
        let _ = hostcalls::set_buffer(BufferType::HttpRequestBody, 0, drop, with);
    }
}

/// The response's body in the proxy's buffer.
pub struct ResponseBody;

impl Buffer for ResponseBody {
    fn read(&self) -> Option<Vec<u8>> {
        hostcalls::get_buffer(BufferType::HttpResponseBody, 0, usize::MAX).ok().flatten()
    }

    fn replace(&self, drop: usize, with: &[u8]) {
        let _ = hostcalls::set_buffer(BufferType::HttpResponseBody, 0, drop, with);
    }
}

/// The first bytes of the piece of a body that is going by.
pub fn piece(side: Side, size: usize) -> Option<Vec<u8>> {
    let buffer = match side {
        Side::Request => BufferType::HttpRequestBody,
        Side::Response => BufferType::HttpResponseBody,
    };
    hostcalls::get_buffer(buffer, 0, size).ok().flatten()
}

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
        hostcalls::get_current_time()
            .ok()
            .and_then(|time| time.duration_since(UNIX_EPOCH).ok())
            .map_or(0, |since| since.as_nanos() as u64)
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        hostcalls::get_property(path.to_vec()).ok().flatten()
    }

    fn shared(&self, key: &str) -> (Option<Vec<u8>>, Option<u32>) {
        hostcalls::get_shared_data(key).unwrap_or_default()
    }

    fn share(&self, key: &str, value: &[u8], version: Option<u32>) -> bool {
        hostcalls::set_shared_data(key, Some(value), version).is_ok()
    }

    fn count(&self, name: &'static str, n: usize) {
        let mut counters = self.counters.borrow_mut();
        let id = match counters.iter().find(|(known, _)| *known == name) {
            Some((_, id)) => *id,
            None => {
                let id = hostcalls::define_metric(MetricType::Counter, &format!("{}_{name}", self.prefix)).ok();
                counters.push((name, id));
                id
            }
        };
        if let (Some(id), true) = (id, n > 0) {
            let _ = hostcalls::increment_metric(id, n as i64);
        }
    }

    fn clear_route_cache(&self) {
        let _ = hostcalls::call_foreign_function("clear_route_cache", None);
    }
}
