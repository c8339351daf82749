//! Traps in the words of Envoy's V8.

use super::support::{module, on_request, run, run_with_body};

#[test]
fn every_kind_of_trap_has_its_words() {
    const CASES: [(&str, &str); 16] = [
        ("unreachable", "RuntimeError: unreachable"),
        ("(drop (i32.load (i32.const -4)))", "RuntimeError: memory access out of bounds"),
        ("(i64.store (i32.const 131070) (i64.const 1))", "RuntimeError: memory access out of bounds"),
        (
            "(memory.fill (i32.const 131000) (i32.const 0) (i32.const 1000))",
            "RuntimeError: memory access out of bounds",
        ),
        ("(memory.init $seg (i32.const 0) (i32.const 2) (i32.const 9))", "RuntimeError: memory access out of bounds"),
        ("(drop (i32.div_s (i32.const 1) (local.get $zero)))", "RuntimeError: divide by zero"),
        ("(drop (i64.div_u (i64.const 1) (i64.extend_i32_u (local.get $zero))))", "RuntimeError: divide by zero"),
        ("(drop (i32.rem_u (i32.const 1) (local.get $zero)))", "RuntimeError: remainder by zero"),
        ("(drop (i64.rem_s (i64.const 1) (i64.extend_i32_s (local.get $zero))))", "RuntimeError: remainder by zero"),
        (
            "(drop (i32.div_s (i32.const 0x80000000) (i32.sub (local.get $zero) (i32.const 1))))",
            "RuntimeError: divide result unrepresentable",
        ),
        ("(drop (i32.trunc_f64_s (f64.const 1e20)))", "RuntimeError: float unrepresentable in integer range"),
        ("(drop (i64.trunc_f32_u (f32.const nan)))", "RuntimeError: float unrepresentable in integer range"),
        ("(call_indirect (type $v) (i32.const 0))", "RuntimeError: function signature mismatch"),
        ("(call_indirect (type $v) (i32.const 1))", "RuntimeError: function signature mismatch"),
        ("(call_indirect (type $v) (i32.const 99))", "RuntimeError: table index is out of bounds"),
        ("(call $recurse)", "RangeError: Maximum call stack size exceeded"),
    ];
    const PARTS: &str = r#"(type $v (func)) (table 3 funcref) (elem (i32.const 1) $other) (func $other (param i32))
        (func $recurse (call $recurse)) (data $seg "abc")"#;
    for (body, words) in CASES {
        let body = format!("{PARTS} {}", on_request(&format!("(local $zero i32) {body}")));
        let report = run(&module("", &[], &body));
        let traps: Vec<_> = report.traps.iter().map(|trap| trap.text.as_str()).collect();
        assert_eq!(traps, [format!("Uncaught {words}")], "{body}");
    }
}

/// Each callback for the body is called within what the one before it has put off: Envoy goes some 1,300 deep.
#[test]
fn a_plugin_that_resumes_its_own_body_for_ever_ends_as_a_stack_that_is_too_deep() {
    const IMPORTS: &str = r#"
        (import "env" "proxy_set_tick_period_milliseconds" (func $every (param i32) (result i32)))
        (import "env" "proxy_set_effective_context" (func $as (param i32) (result i32)))
        (import "env" "proxy_continue_stream" (func $resume (param i32) (result i32)))"#;
    const BODY: &str = r#"
        (func (export "proxy_on_configure") (param i32 i32) (result i32) (drop (call $every (i32.const 10))) (i32.const 1))
        (func (export "proxy_on_tick") (param i32) (drop (call $as (i32.const 2))) (drop (call $resume (i32.const 0))))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (i32.const 1))
        (func (export "proxy_on_request_body") (param i32 i32 i32) (result i32)
            (drop (call $resume (i32.const 0))) (i32.const 1))"#;
    let report = run_with_body(&module(IMPORTS, &[], BODY));
    let traps: Vec<_> = report.traps.iter().map(|trap| (trap.function.as_str(), trap.text.as_str())).collect();
    assert_eq!(traps, [("proxy_on_request_body", "Uncaught RangeError: Maximum call stack size exceeded")]);
    assert_eq!(report.client.map(|client| client.status), Some(503));
    let calls = report.trace.unwrap().iter().filter(|call| call.name == "proxy_on_request_body").count();
    assert!((1_000..2_000).contains(&calls), "{calls}");
}
