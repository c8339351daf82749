//! Traps in every callback, under every strategy, and what comes after them.

use serde_json::json;

use super::{CALL_SVC, CALLBACKS, ProbeCase, case, chain, full, merge, svc};

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let watch = "log: get_property \"response\\0code_details\" >>\nresponse_headers: get_header_map_value 2 \":status\" >>\nrequest_headers: return 0";
    for callback in CALLBACKS {
        let own = callback.split('#').next().unwrap_or_default();
        let others: Vec<&str> = watch.lines().filter(|line| !line.starts_with(own)).collect();
        let callback_once = if callback.contains('#') { callback.to_owned() } else { format!("{callback}#1") };
        for strategy in ["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"] {
            for (name, at) in [("once", &callback_once), ("always", &own.to_owned())] {
                if name == "always" && own == "context_create" {
                    continue;
                }
                let script = format!("{at}: get_log_level >; trap unreachable\n{}", others.join("\n"));
                let plugins = json!([{"fail_strategy": strategy}]);
                let mut exchange = full();
                merge(&mut exchange, json!({"plugins": plugins}));
                cases.push(case(format!("{own} traps {name}, {strategy}"), &script, exchange.clone()));
                merge(
                    &mut exchange,
                    json!({"before": [{"request": {"path": "/first"}}, {"request": {"path": "/second", "method": "POST", "body": "x"}}]}),
                );
                cases.push(case(format!("{own} traps {name}, {strategy}, third request"), &script, exchange));
            }
        }
        for kind in ["divide", "memory", "stack"] {
            let script = format!("{callback_once}: trap {kind}");
            cases.push(case(format!("{own} traps: {kind}"), &script, full()));
        }
        let script = format!("{callback_once}: trap unreachable");
        let watching = "request_headers: return 0\nresponse_headers: get_header_map_value 2 \":status\" >>\nresponse_body: get_buffer_bytes 1 0 99 >>\nlog: return 0";
        cases.push(chain(format!("the outer's {own} traps"), &[&script, watching], full()));
        cases.push(chain(format!("the inner's {own} traps"), &[watching, &script], full()));
        for more in [
            json!({"request": {"http": 2}}),
            json!({"request": {"headers": [["content-type", "application/grpc"]]}}),
            json!({"request": {"method": "HEAD", "body": null, "trailers": []}}),
        ] {
            let mut exchange = full();
            merge(&mut exchange, more.clone());
            cases.push(case(format!("{own} traps with {more}"), &script, exchange));
        }
    }
    for (stage, script) in [
        ("root create", "context_create#1: trap unreachable\nrequest_headers: return 0"),
        ("vm start", "vm_start: trap unreachable\nrequest_headers: return 0"),
        ("configure", "configure: trap unreachable\nrequest_headers: return 0"),
        ("_initialize", "_initialize: trap unreachable\nrequest_headers: return 0"),
        ("_start", "_start: trap unreachable\nrequest_headers: return 0"),
        ("vm start says no", "vm_start: log 3 \"no\"; return 0\nconfigure: log 3 \"not seen\""),
        ("configure says no", "vm_start: log 2 \"fine\"\nconfigure: log 3 \"no\"; return 0"),
        ("restricted in _initialize", "_initialize: get_header_map_size 0 >"),
        (
            "allowed in _initialize",
            "_initialize: log 2 \"hello\"; wasi_snapshot_preview1.args_sizes_get > >; wasi_snapshot_preview1.clock_time_get 0 0 >q!",
        ),
        ("allowed in _start", "_start: log 2 \"hello\"\nrequest_headers: log 2 \"there\""),
        ("_start beside _initialize", "_initialize: log 2 \"first\"\n_start: log 2 \"never\"\nmain: log 2 \"second\""),
    ] {
        for strategy in ["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"] {
            cases.push(case(format!("{stage}, {strategy}"), script, json!({"plugins": [{"fail_strategy": strategy}]})));
        }
    }
    for allocator in ["zero", "far", "trap", "restricted", "other"] {
        let script = format!(
            "malloc {allocator}\nrequest_headers: get_header_map_value 0 \":path\" >>; get_header_map_pairs 0 >>!; get_header_map_value 0 \"none\" >>\nlog: return 0"
        );
        cases.push(case(format!("allocator {allocator}"), &script, json!({})));
    }
    for callback in ["http_call_response", "tick", "queue_ready"] {
        for strategy in ["FAIL_CLOSE", "FAIL_OPEN", "FAIL_RELOAD"] {
            for action in [0, 1] {
                let begin = match callback {
                    "http_call_response" => CALL_SVC,
                    "tick" => "set_tick_period_milliseconds 30",
                    _ => "register_shared_queue \"q\" >!; enqueue_shared_queue ^ \"one\"",
                };
                let script =
                    format!("request_headers: {begin}; return {action}\n{callback}: trap unreachable\nlog: return 0");
                let mut exchange =
                    json!({"callouts": svc(), "plugins": [{"fail_strategy": strategy}], "after_ms": 100});
                cases.push(case(format!("{callback} traps, returned {action}, {strategy}"), &script, exchange.clone()));
                if action == 0 {
                    merge(&mut exchange, json!({"before": [{"request": {}, "upstream": {"delay_ms": 80}}]}));
                    cases.push(case(format!("{callback} traps, {strategy}, second request"), &script, exchange));
                }
            }
        }
    }
    cases
}
