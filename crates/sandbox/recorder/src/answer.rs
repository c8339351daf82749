//! What of an answer is compared, in one short form for Envoy and for the sandbox, fit for golden files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use marketplace_sandbox::exchange::Level;
use marketplace_sandbox::modules::sha256_hex;
use marketplace_sandbox::report::{
    BodyBytes, CalloutKind, CalloutMade, CalloutResult, Client, Direction, HeaderLine, MetricKind, Outcome, Phase,
    Report, Stage, Text, TraceEntry, UpstreamRequest,
};
use serde::{Deserialize, Serialize};

use crate::normal;

/// The longest body that is written out; of a longer one the digest says enough.
const SHOWN: usize = 2048;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// How it ended.
    pub outcome: Outcome,
    /// One per plugin.
    pub load: Vec<Loaded>,
    /// The exchanges before, then the one that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchanged>,
    /// The plugins' lines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub logs: Vec<Line>,
    /// Function and text of each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traps: Vec<(String, String)>,
    /// Counters and gauges.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub metrics: Vec<Metric>,
    /// Calls between proxy and module from the first stream on, where they were recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<String>>,
}

/// Whether one plugin loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Loaded {
    /// `None`: not tried.
    pub accepted: Option<bool>,
    /// Where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// In Envoy's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// One exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchanged {
    /// How it ended.
    pub outcome: Outcome,
    /// What the client has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<Received>,
    /// What the upstream has, if it has all of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upstream: Option<Message>,
    /// Calls that were sent, with the cluster each went to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub callouts: Vec<(String, Message)>,
}

/// What the client has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Received {
    /// Of the status line.
    pub status: u32,
    /// In wire order, without those that are not compared.
    pub headers: Vec<(String, String)>,
    /// As [`body`] writes it.
    pub body: String,
    /// In wire order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<(String, String)>,
    /// Whether it ended.
    pub complete: bool,
}

/// A request to the upstream or to another cluster.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Message {
    /// Of the request line.
    pub method: String,
    /// Of the request line.
    pub path: String,
    /// Of the host line.
    pub authority: Option<String>,
    /// In wire order, without those that are not compared.
    pub headers: Vec<(String, String)>,
    /// As [`body`] writes it.
    pub body: String,
    /// In wire order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub trailers: Vec<(String, String)>,
}

/// One line of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Where the recording knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<usize>,
    /// As asked for.
    pub level: Level,
    /// Without what differs from run to run.
    pub text: String,
}

/// A counter or gauge at the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metric {
    /// As the plugin defined it.
    pub name: String,
    /// How it counts.
    pub kind: MetricKind,
    /// At the end; of a counter, since the plugins were configured. `None` where that cannot be told.
    pub value: Option<u64>,
}

/// Bytes as text where they are text and short.
#[must_use]
pub fn body(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        _ if bytes.len() > SHOWN => format!("sha256:{} ({} bytes)", sha256_hex(bytes), bytes.len()),
        Ok(text) if !text.starts_with("base64:") && !text.starts_with("sha256:") => text.to_owned(),
        _ => format!("base64:{}", STANDARD.encode(bytes)),
    }
}

fn bytes_of(body_bytes: &BodyBytes) -> String {
    match &body_bytes.text {
        Some(text) => body(text.as_bytes()),
        None => body(&STANDARD.decode(&body_bytes.base64).unwrap_or_default()),
    }
}

fn text_of(text: &Text) -> String {
    match text {
        Text::Plain(text) => text.clone(),
        Text::Encoded { base64 } => format!("base64:{base64}"),
    }
}

fn lines(lines: &[HeaderLine]) -> Vec<(String, String)> {
    lines.iter().map(|line| (text_of(&line.0), text_of(&line.1))).filter_map(header).collect()
}

/// A header as it is compared; `None` for one that is not.
pub(crate) fn header((name, value): (String, String)) -> Option<(String, String)> {
    (!normal::is_dropped(&name)).then(|| (name, normal::text(&value)))
}

impl Answer {
    /// Of the sandbox's report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut exchanges: Vec<Exchanged> = report
            .before
            .iter()
            .map(|step| exchanged(step.outcome, step.client.as_ref(), step.upstream.as_ref(), &step.callouts))
            .collect();
        let (client, upstream) = (report.client.as_ref(), report.upstream.as_ref());
        exchanges.push(exchanged(report.outcome, client, upstream, &report.callouts));
        Self {
            outcome: report.outcome,
            load: report
                .load
                .iter()
                .map(|load| Loaded { accepted: load.accepted, stage: load.stage, text: load.envoy_text.clone() })
                .collect(),
            exchanges,
            logs: report
                .logs
                .iter()
                .map(|line| Line { plugin: Some(line.plugin), level: line.level, text: normal::text(&line.text) })
                .collect(),
            traps: report.traps.iter().map(|trap| (trap.function.clone(), trap.text.clone())).collect(),
            metrics: report
                .metrics
                .iter()
                .filter(|metric| metric.kind != MetricKind::Histogram)
                .map(|metric| Metric { name: metric.name.clone(), kind: metric.kind, value: Some(metric.value) })
                .collect(),
            trace: report.trace.as_ref().map(|trace| calls(trace)),
        }
    }
}

fn exchanged(
    outcome: Outcome,
    client: Option<&Client>,
    upstream: Option<&UpstreamRequest>,
    callouts: &[CalloutMade],
) -> Exchanged {
    Exchanged {
        outcome,
        client: client.map(|client| Received {
            status: client.status,
            headers: lines(&client.headers),
            body: bytes_of(&client.body),
            trailers: lines(&client.trailers),
            complete: client.complete,
        }),
        upstream: upstream.filter(|request| request.complete).map(|request| Message {
            method: text_of(&request.method),
            path: text_of(&request.path),
            authority: request.authority.as_ref().map(text_of),
            headers: lines(&request.headers),
            body: bytes_of(&request.body),
            trailers: lines(&request.trailers),
        }),
        callouts: callouts
            .iter()
            .filter(|callout| callout.result != CalloutResult::Refused && arrived_whole(callout))
            .map(|callout| {
                let message = Message {
                    method: text_of(&callout.method),
                    path: text_of(&callout.path),
                    authority: callout.authority.as_ref().map(text_of),
                    headers: lines(&callout.headers),
                    body: bytes_of(&callout.body),
                    // Not compared (`exchange.md` §6).
                    trailers: Vec::new(),
                };
                (text_of(&callout.cluster), message)
            })
            .collect(),
    }
}

/// Whether the other side can have read the whole of a call. What a plugin says of the body's length itself may not be so.
fn arrived_whole(callout: &CalloutMade) -> bool {
    let own = |name: &str| {
        callout.headers.iter().find(|line| text_of(&line.0) == name).map(|line| text_of(&line.1).trim().to_owned())
    };
    let chunked = callout.kind == CalloutKind::Http && own("transfer-encoding").is_some_and(|c| c.ends_with("chunked"));
    let announced = own("content-length").and_then(|length| length.parse::<usize>().ok());
    !chunked && announced.is_none_or(|length| length <= callout.body.size)
}

/// The calls from the first stream on, one string each: `>` into the module, `<` out of it.
fn calls(trace: &[TraceEntry]) -> Vec<String> {
    let is_start = |entry: &&TraceEntry| match entry.phase {
        Phase::Start | Phase::VmStart | Phase::Configure => true,
        Phase::ContextCreate => entry.name == "proxy_on_context_create" && entry.args.get(1) == Some(&0),
        _ => false,
    };
    // What the root's creation calls is told by the entry above it.
    let first = trace.iter().position(|entry| !is_start(&entry) && !in_root_creation(trace, entry));
    let Some(first) = first else { return Vec::new() };
    trace[first..]
        .iter()
        .filter(|entry| entry.dir != Direction::Alloc)
        .map(|entry| {
            let arrow = if entry.dir == Direction::Vm { '>' } else { '<' };
            call(arrow, &entry.name, &entry.args, entry.ret)
        })
        .collect()
}

fn in_root_creation(trace: &[TraceEntry], entry: &TraceEntry) -> bool {
    let at = usize::try_from(entry.n).unwrap_or(usize::MAX).min(trace.len());
    let outer = trace[..at].iter().rev().find(|earlier| earlier.dir == Direction::Vm);
    entry.dir != Direction::Vm
        && outer.is_some_and(|outer| outer.name == "proxy_on_context_create" && outer.args.get(1) == Some(&0))
}

/// One call as the trace writes it. Negative numbers are the unsigned ones of their width.
pub(crate) fn call(arrow: char, name: &str, args: &[i128], ret: Option<i128>) -> String {
    let args: Vec<String> = args.iter().map(|arg| unsigned(*arg).to_string()).collect();
    let ret = ret.map_or(String::new(), |ret| format!("={}", unsigned(ret)));
    format!("{arrow}{name}({}){ret}", args.join(","))
}

fn unsigned(value: i128) -> i128 {
    match value {
        0.. => value,
        _ if value >= i128::from(i32::MIN) => value + (1 << 32),
        _ => value + (1 << 64),
    }
}
