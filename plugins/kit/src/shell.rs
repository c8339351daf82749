//! Carries a plugin's decisions out. Exists on wasm32 only.

use std::mem;
use std::rc::Rc;

use log::{error, warn};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

use crate::body::{Budget, Buffer, Collector, Event, Expected, Step};
use crate::host::{self, Host, NO_HEADERS, REQUEST, RESPONSE, RequestBody, ResponseBody};
use crate::plugin::{Body, Call, Cx, Decision, Headers, Plugin, Proxy, Reply, Side, Uncollected};

/// What all streams of one module may hold together. Beyond it, bodies stay in the proxy's buffer. A module may have 1 GiB.
const HELD_BYTES: usize = 256 * 1024 * 1024;
/// How often one stream may ask in a row.
const MOST_CALLS: usize = 4;

/// Makes a [`Plugin`] the one of this module.
#[macro_export]
macro_rules! start {
    ($plugin:ty) => {
        type Started = $plugin;

        #[allow(unsafe_code)]
        mod start {
            $crate::proxy_wasm::main! {{ $crate::shell::start::<super::Started>(); }}
        }
    };
}

/// Called once by [`crate::start!`].
pub fn start<P: Plugin>() {
    proxy_wasm::set_log_level(LogLevel::Info);
    proxy_wasm::set_root_context(|_| -> Box<dyn RootContext> { Box::new(Root::<P> { shared: None }) });
}

/// What the streams share.
struct Shared<P> {
    plugin: P,
    host: Host,
    budget: Rc<Budget>,
}

struct Root<P> {
    shared: Option<Rc<Shared<P>>>,
}

impl<P: Plugin> Context for Root<P> {
    fn on_http_call_response(&mut self, _token: u32, headers: usize, body: usize, _trailers: usize) {
        if let Some(shared) = &self.shared {
            shared.plugin.on_tick_answer(&shared.host, host::answer(headers, body));
        }
    }
}

impl<P: Plugin> RootContext for Root<P> {
    fn on_configure(&mut self, _size: usize) -> bool {
        match P::read(&host::configuration()) {
            Ok(plugin) => {
                for text in plugin.warnings() {
                    warn!("{}: {text}", P::NAME);
                }
                if let Some(period) = plugin.tick() {
                    let _ = hostcalls::set_tick_period(period);
                }
                self.shared =
                    Some(Rc::new(Shared { plugin, host: Host::new(P::NAME), budget: Budget::new(HELD_BYTES) }));
                true
            }
            Err(refusal) => {
                error!("{}: {refusal}", P::NAME);
                false
            }
        }
    }

    fn on_tick(&mut self) {
        if let Some(shared) = &self.shared
            && let Some(call) = shared.plugin.on_tick(&shared.host)
            && !host::call(&call)
        {
            shared.plugin.on_tick_answer(&shared.host, None);
        }
    }

    fn get_type(&self) -> Option<ContextType> {
        Some(ContextType::HttpContext)
    }

    fn create_http_context(&self, _id: u32) -> Option<Box<dyn HttpContext>> {
        Some(Box::new(Stream::<P> {
            shared: self.shared.clone()?,
            state: P::Stream::default(),
            replied: false,
            trailers: false,
            asked: None,
            request: Wanted::Nothing,
            response: Wanted::Nothing,
        }))
    }
}

struct Stream<P: Plugin> {
    shared: Rc<Shared<P>>,
    state: P::Stream,
    /// The answer is this plugin's own.
    replied: bool,
    /// The client announced or asked for trailers.
    trailers: bool,
    /// Who waits for the answer to a call: the headers of this side, and whether nothing follows them.
    asked: Option<(Side, bool)>,
    request: Wanted,
    response: Wanted,
}

/// What is wanted of a body.
enum Wanted {
    Nothing,
    Whole(Collector),
    Pieces,
    /// To be seen: so many bytes more.
    Sight(usize),
}

impl<P: Plugin> Context for Stream<P> {
    fn on_http_call_response(&mut self, _token: u32, headers: usize, body: usize, _trailers: usize) {
        let Some((side, end)) = self.asked.take() else {
            return;
        };
        let answer = host::answer(headers, body);
        let shared = self.shared.clone();
        let cx = Cx { headers: headers_of(side), proxy: &shared.host, end };
        let decision = shared.plugin.on_answer(&mut self.state, &cx, answer);
        if self.headers_decided(side, end, decision) == Action::Continue && !self.replied {
            let _ = match side {
                Side::Request => hostcalls::resume_http_request(),
                Side::Response => hostcalls::resume_http_response(),
            };
        }
    }
}

impl<P: Plugin> HttpContext for Stream<P> {
    fn on_http_request_headers(&mut self, _count: usize, end: bool) -> Action {
        self.trailers = host::wants_trailers();
        let shared = self.shared.clone();
        let cx = Cx { headers: &REQUEST, proxy: &shared.host, end };
        let decision = shared.plugin.on_request(&mut self.state, &cx);
        self.headers_decided(Side::Request, end, decision)
    }

    fn on_http_request_body(&mut self, size: usize, end: bool) -> Action {
        self.body(Side::Request, &RequestBody, Event::Piece { size, end })
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.body(Side::Request, &RequestBody, Event::Trailers)
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        // A request that is answered before its end must not be collected any more. What flows goes on flowing.
        if matches!(self.request, Wanted::Whole(_)) {
            self.request = Wanted::Nothing;
        }
        if self.replied {
            return Action::Continue;
        }
        let shared = self.shared.clone();
        let cx = Cx { headers: &RESPONSE, proxy: &shared.host, end };
        let decision = shared.plugin.on_response(&mut self.state, &cx);
        self.headers_decided(Side::Response, end, decision)
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        self.body(Side::Response, &ResponseBody, Event::Piece { size, end })
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.body(Side::Response, &ResponseBody, Event::Trailers)
    }

    fn on_log(&mut self) {
        self.shared.plugin.on_log(&mut self.state, &REQUEST, &RESPONSE, &self.shared.host);
    }
}

fn headers_of(side: Side) -> &'static dyn Headers {
    match side {
        Side::Request => &REQUEST,
        Side::Response => &RESPONSE,
    }
}

impl<P: Plugin> Stream<P> {
    fn headers_decided(&mut self, side: Side, end: bool, mut decision: Decision) -> Action {
        let shared = self.shared.clone();
        let cx = Cx { headers: headers_of(side), proxy: &shared.host, end };
        for _ in 0..MOST_CALLS {
            match decision {
                Decision::Ask(call) => {
                    if self.ask(&call, side, end) {
                        return Action::Pause;
                    }
                    warn!("{}: no call to {:?}: the proxy does not know it", P::NAME, call.cluster);
                    decision = shared.plugin.on_answer(&mut self.state, &cx, None);
                }
                Decision::Collect(_) if end => {
                    let (plugin, body) = (&shared.plugin, Body { bytes: Vec::new(), room: 0 });
                    decision = match side {
                        Side::Request => plugin.on_request_body(&mut self.state, &cx, body),
                        Side::Response => plugin.on_response_body(&mut self.state, &cx, body),
                    };
                }
                Decision::Collect(expected) => {
                    let expected = Expected { trailers: expected.trailers || self.trailers, ..expected };
                    *self.wanted(side) = Wanted::Whole(Collector::new(expected, shared.budget.clone()));
                    return Action::Continue;
                }
                Decision::Watch(bytes) => {
                    *self.wanted(side) = Wanted::Sight(bytes);
                    return Action::Continue;
                }
                Decision::Stream if end => decision = shared.plugin.on_streamed(&mut self.state, &cx, side).1,
                Decision::Stream => {
                    *self.wanted(side) = Wanted::Pieces;
                    return Action::Continue;
                }
                other => return self.decided(other),
            }
        }
        self.decided(Decision::Failed)
    }

    fn ask(&mut self, call: &Call, side: Side, end: bool) -> bool {
        let asked = host::call(call);
        self.asked = asked.then_some((side, end));
        asked
    }

    /// What is left when neither a call nor a body is wanted.
    fn decided(&mut self, decision: Decision) -> Action {
        let counted = match &decision {
            Decision::Undecided => return Action::Continue,
            Decision::Pass => "passed",
            Decision::Skip => "skipped",
            Decision::Change | Decision::Replace(_) | Decision::Answer(_) => "changed",
            Decision::Refuse(_) => "refused",
            Decision::Failed | Decision::Collect(_) | Decision::Stream | Decision::Watch(_) | Decision::Ask(_) => {
                "errors"
            }
        };
        self.shared.host.count(counted, 1);
        if let Decision::Refuse(reply) | Decision::Answer(reply) = decision {
            self.reply(&reply);
            // The reply is under way; what has come so far must not go on to the upstream.
            return Action::Pause;
        }
        Action::Continue
    }

    fn reply(&mut self, reply: &Reply) {
        self.replied = true;
        (self.request, self.response) = (Wanted::Nothing, Wanted::Nothing);
        host::reply(reply);
    }

    fn wanted(&mut self, side: Side) -> &mut Wanted {
        match side {
            Side::Request => &mut self.request,
            Side::Response => &mut self.response,
        }
    }

    fn body(&mut self, side: Side, buffer: &impl Buffer, event: Event) -> Action {
        if self.replied && side == Side::Request {
            return Action::Pause;
        }
        match mem::replace(self.wanted(side), Wanted::Nothing) {
            Wanted::Nothing => Action::Continue,
            Wanted::Whole(collector) => self.collect(side, buffer, event, collector),
            Wanted::Pieces => self.flow(side, buffer, event),
            Wanted::Sight(bytes) => self.show(side, event, bytes),
        }
    }

    /// Shows what goes by, without touching it.
    fn show(&mut self, side: Side, event: Event, bytes: usize) -> Action {
        let Event::Piece { size, .. } = event else {
            return Action::Continue;
        };
        let wanted = size.min(bytes);
        let seen = if wanted > 0 { host::piece(side, wanted) } else { None };
        if let Some(piece) = &seen {
            self.shared.clone().plugin.on_sight(&mut self.state, side, piece);
        }
        let left = bytes - seen.map_or(0, |piece| piece.len().min(bytes));
        if left > 0 {
            *self.wanted(side) = Wanted::Sight(left);
        }
        Action::Continue
    }

    fn collect(&mut self, side: Side, buffer: &impl Buffer, event: Event, mut collector: Collector) -> Action {
        let shared = self.shared.clone();
        let cx = Cx { headers: &NO_HEADERS, proxy: &shared.host, end: true };
        let decision = match collector.step(buffer, event) {
            Step::Pause => {
                *self.wanted(side) = Wanted::Whole(collector);
                return Action::Pause;
            }
            Step::Taken => {
                *self.wanted(side) = Wanted::Whole(collector);
                return Action::Continue;
            }
            Step::Complete(bytes) => {
                let (plugin, body) = (&shared.plugin, Body { bytes, room: collector.room() });
                let decision = match side {
                    Side::Request => plugin.on_request_body(&mut self.state, &cx, body),
                    Side::Response => plugin.on_response_body(&mut self.state, &cx, body),
                };
                match &decision {
                    Decision::Replace(body) => collector.finish(buffer, Some(body)),
                    Decision::Refuse(_) | Decision::Answer(_) => {}
                    _ => collector.finish(buffer, None),
                }
                decision
            }
            Step::TooLarge => match shared.plugin.on_uncollected(&mut self.state, &cx, side, Uncollected::TooLarge) {
                Decision::Stream => return self.flow(side, buffer, event),
                other => other,
            },
            Step::Unreadable => shared.plugin.on_uncollected(&mut self.state, &cx, side, Uncollected::Unreadable),
            Step::Lost => return self.lost(side),
        };
        self.body_decided(side, decision)
    }

    /// Hands on what is in the buffer as the plugin has it.
    fn flow(&mut self, side: Side, buffer: &impl Buffer, event: Event) -> Action {
        let shared = self.shared.clone();
        let cx = Cx { headers: &NO_HEADERS, proxy: &shared.host, end: true };
        let Event::Piece { size, end } = event else {
            let (rest, decision) = shared.plugin.on_streamed(&mut self.state, &cx, side);
            return if rest.is_empty() { self.body_decided(side, decision) } else { self.lost(side) };
        };
        // After a body that was too large to be collected, the buffer also has what came before this piece.
        let Some(piece) = buffer.read().or_else(|| (size == 0).then(Vec::new)) else {
            let decision = shared.plugin.on_uncollected(&mut self.state, &cx, side, Uncollected::Unreadable);
            return self.body_decided(side, decision);
        };
        let drop = piece.len();
        let mut out = if drop == 0 { piece } else { shared.plugin.on_piece(&mut self.state, &cx, side, piece) };
        if !end {
            buffer.replace(drop, &out);
            *self.wanted(side) = Wanted::Pieces;
            return Action::Continue;
        }
        let (rest, decision) = shared.plugin.on_streamed(&mut self.state, &cx, side);
        out.extend_from_slice(&rest);
        if drop > 0 || !out.is_empty() {
            buffer.replace(drop, &out);
        }
        self.body_decided(side, decision)
    }

    fn body_decided(&mut self, side: Side, decision: Decision) -> Action {
        let action = self.decided(decision);
        // A reply in the response's body resets the stream; pausing would only add to it.
        if side == Side::Response { Action::Continue } else { action }
    }

    /// What was held has no place to go: better no message than a part of one.
    fn lost(&mut self, side: Side) -> Action {
        warn!("{}: trailers came that were not announced: the body is lost", P::NAME);
        self.shared.host.count("errors", 1);
        // For a response this is a reset: its headers are out.
        self.reply(&Reply::text(if side == Side::Request { 400 } else { 502 }, "unannounced trailers\n"));
        if side == Side::Request { Action::Pause } else { Action::Continue }
    }
}
