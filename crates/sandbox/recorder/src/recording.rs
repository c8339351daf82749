//! Many cases, shared among several Envoys, and compared.

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use marketplace_sandbox::exchange::Level;
use marketplace_sandbox::report::Report;

use crate::answer::Answer;
use crate::bench::{Bench, Recorded};
use crate::case::Case;

/// By it a plugin asks for ticks.
const TICKS: &str = "proxy_set_tick_period_milliseconds";

/// A case with both answers.
#[derive(Debug)]
pub struct Pair {
    /// Its place among the cases.
    pub at: usize,
    /// Envoy's; `Err` is why there is none.
    pub envoy: Result<Answer, String>,
    /// The sandbox's, where it was asked.
    pub ours: Option<Answer>,
}

/// What is asked of whom.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Both at level `trace`, so that calls can be compared.
    pub trace: bool,
    /// The sandbox too.
    pub sandbox: bool,
}

/// Runs all cases in Envoy, and in the sandbox if it is asked. `done` is told of each pair as it comes, in any order.
///
/// # Errors
/// When no runtime can be made.
pub fn record(
    cases: &[Case],
    binary: &Path,
    benches: usize,
    asked: Asked,
    done: impl Fn(Pair) + Send + Sync + 'static,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let cases: Vec<Case> = cases
        .iter()
        .cloned()
        .map(|mut case| {
            if asked.trace {
                case.exchange.log_level = Level::Trace;
            }
            case
        })
        .collect();
    let cases = Arc::new(cases);
    let next = Arc::new(Mutex::new(0));
    let done = Arc::new(done);
    runtime.block_on(async {
        let tasks: Vec<_> = (0..benches.max(1))
            .map(|_| {
                let (cases, next, done) = (Arc::clone(&cases), Arc::clone(&next), Arc::clone(&done));
                let mut bench = Bench::new(binary);
                tokio::spawn(async move {
                    loop {
                        let at = {
                            let mut next = next.lock().unwrap_or_else(PoisonError::into_inner);
                            *next += 1;
                            *next - 1
                        };
                        let Some(case) = cases.get(at) else { return };
                        let report = if asked.sandbox || case.may_call(TICKS) {
                            let task_case = case.clone();
                            let Ok(report) = tokio::task::spawn_blocking(move || task_case.run()).await else { return };
                            Some(report)
                        } else {
                            None
                        };
                        let traced = case.exchange.log_level == Level::Trace;
                        let patience = report.as_ref().map(patience).unwrap_or_default();
                        let envoy = match bench.record(case, traced, patience).await {
                            Ok(Recorded::Answer(answer)) => Ok(*answer),
                            Ok(Recorded::NotPlayed(why)) => Err(format!("not played: {why}")),
                            Err(error) => Err(error.to_string()),
                        };
                        let ours = report.filter(|_| asked.sandbox).map(|report| Answer::of(&report));
                        done(Pair { at, envoy, ours });
                    }
                })
            })
            .collect();
        for task in tasks {
            // A task that panicked has lost its cases; the caller counts.
            let _ = task.await;
        }
    });
    Ok(())
}

/// The same, all of them at the end, in order.
///
/// # Errors
/// When no runtime can be made.
pub fn pairs(cases: &[Case], binary: &Path, benches: usize, asked: Asked) -> io::Result<Vec<Pair>> {
    let pairs: Arc<Mutex<Vec<Pair>>> = Arc::default();
    let kept = Arc::clone(&pairs);
    let keep = move |pair| kept.lock().unwrap_or_else(PoisonError::into_inner).push(pair);
    record(cases, binary, benches, asked, keep)?;
    let mut pairs = std::mem::take(&mut *pairs.lock().unwrap_or_else(PoisonError::into_inner));
    pairs.sort_by_key(|pair| pair.at);
    Ok(pairs)
}

/// A plugin's ticks may be what goes on next: their period, by what the sandbox saw.
fn patience(report: &Report) -> Duration {
    let trace = report.trace.as_deref().unwrap_or_default();
    let periods = trace.iter().filter(|entry| entry.name.strip_prefix("env.") == Some(TICKS));
    let longest = periods.filter_map(|entry| u64::try_from(*entry.args.first()?).ok()).max().unwrap_or(0);
    Duration::from_millis(longest.min(3_000) * 2)
}
