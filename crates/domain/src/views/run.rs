//! A run of the sandbox: what went in, what came out, and what the plugins did in between.
//!
//! Words of phases, levels, limits, stages and codes are those of the report's format; pages have sentences for them.

use serde::{Deserialize, Serialize};

use super::{apply::ApplyTarget, trial::LeftOut};

/// Runs are kept for so many days.
pub const KEPT_DAYS: i64 = 30;
/// At most so many runs are kept; the oldest make room.
pub const KEPT_RUNS: i64 = 2_000;
/// At most so many bytes of runs are kept; the oldest make room.
pub const KEPT_BYTES: i64 = 512 << 20;

/// Calls of the trace on one page.
pub const TRACE_PAGE: usize = 100;

/// One run, as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// Its id.
    pub id: String,
    /// When it ran.
    pub created: i64,
    /// Who asked for it.
    pub who: String,
    /// What was tried on whom.
    pub target: ApplyTarget,
    /// What the exchange is called.
    pub name: String,
    /// How it ended.
    pub outcome: Outcome,
    /// The plugins that ran, in the order of a request.
    pub plugins: Vec<RunPlugin>,
    /// Plugins of the proxy that were left out, and why.
    pub left_out: Vec<(String, LeftOut)>,
    /// Environment variables that only the proxy's container knows.
    pub unknown_env: Vec<String>,
    /// From the client to the upstream; `None` when nothing reached it.
    pub request: Option<MessageChange>,
    /// From the upstream to the client; `None` when the client got nothing.
    pub response: Option<MessageChange>,
    /// The answer that no upstream made.
    pub reply: Option<Reply>,
    /// Envoy's response code details.
    pub details: Option<String>,
    /// The plugins' own lines.
    pub logs: Vec<LogLine>,
    /// Traps.
    pub traps: Vec<Trap>,
    /// Metrics at the end: name, kind, value.
    pub metrics: Vec<(String, String, u64)>,
    /// Shared data at the end: key and value.
    pub shared: Vec<(String, String)>,
    /// Calls to other services.
    pub callouts: Vec<Callout>,
    /// Exchanges that happened earlier on the same proxy: outcome and status.
    pub before: Vec<(Outcome, Option<u32>)>,
    /// What Envoy never says and will surprise.
    pub warnings: Vec<Warning>,
    /// What was touched and is not as in Envoy: name and text.
    pub not_simulated: Vec<(String, String)>,
    /// Limits of the sandbox that were hit.
    pub limits: Vec<Limit>,
    /// What each phase took.
    pub phases: Vec<PhaseUse>,
    /// Memory of each VM.
    pub memory: Vec<MemoryUse>,
    /// A page of the trace.
    pub trace: TracePage,
    /// What ran it: name, version, compiler, reference.
    pub engine: [String; 4],
    /// Of all random bytes.
    pub seed: u64,
    /// Where the wall clock started.
    pub clock: String,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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
}

/// A plugin that ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunPlugin {
    /// Envoy's name of it.
    pub name: String,
    /// Whether it is the one that was tried.
    pub this: bool,
    /// Whether it loaded, started and took its configuration; `None`: not tried, as an earlier one was refused.
    pub accepted: Option<bool>,
    /// Where it was refused.
    pub stage: Option<String>,
    /// What Envoy writes then.
    pub envoy_text: Option<String>,
    /// Its ABI.
    pub abi: Option<String>,
    /// Of its module.
    pub sha256: String,
}

/// A message with and without the plugins, side by side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageChange {
    /// Whether there is nothing to compare with: a reply that a plugin or the proxy made.
    pub own: bool,
    /// Method, path and authority, or the status.
    pub start: Vec<SideRow>,
    /// Header lines.
    pub headers: Vec<SideRow>,
    /// The body.
    pub body: BodyChange,
    /// Trailers.
    pub trailers: Vec<SideRow>,
    /// Whether it came to its end.
    pub complete: bool,
}

impl MessageChange {
    /// Whether the plugins changed anything.
    pub fn changed(&self) -> bool {
        let parts = [&self.start, &self.headers, &self.body.rows, &self.trailers];
        !self.own && (self.body.before != self.body.after || parts.into_iter().flatten().any(SideRow::differs))
    }
}

/// One line on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SideRow {
    /// The same on both.
    Same(String),
    /// Without and with the plugins.
    Changed(String, String),
    /// Only with the plugins.
    Added(String),
    /// Only without the plugins.
    Removed(String),
    /// So many lines that are the same on both.
    Gap(usize),
}

impl SideRow {
    /// Whether the sides differ.
    pub fn differs(&self) -> bool {
        matches!(self, Self::Changed(..) | Self::Added(_) | Self::Removed(_))
    }
}

/// A body on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BodyChange {
    /// Its lines; of bytes that are no text, sixteen a line.
    pub rows: Vec<SideRow>,
    /// How the lines were made.
    pub shown: BodyForm,
    /// Digest without the plugins, and size; `None` where there was no message.
    pub before: Option<(String, usize)>,
    /// Digest with the plugins, and size.
    pub after: Option<(String, usize)>,
    /// Lines that were cut off at the end.
    pub cut: usize,
}

/// How a body is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum BodyForm {
    /// As it is.
    #[default]
    Text,
    /// JSON, laid out anew on both sides for reading.
    Json,
    /// In hexadecimal.
    Bytes,
}

/// A response that no upstream made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The plugin that made it; `None` for the proxy.
    pub plugin: Option<usize>,
    /// In which phase.
    pub phase: Option<String>,
    /// Its status.
    pub status: u32,
    /// What it says for the access log.
    pub details: String,
    /// Whether the client got it.
    pub reached_client: bool,
}

/// A line of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// Who wrote it.
    pub plugin: usize,
    /// When.
    pub phase: String,
    /// How much it matters.
    pub level: String,
    /// What it says.
    pub text: String,
}

/// A trap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trap {
    /// Whose.
    pub plugin: usize,
    /// In which function.
    pub function: String,
    /// In V8's words.
    pub text: String,
    /// Innermost first.
    pub backtrace: Vec<String>,
}

/// A call to another service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callout {
    /// Who called.
    pub plugin: usize,
    /// `http` or `grpc`.
    pub kind: String,
    /// The cluster.
    pub cluster: String,
    /// Method, authority and path.
    pub start: String,
    /// Header lines, as sent.
    pub headers: Vec<String>,
    /// The body as text, or its size where it is none.
    pub body: String,
    /// The plugin's own time-out.
    pub timeout_ms: u32,
    /// `answered`, `timeout`, `reset`, `refused`, `pending`.
    pub result: String,
    /// Of the answer; of the host call when it was refused.
    pub status: Option<u32>,
}

/// Something that Envoy never says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Warning {
    /// Its code.
    pub code: String,
    /// Whose.
    pub plugin: Option<usize>,
    /// When.
    pub phase: Option<String>,
    /// What happened (English).
    pub text: String,
    /// What to do (English).
    pub advice: String,
}

/// A limit that was hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    /// Its name.
    pub name: String,
    /// What it was.
    pub value: String,
    /// Who hit it.
    pub plugin: Option<usize>,
    /// When.
    pub phase: Option<String>,
}

/// What a phase took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PhaseUse {
    /// Whose.
    pub plugin: usize,
    /// Which.
    pub phase: String,
    /// How often.
    pub calls: u64,
    /// Nanoseconds.
    pub ns: u64,
    /// Fuel.
    pub fuel: u64,
}

/// Memory of a VM, in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryUse {
    /// Whose.
    pub plugin: usize,
    /// After the start.
    pub initial: u64,
    /// At most.
    pub peak: u64,
    /// What it could have had.
    pub limit: u64,
}

/// A page of the trace.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TracePage {
    /// Its calls.
    pub calls: Vec<Call>,
    /// Which page, from 1.
    pub page: usize,
    /// How many pages.
    pub pages: usize,
    /// How many calls there were.
    pub total: usize,
    /// How many of them are kept.
    pub kept: usize,
}

/// One call between the proxy and a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Counts from 0.
    pub n: u64,
    /// Whose VM.
    pub plugin: usize,
    /// When.
    pub phase: String,
    /// `vm`, `host` or `alloc`.
    pub dir: String,
    /// The function.
    pub name: String,
    /// Its arguments, in words where they are known.
    pub args: String,
    /// What came back.
    pub ret: Option<String>,
}
