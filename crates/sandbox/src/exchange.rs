//! What a run is asked to do: the chain of plugins, one request, what the upstream and the callouts answer. Everything
//! is checked, defaults are filled in and bytes are decoded; where it came from is forgotten.

mod go_json;
mod json;
mod node;
mod read;
mod scalar;
mod yaml;

pub use read::{Format, MAX_FILE, Reading, Wanted, read, read_over, read_value};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::limits::Limits;
use crate::report::Warning;

/// One exchange, ready to run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// Free text, repeated in the report.
    pub name: String,
    /// One to eight, in request order.
    pub plugins: Vec<Plugin>,
    /// What the client sends.
    pub request: Request,
    /// What the upstream answers.
    pub upstream: Upstream,
    /// Which clusters exist, and what they answer.
    pub callouts: Vec<Callout>,
    /// Exchanges that happen earlier on the same proxy and VMs, in order.
    pub before: Vec<Step>,
    /// Properties added to or replacing the proxy's own.
    pub properties: Vec<Property>,
    /// Set when the client connected with mutual TLS.
    pub mtls: Option<Mtls>,
    /// The proxy's level for lines of plugins.
    pub log_level: Level,
    /// Of every random byte of the run.
    pub seed: u64,
    /// Wall clock at the start.
    pub clock: DateTime<Utc>,
    /// Milliseconds of virtual time that go on after the exchange.
    pub after_ms: u64,
    /// What the run may use: the operator's limits, lowered where the exchange asks for it.
    pub limits: Limits,
    /// What was noticed while reading, for the report's `warnings`.
    pub warnings: Vec<Warning>,
}

/// One filter of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plugin {
    /// Where the module is, as written. Its bytes are in [`crate::Modules`].
    pub module: ModuleRef,
    /// The digest that the module must have.
    pub sha256: Option<String>,
    /// Envoy's name of the plugin.
    pub name: String,
    /// Envoy's root id.
    pub root_id: String,
    /// Envoy's VM id.
    pub vm_id: String,
    /// Plugin configuration as passed; empty is none.
    pub config: Vec<u8>,
    /// VM configuration as passed; `None` and empty are the same to a plugin.
    pub vm_config: Option<Vec<u8>>,
    /// Environment of the VM, sorted by name.
    pub env: Vec<(String, String)>,
    /// What follows a failure.
    pub fail_strategy: FailStrategy,
    /// Whether headers callbacks may really stop the iteration. Istio never sets it.
    pub allow_on_headers_stop_iteration: bool,
}

/// Where a module is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ModuleRef {
    /// A path, absolute or relative to the exchange file.
    Path(String),
    /// 64 hex digits: a module of the local store.
    Store(String),
    /// `oci://`, `https://` or `http://`.
    Url(String),
    /// The plugin's own module; only in samples of a plugin.
    Own,
}

/// What follows a failure of a plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailStrategy {
    /// Every request is refused.
    FailClose,
    /// Requests pass by the plugin.
    FailOpen,
    /// A new VM serves the next request.
    FailReload,
}

/// Levels of log lines, from the finest on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// `proxy_log` level 0.
    Trace,
    /// 1.
    Debug,
    /// 2.
    Info,
    /// 3.
    Warn,
    /// 4.
    Error,
    /// 5.
    Critical,
}

impl Level {
    /// All of them, at their number in `proxy_log`.
    pub const ALL: [Self; 6] = [Self::Trace, Self::Debug, Self::Info, Self::Warn, Self::Error, Self::Critical];

    /// The word of the contract.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Trace => "trace",
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }
}

/// What the client sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// HTTP between client and proxy.
    pub http: HttpVersion,
    /// As sent.
    pub method: String,
    /// As sent, query included.
    pub path: String,
    /// `host` or `:authority`.
    pub authority: String,
    /// `http` or `https` by default; sent only with HTTP/2.
    pub scheme: String,
    /// Without pseudo headers and framing.
    pub headers: Vec<Header>,
    /// What follows the headers.
    pub body: Body,
    /// Behind the body.
    pub trailers: Vec<Header>,
}

/// HTTP between client and proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HttpVersion {
    /// HTTP/1.1
    Http1,
    /// HTTP/2
    Http2,
}

/// One header line. Names are text, values any bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// As written.
    pub name: String,
    /// As written, or decoded.
    pub value: Vec<u8>,
}

/// A body and how it arrives.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Body {
    /// No body at all.
    #[default]
    None,
    /// In one piece, with a `content-length`; may be empty.
    One(Vec<u8>),
    /// Piece by piece, chunked.
    Chunks(Vec<Vec<u8>>),
}

impl Body {
    /// Bytes of all pieces together.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::None => 0,
            Self::One(bytes) => bytes.len(),
            Self::Chunks(pieces) => pieces.iter().map(Vec::len).sum(),
        }
    }

    /// Whether there is not one byte.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What the upstream answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    /// Three digits.
    pub status: u16,
    /// Without framing.
    pub headers: Vec<Header>,
    /// What follows the headers.
    pub body: Body,
    /// Behind the body.
    pub trailers: Vec<Header>,
    /// Milliseconds between the whole request and the answer.
    pub delay_ms: u64,
    /// `framing: close`: no length, the body ends with the connection.
    pub close_framing: bool,
    /// How it fails, if it does.
    pub fail: Option<UpstreamFail>,
}

/// How an upstream fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UpstreamFail {
    /// The connection is refused.
    Connect,
    /// Closed before any byte of the answer.
    Reset,
    /// Closed after the headers and the chunks given, without the end.
    ResetAfterHeaders,
    /// Never answers.
    NoAnswer,
}

/// One entry of `callouts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callout {
    /// The cluster that exists by this entry.
    pub cluster: String,
    /// A prefix of the call's `:path`.
    pub path: Option<String>,
    /// How often it answers within one exchange.
    pub times: Option<u32>,
    /// What it answers.
    pub reply: CalloutReply,
    /// Milliseconds between the call and the answer.
    pub delay_ms: u64,
    /// How it fails, if it does.
    pub fail: Option<CalloutFail>,
}

/// What a callout is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum CalloutReply {
    /// To `proxy_http_call`.
    Http {
        /// Three digits.
        status: u16,
        /// Without framing.
        headers: Vec<Header>,
        /// What follows the headers.
        body: Body,
        /// Behind the body.
        trailers: Vec<Header>,
    },
    /// To `proxy_grpc_call`.
    Grpc {
        /// `grpc-status`.
        status: u32,
        /// `grpc-message`.
        message: String,
        /// The bare message.
        body: Vec<u8>,
    },
}

/// How a callout fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum CalloutFail {
    /// The connection is refused.
    Connect,
    /// Closed before any byte of the answer.
    Reset,
    /// Closed after the headers and the chunks given, without the end.
    ResetAfterHeaders,
    /// Never answers; the plugin's own time-out ends it.
    Timeout,
}

/// An exchange that happens before the one that is reported in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What the client sends.
    pub request: Request,
    /// What the upstream answers.
    pub upstream: Upstream,
    /// Its own list, or a copy of the exchange's.
    pub callouts: Vec<Callout>,
}

/// A property set by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Property {
    /// At least one part.
    pub path: Vec<String>,
    /// What a plugin reads there.
    pub value: PropertyValue,
}

/// The value of a property, not yet encoded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PropertyValue {
    /// Raw bytes: a string or `base64`.
    Bytes(Vec<u8>),
    /// One byte.
    Bool(bool),
    /// Eight bytes, little-endian; above `i64::MAX` as the same bits.
    Int(i64),
    /// As header pairs.
    Map(Vec<(String, Vec<u8>)>),
    /// Eight bytes: nanoseconds since 1970.
    Timestamp(DateTime<Utc>),
    /// Eight bytes: nanoseconds. Here in milliseconds.
    DurationMs(i64),
    /// Not there, although the proxy would have it.
    Absent,
}

/// The client connected with mutual TLS 1.3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mtls {
    /// `connection.uri_san_peer_certificate`
    pub peer: String,
    /// `connection.uri_san_local_certificate`
    pub local: String,
    /// `connection.requested_server_name`
    pub sni: String,
}
