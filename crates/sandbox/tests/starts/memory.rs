//! The allocator, and modules whose memory Envoy cannot reach.

use super::support::{logs, module, on_request, run, with_allocator};
use marketplace_sandbox::report::Outcome;

const GET: &str = r#"(import "env" "proxy_get_header_map_value" (func $get (param i32 i32 i32 i32 i32) (result i32)))"#;
/// Asks for `:path`; logs the status, the pointer and the size.
const ASK: &str = "(i32.store (i32.const 1024) (i32.const 0x7461703a)) (i32.store8 (i32.const 1028) (i32.const 0x68))
    (call $num (call $get (i32.const 0) (i32.const 1024) (i32.const 5) (i32.const 8) (i32.const 12)))
    (call $num (i32.load (i32.const 8))) (call $num (i32.load (i32.const 12)))";

#[test]
fn what_the_allocator_returns_is_looked_at() {
    let cases: [(&str, &[&str]); 7] = [
        ("(i32.const 0)", &["6", "0", "0"]),
        ("(i32.const -1)", &["6", "0", "0"]),
        ("(i32.const 1)", &["0", "1", "1"]),
        ("(i32.const 131071)", &["0", "131071", "1"]),
        ("(i32.const 131072)", &["6", "0", "0"]),
        ("(drop (memory.grow (i32.const 1))) (i32.const 131072)", &["0", "131072", "1"]),
        ("unreachable", &["6", "0", "0"]),
    ];
    for (returned, expected) in cases {
        let malloc = format!(r#"(func (export "malloc") (param i32) (result i32) {returned})"#);
        let report = run(&with_allocator(GET, &[], &format!("{malloc} {}", on_request(ASK))));
        assert_eq!(logs(&report), expected, "{returned}");
        let status = if returned == "unreachable" { 503 } else { 200 };
        assert_eq!(report.client.map(|client| client.status), Some(status), "{returned}");
    }
}

#[test]
fn malloc_is_preferred_and_only_a_function_counts() {
    const MALLOC: &str = r#"(func (export "malloc") (param i32) (result i32) (i32.const 65536))"#;
    const ALLOCATE: &str = r#"(func (export "proxy_on_memory_allocate") (param i32) (result i32) (i32.const 70000))"#;
    const GLOBAL: &str = r#"(global (export "malloc") i32 (i32.const 5))"#;
    for (exports, pointer) in [([MALLOC, ALLOCATE], "65536"), (["", ALLOCATE], "70000"), ([GLOBAL, ALLOCATE], "70000")]
    {
        let report = run(&with_allocator(GET, &[], &format!("{} {}", exports.concat(), on_request(ASK))));
        assert_eq!(logs(&report), ["0", pointer, "1"]);
    }
}

#[test]
fn the_allocator_may_call_less_than_a_start_function() {
    let cases = [
        ("env", "proxy_log", "(param i32 i32 i32) (result i32)", 3, true),
        ("env", "emscripten_notify_memory_growth", "(param i32)", 1, false),
        ("env", "pthread_equal", "(param i32 i32) (result i32)", 2, false),
        ("wasi_snapshot_preview1", "environ_sizes_get", "(param i32 i32) (result i32)", 2, false),
        ("wasi_unstable", "sched_yield", "(result i32)", 0, false),
    ];
    for (from, name, ty, params, allowed) in cases {
        let imports = format!(r#"(import "{from}" "{name}" (func $f {ty})) {GET}"#);
        let drop = if ty.contains("result") { "drop" } else { "" };
        let malloc = format!(
            r#"(func (export "malloc") (param i32) (result i32) {} (call $f) {drop} (i32.const 65536))"#,
            "(i32.const 0)".repeat(params)
        );
        let report = run(&with_allocator(&imports, &[], &format!("{malloc} {}", on_request(ASK))));
        let last = logs(&report).last().copied();
        assert_eq!(last, Some(if allowed { "1" } else { "0" }), "{name}");
        let traps: Vec<_> = report.traps.iter().map(|trap| (trap.function.as_str(), trap.text.as_str())).collect();
        let expected = [("malloc", "Uncaught Error: restricted_callback")];
        assert_eq!(traps, &expected[..usize::from(!allowed)], "{name}");
    }
}

/// A module with this memory, whose request callback does that.
fn with_memory(memory: &str, import: &str, ty: &str, call: &str) -> String {
    format!(
        r#"(module (import "env" "{import}" (func $f {ty})) {memory}
            (func (export "proxy_abi_version_0_2_1"))
            (func (export "malloc") (param i32) (result i32) (i32.const 0)) {})"#,
        on_request(call)
    )
}

#[test]
fn a_memory_that_envoy_cannot_reach_kills_it_when_it_is_looked_for() {
    const LOG: (&str, &str) = ("proxy_log", "(param i32 i32 i32) (result i32)");
    let log = |level: u32| format!("(drop (call $f (i32.const {level}) (i32.const 0) (i32.const 0)))");
    let outcome = |memory: &str, (import, ty): (&str, &str), call: &str| {
        let report = run(&with_memory(memory, import, ty, call));
        assert_eq!(report.load[0].accepted, Some(true));
        report.outcome
    };
    for memory in ["", "(memory 1)"] {
        assert_eq!(outcome(memory, LOG, &log(2)), Outcome::CrashedEnvoy);
        // The level is looked at first.
        assert_eq!(outcome(memory, LOG, &log(9)), Outcome::Responded);
        let done = ("proxy_done", "(result i32)");
        assert_eq!(outcome(memory, done, "(drop (call $f))"), Outcome::Responded);
        let time = ("proxy_get_current_time_nanoseconds", "(param i32) (result i32)");
        assert_eq!(outcome(memory, time, "(drop (call $f (i32.const 0)))"), Outcome::CrashedEnvoy);
    }
    for memory in [r#"(memory (export "mem") 1)"#, r#"(import "env" "memory" (memory 2))"#] {
        let memory_first = with_memory(memory, LOG.0, LOG.1, &log(2));
        assert_eq!(run(&memory_first).outcome, Outcome::Responded, "{memory}");
    }
}

#[test]
fn memory_and_tables_are_given_as_they_are_imported() {
    let imports = r#"(import "env" "__indirect_function_table" (table 4 funcref))"#;
    let report =
        run(&module(imports, &[], &on_request("(call $num (table.size)) (call $num (memory.grow (i32.const 100)))")));
    assert_eq!(logs(&report), ["4", "2"]);
}
