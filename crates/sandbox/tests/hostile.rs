//! Whatever a module does, its run ends with a verdict, within the limits, and the worker serves the next one.
#![allow(clippy::unwrap_used)]

#[path = "hostile/corpus.rs"]
mod corpus;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use marketplace_sandbox::exchange::{Format, read};
use marketplace_sandbox::report::{Outcome, Stage};
use marketplace_sandbox::worker::{Options, Pool};
use marketplace_sandbox::{Exchange, Limits, Module, Modules, Runner};

/// With limits that let the whole corpus pass in a minute.
const EXCHANGE: &str = r#"{"version": 1, "plugins": [{"module": "m.wasm"}], "after_ms": 100,
    "request": {"method": "POST", "body": "hello"}, "upstream": {"status": 200, "body": "fine"},
    "limits": {"wall_ms": 3000, "start_ms": 200, "callback_ms": 100, "memory_bytes": 67108864}}"#;

fn exchange() -> Exchange {
    read(EXCHANGE.as_bytes(), Format::Json, &Limits::default(), false).exchange.unwrap()
}

fn pool(workers: usize, cache: Option<PathBuf>) -> Pool {
    Pool::new(Options {
        program: env!("CARGO_BIN_EXE_sandbox-worker").into(),
        args: cache.into_iter().map(Into::into).collect(),
        workers,
        queue: 16,
        trace: false,
    })
}

#[test]
fn every_hostile_module_ends_in_a_verdict() {
    let corpus = corpus::corpus();
    assert!(corpus.len() >= 60, "{}", corpus.len());
    let (pool, exchange) = (pool(2, None), exchange());
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let work = || {
        while let Some(hostile) = corpus.get(next.fetch_add(1, Ordering::SeqCst)) {
            if let Err(text) = try_one(&pool, &exchange, &hostile.bytes) {
                wrong.lock().unwrap().push(format!("{}: {text}", hostile.name));
            }
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), corpus.len(), wrong.join("\n"));
}

/// A verdict of check and run, within the limits of the worker, and both the same.
fn try_one(pool: &Pool, exchange: &Exchange, bytes: &[u8]) -> Result<(), String> {
    let begun = Instant::now();
    let module = Module::new(bytes.to_vec());
    let checked = pool.check(module.bytes()).map_err(|error| error.to_string())?;
    let modules = Modules::new(vec![module]);
    let report = pool.run(exchange, &modules, &Limits::default()).map_err(|error| error.to_string())?;
    // Twice the deadline after which a worker is killed, and something for a machine that has other things to do.
    if begun.elapsed() > Duration::from_secs(70) {
        return Err(format!("it took {:?}", begun.elapsed()));
    }
    let size = serde_json::to_vec(&report).unwrap().len();
    if size > 64 << 20 {
        return Err(format!("its report has {size} bytes"));
    }
    let early = |stage: Stage| stage < Stage::Start;
    let refused = report.outcome == Outcome::Refused && report.load[0].stage.is_some_and(early);
    // A run has the time to find what a check has not.
    if !checked.is_settled() && checked.refusal().is_none() {
        return Ok(());
    }
    // What a start section does is seen only when it runs.
    if checked.refusal().is_some() != refused && report.load[0].stage != Some(Stage::Instantiate) {
        return Err(format!(
            "the check says {:?}, the run {:?} {:?}",
            checked.refusal(),
            report.outcome,
            report.load[0]
        ));
    }
    Ok(())
}
