//! Calls that plugins make to other clusters: who answers is in the exchange, nothing goes out.

use super::clock::millis;
use super::events::{CalloutEnd, Event, Piece};
use super::http::attempt::check;
use super::http::headers::{HeaderMap, Kind, Pair};
use super::http::message::{Reply, Shape, pairs};
use super::http::router::{REFUSED, TERMINATED, connect_error};
use super::http::wire;
use super::proxy::Proxy;
use super::status::Status;
use super::world::{Answer, Step, World};
use crate::exchange::{Callout, CalloutFail, CalloutReply};
use crate::report::{BodyBytes, CalloutKind, CalloutMade, CalloutResult, HeaderLine, Phase, Text};

/// Envoy's word for a broken callout.
const BROKEN_CONNECTION: u32 = 11;
/// gRPC's unavailable and deadline exceeded, as Envoy reports them.
const UNAVAILABLE: u32 = 14;

/// One call on its way.
#[derive(Debug)]
struct Out {
    vm: usize,
    /// The root context that is told of the answer.
    root: u32,
    token: u32,
    entry: Option<usize>,
    made: usize,
    open: bool,
    /// It is a HEAD.
    head: bool,
    /// What is wrong with its headers, in Envoy's words.
    invalid: String,
}

/// Who is told of an answer, and to what.
struct Told {
    vm: usize,
    root: u32,
    token: u32,
    head: bool,
    invalid: String,
}

/// The clusters of the current exchange, and all calls of the run.
#[derive(Debug, Default)]
pub(crate) struct Callouts {
    list: Vec<Callout>,
    used: Vec<u32>,
    out: Vec<Out>,
    pub(crate) made: Vec<CalloutMade>,
}

/// A call as a plugin asks for it.
pub(crate) struct Request {
    pub(crate) kind: CalloutKind,
    pub(crate) cluster: Vec<u8>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Vec<Pair>,
    pub(crate) timeout_ms: u32,
}

impl Callouts {
    /// Another exchange with a list of its own.
    pub(crate) fn begin(&mut self, list: &[Callout]) {
        self.list = list.to_vec();
        self.used = vec![0; list.len()];
    }

    /// The same clusters, with no call made yet.
    pub(crate) fn only_clusters(&self) -> Self {
        let mut fresh = Self::default();
        fresh.begin(&self.list);
        fresh
    }

    pub(crate) fn knows(&self, cluster: &[u8]) -> bool {
        self.list.iter().any(|entry| entry.cluster.as_bytes() == cluster)
    }

    /// The entry that answers, now used once more.
    fn take(&mut self, kind: CalloutKind, cluster: &[u8], path: &[u8]) -> Option<usize> {
        let at = self.list.iter().enumerate().position(|(n, entry)| {
            let right_kind = match entry.reply {
                CalloutReply::Http { .. } => kind == CalloutKind::Http,
                CalloutReply::Grpc { .. } => kind == CalloutKind::Grpc,
            };
            right_kind
                && entry.cluster.as_bytes() == cluster
                && entry.path.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_bytes()))
                && entry.times.is_none_or(|times| self.used[n] < times)
        })?;
        self.used[at] += 1;
        Some(at)
    }
}

impl World {
    /// Notes a call that is not sent.
    pub(crate) fn refuse_callout(&mut self, request: &Request, status: Status) {
        let token = 0;
        let mut made = self.made(request, token);
        made.result = CalloutResult::Refused;
        made.status = Some(status as u32);
        if self.callouts.made.len() < 1_000 {
            self.callouts.made.push(made);
        }
    }

    /// Sends a call; `None` when the run's limit is hit.
    pub(crate) fn send_callout(&mut self, request: &Request) -> Option<u32> {
        let limit = self.settings.limits.callouts;
        if self.callouts.out.len() as u64 >= limit {
            self.stop_at("callouts", limit);
            return None;
        }
        let (vm, root) = (self.frame.vm, self.root_id());
        let tokens = &mut self.vm().tokens;
        let token = match request.kind {
            CalloutKind::Http => {
                tokens[0] += 4;
                tokens[0]
            }
            CalloutKind::Grpc => {
                tokens[1] += 4;
                tokens[1] + 1
            }
        };
        let mut made = self.made(request, token);
        let path = request.headers.get(b":path").unwrap_or_default().to_vec();
        let entry = self.callouts.take(request.kind, &request.cluster, &path);
        let now = self.clock.now();
        let (due, end) = match entry.map(|at| &self.callouts.list[at]) {
            None => {
                let text = format!("No entry of callouts answers {}.", String::from_utf8_lossy(&request.cluster));
                self.warn("callout_no_answer", &text);
                (Some(now), CalloutEnd::Reset)
            }
            Some(entry) => {
                let due = now + millis(entry.delay_ms);
                match entry.fail {
                    None => (Some(due), CalloutEnd::Answer),
                    Some(CalloutFail::Connect) => (Some(due), CalloutEnd::Refused),
                    Some(CalloutFail::Reset) => (Some(due), CalloutEnd::Reset),
                    Some(CalloutFail::ResetAfterHeaders) => (Some(due), CalloutEnd::ResetAfterHeaders),
                    Some(CalloutFail::Timeout) => (None, CalloutEnd::Timeout),
                }
            }
        };
        let timeout = (request.timeout_ms > 0).then(|| now + millis(u64::from(request.timeout_ms)));
        let (due, end) = match (due, timeout) {
            (Some(due), Some(timeout)) if timeout < due => (Some(timeout), CalloutEnd::Timeout),
            (None, timeout) => (timeout, CalloutEnd::Timeout),
            (due, _) => (due, end),
        };
        let (due, end, invalid) = self.unsendable(request, (due, end), timeout, &mut made);
        let id = self.callouts.out.len();
        let head = request.headers.get(b":method") == Some(b"HEAD");
        self.callouts.out.push(Out {
            vm,
            root,
            token,
            entry,
            made: self.callouts.made.len(),
            open: true,
            head,
            invalid,
        });
        self.callouts.made.push(made);
        if let Some(due) = due {
            self.events.at(due, Event::Callout { id, end });
        }
        Some(token)
    }

    /// A call that Envoy's codec does not send, or whose end the other side waits for in vain.
    fn unsendable(
        &self,
        request: &Request,
        otherwise: (Option<u64>, CalloutEnd),
        timeout: Option<u64>,
        made: &mut CalloutMade,
    ) -> (Option<u64>, CalloutEnd, String) {
        if request.kind == CalloutKind::Grpc {
            return (otherwise.0, otherwise.1, String::new());
        }
        if let Err(text) = check(&request.headers) {
            made.result = CalloutResult::Refused;
            return (Some(self.clock.now()), CalloutEnd::Invalid, String::from_utf8_lossy(&text).into_owned());
        }
        let announced =
            request.headers.get(b"content-length").and_then(|length| std::str::from_utf8(length).ok()?.parse().ok());
        let chunked = request.headers.get(b"transfer-encoding").is_some_and(|coding| coding.ends_with(b"chunked"));
        // The codec writes the body as it is, and the other side looks for chunks in it.
        let waits = chunked || announced.is_some_and(|length: usize| length > request.body.len());
        if waits && otherwise.1 != CalloutEnd::Refused {
            return (timeout, CalloutEnd::Timeout, String::new());
        }
        (otherwise.0, otherwise.1, String::new())
    }

    /// The plugin does not want the answer any more.
    pub(crate) fn cancel_callout(&mut self, token: u32) -> bool {
        let vm = self.frame.vm;
        match self.callouts.out.iter_mut().find(|out| out.open && out.vm == vm && out.token == token) {
            Some(out) => {
                out.open = false;
                // It never left.
                let made = out.made;
                self.callouts.made[made].result = CalloutResult::Refused;
                true
            }
            None => false,
        }
    }

    fn made(&mut self, request: &Request, token: u32) -> CalloutMade {
        // Without a body Envoy leaves the trailers out.
        let bare = request.body.is_empty();
        let grpc = request.kind == CalloutKind::Grpc;
        let lines: Vec<Pair> = if grpc {
            request.headers.without_pseudo()
        } else {
            wire::read_block(&wire::request_block(&request.headers, bare).text).0
        };
        let body = if grpc { framed(&request.body) } else { request.body.clone() };
        let pseudo = |name: &[u8]| Text::new(request.headers.get(name).unwrap_or_default());
        let line = |(name, value): &Pair| HeaderLine::new(name, value);
        CalloutMade {
            plugin: self.place().plugin,
            kind: request.kind,
            token,
            cluster: Text::new(&request.cluster),
            method: pseudo(b":method"),
            path: pseudo(b":path"),
            authority: request.headers.get(b":authority").map(Text::new),
            headers: lines.iter().filter(|(name, _)| name != b"host").map(line).collect(),
            body: BodyBytes::new(&body),
            trailers: request.trailers.iter().map(line).collect(),
            timeout_ms: request.timeout_ms,
            result: CalloutResult::Pending,
            status: None,
        }
    }
}

/// The 5-byte prefix of a gRPC message.
fn framed(message: &[u8]) -> Vec<u8> {
    let len = u32::try_from(message.len()).unwrap_or(u32::MAX);
    let mut out = vec![0];
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(message);
    out
}

impl Proxy {
    /// Tells the root context how its call ended.
    pub(crate) fn callout_ended(&mut self, id: usize, end: CalloutEnd) -> Step {
        let Some(out) = self.world.callouts.out.get_mut(id) else { return Ok(()) };
        if !std::mem::replace(&mut out.open, false) {
            return Ok(());
        }
        let (vm, root, token, made) = (out.vm, out.root, out.token, out.made);
        let (head, invalid) = (out.head, std::mem::take(&mut out.invalid));
        let reply = out.entry.and_then(|at| self.world.callouts.list.get(at)).map(|entry| entry.reply.clone());
        let kind = self.world.callouts.made[made].kind;
        let (result, status) = match (end, &reply, kind) {
            (CalloutEnd::Answer, Some(CalloutReply::Http { status, .. }), _) => {
                (CalloutResult::Answered, Some(u32::from(*status)))
            }
            (CalloutEnd::Answer, Some(CalloutReply::Grpc { status, .. }), _) => {
                (CalloutResult::Answered, Some(*status))
            }
            (CalloutEnd::Timeout, _, CalloutKind::Http) => (CalloutResult::Timeout, Some(504)),
            (CalloutEnd::Timeout, ..) => (CalloutResult::Timeout, Some(UNAVAILABLE)),
            (CalloutEnd::ResetAfterHeaders, _, CalloutKind::Http) => (CalloutResult::Reset, None),
            // Without a connection nothing was sent.
            (CalloutEnd::Refused, _, CalloutKind::Http) => (CalloutResult::Refused, Some(503)),
            (CalloutEnd::Refused, ..) => (CalloutResult::Refused, Some(UNAVAILABLE)),
            (_, _, CalloutKind::Http) => (CalloutResult::Reset, Some(503)),
            _ => (CalloutResult::Reset, Some(UNAVAILABLE)),
        };
        if end != CalloutEnd::Invalid {
            self.world.callouts.made[made].result = result;
        }
        self.world.callouts.made[made].status = status;
        match kind {
            CalloutKind::Http => self.http_answer(Told { vm, root, token, head, invalid }, end, reply),
            CalloutKind::Grpc => match (end, reply) {
                (CalloutEnd::Answer, Some(CalloutReply::Grpc { status: 0, body, .. })) => {
                    self.grpc_receive(vm, root, token, body)
                }
                (CalloutEnd::Answer, Some(CalloutReply::Grpc { status, message, .. })) => {
                    let message = if message.is_empty() { VIA.to_owned() } else { format!("{message}{{{VIA}}}") };
                    self.grpc_close(vm, root, token, status, &message)
                }
                (end, _) => self.grpc_close(vm, root, token, UNAVAILABLE, &broken(end)),
            },
        }
    }

    fn http_answer(&mut self, out: Told, end: CalloutEnd, reply: Option<CalloutReply>) -> Step {
        let Told { vm, root, token, head, invalid } = out;
        // To a HEAD the answer ends with its headers, so that it cannot break behind them.
        let end = if head && end == CalloutEnd::ResetAfterHeaders { CalloutEnd::Answer } else { end };
        let answer = match (end, reply) {
            (CalloutEnd::Answer, Some(CalloutReply::Http { status, headers, body, trailers })) => {
                let shape_of =
                    Reply { status, headers: &headers, body: &body, trailers: !trailers.is_empty(), close: false };
                let shape = Shape::answer(&shape_of, head);
                if !shape.is_message(status) {
                    return self.http_answer(Told { vm, root, token, head, invalid }, CalloutEnd::NoMessage, None);
                }
                let mut map = HeaderMap::new(Kind::Response);
                map.add(b":status", status.to_string().as_bytes());
                shape.headers.iter().for_each(|(name, value)| map.add(name, value));
                map.set_in_place(b"x-envoy-upstream-service-time", b"0");
                let body = shape.pieces.into_iter().flat_map(|piece| match piece {
                    Piece::Data { bytes, .. } => bytes,
                    _ => Vec::new(),
                });
                let trailers =
                    (!trailers.is_empty() && !head).then(|| HeaderMap::from_pairs(Kind::Trailers, pairs(&trailers)));
                Some((map, body.collect(), trailers))
            }
            (CalloutEnd::ResetAfterHeaders, _) => None,
            (CalloutEnd::Timeout, _) => Some(local(504, "upstream request timeout", head)),
            (CalloutEnd::Refused, _) => Some(local(503, &connect_error("remote connection failure"), head)),
            (CalloutEnd::Invalid, _) => Some(local(503, &invalid, head)),
            (CalloutEnd::NoMessage, _) => Some(local(502, &connect_error("protocol error"), head)),
            _ => Some(local(503, &connect_error("connection termination"), head)),
        };
        if self.world.vms[vm].failed || !self.has(vm, "proxy_on_http_call_response") {
            return Ok(());
        }
        let Some(context) = self.world.vms[vm].contexts.get_mut(&root) else { return Ok(()) };
        let counts = match answer {
            Some((headers, body, trailers)) => {
                let size = u32::try_from(body.len()).unwrap_or(u32::MAX);
                let counts = [headers.len(), size, trailers.as_ref().map_or(0, HeaderMap::len)];
                context.answer = Some(Answer::Http { headers, body, trailers });
                counts
            }
            None => {
                context.status = (BROKEN_CONNECTION, "reset".to_owned());
                [0; 3]
            }
        };
        let args = [root, token, counts[0], counts[1], counts[2]];
        self.enter(vm, root, Phase::HttpCall, "proxy_on_http_call_response", &args)?;
        // The answer is gone before what was put off is done: Envoy put its forgetting off first.
        self.forget_answer(vm, root);
        self.after_call(vm)
    }

    fn grpc_receive(&mut self, vm: usize, root: u32, token: u32, message: Vec<u8>) -> Step {
        if self.world.vms[vm].failed || !self.has(vm, "proxy_on_grpc_receive") {
            return Ok(());
        }
        let size = u32::try_from(message.len()).unwrap_or(u32::MAX);
        if let Some(context) = self.world.vms[vm].contexts.get_mut(&root) {
            context.answer = Some(Answer::Grpc { message });
        }
        self.enter(vm, root, Phase::GrpcCall, "proxy_on_grpc_receive", &[root, token, size])?;
        self.forget_answer(vm, root);
        self.after_call(vm)
    }

    pub(crate) fn grpc_close(&mut self, vm: usize, root: u32, token: u32, status: u32, message: &str) -> Step {
        if self.world.vms[vm].failed || !self.has(vm, "proxy_on_grpc_close") {
            return Ok(());
        }
        if let Some(context) = self.world.vms[vm].contexts.get_mut(&root) {
            context.status = (status, message.to_owned());
        }
        self.enter(vm, root, Phase::GrpcCall, "proxy_on_grpc_close", &[root, token, status])?;
        self.forget_answer(vm, root);
        self.after_call(vm)
    }

    fn forget_answer(&mut self, vm: usize, root: u32) {
        if let Some(context) = self.world.vms[vm].contexts.get_mut(&root) {
            context.answer = None;
            context.status.1.clear();
        }
    }
}

/// What Envoy adds to a gRPC server's own message.
const VIA: &str = "via_upstream";

/// The message of a gRPC call that got no answer: Envoy's text and its details.
fn broken(end: CalloutEnd) -> String {
    let (text, details) = match end {
        CalloutEnd::Timeout => ("upstream request timeout".to_owned(), "response_timeout"),
        CalloutEnd::Refused => (connect_error("remote connection failure"), REFUSED),
        _ => (connect_error("connection termination"), TERMINATED),
    };
    format!("{text}{{{details}}}")
}

/// One of Envoy's own answers; to a HEAD without its body.
fn local(status: u32, text: &str, head: bool) -> (HeaderMap, Vec<u8>, Option<HeaderMap>) {
    let mut headers = HeaderMap::new(Kind::Response);
    headers.add(b":status", status.to_string().as_bytes());
    headers.add(b"content-length", text.len().to_string().as_bytes());
    headers.add(b"content-type", b"text/plain");
    (headers, if head { Vec::new() } else { text.as_bytes().to_vec() }, None)
}
