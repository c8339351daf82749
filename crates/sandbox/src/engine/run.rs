//! One run from an exchange to its report.

use std::thread;

use super::http::stream::Stream;
use super::proxy::Proxy;
use super::stats;
use super::summary;
use super::vm::machine::{self, Ticking};
use super::world::{Halt, Settings, Step, World};
use crate::Module;
use crate::exchange::Exchange;
use crate::limits::Limits;
use crate::modules::Modules;
use crate::report::{
    BodyBytes, CalloutMade, Client, Engine, FORMAT, LimitHit, Load, LocalReply, MemoryUse, Metric, MetricKind, Outcome,
    Report, SharedData, StepReport, Text, UpstreamRequest,
};

/// The host's own stack for one run; the guest's part of it is limited by the engine.
const STACK: usize = 64 << 20;

/// Runs the exchange in this process, in a thread of its own.
#[must_use]
pub fn run(exchange: &Exchange, modules: &Modules, operator_limits: &Limits) -> Report {
    let limits = exchange.limits.lowered_to(*operator_limits);
    thread::scope(|scope| {
        let spawned = thread::Builder::new()
            .name("sandbox-run".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || run_here(exchange, modules, limits));
        match spawned.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(report)) => report,
            // A fault of ours; the plugin gets no verdict from it.
            _ => {
                let hit = LimitHit { limit: "sandbox_fault".to_owned(), value: 0.into(), plugin: None, phase: None };
                Report::stopped(exchange, modules, hit)
            }
        }
    })
}

/// What one exchange came to.
struct Result {
    outcome: Outcome,
    client: Option<Client>,
    upstream: Option<UpstreamRequest>,
    code_details: Option<String>,
    local_reply: Option<LocalReply>,
}

fn run_here(exchange: &Exchange, modules: &Modules, limits: Limits) -> Report {
    let ticking = machine::engine().and_then(Ticking::start);
    let settings = Settings {
        log_level: exchange.log_level,
        properties: exchange.properties.clone(),
        mtls: exchange.mtls.clone(),
        limits,
        seed: exchange.seed,
    };
    let start = exchange.clock.timestamp_nanos_opt().and_then(|ns| u64::try_from(ns).ok()).unwrap_or(0);
    let mut proxy = Proxy::new(World::new(settings, start));
    // Clusters are there before any plugin is.
    let first = exchange.before.first().map_or(&exchange.callouts, |step| &step.callouts);
    proxy.world.callouts.begin(first);
    let modules: Vec<Module> = modules.iter().cloned().collect();
    let (load, loaded) = match ticking {
        Ok(_) => proxy.load_all(&exchange.plugins, &modules),
        Err(_) => (Vec::new(), Err(Halt::Limit)),
    };
    let mut before = Vec::new();
    let mut first_callout = 0;
    let result = match loaded {
        Err(halt) => halted(halt),
        Ok(false) => Result::bare(Outcome::Refused),
        Ok(true) => match exchanges(&mut proxy, exchange, &mut before, &mut first_callout) {
            Ok(()) => proxy.last_stream().map_or(Result::bare(Outcome::Hung), result_of),
            Err(halt) => {
                let mut result = proxy.last_stream().map_or(Result::bare(Outcome::Hung), result_of);
                result.outcome = halted(halt).outcome;
                result
            }
        },
    };
    report(proxy, exchange, load, before, first_callout, result)
}

/// The earlier exchanges, then the one that is reported.
fn exchanges(proxy: &mut Proxy, exchange: &Exchange, before: &mut Vec<StepReport>, first_callout: &mut usize) -> Step {
    for step in &exchange.before {
        let first = proxy.world.callouts.made.len();
        proxy.exchange(&step.request, &step.upstream, &step.callouts, 0)?;
        let callouts = proxy.world.callouts.made[first..].to_vec();
        if let Some(result) = proxy.last_stream().map(result_of) {
            before.push(result.step(callouts));
        }
    }
    *first_callout = proxy.world.callouts.made.len();
    proxy.exchange(&exchange.request, &exchange.upstream, &exchange.callouts, exchange.after_ms)
}

impl Result {
    fn bare(outcome: Outcome) -> Self {
        Self { outcome, client: None, upstream: None, code_details: None, local_reply: None }
    }

    fn step(self, callouts: Vec<CalloutMade>) -> StepReport {
        StepReport {
            outcome: self.outcome,
            client: self.client,
            upstream: self.upstream,
            code_details: self.code_details,
            local_reply: self.local_reply,
            callouts,
        }
    }
}

fn halted(halt: Halt) -> Result {
    Result::bare(match halt {
        Halt::Limit => Outcome::Limit,
        Halt::Crashed => Outcome::CrashedEnvoy,
    })
}

/// What client and upstream saw of a stream.
fn result_of(stream: &Stream) -> Result {
    let received = stream.client.received();
    let outcome = if received.complete {
        Outcome::Responded
    } else if stream.reset || received.refused {
        Outcome::Reset
    } else {
        Outcome::Hung
    };
    let details = stream.code_details.as_ref().filter(|_| received.client.is_some());
    let details = details.map(|details| String::from_utf8_lossy(details).into_owned());
    Result {
        outcome,
        client: received.client,
        upstream: stream.router.reported(),
        code_details: details,
        local_reply: stream.local_reply.clone(),
    }
}

fn report(
    mut proxy: Proxy,
    exchange: &Exchange,
    load: Vec<Load>,
    before: Vec<StepReport>,
    first_callout: usize,
    mut result: Result,
) -> Report {
    let limits = proxy.world.settings.limits;
    let memory: Vec<MemoryUse> = proxy
        .instances
        .iter()
        .zip(&proxy.sources)
        .filter_map(|(instance, source)| {
            let instance = instance.as_ref()?;
            Some(MemoryUse {
                plugin: source.plugin,
                initial_bytes: instance.initial_bytes,
                peak_bytes: instance.peak_bytes(),
                limit_bytes: limits.memory_bytes,
            })
        })
        .collect();
    let hits: Vec<(bool, bool)> = proxy.instances.iter().flatten().map(|instance| instance.limits_hit()).collect();
    let world = &mut proxy.world;
    if hits.iter().any(|(memory, _)| *memory) {
        world.record.limit("memory_bytes", limits.memory_bytes, None);
    }
    if hits.iter().any(|(_, table)| *table) {
        world.record.limit("table_elements", super::vm::TABLE_ELEMENTS as u64, None);
    }
    // A guest that was refused memory which Envoy would have given, and then trapped, was not judged.
    if hits.iter().any(|(memory, table)| *memory || *table) && !world.record.traps.is_empty() {
        result.outcome = Outcome::Limit;
    }
    let record = std::mem::replace(&mut world.record, super::record::Recorder::new(limits));
    let mut warnings = exchange.warnings.clone();
    warnings.extend(record.warnings);
    let mut made = std::mem::take(&mut world.callouts.made);
    let callouts = made.split_off(first_callout.min(made.len()));
    let summary = summary::of(&result.outcome, &load, result.local_reply.as_ref(), &record.traps, &record.limits_hit);
    Report {
        format: FORMAT.to_owned(),
        index: 0,
        file: None,
        name: exchange.name.clone(),
        outcome: result.outcome,
        summary,
        load,
        client: result.client,
        upstream: result.upstream,
        code_details: result.code_details,
        local_reply: result.local_reply,
        callouts,
        before,
        logs: record.logs,
        traps: record.traps,
        metrics: metrics(&world.stats),
        shared_data: shared_data(world),
        trace: Some(record.trace),
        phases: record.phases,
        memory,
        warnings,
        not_simulated: record.not_simulated,
        limits_hit: record.limits_hit,
        engine: engine(),
        seed: exchange.seed,
        clock: exchange.clock.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
    }
}

fn metrics(stats: &stats::Stats) -> Vec<Metric> {
    let kind = |kind| match kind {
        stats::Kind::Counter => MetricKind::Counter,
        stats::Kind::Gauge => MetricKind::Gauge,
        stats::Kind::Histogram => MetricKind::Histogram,
    };
    stats.iter().map(|(name, k, value)| Metric { name: name.to_owned(), kind: kind(k), value }).collect()
}

fn shared_data(world: &World) -> Vec<SharedData> {
    let mut all: Vec<SharedData> = world
        .shared
        .iter()
        .map(|(vm_id, key, value, cas)| SharedData {
            vm_id: vm_id.to_owned(),
            key: Text::new(key),
            value: BodyBytes::new(value),
            cas,
        })
        .collect();
    all.sort_by(|a, b| (&a.key, &a.vm_id).cmp(&(&b.key, &b.vm_id)));
    all
}

/// What runs modules here.
#[must_use]
pub fn engine() -> Engine {
    Engine {
        name: "wasmtime".to_owned(),
        version: super::WASMTIME.to_owned(),
        compiler: "winch".to_owned(),
        reference: "envoy 1.40.0".to_owned(),
    }
}
