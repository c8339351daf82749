//! Answers that only show in what an SDK makes of them, as Envoy gives them.

use super::support::{logs, module, on_request, refused, run, run_as};
use marketplace_sandbox::report::Outcome;

const PROPERTY: &str = r#"(import "env" "proxy_get_property" (func $get (param i32 i32 i32 i32) (result i32)))"#;

/// Asks for a property; logs the status and the size.
fn ask(path: &str) -> String {
    let text = path.replace('.', "\\00");
    let data = format!(r#"(data (i32.const 3000) "{text}")"#);
    let call = format!(
        "(call $num (call $get (i32.const 3000) (i32.const {}) (i32.const 8) (i32.const 12)))
        (call $num (i32.load (i32.const 12)))",
        path.len()
    );
    module(PROPERTY, &[], &format!("{data} {}", on_request(&call)))
}

#[test]
fn properties_are_there_early_and_a_map_without_entries_has_four_bytes() {
    let cases = [
        ("response.size", ["0", "8"]),
        ("response.total_size", ["0", "8"]),
        ("response.flags", ["0", "8"]),
        ("response.code", ["1", "0"]),
        ("response.headers", ["0", "4"]),
        ("response.trailers", ["0", "4"]),
        ("metadata.filter_metadata", ["0", "4"]),
        ("metadata", ["0", "0"]),
        ("upstream.request_attempt_count", ["0", "8"]),
        ("upstream.address", ["1", "0"]),
        ("upstream_filter_state", ["1", "0"]),
        ("xds", ["3", "0"]),
        ("xds.node.metadata", ["0", "42"]),
        ("xds.node.locality", ["0", "0"]),
        ("", ["3", "0"]),
    ];
    for (path, expected) in cases {
        assert_eq!(logs(&run(&ask(path))), expected, "{path}");
    }
}

#[test]
fn an_empty_part_of_a_buffer_is_given_as_null() {
    let imports = r#"(import "env" "proxy_get_buffer_bytes" (func $get (param i32 i32 i32 i32 i32) (result i32)))"#;
    let call = "(i32.store (i32.const 8) (i32.const 77)) (i32.store (i32.const 12) (i32.const 77))
        (call $num (call $get (i32.const 0) (i32.const 0) (i32.const 10) (i32.const 8) (i32.const 12)))
        (call $num (i32.load (i32.const 8))) (call $num (i32.load (i32.const 12)))";
    assert_eq!(logs(&run(&module(imports, &[], &on_request(call)))), ["0", "0", "0"]);
}

#[test]
fn a_grpc_service_that_is_no_message_is_the_name_of_a_cluster() {
    let imports = r#"(import "env" "proxy_grpc_call" (func $call
        (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32) (result i32)))"#;
    let arguments = "(i32.const 3000) (i32.const 2)".to_owned() + &"(i32.const 0)".repeat(10);
    let body =
        format!(r#"(data (i32.const 3000) "zz") {}"#, on_request(&format!("(call $num (call $call {arguments}))")));
    assert_eq!(logs(&run(&module(imports, &[], &body))), ["4"]);
}

#[test]
fn the_same_plugin_twice_is_one_root() {
    let body = r#"(func (export "proxy_on_configure") (param i32 i32) (result i32) (call $configured) (i32.const 1))
        (func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) (call $num (local.get 0)) (i32.const 0))"#;
    let wat = module("", &["configured"], body);
    let twice = run_as(&wat, &[r#""name": "a""#, r#""name": "a""#], 0);
    assert_eq!(logs(&twice), ["configured", "2", "3"]);
    let two = run_as(&wat, &[r#""name": "a""#, r#""name": "b""#], 0);
    assert_eq!(logs(&two), ["configured", "configured", "3", "4"]);
    assert_eq!(refused(&two), None);
}

#[test]
fn a_vm_is_replaced_at_once_but_not_again_at_once() {
    let body = r#"(func (export "proxy_on_configure") (param i32 i32) (result i32) (call $configured) (i32.const 1))"#;
    let wat = module("", &["configured"], &format!("{body} {}", on_request("unreachable")));
    let report = run_as(&wat, &[r#""fail_strategy": "FAIL_RELOAD""#], 3);
    assert_eq!(logs(&report), ["configured", "configured"]);
    assert_eq!(report.traps.len(), 2);
    assert_eq!(report.outcome, Outcome::Responded);
    assert_eq!(report.client.map(|client| client.status), Some(503));
}
