//! One exchange on its way through the filter chain: what Envoy's filter manager remembers of it.

use std::collections::VecDeque;

use super::attempt::Router;
use super::client::ClientWire;
use super::headers::{HeaderMap, Kind};
use super::local_reply::Reply;
use crate::engine::events::Piece;
use crate::engine::filter_state::FilterState;
use crate::exchange::{HttpVersion, Request, Upstream};
use crate::report::LocalReply;

/// Bytes of a body that a paused filter can have buffered: the listener's buffer limit. For a client of HTTP/2 it is the
/// stream's window instead.
const BUFFER_LIMIT: usize = 1 << 20;
const WINDOW: usize = 16 << 20;

/// Whether a filter lets what comes pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Iteration {
    #[default]
    Continue,
    /// The filter still sees what follows, the filters behind it do not.
    StopSingle,
    /// Nobody sees anything; it is buffered, up to the limit.
    StopAllBuffer,
    /// The same, and at the limit the sender is told to wait.
    StopAllWatermark,
}

/// One filter in one direction.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Half {
    pub(crate) iteration: Iteration,
    /// Resuming from a full stop: what was held begins with this filter itself.
    pub(crate) from_current: bool,
    pub(crate) headers_continued: bool,
    /// This filter has seen the end.
    pub(crate) end: bool,
}

impl Half {
    pub(crate) fn stopped_all(self) -> bool {
        matches!(self.iteration, Iteration::StopAllBuffer | Iteration::StopAllWatermark)
    }
}

/// Which bytes a body callback is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Data {
    /// An entry of [`Stream::pieces`].
    Piece(usize),
    /// What is buffered in that direction.
    Buffered,
}

/// What the filter's context can reach now.
#[derive(Debug, Clone, Copy, Default)]
#[allow(clippy::struct_excessive_bools)] // Each is a pointer of Envoy's that is null or not.
pub(crate) struct View {
    pub(crate) request_headers: bool,
    pub(crate) request_trailers: bool,
    pub(crate) response_headers: bool,
    pub(crate) response_trailers: bool,
    pub(crate) request_body: Option<Data>,
    pub(crate) response_body: Option<Data>,
    pub(crate) buffering_request: bool,
    pub(crate) buffering_response: bool,
    pub(crate) end: bool,
    pub(crate) log: bool,
    pub(crate) reply_sent: bool,
    pub(crate) failed: bool,
    pub(crate) destroyed: bool,
}

/// One filter of the chain.
#[derive(Debug)]
pub(crate) struct Filter {
    pub(crate) plugin: usize,
    pub(crate) vm: usize,
    pub(crate) context: u32,
    pub(crate) decode: Half,
    pub(crate) encode: Half,
    pub(crate) view: View,
    /// Paused and not resumed since: for warnings only.
    pub(crate) request_paused: bool,
    pub(crate) response_paused: bool,
}

/// What both directions have.
#[derive(Debug, Default)]
pub(crate) struct Side {
    pub(crate) buffered: Option<Vec<u8>>,
    /// Over the limit the sender waits, instead of the body being refused.
    pub(crate) streaming: bool,
    /// The whole message has come in.
    pub(crate) observed_end: bool,
    /// The sender waits; what it would have sent is here.
    pub(crate) blocked: bool,
    pub(crate) waiting: VecDeque<Piece>,
    /// How many callbacks of this direction run now.
    pub(crate) calls: u32,
    pub(crate) aborted: bool,
    pub(crate) body_bytes: u64,
}

/// See the module.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools)] // Independent facts about a stream, as Envoy keeps them.
pub(crate) struct Stream {
    pub(crate) request: Request,
    pub(crate) answer: Upstream,
    pub(crate) request_headers: HeaderMap,
    pub(crate) request_trailers: Option<HeaderMap>,
    pub(crate) response_headers: Option<HeaderMap>,
    pub(crate) response_trailers: Option<HeaderMap>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) decode: Side,
    pub(crate) encode: Side,
    pub(crate) pieces: Vec<Vec<u8>>,
    /// A local reply made inside a request callback, sent when it has returned.
    pub(crate) prepared: Option<Box<Reply>>,
    pub(crate) is_grpc: bool,
    pub(crate) is_head: bool,
    /// The response headers have left.
    pub(crate) response_started: bool,
    /// The response has left as a whole.
    pub(crate) response_done: bool,
    /// Logged and gone.
    pub(crate) ended: bool,
    pub(crate) reset: bool,
    /// A plugin wrote request headers since the route was chosen.
    pub(crate) route_stale: bool,
    /// Envoy's response code details; a plugin's need not be text.
    pub(crate) code_details: Option<Vec<u8>>,
    /// What went wrong, as bits.
    pub(crate) flags: i64,
    pub(crate) local_reply: Option<LocalReply>,
    pub(crate) client: ClientWire,
    pub(crate) router: Router,
    pub(crate) started: u64,
    pub(crate) request_bytes: u64,
    pub(crate) filter_state: FilterState,
    pub(crate) request_id: String,
}

impl Stream {
    pub(crate) fn new(request: Request, answer: Upstream, started: u64, request_id: String) -> Self {
        let client = ClientWire::new(request.http);
        Self {
            request,
            answer,
            request_headers: HeaderMap::new(Kind::Request),
            request_trailers: None,
            response_headers: None,
            response_trailers: None,
            filters: Vec::new(),
            decode: Side::default(),
            encode: Side::default(),
            pieces: Vec::new(),
            prepared: None,
            is_grpc: false,
            is_head: false,
            response_started: false,
            response_done: false,
            ended: false,
            reset: false,
            route_stale: false,
            code_details: None,
            flags: 0,
            local_reply: None,
            client,
            router: Router::default(),
            started,
            request_bytes: 0,
            filter_state: FilterState::default(),
            request_id,
        }
    }

    pub(crate) fn http1(&self) -> bool {
        self.request.http == HttpVersion::Http1
    }

    /// Keeps a local reply made inside a request callback until that returns. Of a second one only the details are taken.
    pub(crate) fn prepare_reply(&mut self, reply: Reply) {
        self.decode.aborted = true;
        self.code_details = Some(reply.details.clone());
        self.local_reply = Some(reply.reported());
        self.prepared.get_or_insert_with(|| Box::new(reply));
    }

    /// Bytes of a body that a paused filter can have buffered.
    pub(crate) fn buffer_limit(&self) -> usize {
        if self.http1() { BUFFER_LIMIT } else { WINDOW }
    }

    /// Further request data is of no use to anyone.
    pub(crate) fn decoding_over(&self) -> bool {
        self.decode.aborted || self.response_done || self.ended || self.reset
    }

    pub(crate) fn encoding_over(&self) -> bool {
        self.encode.aborted || self.response_done || self.ended || self.reset
    }

    /// The bytes a body callback is about, to be read or changed.
    pub(crate) fn request_data(&mut self, data: Data) -> Option<&mut Vec<u8>> {
        match data {
            Data::Piece(at) => self.pieces.get_mut(at),
            Data::Buffered => self.decode.buffered.as_mut(),
        }
    }

    pub(crate) fn response_data(&mut self, data: Data) -> Option<&mut Vec<u8>> {
        match data {
            Data::Piece(at) => self.pieces.get_mut(at),
            Data::Buffered => self.encode.buffered.as_mut(),
        }
    }

    /// A new piece of a body, for the time it is on its way through the chain.
    pub(crate) fn piece(&mut self, bytes: Vec<u8>) -> Data {
        self.pieces.push(bytes);
        Data::Piece(self.pieces.len() - 1)
    }

    /// Its memory is given back; a filter that still looks at it sees nothing.
    pub(crate) fn drop_piece(&mut self, data: Data) {
        if let Data::Piece(at) = data
            && let Some(bytes) = self.pieces.get_mut(at)
        {
            *bytes = Vec::new();
        }
    }
}
