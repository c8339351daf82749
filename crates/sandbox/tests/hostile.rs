//! Whatever a module does, its run ends with a verdict, within the limits, and the worker serves the next one.
#![allow(clippy::unwrap_used)]

#[path = "hostile/corpus.rs"]
mod corpus;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use marketplace_sandbox::exchange::{Format, read};
use marketplace_sandbox::report::Outcome;
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
    let next = std::sync::atomic::AtomicUsize::new(0);
    let work = || {
        while let Some(hostile) = corpus.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst)) {
            let begun = Instant::now();
            let module = Module::new(hostile.bytes.clone());
            let checked = pool.check(&module).unwrap_or_else(|error| panic!("{}: {error}", hostile.name));
            let report = pool.run(&exchange, &Modules::new(vec![module]), &Limits::default());
            let report = report.unwrap_or_else(|error| panic!("{}: {error}", hostile.name));
            assert!(begun.elapsed() < Duration::from_secs(70), "{} took {:?}", hostile.name, begun.elapsed());
            let size = serde_json::to_vec(&report).unwrap().len();
            assert!(size < 2 << 20, "the report of {} has {size} bytes", hostile.name);
            assert_eq!(
                checked.refusal().is_some(),
                report.outcome == Outcome::Refused
                    && report.load[0].stage.is_some_and(|stage| stage < marketplace_sandbox::report::Stage::Start),
                "the check and the run of {} differ: {:?} {:?}",
                hostile.name,
                checked.refusal(),
                report.load
            );
        }
    };
    std::thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
}
