//! Carries a plugin's decisions out. Exists on wasm32 only.

use std::rc::Rc;

use log::{error, warn};
use proxy_wasm::hostcalls;
use proxy_wasm::traits::{Context, HttpContext, RootContext};
use proxy_wasm::types::{Action, ContextType, LogLevel};

use crate::body::{Budget, Buffer, Collector, Expected, Step};
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
            watched: (0, 0),
            collector: None,
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
    /// How many bytes of the bodies of the request and of the response are still to be shown.
    watched: (usize, usize),
    collector: Option<Collector>,
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
        self.show(Side::Request, size);
        self.collect(Side::Request, &RequestBody, |collector| collector.piece(&RequestBody, size, end))
    }

    fn on_http_request_trailers(&mut self, _count: usize) -> Action {
        self.collect(Side::Request, &RequestBody, |collector| collector.trailers(&RequestBody))
    }

    fn on_http_response_headers(&mut self, _count: usize, end: bool) -> Action {
        // A request that is answered before its end must not be collected any more.
        self.collector = None;
        if self.replied {
            return Action::Continue;
        }
        let shared = self.shared.clone();
        let cx = Cx { headers: &RESPONSE, proxy: &shared.host, end };
        let decision = shared.plugin.on_response(&mut self.state, &cx);
        self.headers_decided(Side::Response, end, decision)
    }

    fn on_http_response_body(&mut self, size: usize, end: bool) -> Action {
        self.show(Side::Response, size);
        self.collect(Side::Response, &ResponseBody, |collector| collector.piece(&ResponseBody, size, end))
    }

    fn on_http_response_trailers(&mut self, _count: usize) -> Action {
        self.collect(Side::Response, &ResponseBody, |collector| collector.trailers(&ResponseBody))
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
                Decision::Watch(bytes) => {
                    *self.watched(side) = bytes;
                    return Action::Continue;
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
                    self.collector = Some(Collector::new(expected, shared.budget.clone()));
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

    fn watched(&mut self, side: Side) -> &mut usize {
        match side {
            Side::Request => &mut self.watched.0,
            Side::Response => &mut self.watched.1,
        }
    }

    /// Shows a piece of a body that is watched.
    fn show(&mut self, side: Side, size: usize) {
        let wanted = size.min(*self.watched(side));
        if wanted == 0 {
            return;
        }
        if let Some(piece) = host::piece(side, wanted) {
            *self.watched(side) -= piece.len().min(wanted);
            self.shared.clone().plugin.on_piece(&mut self.state, side, &piece);
        }
    }

    /// What is left when neither a call nor a body is wanted.
    fn decided(&mut self, decision: Decision) -> Action {
        let counted = match &decision {
            Decision::Undecided => return Action::Continue,
            Decision::Pass => "passed",
            Decision::Skip => "skipped",
            Decision::Change | Decision::Replace(_) | Decision::Answer(_) => "changed",
            Decision::Refuse(_) => "refused",
            Decision::Failed | Decision::Collect(_) | Decision::Watch(_) | Decision::Ask(_) => "errors",
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
        self.collector = None;
        host::reply(reply);
    }

    fn collect(&mut self, side: Side, buffer: &impl Buffer, step: impl FnOnce(&mut Collector) -> Step) -> Action {
        if self.replied && side == Side::Request {
            return Action::Pause;
        }
        let Some(mut collector) = self.collector.take() else {
            return Action::Continue;
        };
        let shared = self.shared.clone();
        let cx = Cx { headers: &NO_HEADERS, proxy: &shared.host, end: true };
        let decision = match step(&mut collector) {
            Step::Pause => {
                self.collector = Some(collector);
                return Action::Pause;
            }
            Step::Taken => {
                self.collector = Some(collector);
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
            Step::TooLarge => shared.plugin.on_uncollected(&mut self.state, &cx, side, Uncollected::TooLarge),
            Step::Unreadable => shared.plugin.on_uncollected(&mut self.state, &cx, side, Uncollected::Unreadable),
            Step::Lost => {
                warn!("{}: trailers came that were not announced: the body is lost", P::NAME);
                shared.host.count("errors", 1);
                // For a response this is a reset: its headers are out.
                self.reply(&Reply::text(if side == Side::Request { 400 } else { 502 }, "unannounced trailers\n"));
                return if side == Side::Request { Action::Pause } else { Action::Continue };
            }
        };
        let action = self.decided(decision);
        // A reply in the response's body resets the stream; pausing would only add to it.
        if side == Side::Response { Action::Continue } else { action }
    }
}
