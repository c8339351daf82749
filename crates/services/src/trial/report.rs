//! From the report of a run to what its page shows.

use chrono::{DateTime, Utc};
use marketplace_domain::{
    draft::Draft,
    views::{
        apply::ApplyTarget,
        run::{
            Call, Callout, Limit, LogLine, MemoryUse, Outcome, PhaseUse, Reply, RunPlugin, RunView, TRACE_PAGE,
            TracePage, Trap, Warning,
        },
        trial::LeftOut,
    },
};
use marketplace_sandbox::{
    Report,
    report::{self, BodyBytes, Client, ReplyBy, TraceEntry, UpstreamRequest},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::message::{self, line, words};

/// The most characters of an argument or of a body that is shown in a list.
const LONGEST: usize = 400;

/// What is kept beside the exchange and its report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct About {
    /// What was tried on whom.
    pub target: ApplyTarget,
    /// What was typed, to be edited and run again.
    pub form: Draft,
    /// The place of the plugin in the exchange's list.
    pub this: usize,
    /// Plugins of the proxy that were left out.
    pub left_out: Vec<(String, LeftOut)>,
    /// Environment variables that only the proxy's container knows.
    pub unknown_env: Vec<String>,
    /// What reaches the upstream without plugins.
    pub alone_upstream: Option<UpstreamRequest>,
    /// What reaches the client without plugins.
    pub alone_client: Option<Client>,
    /// How many calls the trace had.
    pub calls: usize,
}

/// What the page shows, with this page of the trace.
pub fn view(id: Uuid, created: DateTime<Utc>, who: String, about: About, report: Report, page: usize) -> RunView {
    let trace = trace(report.trace.unwrap_or_default(), about.calls, page);
    // A reply has nothing to do with what the upstream would have said.
    let replied = report.local_reply.as_ref().is_some_and(|reply| reply.reached_client);
    let compared = about.alone_client.as_ref().filter(|_| !replied);
    RunView {
        id: id.to_string(),
        created: created.timestamp(),
        who,
        target: about.target,
        name: report.name,
        outcome: outcome(report.outcome),
        plugins: report.load.into_iter().map(|load| plugin(load, about.this)).collect(),
        left_out: about.left_out,
        unknown_env: about.unknown_env,
        request: report.upstream.as_ref().map(|request| message::request(about.alone_upstream.as_ref(), request)),
        response: report.client.as_ref().map(|client| message::response(compared, client)),
        reply: report.local_reply.map(|reply| Reply {
            plugin: reply.plugin.filter(|_| reply.by == ReplyBy::Plugin),
            phase: reply.phase.map(word),
            status: reply.status,
            details: reply.details,
            reached_client: reply.reached_client,
        }),
        details: report.code_details,
        logs: report.logs.into_iter().map(log).collect(),
        traps: report.traps.into_iter().map(trap).collect(),
        metrics: report.metrics.into_iter().map(|one| (one.name, word(one.kind), one.value)).collect(),
        shared: report.shared_data.iter().map(|one| (words(&one.key), body(&one.value))).collect(),
        callouts: report.callouts.iter().map(callout).collect(),
        before: report
            .before
            .iter()
            .map(|step| (outcome(step.outcome), step.client.as_ref().map(|c| c.status)))
            .collect(),
        warnings: report
            .warnings
            .into_iter()
            .map(|one| Warning {
                code: one.code,
                plugin: one.plugin,
                phase: one.phase.map(word),
                text: one.text,
                advice: one.advice,
            })
            .collect(),
        not_simulated: report.not_simulated.into_iter().map(|one| (one.what, one.text)).collect(),
        limits: report
            .limits_hit
            .into_iter()
            .map(|one| Limit {
                name: one.limit,
                value: match one.value {
                    Value::String(text) => text,
                    other => other.to_string(),
                },
                plugin: one.plugin,
                phase: one.phase.map(word),
            })
            .collect(),
        phases: report
            .phases
            .into_iter()
            .map(|one| PhaseUse {
                plugin: one.plugin,
                phase: word(one.phase),
                calls: one.calls,
                ns: one.ns,
                fuel: one.fuel,
            })
            .collect(),
        memory: report
            .memory
            .into_iter()
            .map(|one| MemoryUse {
                plugin: one.plugin,
                initial: one.initial_bytes,
                peak: one.peak_bytes,
                limit: one.limit_bytes,
            })
            .collect(),
        trace,
        engine: [report.engine.name, report.engine.version, report.engine.compiler, report.engine.reference],
        seed: report.seed,
        clock: report.clock,
    }
}

/// The word of a value in the report's format.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn outcome(outcome: report::Outcome) -> Outcome {
    match outcome {
        report::Outcome::Responded => Outcome::Responded,
        report::Outcome::Refused => Outcome::Refused,
        report::Outcome::Hung => Outcome::Hung,
        report::Outcome::Reset => Outcome::Reset,
        report::Outcome::CrashedEnvoy => Outcome::CrashedEnvoy,
        // `error` is never in a report.
        report::Outcome::Limit | report::Outcome::Error => Outcome::Limit,
    }
}

fn plugin(load: report::Load, this: usize) -> RunPlugin {
    RunPlugin {
        this: load.plugin == this,
        name: load.name,
        accepted: load.accepted,
        stage: load.stage.map(word),
        envoy_text: load.envoy_text,
        abi: load.abi,
        sha256: load.sha256,
    }
}

fn log(one: report::LogLine) -> LogLine {
    LogLine { plugin: one.plugin, phase: word(one.phase), level: one.level.word().to_owned(), text: one.text }
}

fn trap(one: report::Trap) -> Trap {
    let frame = |frame: report::Frame| {
        let name = frame.name.unwrap_or_else(|| "?".to_owned());
        frame.offset.map_or_else(|| name.clone(), |offset| format!("{name} @ {offset:#x}"))
    };
    Trap {
        plugin: one.plugin,
        function: one.function,
        text: one.text,
        backtrace: one.backtrace.into_iter().map(frame).collect(),
    }
}

fn callout(one: &report::CalloutMade) -> Callout {
    let authority = one.authority.as_ref().map(words).unwrap_or_default();
    Callout {
        plugin: one.plugin,
        kind: word(one.kind),
        cluster: words(&one.cluster),
        start: format!("{} {authority}{}", words(&one.method), words(&one.path)),
        headers: one.headers.iter().map(line).collect(),
        body: body(&one.body),
        timeout_ms: one.timeout_ms,
        result: word(one.result),
        status: one.status,
    }
}

fn body(body: &BodyBytes) -> String {
    match &body.text {
        Some(text) => short(text),
        None => short(&format!("base64:{}", body.base64)),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

fn trace(kept: Vec<TraceEntry>, total: usize, page: usize) -> TracePage {
    let count = kept.len();
    let pages = count.div_ceil(TRACE_PAGE);
    let page = page.clamp(1, pages.max(1));
    let calls = kept.into_iter().skip((page - 1) * TRACE_PAGE).take(TRACE_PAGE).map(call).collect();
    TracePage { calls, page, pages, total: total.max(count), kept: count }
}

fn call(one: TraceEntry) -> Call {
    let decoded = one.decoded.as_object().filter(|decoded| !decoded.is_empty());
    let shown = |value: &Value| match value {
        Value::String(text) => short(text),
        other => short(&other.to_string()),
    };
    let args = match decoded {
        Some(decoded) => {
            decoded.iter().map(|(name, value)| format!("{name}: {}", shown(value))).collect::<Vec<_>>().join(", ")
        }
        None => one.args.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    Call {
        n: one.n,
        plugin: one.plugin,
        phase: word(one.phase),
        dir: word(one.dir),
        name: one.name,
        args,
        ret: one.ret.map(|ret| ret.to_string()),
    }
}
