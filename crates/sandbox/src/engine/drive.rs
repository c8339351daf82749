//! The order of events: an exchange from the client's first byte until nothing can happen any more.

use super::clock::millis;
use super::events::{Event, Piece};
use super::http::headers::HeaderMap;
use super::http::headers::Kind;
use super::http::local_reply::Reply;
use super::http::message::{Shape, pairs};
use super::http::stream::{Filter, Half, Stream, View};
use super::proxy::Proxy;
use super::world::Step;
use crate::exchange::{Body, Callout, FailStrategy, HttpVersion, Request, Upstream};
use crate::report::Phase;

impl Proxy {
    /// Runs one exchange and what is due with it. `after_ms`: how much longer time goes on.
    pub(crate) fn exchange(
        &mut self,
        request: &Request,
        upstream: &Upstream,
        callouts: &[Callout],
        after_ms: u64,
    ) -> Step {
        self.world.callouts.begin(callouts);
        // What was asked for while the plugins started has been answered by now.
        let now = self.world.clock.now();
        self.run_events(now)?;
        let s = self.world.streams.len();
        let id = self.world.random.uuid();
        let now = self.world.clock.now();
        self.world.streams.push(Stream::new(request.clone(), upstream.clone(), now, id));
        self.build_chain(s)?;
        let shape = Shape::request(request);
        for piece in shape.pieces.clone() {
            let alone = matches!(request.body, Body::Chunks(_)) && piece != Piece::Headers;
            self.world.events.at(now, Event::Client { stream: s, piece, alone });
        }
        self.accept(s, &shape);
        if asks_for_another_protocol(request) {
            // The connection manager does not do that, and asks no filter.
            let refusal = Reply::proxy(403, "", "upgrade_failed");
            self.world.streams[s].code_details = Some(refusal.details.clone());
            self.reply_directly(s, &refusal)?;
        }
        self.run_until(s, after_ms)?;
        if !self.world.streams[s].ended {
            // Nothing can happen any more: the client waits until it gives up.
            self.warn_hang(s);
            self.client_leaves(s)?;
            let now = self.world.clock.now();
            self.run_events(now)?;
        }
        Ok(())
    }

    /// What the connection manager makes of the client's headers before any filter sees them.
    fn accept(&mut self, s: usize, shape: &Shape) {
        let mtls = self.world.settings.mtls.is_some();
        let stream = &mut self.world.streams[s];
        let request = &stream.request;
        let mut headers = HeaderMap::new(Kind::Request);
        let (method, path) = (request.method.as_bytes(), request.path.as_bytes());
        if request.http == HttpVersion::Http1 {
            headers.add(b":authority", request.authority.as_bytes());
            headers.add(b":path", path);
            headers.add(b":method", method);
            headers.add(b":scheme", if mtls { b"https" } else { b"http" });
        } else {
            headers.add(b":method", method);
            headers.add(b":path", path);
            headers.add(b":scheme", request.scheme.as_bytes());
            headers.add(b":authority", request.authority.as_bytes());
        }
        let http1 = request.http == HttpVersion::Http1;
        let mut cookies: Vec<&[u8]> = Vec::new();
        for (name, value) in &shape.headers {
            // HTTP/2 lets cookies come in pieces; Envoy puts them together, behind everything else.
            if !http1 && name == b"cookie" { cookies.push(value) } else { headers.add(name, value) }
        }
        if !cookies.is_empty() {
            headers.add(b"cookie", &cookies.join(&b"; "[..]));
        }
        remove_hop_by_hop(&mut headers);
        // Envoy answers this by itself.
        if headers.get(b"expect").is_some_and(|value| value.eq_ignore_ascii_case(b"100-continue")) {
            headers.remove(b"expect");
        }
        if http1
            && let Some(scheme) = headers.get(b"x-forwarded-proto").map(<[u8]>::to_vec)
            && [&b"http"[..], b"https"].iter().any(|known| scheme.eq_ignore_ascii_case(known))
        {
            headers.set_in_place(b":scheme", &scheme.to_ascii_lowercase());
        }
        if headers.get(b"x-forwarded-proto").is_none() {
            headers.add(b"x-forwarded-proto", if mtls { b"https" } else { b"http" });
        }
        if headers.get(b"x-request-id").is_none() {
            headers.add(b"x-request-id", stream.request_id.as_bytes());
        }
        stream.is_head = request.method == "HEAD";
        stream.request_headers = headers;
        stream.request_bytes = u64::from(stream.request_headers.byte_size());
        stream.is_grpc = super::http::local_reply::is_grpc(stream);
        stream.decode.observed_end = shape.bare;
    }

    /// One filter per plugin, with a context in its VM. A plugin whose VM is dead is passed by, or its VM made anew.
    fn build_chain(&mut self, s: usize) -> Step {
        for plugin in 0..self.world.plugins.len() {
            if self.world.plugins[plugin].left_out.is_some() {
                continue;
            }
            let vm = self.world.plugins[plugin].vm;
            if self.world.vms[vm].failed {
                let strategy = self.world.plugins[plugin].fail;
                match strategy {
                    FailStrategy::FailOpen => continue,
                    FailStrategy::FailReload => self.reload(plugin)?,
                    FailStrategy::FailClose => {}
                }
            }
            let (vm, root) = (self.world.plugins[plugin].vm, self.world.plugins[plugin].root);
            let f = self.world.streams[s].filters.len();
            let context = self.world.vms[vm].add_context(plugin, Some(root), Some((s, f)));
            self.world.streams[s].filters.push(Filter {
                plugin,
                vm,
                context,
                decode: Half::default(),
                encode: Half::default(),
                view: View::default(),
                request_paused: false,
                response_paused: false,
            });
        }
        Ok(())
    }

    /// Until the stream has ended and `after_ms` have passed, or nothing is left.
    fn run_until(&mut self, s: usize, after_ms: u64) -> Step {
        let mut deadline = None;
        while let Some((due, event)) = self.world.events.peek() {
            if deadline.is_none() && self.world.streams[s].ended {
                deadline = Some(self.world.clock.now() + millis(after_ms));
            }
            if deadline.is_some_and(|deadline| due > deadline) {
                break;
            }
            let tick = matches!(event, Event::Tick { .. });
            let limit = self.world.settings.limits.ticks;
            if tick && self.ticks >= limit {
                self.world.record.limit("ticks", limit, None);
                self.world.events.retain(|event| !matches!(event, Event::Tick { .. }));
                continue;
            }
            self.one_event()?;
        }
        if let Some(deadline) =
            deadline.or_else(|| self.world.streams[s].ended.then(|| self.world.clock.now() + millis(after_ms)))
        {
            self.world.clock.jump(deadline);
        }
        Ok(())
    }

    /// Everything that is due by then.
    fn run_events(&mut self, until: u64) -> Step {
        while self.world.events.peek().is_some_and(|(due, _)| due <= until) {
            self.one_event()?;
        }
        Ok(())
    }

    fn one_event(&mut self) -> Step {
        let Some((due, event)) = self.world.events.next() else { return Ok(()) };
        self.world.clock.jump(due);
        match event {
            Event::Client { stream, piece, .. } => self.client_wrote(stream, piece, due),
            Event::UpstreamReady { stream, attempt } => self.upstream_ready(stream, attempt),
            Event::Upstream { stream, attempt, piece } => self.upstream_piece(stream, attempt, piece),
            Event::UpstreamTimeout { stream } => self.upstream_timeout(stream),
            Event::Callout { id, end } => self.callout_ended(id, end),
            Event::Tick { vm, context, number } => self.tick(vm, context, number),
            Event::QueueReady { vm, context, queue } => self.queue_ready(vm, context, queue),
        }?;
        self.satisfied_client(due)
    }

    /// A client that has a whole response, by what its head says, goes: also when the proxy has more of it to send, or
    /// when a plugin holds its end back. What the upstream wrote at once is dealt with before.
    fn satisfied_client(&mut self, due: u64) -> Step {
        let Some(s) = self.world.streams.len().checked_sub(1) else { return Ok(()) };
        let stream = &self.world.streams[s];
        if stream.ended || stream.reset || stream.response_done || !stream.client.is_satisfied() {
            return Ok(());
        }
        let chunks = matches!(stream.answer.body, Body::Chunks(_));
        match self.world.events.peek() {
            Some((next, Event::Upstream { stream, .. })) if *stream == s && next <= due && !chunks => Ok(()),
            _ => self.client_leaves(s),
        }
    }

    /// The client closes its connection.
    fn client_leaves(&mut self, s: usize) -> Step {
        let stream = &mut self.world.streams[s];
        stream.code_details = Some(b"downstream_remote_disconnect".to_vec());
        stream.flags |= CLIENT_LEFT;
        self.finish_stream(s)
    }

    /// What the client writes at once is read at once.
    fn client_wrote(&mut self, s: usize, piece: Piece, due: u64) -> Step {
        self.world.streams[s].client.read();
        self.client_piece(s, piece)?;
        let more = |event: &Event| matches!(event, Event::Client { stream, alone: false, .. } if *stream == s);
        if self.world.events.peek().is_some_and(|(next, event)| next <= due && more(event)) {
            return Ok(());
        }
        if self.world.streams[s].client.write() { self.finish_stream(s) } else { Ok(()) }
    }

    fn client_piece(&mut self, s: usize, piece: Piece) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.ended || stream.reset {
            return Ok(());
        }
        if stream.decode.blocked {
            stream.decode.waiting.push_back(piece);
            return Ok(());
        }
        match piece {
            Piece::Headers => {
                let bare = stream.decode.observed_end;
                self.decode_headers(s, None, bare)
            }
            Piece::Data { bytes, end } => {
                stream.decode.observed_end = end;
                stream.decode.body_bytes += bytes.len() as u64;
                let data = stream.piece(bytes);
                self.decode_data(s, None, data, end, false)?;
                self.world.streams[s].drop_piece(data);
                Ok(())
            }
            Piece::Trailers => {
                stream.decode.observed_end = true;
                let trailers = pairs(&stream.request.trailers);
                stream.request_trailers = Some(HeaderMap::from_pairs(Kind::Trailers, trailers));
                self.decode_trailers(s, None)
            }
            Piece::Broken => {
                stream.code_details = Some(b"http2.remote_reset".to_vec());
                stream.flags |= CLIENT_PROTOCOL_ERROR;
                self.reset_stream(s)
            }
        }
    }

    fn tick(&mut self, vm: usize, context: u32, number: u64) -> Step {
        if self.world.vms[vm].ticks.get(&context).is_none_or(|(_, current)| *current != number) {
            return Ok(());
        }
        self.ticks += 1;
        self.quiet(vm, context, Phase::Tick, "proxy_on_tick")?;
        if self.world.vms[vm].ticks.get(&context).is_some_and(|(_, current)| *current == number) {
            self.arm_tick(vm, context);
        }
        Ok(())
    }

    fn queue_ready(&mut self, vm: usize, context: u32, queue: u32) -> Step {
        if self.world.vms[vm].failed || !self.has(vm, "proxy_on_queue_ready") {
            return Ok(());
        }
        self.enter(vm, context, Phase::QueueReady, "proxy_on_queue_ready", &[context, queue])?;
        self.after_call(vm)
    }

    /// Who holds the stream, and that nothing will make it go on.
    fn warn_hang(&mut self, s: usize) {
        let held: Vec<(usize, Phase)> = self.world.streams[s]
            .filters
            .iter()
            .flat_map(|filter| {
                let request = filter.request_paused.then_some(if filter.decode.headers_continued {
                    Phase::RequestBody
                } else {
                    Phase::RequestHeaders
                });
                let response = filter.response_paused.then_some(if filter.encode.headers_continued {
                    Phase::ResponseBody
                } else {
                    Phase::ResponseHeaders
                });
                request.into_iter().chain(response).map(|phase| (filter.plugin, phase))
            })
            .collect();
        for (plugin, phase) in held {
            self.warn_plugin(
                plugin,
                phase,
                "pause_without_event",
                "The stream is paused and nothing is left that could resume it.",
            );
        }
    }
}

fn asks_for_another_protocol(request: &Request) -> bool {
    let has = |name: &str| {
        request.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(|header| &header.value)
    };
    let upgrade =
        |value: &Vec<u8>| value.split(|byte| *byte == b',').any(|t| t.trim_ascii().eq_ignore_ascii_case(b"upgrade"));
    request.http == HttpVersion::Http1 && has("upgrade").is_some() && has("connection").is_some_and(upgrade)
}

/// Envoy's response flags: the client closed its connection; what it sent is no message.
const CLIENT_LEFT: i64 = 0x4000;
const CLIENT_PROTOCOL_ERROR: i64 = 0x4_0000;

/// What does not go further than the next proxy: a fixed list, and what `connection` names (RFC 9110 §7.6.1). Of `te` only
/// `trailers` is left.
fn remove_hop_by_hop(headers: &mut HeaderMap) {
    const NOT_NAMED: [&[u8]; 6] = [b"close", b"keep-alive", b"upgrade", b"http2-settings", b"connection", b"te"];
    let tokens = |value: &[u8]| -> Vec<Vec<u8>> {
        value.split(|byte| *byte == b',').map(|token| token.trim_ascii().to_ascii_lowercase()).collect()
    };
    let named = headers.get(b"connection").map(tokens).unwrap_or_default();
    for name in named.iter().filter(|name| !name.is_empty() && !NOT_NAMED.contains(&name.as_slice())) {
        headers.remove(name);
    }
    for name in HOP_BY_HOP {
        headers.remove(name.as_bytes());
    }
    if let Some(codings) = headers.get(b"te") {
        if codings.split(|byte| *byte == b',').any(|coding| coding.trim_ascii() == b"trailers") {
            headers.set_in_place(b"te", b"trailers");
        } else {
            headers.remove(b"te");
        }
    }
}

/// What never passes a proxy, and what only Envoy itself may say.
const HOP_BY_HOP: &[&str] = &[
    "connection",
    "upgrade",
    "keep-alive",
    "proxy-connection",
    "transfer-encoding",
    "x-envoy-internal",
    "x-envoy-retriable-status-codes",
    "x-envoy-retriable-header-names",
    "x-envoy-retry-on",
    "x-envoy-retry-grpc-on",
    "x-envoy-max-retries",
    "x-envoy-upstream-alt-stat-name",
    "x-envoy-upstream-rq-timeout-ms",
    "x-envoy-upstream-rq-per-try-timeout-ms",
    "x-envoy-upstream-rq-timeout-alt-response",
    "x-envoy-expected-rq-timeout-ms",
    "x-envoy-force-trace",
    "x-envoy-ip-tags",
    "x-envoy-original-url",
    "x-envoy-hedge-on-per-try-timeout",
    "x-forwarded-client-cert",
];
