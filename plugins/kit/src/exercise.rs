//! Any input to a plugin, for property tests and fuzzing: bytes become a configuration, headers, bodies and answers, and
//! what a plugin must never do fails.

use crate::fake::{FakeHeaders, FakeProxy};
use crate::http;
use crate::plugin::{Answer, Body, Call, Cx, Decision, Exports, Headers, Reply, Side, Uncollected};

/// Bytes that are taken one after the other; behind their end there are zeros.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of them.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next one.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    /// As many as the next two say, or what is left.
    pub fn bytes(&mut self) -> &'a [u8] {
        let length = usize::from(self.byte()) | usize::from(self.byte() & 0x3f) << 8;
        let (taken, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        taken
    }

    /// What is left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Headers that some plugin looks at.
const NAMES: [&str; 32] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "access-control-request-headers",
    "access-control-request-method",
    "access-control-request-private-network",
    "apikey",
    "authorization",
    "cache-control",
    "content-digest",
    "content-encoding",
    "content-length",
    "content-type",
    "cookie",
    "date",
    "expires",
    "if-none-match",
    "location",
    "origin",
    "referer",
    "sec-fetch-dest",
    "set-cookie",
    "te",
    "trailer",
    "user-agent",
    "vary",
    "x-api-key",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-mse-consumer",
    "x-request-id",
    "x-user",
];

/// Content types that open ways.
const TYPES: [&str; 6] = [
    "application/json",
    "text/html; charset=utf-8",
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/grpc",
    "multipart/form-data; boundary=x",
];

/// What the proxy lets through as a header's value.
fn value(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().filter(|&b| b == b'\t' || (b >= b' ' && b != 0x7f)).collect()
}

fn headers(input: &mut Input, first: &[(&str, Vec<u8>)]) -> FakeHeaders {
    let headers = FakeHeaders::default();
    first.iter().for_each(|(name, value)| headers.add(name, value));
    for _ in 0..input.byte() % 12 {
        let name = NAMES[usize::from(input.byte()) % NAMES.len()];
        match (name, input.byte()) {
            ("content-type", n @ 0..200) => headers.add(name, TYPES[usize::from(n) % TYPES.len()].as_bytes()),
            _ => headers.add(name, &value(input.bytes())),
        }
    }
    headers
}

/// Runs a plugin with a configuration on whatever the input says.
///
/// # Panics
/// If the plugin panics, writes what must not be in a header, or does not export a callback that it needs.
pub fn exercise<P: Exports>(configuration: &[u8], input: &mut Input) {
    let plugin = match P::read(configuration) {
        Ok(plugin) => plugin,
        Err(refusal) => {
            assert!(!refusal.to_string().contains('\n'), "a refusal is one line");
            return;
        }
    };
    let _ = plugin.warnings();
    let proxy = FakeProxy::at(1_700_000_000 + u64::from(input.byte()));
    proxy.set_property(&["source", "address"], "10.1.2.3:4567");
    assert!(P::PHASES.response || !P::PHASES.request_body, "without `response`, a change of protocol is not noticed");
    assert!(P::PHASES.ticks || plugin.tick().is_none(), "`ticks` are wanted and not exported");
    if plugin.tick().is_some()
        && let Some(call) = plugin.on_tick(&proxy)
    {
        assert!(P::PHASES.calls, "`calls` are made and not exported");
        check_call(&call);
        plugin.on_tick_answer(&proxy, answer(input));
    }
    let mut stream = P::Stream::default();
    let methods = ["GET", "POST", "HEAD", "OPTIONS", "PUT", "x"];
    let method = methods[usize::from(input.byte()) % methods.len()];
    let path = [b"/", &value(input.bytes())[..]].concat();
    let request = headers(
        input,
        &[
            (":authority", b"shop.example.com".to_vec()),
            (":path", path),
            (":method", method.into()),
            (":scheme", b"http".to_vec()),
        ],
    );
    let mut run = Run { plugin: &plugin, proxy: &proxy, stream: &mut stream };
    if run.message(Side::Request, &request, input) {
        let status = ["200", "404", "204", "302", "503", "206"][usize::from(input.byte()) % 6];
        let response = headers(input, &[(":status", status.into())]);
        run.message(Side::Response, &response, input);
        plugin.on_log(&mut stream, &request, &response, &proxy);
    } else {
        plugin.on_log(&mut stream, &request, &FakeHeaders::default(), &proxy);
    }
}

struct Run<'a, P: Exports> {
    plugin: &'a P,
    proxy: &'a FakeProxy,
    stream: &'a mut P::Stream,
}

impl<P: Exports> Run<'_, P> {
    /// Whether the message goes on.
    fn message(&mut self, side: Side, headers: &FakeHeaders, input: &mut Input) -> bool {
        let before = headers.pairs();
        let cx = Cx { headers, proxy: self.proxy, end: input.byte().is_multiple_of(4) };
        let mut decision = match side {
            Side::Request => self.plugin.on_request(self.stream, &cx),
            Side::Response => self.plugin.on_response(self.stream, &cx),
        };
        if side == Side::Response && !P::PHASES.response {
            assert_eq!(decision, Decision::Undecided, "`response` is needed and not exported");
            assert_eq!(headers.pairs(), before, "`response` is needed and not exported");
        }
        for _ in 0..6 {
            decision = match decision {
                Decision::Ask(call) => {
                    assert!(P::PHASES.calls, "`calls` are made and not exported");
                    check_call(&call);
                    self.plugin.on_answer(self.stream, &cx, answer(input))
                }
                Decision::Collect(_) | Decision::Stream | Decision::Watch(_) => {
                    assert!(P::PHASES.body(side), "a body is wanted and not exported: {side:?}");
                    check_headers(&before, headers);
                    self.body(side, decision, input)
                }
                Decision::Refuse(reply) | Decision::Answer(reply) => {
                    check_reply(&reply);
                    return false;
                }
                _ => break,
            };
        }
        check_headers(&before, headers);
        true
    }

    fn body(&mut self, side: Side, wanted: Decision, input: &mut Input) -> Decision {
        let no_headers = FakeHeaders::default();
        let cx = Cx { headers: &no_headers, proxy: self.proxy, end: true };
        let bytes = input.bytes().to_vec();
        match (wanted, input.byte()) {
            (Decision::Watch(_), _) => {
                self.plugin.on_sight(self.stream, side, &bytes);
                Decision::Undecided
            }
            (Decision::Stream, _) => self.pieces(side, &cx, bytes, input),
            (_, 0) => match self.plugin.on_uncollected(self.stream, &cx, side, Uncollected::TooLarge) {
                Decision::Stream => self.pieces(side, &cx, bytes, input),
                other => other,
            },
            (_, 1) => self.plugin.on_uncollected(self.stream, &cx, side, Uncollected::Unreadable),
            (_, n) => {
                let room = if n.is_multiple_of(2) { usize::MAX } else { bytes.len() };
                let body = Body { bytes, room };
                let decision = match side {
                    Side::Request => self.plugin.on_request_body(self.stream, &cx, body),
                    Side::Response => self.plugin.on_response_body(self.stream, &cx, body),
                };
                if let Decision::Replace(body) = &decision {
                    assert!(body.len() <= room, "a body of {} bytes where {room} fit", body.len());
                }
                decision
            }
        }
    }

    fn pieces(&mut self, side: Side, cx: &Cx, bytes: Vec<u8>, input: &mut Input) -> Decision {
        let length = usize::from(input.byte()) + 1;
        for piece in bytes.chunks(length) {
            let _ = self.plugin.on_piece(self.stream, cx, side, piece.to_vec());
        }
        self.plugin.on_streamed(self.stream, cx, side).1
    }
}

fn answer(input: &mut Input) -> Option<Answer> {
    let status = [200, 200, 401, 302, 500, 0][usize::from(input.byte()) % 6];
    if status == 0 {
        return None;
    }
    let headers = headers(input, &[(":status", status.to_string().into_bytes())]).pairs();
    Some(Answer { status, headers, body: input.bytes().to_vec() })
}

fn check_call(call: &Call) {
    let texts = [&call.method, &call.host, &call.path].into_iter().chain(call.headers.iter().map(|(_, value)| value));
    for text in texts {
        assert!(http::is_header_value(text.as_bytes()), "{call:?}");
    }
}

fn check_reply(reply: &Reply) {
    assert!((100..600).contains(&reply.status), "{reply:?}");
    for (name, value) in &reply.headers {
        assert!(http::is_token(name) && http::is_header_value(value.as_bytes()), "{reply:?}");
    }
}

/// What was not there before is fit to be a header: the proxy itself looks at those of requests only.
fn check_headers(before: &[(String, Vec<u8>)], headers: &FakeHeaders) {
    for (name, value) in headers.pairs().iter().filter(|pair| !before.contains(pair)) {
        let name_is_good = http::is_token(name.strip_prefix(':').unwrap_or(name));
        assert!(name_is_good && http::is_header_value(value), "{name}: {value:?}");
    }
}
