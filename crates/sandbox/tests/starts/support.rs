//! Modules put together from their parts, and runs of them.

use marketplace_sandbox::exchange::{Format, read};
use marketplace_sandbox::{Limits, Module, Modules, Report, engine};

/// A module that can log numbers (`$num`) and the texts it is given as functions, with an allocator of its own.
pub fn module(imports: &str, texts: &[&str], body: &str) -> String {
    const ALLOCATOR: &str = r#"(global $top (mut i32) (i32.const 65536))
        (func (export "malloc") (param i32) (result i32)
            (global.get $top)
            (global.set $top (i32.add (global.get $top) (i32.and (i32.add (local.get 0) (i32.const 7)) (i32.const -8)))))"#;
    with_allocator(imports, texts, &format!("{ALLOCATOR} {body}"))
}

/// The same, but the body brings the allocator.
pub fn with_allocator(imports: &str, texts: &[&str], body: &str) -> String {
    let mut at = 1024;
    let mut data = String::new();
    for text in texts {
        let size = text.len();
        data += &format!(
            r#"(data (i32.const {at}) "{text}")
            (func ${text} (drop (call $log (i32.const 2) (i32.const {at}) (i32.const {size}))))"#
        );
        at += size + 1;
    }
    format!(
        r#"(module
            (import "env" "proxy_log" (func $log (param i32 i32 i32) (result i32)))
            {imports}
            (memory (export "memory") 2)
            (func (export "proxy_abi_version_0_2_1"))
            {data}
            (func $num (param $n i32) (local $p i32)
                (local.set $p (i32.const 600))
                (loop $next
                    (local.set $p (i32.sub (local.get $p) (i32.const 1)))
                    (i32.store8 (local.get $p) (i32.add (i32.const 48) (i32.rem_u (local.get $n) (i32.const 10))))
                    (local.set $n (i32.div_u (local.get $n) (i32.const 10)))
                    (br_if $next (local.get $n)))
                (drop (call $log (i32.const 2) (local.get $p) (i32.sub (i32.const 600) (local.get $p)))))
            {body})"#
    )
}

/// `proxy_on_request_headers` that does this and goes on.
pub fn on_request(body: &str) -> String {
    format!(r#"(func (export "proxy_on_request_headers") (param i32 i32 i32) (result i32) {body} (i32.const 0))"#)
}

/// One plain GET through the module.
pub fn run(wat: &str) -> Report {
    run_as(wat, &[r#""name": "one""#], 0)
}

/// The same behind so many earlier ones, through a chain of plugins with these fields and all this module.
pub fn run_as(wat: &str, plugins: &[&str], before: usize) -> Report {
    let bytes = wat::parse_str(wat).unwrap_or_else(|error| panic!("{error}\n{wat}"));
    let chain: Vec<String> = plugins.iter().map(|fields| format!(r#"{{"module": "m.wasm", {fields}}}"#)).collect();
    let earlier = vec![r#"{"request": {}}"#; before].join(", ");
    let text =
        format!(r#"{{"version": 1, "plugins": [{}], "before": [{earlier}], "request": {{}}}}"#, chain.join(", "));
    exchanged(&text, vec![Module::new(bytes); plugins.len()])
}

/// One POST with a body and trailers through the module.
pub fn run_with_body(wat: &str) -> Report {
    let text = r#"{"version": 1, "plugins": [{"module": "m.wasm"}], "request":
        {"method": "POST", "body": {"chunks": ["hello"]}, "trailers": [["t", "1"]]}}"#;
    exchanged(text, vec![Module::new(wat::parse_str(wat).expect("a module"))])
}

fn exchanged(text: &str, modules: Vec<Module>) -> Report {
    let limits = Limits::default();
    let exchange = read(text.as_bytes(), Format::Json, &limits, false).exchange.expect("the exchange is right");
    engine::run(&exchange, &Modules::new(modules), &limits)
}

/// The texts of the lines, in order.
pub fn logs(report: &Report) -> Vec<&str> {
    report.logs.iter().map(|line| line.text.as_str()).collect()
}

/// Envoy's words about the first plugin, where it was refused.
pub fn refused(report: &Report) -> Option<&str> {
    let load = &report.load[0];
    assert_eq!(load.accepted, Some(load.envoy_text.is_none()), "{load:?}");
    load.envoy_text.as_deref()
}
