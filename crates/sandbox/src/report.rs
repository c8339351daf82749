//! What is answered: exactly the names of the contract. A field that a run has nothing for is `null` or `[]`.

mod bytes;
mod check;
mod error;
mod stopped;
mod trace;

pub use bytes::{BodyBytes, HeaderLine, Text};
pub use check::{
    Abi, CheckEngine, CheckReport, CustomSection, Export, Finding, Import, Memory, Producers, Role, Sdk, Severity,
    Stage, Table, Verdict,
};
pub use error::{ErrorReport, InputError};
pub use trace::{Direction, TraceEntry};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::exchange::Level;

/// `format` of a report and of the error object of `try`.
pub const FORMAT: &str = "marketplace-report/1";
/// `format` of what `check` answers.
pub const CHECK_FORMAT: &str = "marketplace-check/1";

/// The report of one run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`FORMAT`].
    pub format: String,
    /// Position among the cases of a batch; the command line sets it.
    pub index: usize,
    /// The path as given; the command line sets it.
    pub file: Option<String>,
    /// Of the exchange.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// One sentence for people.
    pub summary: String,
    /// One per plugin, in order.
    pub load: Vec<Load>,
    /// What the client received.
    pub client: Option<Client>,
    /// What reached the upstream.
    pub upstream: Option<UpstreamRequest>,
    /// Envoy's response code details.
    pub code_details: Option<String>,
    /// The local reply, if there was one.
    pub local_reply: Option<LocalReply>,
    /// In the order they were asked for.
    pub callouts: Vec<CalloutMade>,
    /// One per item of the exchange's `before`.
    pub before: Vec<StepReport>,
    /// The plugins' own lines, in order.
    pub logs: Vec<LogLine>,
    /// In order.
    pub traps: Vec<Trap>,
    /// At the end, sorted by name.
    pub metrics: Vec<Metric>,
    /// At the end, sorted by key.
    pub shared_data: Vec<SharedData>,
    /// Only with `--trace`. The engine may always fill it; the command line drops it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub trace: Option<Vec<TraceEntry>>,
    /// In order of first use.
    pub phases: Vec<PhaseUse>,
    /// One per VM's first plugin.
    pub memory: Vec<MemoryUse>,
    /// What Envoy never warns of.
    pub warnings: Vec<Warning>,
    /// What was touched and is not as in Envoy.
    pub not_simulated: Vec<NotSimulated>,
    /// What stopped the run or cut its output.
    pub limits_hit: Vec<LimitHit>,
    /// What ran it.
    pub engine: Engine,
    /// As used.
    pub seed: u64,
    /// As used, RFC 3339.
    pub clock: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The client has a complete response.
    Responded,
    /// Envoy rejects the listener.
    Refused,
    /// Nothing can happen any more.
    Hung,
    /// Closed before the response was complete.
    Reset,
    /// Envoy itself would die.
    CrashedEnvoy,
    /// The sandbox stopped it.
    Limit,
    /// Bad input; only in [`ErrorReport`].
    Error,
}

/// Whether one plugin loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Place in the chain.
    pub plugin: usize,
    /// Its name.
    pub name: String,
    /// `None`: not tried, because an earlier one was refused.
    pub accepted: Option<bool>,
    /// Where it was refused.
    pub stage: Option<Stage>,
    /// What Envoy writes then.
    pub envoy_text: Option<String>,
    /// Of its module.
    pub sha256: String,
    /// `0.2.1` and so on.
    pub abi: Option<String>,
}

/// What the client received.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Any number a plugin could bring to the wire.
    pub status: u32,
    /// In wire order.
    pub headers: Vec<HeaderLine>,
    /// All of it.
    pub body: BodyBytes,
    /// In wire order.
    pub trailers: Vec<HeaderLine>,
    /// Whether it ended.
    pub complete: bool,
}

/// What reached the upstream.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamRequest {
    /// Of the request line.
    pub method: Text,
    /// Of the request line.
    pub path: Text,
    /// From the `host` line.
    pub authority: Option<Text>,
    /// In wire order, without `host`.
    pub headers: Vec<HeaderLine>,
    /// All of it.
    pub body: BodyBytes,
    /// In wire order.
    pub trailers: Vec<HeaderLine>,
    /// Whether it ended.
    pub complete: bool,
}

/// A response that no upstream made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalReply {
    /// `plugin` or `proxy`.
    pub by: ReplyBy,
    /// Which one, when a plugin made it.
    pub plugin: Option<usize>,
    /// In which phase.
    pub phase: Option<Phase>,
    /// As asked for.
    pub status: u32,
    /// As asked for.
    pub details: String,
    /// Or only written into the void.
    pub reached_client: bool,
}

/// Who made a local reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyBy {
    /// `proxy_send_local_response`.
    Plugin,
    /// Envoy by itself.
    Proxy,
}

/// A callout that a plugin asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalloutMade {
    /// Who asked.
    pub plugin: usize,
    /// `http` or `grpc`.
    pub kind: CalloutKind,
    /// As the plugin knows it.
    pub token: u32,
    /// As asked for.
    pub cluster: Text,
    /// As sent.
    pub method: Text,
    /// As sent.
    pub path: Text,
    /// As sent.
    pub authority: Option<Text>,
    /// As sent.
    pub headers: Vec<HeaderLine>,
    /// As sent.
    pub body: BodyBytes,
    /// As sent.
    pub trailers: Vec<HeaderLine>,
    /// The plugin's own.
    pub timeout_ms: u32,
    /// What became of it.
    pub result: CalloutResult,
    /// Of the answer; of the host call when it was refused.
    pub status: Option<u32>,
}

/// Which host call made a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalloutKind {
    /// `proxy_http_call`
    Http,
    /// `proxy_grpc_call`, `proxy_grpc_stream`
    Grpc,
}

/// What became of a callout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CalloutResult {
    /// An answer came.
    Answered,
    /// The plugin's own time-out ended it.
    Timeout,
    /// It broke.
    Reset,
    /// Never sent.
    Refused,
    /// Still out at the end.
    Pending,
}

/// What an earlier exchange came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepReport {
    /// How it ended.
    pub outcome: Outcome,
    /// What the client received.
    pub client: Option<Client>,
    /// What reached the upstream.
    pub upstream: Option<UpstreamRequest>,
    /// Envoy's response code details.
    pub code_details: Option<String>,
    /// The local reply, if there was one.
    pub local_reply: Option<LocalReply>,
    /// In the order they were asked for.
    pub callouts: Vec<CalloutMade>,
}

/// When in the life of a plugin something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Only in `phases`: making machine code.
    Compile,
    /// Only in `phases`: linking and the start section.
    Instantiate,
    /// `_initialize`, `main`, `_start`
    Start,
    /// `proxy_on_vm_start`
    VmStart,
    /// `proxy_on_configure`
    Configure,
    /// `proxy_on_context_create`
    ContextCreate,
    /// `proxy_on_request_headers`
    RequestHeaders,
    /// `proxy_on_request_body`
    RequestBody,
    /// `proxy_on_request_trailers`
    RequestTrailers,
    /// `proxy_on_response_headers`
    ResponseHeaders,
    /// `proxy_on_response_body`
    ResponseBody,
    /// `proxy_on_response_trailers`
    ResponseTrailers,
    /// `proxy_on_http_call_response`
    HttpCall,
    /// `proxy_on_grpc_*`
    GrpcCall,
    /// `proxy_on_tick`
    Tick,
    /// `proxy_on_queue_ready`
    QueueReady,
    /// `proxy_on_foreign_function`
    ForeignFunction,
    /// `proxy_on_log`
    Log,
    /// `proxy_on_done`
    Done,
    /// `proxy_on_delete`
    Delete,
}

/// One line of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Who wrote it.
    pub plugin: usize,
    /// When.
    pub phase: Phase,
    /// As asked for.
    pub level: Level,
    /// U+FFFD in place of bytes that are not UTF-8.
    pub text: String,
}

/// A trap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trap {
    /// Whose.
    pub plugin: usize,
    /// The export that was called.
    pub function: String,
    /// In V8's words.
    pub text: String,
    /// Innermost frame first.
    pub backtrace: Vec<Frame>,
}

/// One frame of a backtrace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// In the module's bytes.
    pub offset: Option<u64>,
    /// Demangled.
    pub name: Option<String>,
}

/// A metric at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// As the plugin defined it.
    pub name: String,
    /// How it counts.
    pub kind: MetricKind,
    /// Of a histogram, the number of samples.
    pub value: u64,
}

/// How a metric counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// Type 0.
    Counter,
    /// Type 1.
    Gauge,
    /// Type 2.
    Histogram,
}

/// One entry of the shared data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedData {
    /// The namespace.
    pub vm_id: String,
    /// The key.
    pub key: Text,
    /// The value.
    pub value: BodyBytes,
    /// The number a writer compares with.
    pub cas: u32,
}

/// What a phase took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseUse {
    /// Whose.
    pub plugin: usize,
    /// Which.
    pub phase: Phase,
    /// How often.
    pub calls: u64,
    /// Nanoseconds of real time: the one field that differs from run to run.
    pub ns: u64,
    /// Fuel.
    pub fuel: u64,
}

/// Linear memory of a VM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryUse {
    /// Whose.
    pub plugin: usize,
    /// After instantiation.
    pub initial_bytes: u64,
    /// At most.
    pub peak_bytes: u64,
    /// What it could have had.
    pub limit_bytes: u64,
}

/// Something that Envoy never says and that will surprise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// One of the contract's codes, or a newer one.
    pub code: String,
    /// Whose, if it is one's.
    pub plugin: Option<usize>,
    /// When, if it was then.
    pub phase: Option<Phase>,
    /// What happened.
    pub text: String,
    /// What to do.
    pub advice: String,
}

/// Something this run touched whose answer is not Envoy's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSimulated {
    /// A name.
    pub what: String,
    /// For people.
    pub text: String,
}

/// A limit that was hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitHit {
    /// Its name.
    pub limit: String,
    /// What it was, in its own unit.
    pub value: Value,
    /// Who hit it.
    pub plugin: Option<usize>,
    /// When.
    pub phase: Option<Phase>,
}

/// What runs modules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Engine {
    /// Of the library.
    pub name: String,
    /// Of the library.
    pub version: String,
    /// Of its compilers.
    pub compiler: String,
    /// Whose answers these are.
    pub reference: String,
}
