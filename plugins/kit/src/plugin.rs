//! What a plugin is: a compiled configuration, and what it decides in each phase.
//!
//! All of it is plain data, so a plugin is tested natively with [`crate::fake`]. `shell` carries the decisions out, and
//! only in ways that the proxy survives: headers are paused for a callout alone, never to wait for a body.

use std::time::Duration;

use crate::body::Expected;
use crate::config::Refusal;

/// A plugin: its compiled configuration, shared by all streams of a worker.
///
/// Every phase has a default that does nothing. What a stream remembers between its phases is its `Stream`.
pub trait Plugin: Sized + 'static {
    /// The plugin's name, as in `plugin.toml`. Log lines begin with it, and so do counters (with `_` for `-`).
    const NAME: &'static str;
    /// What a stream remembers.
    type Stream: Default + 'static;

    /// Reads and compiles a configuration. No bytes mean the defaults.
    fn read(configuration: &[u8]) -> Result<Self, Refusal>;

    /// What an administrator should know about an accepted configuration.
    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }

    /// The request's headers have come.
    fn on_request(&self, _stream: &mut Self::Stream, _cx: &Cx) -> Decision {
        Decision::Undecided
    }

    /// The request's body is complete. Only after [`Decision::Collect`].
    fn on_request_body(&self, _stream: &mut Self::Stream, _cx: &Cx, _body: Body) -> Decision {
        Decision::Pass
    }

    /// The response's headers have come, from the upstream or from a local reply that was not this plugin's.
    fn on_response(&self, _stream: &mut Self::Stream, _cx: &Cx) -> Decision {
        Decision::Undecided
    }

    /// The response's body is complete. Only after [`Decision::Collect`].
    fn on_response_body(&self, _stream: &mut Self::Stream, _cx: &Cx, _body: Body) -> Decision {
        Decision::Pass
    }

    /// A body could not be collected. It is on its way if the decision lets it pass; one that is too large may still be
    /// had in pieces, from its beginning, with [`Decision::Stream`].
    fn on_uncollected(&self, _stream: &mut Self::Stream, _cx: &Cx, _side: Side, _why: Uncollected) -> Decision {
        Decision::Failed
    }

    /// Whether bodies of responses are wanted at all, with this configuration.
    fn wants_responses(&self) -> bool {
        true
    }

    /// A piece of a body goes by, and cannot be changed. Only after [`Decision::Watch`].
    fn on_sight(&self, _stream: &mut Self::Stream, _side: Side, _piece: &[u8]) {}

    /// A piece of a body has come. Only after [`Decision::Stream`]. What is returned goes on in its place.
    fn on_piece(&self, _stream: &mut Self::Stream, _cx: &Cx, _side: Side, piece: Vec<u8>) -> Vec<u8> {
        piece
    }

    /// A body that came in pieces is over. What is returned goes on behind the last piece; where trailers follow, there is
    /// no place for it any more, and the stream is reset.
    fn on_streamed(&self, _stream: &mut Self::Stream, _cx: &Cx, _side: Side) -> (Vec<u8>, Decision) {
        (Vec::new(), Decision::Pass)
    }

    /// The answer to [`Decision::Ask`]. None: the call could not be made, or broke.
    fn on_answer(&self, _stream: &mut Self::Stream, _cx: &Cx, _answer: Option<Answer>) -> Decision {
        Decision::Failed
    }

    /// The exchange is over. Single headers may be read, nothing may be written.
    fn on_log(&self, _stream: &mut Self::Stream, _request: &dyn Headers, _response: &dyn Headers, _proxy: &dyn Proxy) {}

    /// How often [`Plugin::on_tick`] is wanted.
    fn tick(&self) -> Option<Duration> {
        None
    }

    /// Time has passed, on each worker. May ask somebody.
    fn on_tick(&self, _proxy: &dyn Proxy) -> Option<Call> {
        None
    }

    /// The answer to what a tick asked for.
    fn on_tick_answer(&self, _proxy: &dyn Proxy, _answer: Option<Answer>) {}
}

/// Which callbacks of the proxy a plugin needs besides the request's headers. [`crate::start!`] says it.
///
/// What is not said is never called, so a plugin that says too little does not do its work: `exercise` finds out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Phases {
    /// Bodies of requests. With it goes `response`: after a change of protocol nothing is collected any more.
    pub request_body: bool,
    /// Headers of responses.
    pub response: bool,
    /// Bodies of responses.
    pub response_body: bool,
    /// Answers to calls, of requests and of ticks.
    pub calls: bool,
    /// Ticks.
    pub ticks: bool,
    /// The end of exchanges.
    pub log: bool,
}

/// Nothing but the request's headers.
pub const NO_PHASES: Phases =
    Phases { request_body: false, response: false, response_body: false, calls: false, ticks: false, log: false };

impl Phases {
    /// Whether anything comes after the request's headers, so that streams must be remembered.
    pub const fn keeps_streams(self) -> bool {
        self.request_body || self.response || self.response_body || self.calls || self.log
    }

    /// Whether a message's body may be wanted.
    pub const fn body(self, side: Side) -> bool {
        match side {
            Side::Request => self.request_body,
            Side::Response => self.response_body,
        }
    }
}

/// A plugin and the callbacks it needs; made by [`crate::start!`].
pub trait Exports: Plugin {
    /// Which ones.
    const PHASES: Phases;
}

/// What a phase can see and touch.
pub struct Cx<'a> {
    /// The headers of this phase's direction. In body phases they are gone.
    pub headers: &'a dyn Headers,
    /// Everything else.
    pub proxy: &'a dyn Proxy,
    /// Nothing follows the headers.
    pub end: bool,
}

/// What becomes of a message. Each but `Undecided`, `Watch`, `Collect`, `Stream` and `Ask` is counted under its name.
#[derive(Debug, PartialEq, Eq)]
pub enum Decision {
    /// Goes on; a later phase decides. Nothing is counted.
    Undecided,
    /// Looked at and let through as it is (counter `passed`).
    Pass,
    /// Not this plugin's business (counter `skipped`).
    Skip,
    /// Goes on with other headers (counter `changed`).
    Change,
    /// Goes on with this body (counter `changed`). Only in body phases.
    Replace(Vec<u8>),
    /// Goes on although something went wrong (counter `errors`).
    Failed,
    /// Refused with this reply (counter `refused`).
    Refuse(Reply),
    /// Answered with this reply in the upstream's place (counter `changed`).
    Answer(Reply),
    /// Goes on, and as many bytes of its body are shown while they go by. Only with the headers.
    Watch(usize),
    /// The body is wanted, and goes on while it is collected. Only with the headers; a message without body has an
    /// empty one.
    Collect(Expected),
    /// The body is wanted piece by piece as it flows. With the headers, or for a body that is too large to be collected.
    Stream,
    /// Waits for the answer to a call. Only with the headers.
    Ask(Call),
}

/// Which direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// From the client.
    Request,
    /// To the client.
    Response,
}

/// Why a body could not be collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uncollected {
    /// Larger than the limit.
    TooLarge,
    /// The proxy did not give it.
    Unreadable,
}

/// A complete body.
#[derive(Debug)]
pub struct Body {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The longest that [`Decision::Replace`] may make it.
    pub room: usize,
}

/// An answer of the plugin's own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// Its headers. Nobody checks them on the way: names and values must be known to be good.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Reply {
    /// A reply in plain text.
    pub fn text(status: u16, text: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: text.into() }.header("content-type", "text/plain; charset=utf-8")
    }

    /// A reply whose body is JSON already.
    pub fn json(status: u16, json: impl Into<String>) -> Self {
        Self { status, headers: Vec::new(), body: json.into() }.header("content-type", "application/json")
    }

    /// With one header more.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// A request to a service that the proxy knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The proxy's name of the service, in Istio `outbound|<port>||<host>`.
    pub cluster: String,
    /// The method.
    pub method: String,
    /// The authority.
    pub host: String,
    /// The path with its query.
    pub path: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// When to give up. The answer is then the proxy's own 504.
    pub timeout: Duration,
}

/// What a called service, or the proxy in its place, answered.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// The status; 0 if it is not a number.
    pub status: u16,
    /// All headers, pseudo headers too.
    pub headers: Vec<(String, Vec<u8>)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// All values of a header.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| &value[..])
    }
}

/// The headers of one direction. Names are lower case; values need not be UTF-8.
pub trait Headers {
    /// The first value of a header.
    fn get(&self, name: &str) -> Option<Vec<u8>>;
    /// All headers in order, pseudo headers too.
    fn pairs(&self) -> Vec<(String, Vec<u8>)>;
    /// Replaces all values of a header with one.
    fn set(&self, name: &str, value: &[u8]);
    /// Adds a value. The proxy joins it with a comma where a header may have one line only.
    fn add(&self, name: &str, value: &[u8]);
    /// Removes a header, if it is there.
    fn remove(&self, name: &str);

    /// Shows all values of a header, in order; whoever is shown them must not touch the headers meanwhile. For one that is
    /// likely to be there: [`Headers::all`] is for others.
    fn each(&self, name: &str, see: &mut dyn FnMut(&[u8])) {
        self.pairs().iter().filter(|(known, _)| known == name).for_each(|(_, value)| see(value));
    }

    /// Whether a header is there.
    fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All values of a header, in order.
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        self.each(name, &mut |value| all.push(value.to_vec()));
        all
    }

    /// The only value of a header: None if it is missing or came more than once.
    fn only(&self, name: &str) -> Option<Vec<u8>> {
        let (mut only, mut count) = (None, 0);
        self.each(name, &mut |value| {
            (only, count) = (Some(value.to_vec()), count + 1);
        });
        only.filter(|_| count == 1)
    }
}

/// The proxy, as far as it is neither headers nor bodies.
pub trait Proxy {
    /// Nanoseconds since 1970.
    fn now(&self) -> u64;
    /// A property such as `["source", "address"]`.
    fn property(&self, path: &[&str]) -> Option<Vec<u8>>;
    /// What all plugins of this proxy share under a key, with its version.
    fn shared(&self, key: &str) -> (Option<Vec<u8>>, Option<u32>);
    /// Writes to what is shared; false if somebody else wrote since `version`. No version means that nothing was there.
    fn share(&self, key: &str, value: &[u8], version: Option<u32>) -> bool;
    /// Counts `n` under the plugin's name.
    fn count(&self, name: &'static str, n: usize);
    /// Has the route chosen anew after a change of the request's headers.
    fn clear_route_cache(&self);

    /// Seconds since 1970.
    fn seconds(&self) -> u64 {
        self.now() / 1_000_000_000
    }
}
