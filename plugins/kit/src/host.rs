//! The proxy's side: headers, buffers, counters, configuration.
//!
//! The SDK's host calls panic on a status they do not expect, so these helpers are called only in the phases in which
//! the proxy serves them. Headers are read as bytes: the SDK's text variants panic on values that are not UTF-8.

use log::{error, warn};
use proxy_wasm::hostcalls;
use proxy_wasm::types::{BufferType, MapType, MetricType};

use crate::body::Buffer;
use crate::config::Refusal;

/// The plugin's configuration as bytes; empty if there is none.
pub fn configuration() -> Vec<u8> {
    hostcalls::get_buffer(BufferType::PluginConfiguration, 0, usize::MAX).ok().flatten().unwrap_or_default()
}

/// Logs why a configuration was refused. One line: the proxy gives no reason of its own.
pub fn log_refusal(plugin: &str, refusal: &Refusal) {
    error!("{plugin}: {refusal}");
}

/// Logs what an administrator should know, whatever the reason.
pub fn log_warning(plugin: &str, text: &str) {
    warn!("{plugin}: {text}");
}

/// Nanoseconds since 1970.
pub fn now() -> u64 {
    hostcalls::get_current_time()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_nanos() as u64)
}

/// The headers of one direction, while their callback lasts.
#[derive(Clone, Copy)]
pub struct Headers(MapType);

/// The request's headers.
pub const REQUEST: Headers = Headers(MapType::HttpRequestHeaders);
/// The response's headers.
pub const RESPONSE: Headers = Headers(MapType::HttpResponseHeaders);

impl Headers {
    /// The first value of a header.
    pub fn get(self, name: &str) -> Option<Vec<u8>> {
        hostcalls::get_map_value_bytes(self.0, name).ok().flatten()
    }

    /// Removes a header, if it is there.
    pub fn remove(self, name: &str) {
        // Cannot fail in a headers callback, and there is nothing to do if it did.
        let _ = hostcalls::remove_map_value(self.0, name);
    }

    /// Sets a header to one value.
    pub fn set(self, name: &str, value: &str) {
        let _ = hostcalls::set_map_value(self.0, name, Some(value));
    }

    /// Adds a value to a header.
    pub fn add(self, name: &str, value: &str) {
        let _ = hostcalls::add_map_value(self.0, name, value);
    }
}

/// Headers that are wrong once the body is another one than the upstream sent.
const BODY_BOUND: [&str; 6] =
    ["content-length", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges"];

/// Removes from the response what would be wrong after a change of its body.
pub fn clear_body_bound_headers() {
    for name in BODY_BOUND {
        RESPONSE.remove(name);
    }
}

/// Asks the upstream for a whole and uncompressed answer: no other can be read.
pub fn ask_for_plain_answer() {
    REQUEST.set("accept-encoding", "identity");
    REQUEST.remove("range");
    REQUEST.remove("if-range");
}

/// Whether the client asked for trailers. To be called with the request's headers.
pub fn wants_trailers() -> bool {
    REQUEST.get("te").is_some_and(|te| te.to_ascii_lowercase().starts_with(b"trailers"))
}

/// Whether the response announces trailers. To be called with its headers.
pub fn announces_trailers() -> bool {
    RESPONSE.get("trailer").is_some()
}

/// Resets the response: what was sent of it is not all of it.
///
/// A local reply does that once the headers are out. Closing the stream from its trailers would crash Envoy 1.40.
pub fn reset_response() {
    let _ = hostcalls::send_http_response(502, vec![], None);
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

/// A counter of the proxy; it shows up as `wasmcustom.<name>`.
#[derive(Clone, Copy)]
pub struct Counter(Option<u32>);

impl Counter {
    /// Defines the counter; the same name gives the same counter.
    pub fn new(name: &str) -> Self {
        Self(hostcalls::define_metric(MetricType::Counter, name).ok())
    }

    /// Counts one.
    pub fn count(self) {
        self.add(1);
    }

    /// Counts `n`; zero is nothing to count.
    pub fn add(self, n: usize) {
        if let (Some(id), true) = (self.0, n > 0) {
            let _ = hostcalls::increment_metric(id, n as i64);
        }
    }
}
