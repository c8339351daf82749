//! Which start functions are called, in which order, and what they must look like.

use super::support::{logs, module, on_request, refused, run};
use marketplace_sandbox::report::{Outcome, Stage};

const TEXTS: [&str; 5] = ["initialize", "main", "main_void", "start", "request"];

fn starting(body: &str) -> String {
    module("", &TEXTS, &format!("{body} {}", on_request("(call $request)")))
}

#[test]
fn a_reactor_is_initialized_and_then_its_main_is_called() {
    const INITIALIZE: &str = r#"(func (export "_initialize") (call $initialize))"#;
    const START: &str = r#"(func (export "_start") (call $start))"#;
    const MAIN: &str = r#"(func (export "main") (param i32 i32) (result i32) (call $main) (i32.const 7))"#;
    const MAIN_VOID: &str = r#"(func (export "__main_void") (result i32) (call $main_void) (i32.const 0))"#;
    let cases: [(&[&str], &[&str]); 8] = [
        (&[INITIALIZE], &["initialize", "request"]),
        (&[START], &["start", "request"]),
        (&[INITIALIZE, START], &["initialize", "request"]),
        (&[START, MAIN], &["start", "request"]),
        (&[MAIN, MAIN_VOID], &["request"]),
        (&[INITIALIZE, MAIN], &["initialize", "main", "request"]),
        (&[INITIALIZE, MAIN_VOID], &["initialize", "main_void", "request"]),
        (&[INITIALIZE, MAIN, MAIN_VOID], &["initialize", "main", "request"]),
    ];
    for (exports, expected) in cases {
        let report = run(&starting(&exports.concat()));
        assert_eq!(logs(&report), expected, "{exports:?}");
        assert_eq!(report.outcome, Outcome::Responded);
    }
}

#[test]
fn start_functions_of_another_type_are_refused_when_they_would_be_called() {
    let bad = |name: &str, want: &str, has: &str| {
        Some(format!("Bad function signature for: {name}, want: {want}, but the module exports: {has}"))
    };
    let initialize = r#"(func (export "_initialize"))"#;
    let cases = [
        (r#"(func (export "_initialize") (param i32))"#.to_owned(), bad("_initialize", "void -> void", "i32 -> void")),
        (r#"(func (export "_start") (param i32))"#.to_owned(), bad("_start", "void -> void", "i32 -> void")),
        (format!(r#"{initialize} (func (export "_start") (param i32))"#), None),
        (format!(r#"{initialize} (func (export "main"))"#), bad("main", "i32 i32 -> i32", "void -> void")),
        (
            format!(r#"{initialize} (func (export "__main_void") (param i32))"#),
            bad("__main_void", "void -> i32", "i32 -> void"),
        ),
        (r#"(func (export "main"))"#.to_owned(), None),
        (format!(r#"{initialize} (global (export "main") i32 (i32.const 1))"#), None),
        (
            r#"(global (export "_initialize") i32 (i32.const 1)) (func (export "_start") (call $start))"#.to_owned(),
            None,
        ),
    ];
    for (exports, expected) in cases {
        let report = run(&starting(&exports));
        assert_eq!(refused(&report), expected.as_deref(), "{exports}");
        assert_eq!(report.load[0].stage, expected.map(|_| Stage::Exports));
    }
}

#[test]
fn a_trap_in_a_start_function_refuses_in_its_name() {
    for export in ["_initialize", "_start", "main", "__main_void"] {
        let initialize =
            if export.contains("main") { r#"(func (export "_initialize") (call $initialize))"# } else { "" };
        let ty = match export {
            "main" => "(param i32 i32) (result i32)",
            "__main_void" => "(result i32)",
            _ => "",
        };
        let report = run(&starting(&format!(r#"{initialize} (func (export "{export}") {ty} unreachable)"#)));
        let text = format!("Function: {export} failed: Uncaught RuntimeError: unreachable");
        assert_eq!((refused(&report), report.load[0].stage), (Some(text.as_str()), Some(Stage::Start)));
    }
}

#[test]
fn a_trap_when_the_root_context_is_made_lets_the_start_go_on_but_no_request_pass() {
    let body = r#"(func (export "proxy_on_context_create") (param i32 i32) (call $initialize) unreachable)
        (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (call $start) (i32.const 1))
        (func (export "proxy_on_configure") (param i32 i32) (result i32) (call $main) (i32.const 0))"#;
    let report = run(&starting(body));
    assert_eq!(logs(&report), ["initialize", "start"]);
    assert_eq!(report.load[0].accepted, Some(true));
    assert_eq!(report.client.map(|client| client.status), Some(503));

    let body = r#"(func (export "proxy_on_context_create") (param i32 i32) unreachable)
        (func (export "proxy_on_vm_start") (param i32 i32) (result i32) (drop (i32.load (i32.const -4))) (i32.const 1))"#;
    let report = run(&starting(body));
    let first = "Function: proxy_on_context_create failed: Uncaught RuntimeError: unreachable";
    assert_eq!((refused(&report), report.load[0].stage), (Some(first), Some(Stage::VmStart)));
}

#[test]
fn a_start_section_is_before_everything_and_kills_envoy_with_a_host_call() {
    let trap = run(&starting("(func $s unreachable) (start $s)"));
    assert_eq!(refused(&trap), Some("Failed to create new Wasm instance"));
    let silent =
        run(&starting("(global $g (mut i32) (i32.const 0)) (func $s (global.set $g (i32.const 1))) (start $s)"));
    assert_eq!(silent.outcome, Outcome::Responded);
    for call in [
        "(drop (call $f (i32.const 2) (i32.const 0) (i32.const 0)))",
        "(drop (call $f (i32.const 9) (i32.const 0) (i32.const 0)))",
    ] {
        let imports = r#"(import "env" "proxy_log" (func $f (param i32 i32 i32) (result i32)))"#;
        let report = run(&module(imports, &[], &format!("(func $s {call}) (start $s)")));
        assert_eq!(report.outcome, Outcome::CrashedEnvoy);
        assert_eq!(report.load[0].accepted, None);
    }
    let imports = r#"(import "env" "pthread_equal" (func $f (param i32 i32) (result i32)))"#;
    let report = run(&module(imports, &[], "(func $s (drop (call $f (i32.const 1) (i32.const 1)))) (start $s)"));
    assert_eq!(report.outcome, Outcome::Responded);
}

#[test]
fn hardly_any_host_call_is_allowed_in_a_start_function() {
    let cases = [
        ("proxy_log", "(param i32 i32 i32) (result i32)", 3, true, true),
        ("emscripten_notify_memory_growth", "(param i32)", 1, false, true),
        ("pthread_equal", "(param i32 i32) (result i32)", 2, true, false),
        ("proxy_get_log_level", "(param i32) (result i32)", 1, true, false),
        ("proxy_get_current_time_nanoseconds", "(param i32) (result i32)", 1, true, false),
        ("proxy_get_property", "(param i32 i32 i32 i32) (result i32)", 4, true, false),
    ];
    for (name, ty, params, result, allowed) in cases {
        let imports = format!(r#"(import "env" "{name}" (func $f {ty}))"#);
        let call = format!("{} (call $f) {}", "(i32.const 0)".repeat(params), if result { "drop" } else { "" });
        let report =
            run(&module(&imports, &["after"], &format!(r#"(func (export "_initialize") {call} (call $after))"#)));
        let text = "Function: _initialize failed: Uncaught Error: restricted_callback";
        assert_eq!(refused(&report), (!allowed).then_some(text), "{name}");
        assert_eq!(logs(&report).last().copied(), allowed.then_some("after"), "{name}");
    }
}
