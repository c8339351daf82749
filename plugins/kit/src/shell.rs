//! A stream: carries a plugin's decisions out. Exists on wasm32 only.

use std::mem;
use std::rc::Rc;

use log::warn;

use crate::abi;
use crate::body::{Budget, Buffer, Collector, Event, Expected, Step};
use crate::host::{self, Host, InBuffer, Map};
use crate::plugin::{Answer, Body, Call, Cx, Decision, Exports, Headers, Proxy, Reply, Side, Uncollected};
use crate::seldom::Seldom;

/// What all streams of one configuration may hold together. Beyond it, bodies stay in the proxy's buffer. A module may
/// have 1 GiB.
const HELD_BYTES: usize = 256 * 1024 * 1024;
/// How often one stream may ask in a row.
const MOST_CALLS: usize = 4;

/// What becomes of a stream after a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Action {
    /// It goes on.
    Continue = 0,
    /// It waits.
    Pause = 1,
}

/// What the streams of one configuration share.
pub struct Shared<P> {
    pub(crate) plugin: P,
    pub(crate) host: Host,
    budget: Rc<Budget>,
    /// That a service is not known.
    unknown: Seldom,
    /// That bodies were lost.
    lost: Seldom,
}

impl<P: Exports> Shared<P> {
    /// Of a plugin with its configuration.
    pub fn new(plugin: P) -> Self {
        let (unknown, lost) = (Seldom::default(), Seldom::default());
        Self { plugin, host: Host::new(P::NAME), budget: Budget::new(HELD_BYTES), unknown, lost }
    }
}

/// One exchange.
pub struct Stream<P: Exports> {
    shared: Rc<Shared<P>>,
    state: P::Stream,
    /// The answer is this plugin's own.
    replied: bool,
    /// The client asked for trailers, as far as a response's body depends on it.
    trailers: bool,
    /// Who waits for the answer of which number: the headers of this side, and whether nothing follows them.
    asked: Option<(u32, Side, bool)>,
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

impl<P: Exports> Stream<P> {
    /// A new one.
    pub fn new(shared: Rc<Shared<P>>) -> Self {
        Self {
            shared,
            state: P::Stream::default(),
            replied: false,
            trailers: false,
            asked: None,
            request: Wanted::Nothing,
            response: Wanted::Nothing,
        }
    }

    /// The number of the answer that it waits for.
    pub fn waits_for(&self) -> Option<u32> {
        self.asked.map(|(token, ..)| token)
    }

    /// The headers of one direction have come.
    pub fn on_headers(&mut self, side: Side, end: bool) -> Action {
        let shared = self.shared.clone();
        let headers = Map::of(side);
        let cx = Cx { headers: &headers, proxy: &shared.host, end };
        let decision = match side {
            Side::Request => {
                self.trailers = P::PHASES.response_body && shared.plugin.wants_responses() && host::wants_trailers();
                shared.plugin.on_request(&mut self.state, &cx)
            }
            Side::Response => {
                // Answered before its end, a request is collected all the same, or what nobody has looked at would go on.
                // But what follows a change of protocol is no body, and has no end that could be waited for.
                if matches!(self.request, Wanted::Whole(_)) && headers.get(":status").as_deref() == Some(b"101") {
                    self.request = Wanted::Nothing;
                }
                if self.replied || !P::PHASES.response {
                    return Action::Continue;
                }
                shared.plugin.on_response(&mut self.state, &cx)
            }
        };
        self.headers_decided(side, &cx, decision)
    }

    /// The answer to a call has come, or broke.
    pub fn on_answer(&mut self, answer: Option<Answer>) {
        let Some((_, side, end)) = self.asked.take() else {
            return;
        };
        let shared = self.shared.clone();
        let headers = Map::of(side);
        let cx = Cx { headers: &headers, proxy: &shared.host, end };
        let decision = shared.plugin.on_answer(&mut self.state, &cx, answer);
        if self.headers_decided(side, &cx, decision) == Action::Continue && !self.replied {
            abi::resume(side == Side::Request);
        }
    }

    /// Something of a body has come.
    pub fn on_body(&mut self, side: Side, event: Event) -> Action {
        if self.replied && side == Side::Request {
            return Action::Pause;
        }
        let buffer = &InBuffer(side);
        match mem::replace(self.wanted(side), Wanted::Nothing) {
            Wanted::Nothing => Action::Continue,
            Wanted::Whole(collector) => self.collect(side, buffer, event, collector),
            Wanted::Pieces => self.flow(side, buffer, event),
            Wanted::Sight(bytes) => self.show(side, event, bytes),
        }
    }

    /// The exchange is over.
    pub fn on_log(&mut self) {
        let (request, response) = (Map::of(Side::Request), Map::of(Side::Response));
        self.shared.plugin.on_log(&mut self.state, &request, &response, &self.shared.host);
    }

    fn headers_decided(&mut self, side: Side, cx: &Cx, mut decision: Decision) -> Action {
        let (shared, end) = (self.shared.clone(), cx.end);
        for _ in 0..MOST_CALLS {
            if !P::PHASES.calls && matches!(decision, Decision::Ask(_))
                || !P::PHASES.body(side) && wants_body(&decision)
            {
                // Nobody would ever come back to it.
                decision = Decision::Failed;
            }
            match decision {
                Decision::Ask(call) => {
                    if self.ask(&call, side, end) {
                        return Action::Pause;
                    }
                    if shared.unknown.is_due(&shared.host) {
                        warn!("{}: no call to {:?}: the proxy does not know it", P::NAME, call.cluster);
                    }
                    decision = shared.plugin.on_answer(&mut self.state, cx, None);
                }
                Decision::Collect(_) if end => {
                    let (plugin, body) = (&shared.plugin, Body { bytes: Vec::new(), room: 0 });
                    decision = match side {
                        Side::Request => plugin.on_request_body(&mut self.state, cx, body),
                        Side::Response => plugin.on_response_body(&mut self.state, cx, body),
                    };
                }
                Decision::Collect(expected) => {
                    let asked_for = match side {
                        Side::Request => host::wants_trailers(),
                        Side::Response => self.trailers,
                    };
                    let expected = Expected { trailers: expected.trailers || asked_for, ..expected };
                    *self.wanted(side) = Wanted::Whole(Collector::new(expected, shared.budget.clone()));
                    return Action::Continue;
                }
                Decision::Watch(bytes) => {
                    *self.wanted(side) = Wanted::Sight(bytes);
                    return Action::Continue;
                }
                Decision::Stream if end => decision = shared.plugin.on_streamed(&mut self.state, cx, side).1,
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
        self.asked = host::call(call).map(|token| (token, side, end));
        self.asked.is_some()
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

    /// Shows what goes by, without touching it.
    fn show(&mut self, side: Side, event: Event, bytes: usize) -> Action {
        let Event::Piece { size, .. } = event else {
            return Action::Continue;
        };
        let wanted = size.min(bytes);
        let seen = if wanted > 0 { InBuffer(side).first(wanted) } else { None };
        if let Some(piece) = &seen {
            self.shared.clone().plugin.on_sight(&mut self.state, side, piece);
        }
        let left = bytes - seen.map_or(0, |piece| piece.len().min(bytes));
        if left > 0 {
            *self.wanted(side) = Wanted::Sight(left);
        }
        Action::Continue
    }

    fn collect(&mut self, side: Side, buffer: &InBuffer, event: Event, mut collector: Collector) -> Action {
        let (shared, headers) = (self.shared.clone(), Map::none());
        let cx = Cx { headers: &headers, proxy: &shared.host, end: true };
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
    fn flow(&mut self, side: Side, buffer: &InBuffer, event: Event) -> Action {
        let (shared, headers) = (self.shared.clone(), Map::none());
        let cx = Cx { headers: &headers, proxy: &shared.host, end: true };
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
        if self.shared.lost.is_due(&self.shared.host) {
            warn!("{}: trailers came that were not announced: the body is lost", P::NAME);
        }
        self.shared.host.count("errors", 1);
        // For a response this is a reset: its headers are out.
        self.reply(&Reply::text(if side == Side::Request { 400 } else { 502 }, "unannounced trailers\n"));
        if side == Side::Request { Action::Pause } else { Action::Continue }
    }
}

/// Whether a decision wants to see more of a message than its headers.
fn wants_body(decision: &Decision) -> bool {
    matches!(decision, Decision::Collect(_) | Decision::Stream | Decision::Watch(_))
}
