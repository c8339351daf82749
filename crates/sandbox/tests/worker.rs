//! Workers give the same answers as the engine in this process, and say so when they cannot.
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::time::Duration;

use marketplace_sandbox::exchange::{Format, read};
use marketplace_sandbox::report::{Outcome, Verdict};
use marketplace_sandbox::worker::{Options, Pool};
use marketplace_sandbox::{Exchange, Limits, Module, Modules, Report, RunError, Runner, engine};

const BASE: &str = r#"(memory (export "memory") 1) (func (export "proxy_abi_version_0_2_1"))
    (func (export "malloc") (param i32) (result i32) i32.const 1024)"#;

fn module(more: &str) -> Module {
    Module::new(wat::parse_str(format!("(module {BASE} {more})")).unwrap())
}

fn exchange() -> Exchange {
    let text =
        r#"{"version": 1, "plugins": [{"module": "a"}, {"module": "b", "vm_id": "b"}], "request": {"body": "hello"}}"#;
    read(text.as_bytes(), Format::Json, &Limits::default(), false).exchange.unwrap()
}

fn pool(program: &str, workers: usize, queue: usize, cache: Option<&Path>) -> Pool {
    let args = cache.into_iter().map(Into::into).collect();
    Pool::new(Options { program: program.into(), args, workers, queue, trace: true })
}

const WORKER: &str = env!("CARGO_BIN_EXE_sandbox-worker");

fn without_times(mut report: Report) -> Report {
    report.phases.iter_mut().for_each(|phase| phase.ns = 0);
    report
}

#[test]
fn a_worker_answers_as_the_engine_does_and_keeps_the_code() {
    let folder = tempfile::tempdir().unwrap();
    let cache = folder.path().join("code");
    let modules = Modules::new(vec![
        module(r#"(func (export "proxy_on_request_body") (param i32 i32 i32) (result i32) i32.const 1)"#),
        module(r#"(func (export "proxy_on_response_headers") (param i32 i32 i32) (result i32) unreachable)"#),
    ]);
    let here = without_times(engine::run(&exchange(), &modules, &Limits::default()));
    for workers in [1, 2] {
        let pool = pool(WORKER, workers, 16, Some(&cache));
        pool.warm();
        for _ in 0..3 {
            let there = pool.run(&exchange(), &modules, &Limits::default()).unwrap();
            assert_eq!(without_times(there), here);
        }
        assert_eq!(pool.check(modules.of(0).unwrap().bytes()).unwrap().verdict(), Verdict::Loads);
    }
    assert_eq!(kept(&cache), 2);
}

#[test]
fn code_is_there_before_the_first_run_where_a_worker_can_be_spared() {
    for (workers, there) in [(1, 0), (2, 1)] {
        let folder = tempfile::tempdir().unwrap();
        let cache = folder.path().join("code");
        pool(WORKER, workers, 16, Some(&cache)).make_ready(&module(""));
        assert_eq!(kept(&cache), there, "{workers}");
    }
}

/// Modules whose code is in the cache.
fn kept(cache: &Path) -> usize {
    let Ok(files) = std::fs::read_dir(cache) else { return 0 };
    files.flatten().filter(|file| file.path().extension().is_some_and(|extension| extension == "code")).count()
}

#[test]
fn who_finds_the_queue_full_is_told() {
    let forever = module(
        r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (loop $l br $l) unreachable)"#,
    );
    let modules = Modules::new(vec![forever.clone(), forever]);
    let pool = pool(WORKER, 1, 0, None);
    std::thread::scope(|scope| {
        let first = scope.spawn(|| pool.run(&exchange(), &modules, &Limits::default()));
        let busy = std::iter::repeat_with(|| {
            std::thread::sleep(Duration::from_millis(10));
            pool.check(modules.of(0).unwrap().bytes())
        });
        assert_eq!(busy.take(100).find_map(Result::err), Some(RunError::Busy));
        assert_eq!(first.join().unwrap().unwrap().outcome, Outcome::Limit);
    });
    assert!(pool.check(modules.of(0).unwrap().bytes()).is_ok(), "the place is free again");
}

#[test]
fn a_program_that_is_no_worker_is_a_fault_of_ours() {
    let modules = Modules::new(vec![module(""), module("")]);
    for program in ["/nowhere/worker", "/bin/true"] {
        let answer = pool(program, 1, 1, None).run(&exchange(), &modules, &Limits::default());
        assert!(matches!(answer, Err(RunError::Fault(_))), "{program}: {answer:?}");
    }
}
