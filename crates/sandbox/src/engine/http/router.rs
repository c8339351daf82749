//! The end of the chain: sends the request to the upstream and brings its answer back.

use super::attempt::{Attempt, ROUTING, check};
use super::headers::{HeaderMap, Kind};
use super::local_reply::Reply;
use super::message::{self, Shape};
use super::stream::Data;
use crate::engine::clock::millis;
use crate::engine::events::{Event, Piece};
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;
use crate::exchange::UpstreamFail;

/// Bytes of one request body that are kept.
const MAX_BODY: usize = 16 << 20;

/// Envoy's response code details of an upstream that refuses the connection, and of one that closes it unanswered.
pub(crate) const REFUSED: &str =
    "upstream_reset_before_response_started{remote_connection_failure|delayed_connect_error:_Connection_refused}";
const BROKEN_OFF: &str = "upstream_reset_after_response_started{protocol_error}";
const NO_MESSAGE: &str = "upstream_reset_before_response_started{protocol_error}";
pub(crate) const TERMINATED: &str = "upstream_reset_before_response_started{connection_termination}";

/// Envoy's response flags, as `response.flags` has them.
mod flags {
    pub(super) const CONNECTION_FAILURE: i64 = 0x20;
    pub(super) const CONNECTION_TERMINATED: i64 = 0x40;
    pub(super) const NO_ROUTE: i64 = 0x100;
    pub(super) const REQUEST_REFUSED: i64 = 0x4_0000;
    pub(super) const PROTOCOL_ERROR: i64 = 0x80_0000;
    pub(super) const REQUEST_TIMEOUT: i64 = 0x4;
}

impl Proxy {
    pub(crate) fn router_headers(&mut self, s: usize, end: bool) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.route_stale && !has_route(&stream.request_headers) {
            self.warn_stream(
                s,
                "route_recomputed",
                "A plugin took :path or x-forwarded-proto away: the route is looked for again and not found.",
            );
            self.world.streams[s].flags |= flags::NO_ROUTE;
            self.world.streams[s].router.lost = true;
            stream_calls(self, s, true);
            let sent = self.send_local_reply(s, Reply::proxy(404, "", "route_not_found"));
            stream_calls(self, s, false);
            sent?;
            return self.send_prepared_reply(s);
        }
        let stream = &mut self.world.streams[s];
        let attempt = stream.router.attempts.len();
        let mut headers = stream.request_headers.clone();
        let timeout_ms = headers.get(b"x-envoy-upstream-rq-timeout-ms");
        let timeout_ms = timeout_ms.and_then(|ms| std::str::from_utf8(ms).ok()?.parse().ok()).filter(|ms| *ms > 0);
        if headers.get(b"x-envoy-retry-on").is_some() {
            let text = "A plugin told Envoy's router to try again; here every request is tried once.";
            self.world.record.not_simulated("x-envoy-retry-on", text);
        }
        let stream = &mut self.world.streams[s];
        ROUTING.iter().for_each(|name| headers.remove(name.as_bytes()));
        stream.router.attempts.push(Attempt {
            headers,
            body: Vec::new(),
            trailers: Vec::new(),
            bare: end,
            ended: end,
            connected: false,
            asked: false,
            timeout_ms,
        });
        if end {
            self.arm_timeout(s);
        }
        let stream = &self.world.streams[s];
        // Before any answer, whatever time has passed in host calls since that was asked for.
        let begin = stream.started;
        self.world.events.at(begin, Event::UpstreamReady { stream: s, attempt });
        Ok(())
    }

    pub(crate) fn router_data(&mut self, s: usize, data: Data, end: bool) -> Step {
        let stream = &mut self.world.streams[s];
        let bytes = stream.request_data(data).map(std::mem::take).unwrap_or_default();
        // What comes behind the end is dropped.
        let Some(attempt) = stream.router.attempts.last_mut().filter(|attempt| !attempt.ended) else { return Ok(()) };
        let room = MAX_BODY.saturating_sub(attempt.body.len());
        attempt.body.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let ends = end && !attempt.ended;
        attempt.ended |= end;
        if ends {
            self.arm_timeout(s);
        }
        if room < bytes.len() {
            self.world.stop_at("request_bytes", MAX_BODY as u64);
            return Err(crate::engine::world::Halt::Limit);
        }
        self.upstream_progress(s, None);
        Ok(())
    }

    pub(crate) fn router_trailers(&mut self, s: usize) -> Step {
        let stream = &mut self.world.streams[s];
        let trailers = stream.request_trailers.as_ref().map(|map| map.pairs().to_vec()).unwrap_or_default();
        if let Some(attempt) = stream.router.attempts.last_mut() {
            attempt.trailers = trailers;
            attempt.ended = true;
        }
        self.arm_timeout(s);
        self.upstream_progress(s, None);
        Ok(())
    }

    /// The request is on its way as a whole: from now on the answer is waited for.
    fn arm_timeout(&mut self, s: usize) {
        let attempts = &self.world.streams[s].router.attempts;
        if let Some(ms) = attempts.last().and_then(|attempt| attempt.timeout_ms) {
            let due = self.world.clock.now() + millis(ms);
            self.world.events.at(due, Event::UpstreamTimeout { stream: s });
        }
    }

    pub(crate) fn upstream_timeout(&mut self, s: usize) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.ended || stream.reset || stream.router.answered {
            return Ok(());
        }
        if stream.router.chosen.is_some() {
            return self.reset_stream(s);
        }
        // A local reply has taken the place of the answer.
        if stream.response_headers.is_some() {
            return Ok(());
        }
        stream.flags |= flags::REQUEST_TIMEOUT;
        self.send_local_reply(s, Reply::proxy(504, "upstream request timeout", "response_timeout"))
    }

    /// There is a connection for the request, unless the upstream refuses one or the codec refuses the headers.
    pub(crate) fn upstream_ready(&mut self, s: usize, attempt: usize) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.ended || stream.reset || stream.router.chosen.is_some() {
            return Ok(());
        }
        stream.router.reached = true;
        if stream.answer.fail == Some(UpstreamFail::Connect) {
            stream.router.refused = true;
            stream.flags |= flags::CONNECTION_FAILURE;
            return self.send_local_reply(s, Reply::proxy(503, connect_error("remote connection failure"), REFUSED));
        }
        let Some(headers) = stream.router.attempts.get(attempt).map(|attempt| attempt.headers.clone()) else {
            return Ok(());
        };
        if let Err(bytes) = check(&headers) {
            let text = String::from_utf8_lossy(&bytes);
            let code = if text.starts_with("missing") { "required_header_removed" } else { "invalid_header_value" };
            self.warn_stream(s, code, &format!("A plugin left the request with {text}: Envoy answers 503."));
            let blanks: Vec<u8> = bytes.iter().map(|byte| if *byte == b' ' { b'_' } else { *byte }).collect();
            let details = [&b"filter_removed_required_request_headers{"[..], &blanks, b"}"].concat();
            self.world.streams[s].flags |= flags::REQUEST_REFUSED;
            return self.send_local_reply(s, Reply::proxy(503, &bytes, &details));
        }
        stream_attempt(self, s, attempt, |attempt| attempt.connected = true);
        self.upstream_progress(s, Some(attempt));
        Ok(())
    }

    /// Lets the upstream answer once it has the whole request.
    fn upstream_progress(&mut self, s: usize, attempt: Option<usize>) {
        let stream = &mut self.world.streams[s];
        let at = attempt.unwrap_or(stream.router.attempts.len().saturating_sub(1));
        let Some(attempt) = stream.router.attempts.get_mut(at) else { return };
        if !attempt.connected || attempt.asked {
            return;
        }
        let (.., complete) = attempt.received();
        if !complete {
            if attempt.ended {
                self.warn_stream(
                    s,
                    "stale_content_length",
                    "The request is shorter than its content-length: the upstream waits for the rest.",
                );
            }
            return;
        }
        attempt.asked = true;
        let (over, is_head) = (attempt.over_length(), attempt.is_head());
        let answer = stream.answer.clone();
        let mut shape = Shape::response(&answer, is_head);
        if answer.fail == Some(UpstreamFail::NoAnswer) {
            return;
        }
        let due = self.world.clock.now() + millis(answer.delay_ms);
        if answer.fail == Some(UpstreamFail::ResetAfterHeaders) {
            shape.cut_end();
        }
        if answer.fail != Some(UpstreamFail::Reset) {
            for piece in shape.pieces {
                self.world.events.at(due, Event::Upstream { stream: s, attempt: at, piece });
            }
        }
        if matches!(answer.fail, Some(UpstreamFail::Reset | UpstreamFail::ResetAfterHeaders)) {
            self.world.events.at(due, Event::Upstream { stream: s, attempt: at, piece: Piece::Broken });
        }
        if over {
            self.warn_stream(
                s,
                "stale_content_length",
                "The request is longer than its content-length: the upstream reads it cut.",
            );
        }
    }

    /// The answer goes on.
    pub(crate) fn upstream_piece(&mut self, s: usize, attempt: usize, piece: Piece) -> Step {
        let stream = &mut self.world.streams[s];
        if stream.ended || stream.reset || stream.router.chosen.is_some_and(|chosen| chosen != attempt) {
            return Ok(());
        }
        if stream.encode.blocked {
            stream.encode.waiting.push_back(piece);
            return Ok(());
        }
        // A local reply has taken the place of the answer.
        if stream.response_headers.is_some() && stream.router.chosen.is_none() {
            return Ok(());
        }
        match piece {
            Piece::Headers => {
                let is_head = stream.router.attempts.get(attempt).is_some_and(Attempt::is_head);
                let shape = Shape::response(&stream.answer, is_head);
                if !shape.is_message(stream.answer.status) {
                    stream.flags |= flags::PROTOCOL_ERROR;
                    return self.send_local_reply(s, Reply::proxy(502, connect_error("protocol error"), NO_MESSAGE));
                }
                stream.router.chosen = Some(attempt);
                stream.code_details = Some(b"via_upstream".to_vec());
                let mut headers = HeaderMap::new(Kind::Response);
                headers.add(b":status", stream.answer.status.to_string().as_bytes());
                for (name, value) in &shape.headers {
                    headers.add(name, value);
                }
                if (100..200).contains(&stream.answer.status) || stream.answer.status == 204 {
                    headers.remove(b"content-length");
                }
                // Envoy does so for a client that speaks the upstream's own protocol.
                if stream.http1() {
                    headers.remove(b"keep-alive");
                }
                let service = stream.answer.delay_ms.to_string();
                headers.set_in_place(b"x-envoy-upstream-service-time", service.as_bytes());
                stream.response_headers = Some(headers);
                stream.router.answered |= shape.bare;
                self.encode_headers(s, None, shape.bare)
            }
            Piece::Data { bytes, end } => {
                stream.router.answered |= end;
                let data = stream.piece(bytes);
                self.encode_data(s, None, data, end, false)?;
                self.world.streams[s].drop_piece(data);
                Ok(())
            }
            Piece::Trailers => {
                stream.router.answered = true;
                let trailers = message::pairs(&stream.answer.trailers);
                stream.response_trailers = Some(HeaderMap::from_pairs(Kind::Trailers, trailers));
                self.encode_trailers(s, None)
            }
            Piece::Broken if stream.router.chosen.is_some() => {
                // The connection's end in the middle of a message is the codec's affair.
                stream.flags |= flags::PROTOCOL_ERROR;
                if stream.response_started {
                    stream.code_details = Some(BROKEN_OFF.as_bytes().to_vec());
                    return self.reset_stream(s);
                }
                // A plugin still holds the headers back, so that the client can be told.
                self.send_local_reply(s, Reply::proxy(502, connect_error("protocol error"), BROKEN_OFF))
            }
            Piece::Broken => {
                stream.flags |= flags::CONNECTION_TERMINATED;
                self.send_local_reply(s, Reply::proxy(503, connect_error("connection termination"), TERMINATED))
            }
        }
    }
}

/// What Envoy says when no answer began.
pub(crate) fn connect_error(reason: &str) -> String {
    format!("upstream connect error or disconnect/reset before headers. reset reason: {reason}")
}

/// The one route of the reference proxy: prefix `/`, and Envoy looks at the scheme header first.
fn has_route(headers: &HeaderMap) -> bool {
    headers.get(b"x-forwarded-proto").is_some_and(|value| !value.is_empty())
        && headers.get(b":path").is_some_and(|path| path.first() == Some(&b'/'))
}

/// The router is a filter too: what it sends while it is called is sent when it has returned.
fn stream_calls(proxy: &mut Proxy, s: usize, begin: bool) {
    let calls = &mut proxy.world.streams[s].decode.calls;
    *calls = if begin { *calls + 1 } else { *calls - 1 };
}

fn stream_attempt(proxy: &mut Proxy, s: usize, at: usize, change: impl FnOnce(&mut Attempt)) {
    if let Some(attempt) = proxy.world.streams[s].router.attempts.get_mut(at) {
        change(attempt);
    }
}
