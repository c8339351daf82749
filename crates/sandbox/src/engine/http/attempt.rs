//! A request on its way to the upstream, and what the codec will not write of it.

use super::headers::{HeaderMap, Pair};
use super::wire::{self, Framing};
use crate::report::{BodyBytes, HeaderLine, Text, UpstreamRequest};

/// One request on its way to the upstream. There is more than one only when a plugin lets the headers go twice.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
    pub(super) trailers: Vec<Pair>,
    /// Nothing follows the headers.
    pub(super) bare: bool,
    pub(super) ended: bool,
    pub(super) connected: bool,
    pub(super) asked: bool,
    /// A plugin told Envoy's router how long to wait for the answer; milliseconds.
    pub(super) timeout_ms: Option<u64>,
}

/// What the router knows of a stream: its requests, and how far the answer is.
#[derive(Debug, Default)]
pub(crate) struct Router {
    pub(crate) attempts: Vec<Attempt>,
    /// The one whose answer the client gets.
    pub(crate) chosen: Option<usize>,
    /// Its answer has ended or broken.
    pub(crate) answered: bool,
    /// A host of the upstream was tried.
    pub(crate) reached: bool,
    /// It refused the connection.
    pub(crate) refused: bool,
    /// The route was looked for again, and there was none.
    pub(crate) lost: bool,
}

impl Attempt {
    /// To the upstream it is a HEAD, whatever the client sent.
    pub(super) fn is_head(&self) -> bool {
        self.headers.get(b":method") == Some(b"HEAD")
    }

    /// Method and path as the upstream reads them: the first blank ends the method.
    fn request_line(&self) -> (Vec<u8>, Vec<u8>) {
        let part = |name: &[u8]| self.headers.get(name).unwrap_or_default();
        let line = [part(b":method"), b" ", part(b":path")].concat();
        let blank = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
        (line[..blank].to_vec(), line.get(blank + 1..).unwrap_or_default().to_vec())
    }

    /// What the upstream has read so far, and whether that is a whole request.
    pub(super) fn received(&self) -> (Vec<Pair>, Vec<u8>, Vec<Pair>, bool) {
        let block = wire::request_block(&self.headers, self.bare);
        let (pairs, _) = wire::read_block(&block.text);
        let mut body = self.body.clone();
        let (complete, trailers) = match wire::framing(&pairs) {
            // A plugin said so, the codec writes the body as it is: no chunk of it can be read.
            Some(Framing::Chunked) if !block.chunked => (false, Vec::new()),
            Some(Framing::Length(length)) => {
                body.truncate(length);
                (body.len() == length, Vec::new())
            }
            Some(Framing::Chunked) => (self.ended, self.trailers.clone()),
            _ => {
                body.clear();
                (true, Vec::new())
            }
        };
        (pairs, body, trailers, complete)
    }

    pub(super) fn over_length(&self) -> bool {
        let (_, body, ..) = self.received();
        body.len() < self.body.len()
    }
}

impl Router {
    /// For the report: the first request that reached the upstream as a whole, else the first that began to.
    pub(crate) fn reported(&self) -> Option<UpstreamRequest> {
        let mut connected = self.attempts.iter().filter(|attempt| attempt.connected);
        let whole = connected.clone().find(|attempt| attempt.received().3);
        let attempt = whole.or_else(|| connected.next())?;
        let (pairs, body, trailers, complete) = attempt.received();
        let authority = pairs.iter().find(|(name, _)| name == b"host").map(|(_, value)| Text::new(value));
        let lines = |pairs: &[Pair]| pairs.iter().map(|(n, v)| HeaderLine::new(n, v)).collect();
        let headers: Vec<Pair> = pairs.iter().filter(|(name, _)| name != b"host").cloned().collect();
        let (method, path) = attempt.request_line();
        Some(UpstreamRequest {
            method: Text::new(&method),
            path: Text::new(&path),
            authority,
            headers: lines(&headers),
            body: BodyBytes::new(&body),
            trailers: lines(&trailers),
            complete,
        })
    }
}

/// Headers for Envoy's router itself, which it keeps.
pub(crate) const ROUTING: [&str; 7] = [
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-max-retries",
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-hedge-on-per-try-timeout",
];

/// What Envoy's codec refuses to send, in its words.
pub(crate) fn check(headers: &HeaderMap) -> Result<(), Vec<u8>> {
    if headers.get(b":method").is_none() {
        return Err(b"missing required header: :method".to_vec());
    }
    if headers.get(b":path").is_none() {
        return Err(b"missing required header: :path".to_vec());
    }
    if headers.get(b":method") == Some(b"CONNECT") && headers.get(b":protocol").is_none() {
        return Err(b"missing required header: :protocol".to_vec());
    }
    for (name, value) in headers.pairs() {
        let shown = |what: &str| [what.as_bytes(), escaped(name).as_slice()].concat();
        let bare = name.strip_prefix(b":").unwrap_or(name);
        if name == b":" || !bare.iter().all(is_token) {
            return Err(shown("invalid header name: "));
        }
        if value.iter().any(|byte| (*byte < b' ' && *byte != b'\t') || *byte == 0x7f) {
            return Err(shown("invalid header value for: "));
        }
    }
    Ok(())
}

/// Line ends as Envoy writes them in a text.
fn escaped(name: &[u8]) -> Vec<u8> {
    let byte = |byte: &u8| match byte {
        b'\r' => b"\\r".to_vec(),
        b'\n' => b"\\n".to_vec(),
        b'\t' => b"\\t".to_vec(),
        other => vec![*other],
    };
    name.iter().flat_map(byte).collect()
}

fn is_token(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte)
}
