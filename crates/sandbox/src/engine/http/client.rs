//! What leaves for the client, and what it makes of it.

use http::StatusCode;

use super::headers::HeaderMap;
use super::headers::Pair;
use super::wire::{self, Framing};
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;
use crate::exchange::HttpVersion;
use crate::report::{BodyBytes, Client, HeaderLine};

/// Bytes of a response body that are kept; as many as an exchange can hold, and what plugins may add.
const MAX_BODY: usize = 16 << 20;

/// The client's end of the connection.
#[derive(Debug)]
pub(crate) struct ClientWire {
    http: HttpVersion,
    head: Option<Head>,
    body: Vec<u8>,
    trailers: Vec<Pair>,
    ended: bool,
    closed: bool,
    bodiless: bool,
    /// Headers came once more where a chunk should begin.
    garbled: bool,
    /// The proxy reads what the client wrote: over HTTP/2 nothing is written meanwhile, and no stream ends.
    reading: bool,
    /// The headers wait for that.
    unwritten: bool,
    /// The end of the stream does.
    unfinished: bool,
}

#[derive(Debug)]
struct Head {
    status: u32,
    headers: Vec<Pair>,
    framing: Framing,
}

impl Head {
    fn closes(&self) -> bool {
        self.headers.iter().any(|(name, value)| name == b"connection" && value == b"close")
    }
}

/// What the client has in the end.
pub(crate) struct Received {
    pub(crate) client: Option<Client>,
    pub(crate) complete: bool,
    /// An HTTP/2 client takes a wrong length for an error of the stream.
    pub(crate) refused: bool,
}

impl ClientWire {
    pub(crate) fn new(http: HttpVersion) -> Self {
        Self {
            http,
            head: None,
            body: Vec::new(),
            trailers: Vec::new(),
            ended: false,
            closed: false,
            bodiless: false,
            garbled: false,
            reading: false,
            unwritten: false,
            unfinished: false,
        }
    }

    /// The proxy begins, or goes on, to read what the client wrote.
    pub(crate) fn read(&mut self) {
        self.reading = self.http == HttpVersion::Http2;
    }

    /// It has read all there is, and writes what has gathered. Whether that ends the stream.
    pub(crate) fn write(&mut self) -> bool {
        (self.reading, self.unwritten) = (false, false);
        std::mem::take(&mut self.unfinished)
    }

    /// Breaks off: what has not been written yet never is. Whether there was something.
    pub(crate) fn close(&mut self) -> bool {
        self.closed = true;
        if self.unwritten {
            self.head = None;
        }
        self.unwritten
    }

    /// Reads what arrived as the client does.
    pub(crate) fn received(&self) -> Received {
        let Some(head) = &self.head else { return Received { client: None, complete: false, refused: false } };
        let mut body = self.body.clone();
        let complete = match head.framing {
            Framing::None => true,
            Framing::Chunked => self.ended && !self.garbled,
            // Only the connection's end tells, and Envoy keeps it open unless it says otherwise.
            Framing::Close => self.closed || head.closes(),
            Framing::Length(length) if self.http == HttpVersion::Http1 => {
                body.truncate(length);
                body.len() == length
            }
            Framing::Length(length) => {
                if (self.ended || body.len() > length) && body.len() != length {
                    return Received { client: None, complete: false, refused: true };
                }
                self.ended
            }
        };
        let lines = |pairs: &[Pair]| pairs.iter().map(|(n, v)| HeaderLine::new(n, v)).collect();
        let client = Client {
            status: head.status,
            headers: lines(&head.headers),
            body: BodyBytes::new(&body),
            trailers: lines(&self.trailers),
            complete,
        };
        Received { client: Some(client), complete, refused: self.garbled }
    }

    /// Nothing more is waited for, whatever the proxy still has to send: all is there, or it cannot be read.
    pub(crate) fn is_satisfied(&self) -> bool {
        self.garbled
            || self.http == HttpVersion::Http1
                && self.head.as_ref().is_some_and(|head| match head.framing {
                    Framing::None => true,
                    Framing::Length(length) => self.body.len() >= length,
                    Framing::Chunked | Framing::Close => false,
                })
    }

    fn begin(&mut self, headers: &HeaderMap, status: u32, end: bool, head: bool) {
        if let Some(first) = self.head.as_ref().filter(|_| self.http == HttpVersion::Http1) {
            // A plugin let them go twice: for the client they are part of the body.
            self.garbled = first.framing == Framing::Chunked;
            let block = wire::response_block(headers, status, end, head);
            let reason = u16::try_from(status).ok().and_then(|status| StatusCode::from_u16(status).ok());
            let reason = reason.and_then(|status| status.canonical_reason()).unwrap_or("Unknown");
            self.body.extend_from_slice(format!("HTTP/1.1 {status} {reason}\r\n").as_bytes());
            self.body.extend_from_slice(&block.text);
            self.body.extend_from_slice(b"\r\n");
            return;
        }
        if self.head.is_some() {
            // To an HTTP/2 client headers that come again are trailers.
            self.trailers = headers.without_pseudo();
            self.ended |= end;
            return;
        }
        let http1 = self.http == HttpVersion::Http1;
        let lengthless = (100..200).contains(&status) || status == 204 || status == 304;
        self.bodiless = head || http1 && lengthless;
        self.ended = end;
        let (headers, framing) = if http1 {
            let block = wire::response_block(headers, status, end, head);
            let (pairs, pushed) = wire::read_block(&block.text);
            self.body = pushed;
            let framing = wire::framing(&pairs).unwrap_or(Framing::Close);
            (pairs, framing)
        } else {
            let pairs = headers.without_pseudo();
            let framing = wire::framing(&pairs).filter(|_| !lengthless).unwrap_or(Framing::Chunked);
            (pairs, framing)
        };
        let framing = if self.bodiless { Framing::None } else { framing };
        self.head = Some(Head { status, headers, framing });
        self.unwritten = self.reading;
    }
}

/// The number in `:status`, if it is one.
pub(crate) fn status_of(headers: Option<&HeaderMap>) -> Option<u32> {
    // Blanks around the number and a sign before it are no hindrance to Envoy.
    let text = std::str::from_utf8(headers?.get(b":status")?).ok()?.trim();
    let text = text.strip_prefix('+').unwrap_or(text);
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

impl Proxy {
    /// What the connection manager does with the headers, then the codec.
    pub(crate) fn client_headers(&mut self, s: usize, end: bool) -> Step {
        let date = http_date(self.world.clock.now());
        let stream = &mut self.world.streams[s];
        let incomplete = !stream.decode.observed_end && stream.http1();
        let Some(headers) = stream.response_headers.as_mut() else { return Ok(()) };
        for name in [&b"connection"[..], b"transfer-encoding", b"keep-alive", b"proxy-connection", b"upgrade"] {
            headers.remove(name);
        }
        if headers.get(b"date").is_none() {
            headers.add(b"date", date.as_bytes());
        }
        headers.set_in_place(b"server", b"envoy");
        if incomplete {
            headers.set_in_place(b"connection", b"close");
        }
        let status = status_of(Some(headers)).unwrap_or(0);
        let injected = headers.pairs().iter().any(|(name, value)| is_injection(name, value));
        stream.client.begin(headers, status, end, stream.is_head);
        if let Some(reply) = &mut stream.local_reply {
            reply.reached_client = true;
        }
        if injected {
            self.warn_stream(
                s,
                "header_injection",
                "A response header has CR, LF, NUL or blanks where they do harm: Envoy sends it as it is.",
            );
        }
        if end { self.response_complete(s) } else { Ok(()) }
    }

    pub(crate) fn client_data(&mut self, s: usize, bytes: &[u8], end: bool) -> Step {
        let stream = &mut self.world.streams[s];
        let client = &mut stream.client;
        client.ended |= end;
        stream.encode.body_bytes += bytes.len() as u64;
        if !client.bodiless {
            let room = MAX_BODY.saturating_sub(client.body.len());
            client.body.extend_from_slice(&bytes[..bytes.len().min(room)]);
            if room < bytes.len() {
                self.world.stop_at("response_bytes", MAX_BODY as u64);
                return Err(crate::engine::world::Halt::Limit);
            }
        }
        if end { self.response_complete(s) } else { Ok(()) }
    }

    pub(crate) fn client_trailers(&mut self, s: usize) -> Step {
        let stream = &mut self.world.streams[s];
        let chunked = stream.client.head.as_ref().is_some_and(|head| head.framing == Framing::Chunked);
        if let Some(trailers) = &stream.response_trailers
            && (chunked || !stream.http1())
        {
            stream.client.trailers = trailers.pairs().to_vec();
        }
        stream.client.ended = true;
        self.response_complete(s)
    }

    /// A client that could not read what was sent learns nothing more.
    fn response_complete(&mut self, s: usize) -> Step {
        self.world.streams[s].response_done = true;
        let received = self.world.streams[s].client.received();
        if !received.complete || received.refused {
            self.warn_stream(
                s,
                "stale_content_length",
                "The response is not as long as its content-length says: the client waits, or is cut off.",
            );
        } else if let Some(Head { framing: Framing::Length(length), .. }) = self.world.streams[s].client.head
            && self.world.streams[s].client.body.len() > length
        {
            self.warn_stream(
                s,
                "stale_content_length",
                "The response is longer than its content-length: the client gets it cut.",
            );
        }
        let stream = &mut self.world.streams[s];
        // A request that is not over yet is broken off, and with it the stream ends at once.
        if stream.client.reading && stream.decode.observed_end {
            stream.client.unfinished = true;
            return Ok(());
        }
        self.finish_stream(s)
    }
}

/// CR, LF, NUL anywhere; blanks in or around a name or around a value.
fn is_injection(name: &[u8], value: &[u8]) -> bool {
    let control = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0);
    name.iter().chain(value).any(control)
        || name.iter().any(u8::is_ascii_whitespace)
        || value.trim_ascii().len() != value.len()
}

/// As in a `date` header.
fn http_date(now: u64) -> String {
    let seconds = i64::try_from(now / 1_000_000_000).unwrap_or(0);
    chrono::DateTime::from_timestamp(seconds, 0)
        .map(|time| time.format("%a, %d %b %Y %H:%M:%S GMT").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_http_writes_it() {
        assert_eq!(http_date(1_767_225_600_000_000_000), "Thu, 01 Jan 2026 00:00:00 GMT");
    }
}
