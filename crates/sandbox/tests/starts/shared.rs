//! Plugins that share a VM and do not start in it, as Envoy 1.40 treats them.

use super::support::{logs, module, on_request, run_as};
use marketplace_sandbox::Report;
use marketplace_sandbox::report::{Outcome, Stage};

/// Counts how often it is configured. Configurations: of one byte, it starts only alone in its VM; of two, only beside
/// another; of three, it traps beside another.
fn counting() -> String {
    let body = format!(
        r#"(global $count (mut i32) (i32.const 0))
        (func (export "proxy_on_configure") (param $context i32) (param $size i32) (result i32) (local $first i32)
            (global.set $count (i32.add (global.get $count) (i32.const 1)))
            (local.set $first (i32.eq (global.get $count) (i32.const 1)))
            (call $num (local.get $size))
            (if (i32.and (i32.eq (local.get $size) (i32.const 3)) (i32.eqz (local.get $first))) (then unreachable))
            (if (i32.eq (local.get $size) (i32.const 1)) (then (return (local.get $first))))
            (if (i32.eq (local.get $size) (i32.const 2)) (then (return (i32.eqz (local.get $first)))))
            (i32.const 1))
        {}"#,
        on_request("(call $request)")
    );
    module("", &["request"], &body)
}

fn chain(configurations: &[&str], strategy: &str, before: usize) -> Report {
    let fields = |(n, config): (usize, &&str)| {
        format!(r#""name": "p{n}", "config_raw": "{config}", "fail_strategy": "{strategy}""#)
    };
    let plugins: Vec<String> = configurations.iter().enumerate().map(fields).collect();
    run_as(&counting(), &plugins.iter().map(String::as_str).collect::<Vec<_>>(), before)
}

fn accepted(report: &Report) -> Vec<Option<bool>> {
    report.load.iter().map(|load| load.accepted).collect()
}

fn left_out(report: &Report) -> Vec<Option<usize>> {
    report.warnings.iter().filter(|warning| warning.code == "plugin_left_out").map(|warning| warning.plugin).collect()
}

#[test]
fn one_that_says_no_beside_another_is_left_out_whatever_its_strategy() {
    for strategy in ["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"] {
        let report = chain(&["first", "1"], strategy, 0);
        assert_eq!(accepted(&report), [Some(true), Some(true)]);
        assert_eq!(report.client.as_ref().map(|client| client.status), Some(200));
        assert_eq!(logs(&report), ["5", "1", "request"], "{strategy}");
        assert_eq!(left_out(&report), [Some(1)]);
    }
}

#[test]
fn one_that_traps_beside_another_takes_it_along() {
    for (strategy, status, lines) in [
        ("FAIL_CLOSE", 503, &["5", "3"][..]),
        ("FAIL_OPEN", 200, &["5", "3"]),
        ("FAIL_RELOAD", 200, &["5", "3", "5", "request", "request"]),
    ] {
        let report = chain(&["first", "333"], strategy, 1);
        assert_eq!(report.client.as_ref().map(|client| client.status), Some(status), "{strategy}");
        assert_eq!(logs(&report), lines, "{strategy}");
        assert_eq!(left_out(&report), [Some(1)]);
    }
}

#[test]
fn each_must_start_alone() {
    let report = chain(&["first", "22"], "FAIL_OPEN", 0);
    assert_eq!(report.outcome, Outcome::Refused);
    assert_eq!(accepted(&report), [Some(true), Some(false)]);
    assert_eq!(report.load[1].envoy_text.as_deref(), Some("Failed to configure base Wasm plugin"));
    assert_eq!(logs(&report), ["5", "2"]);
}

#[test]
fn behind_one_that_is_left_out_the_next_is_refused() {
    for (second, text) in [
        ("1", "Failed to configure thread-local Wasm plugin"),
        ("333", "Function: proxy_on_configure failed: Uncaught RuntimeError: unreachable"),
    ] {
        let report = chain(&["first", second, "third"], "FAIL_CLOSE", 0);
        assert_eq!(report.outcome, Outcome::Refused);
        assert_eq!(accepted(&report), [Some(true), Some(true), Some(false)]);
        assert_eq!(report.load[2].stage, Some(Stage::Configure));
        assert_eq!(report.load[2].envoy_text.as_deref(), Some(text));
    }
}

#[test]
fn nobody_joins_a_dead_vm() {
    let body = r#"(func (export "proxy_on_context_create") (param $context i32) (param i32)
            (call $num (local.get $context)) unreachable)"#;
    let report = run_as(&module("", &[], body), &[r#""name": "a""#, r#""name": "b""#], 0);
    assert_eq!(logs(&report), ["1", "1"]);
    assert_eq!(report.traps.len(), 2);
    assert_eq!(report.client.map(|client| client.status), Some(503));
}
