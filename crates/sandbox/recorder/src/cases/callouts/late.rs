//! Answers that come when their stream is over, or somebody else has ended it.

use serde_json::{Value, json};

use crate::cases::{CALL_SVC, CALLBACKS, ProbeCase, case, full, merge};

fn with(more: Value) -> Value {
    let mut exchange = full();
    merge(&mut exchange, more);
    exchange
}

/// What is done with an answer whose stream may be gone.
const DEEDS: [(&str, &str); 5] = [
    ("nothing", ""),
    ("goes on", "continue_stream 0; continue_stream 1"),
    ("replies", "send_local_response 403 \"a\" \"b\" \"\" -1"),
    ("closes", "close_stream 0"),
    ("sets a property", "set_property \"a\" \"b\"; get_property \"a\" >>"),
];

/// One call from each phase, which nobody waits for.
fn unawaited() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for phase in CALLBACKS.into_iter().filter(|callback| !matches!(*callback, "request_body" | "request_trailers")) {
        let ends: String = ["log", "done", "delete"]
            .into_iter()
            .filter(|end| *end != phase)
            .map(|end| format!("\n{end}: log 2 \"{end}\""))
            .collect();
        for (deed, ops) in DEEDS {
            let script = format!(
                "{phase}: {CALL_SVC}\nhttp_call_response: get_header_map_value 6 \":status\" >>; get_buffer_bytes 4 0 99 >>; \
                 set_effective_context 2; get_header_map_value 0 \":path\" >>; get_property \"request\\0path\" >>; \
                 get_property \"plugin_name\" >>; {ops}{ends}"
            );
            // Long enough for any machine to have ended the stream before.
            let delays: &[(u32, u32)] = if deed == "nothing" { &[(0, 0), (0, 100), (400, 900)] } else { &[(0, 100)] };
            for (delay, after) in delays {
                let callouts = json!([{"cluster": "svc", "body": "late", "delay_ms": delay}]);
                let name = format!("late: {phase} calls, the answer after {delay} ms {deed}, {after} ms more");
                cases.push(case(name, &script, with(json!({"callouts": callouts, "after_ms": after}))));
            }
        }
    }
    cases
}

/// Two calls, of which the first answer decides.
fn two() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let call = |cluster: &str| {
        format!(
            "http_call \"{cluster}\" {{\":method\"=\"GET\",\":path\"=\"/c\",\":authority\"=\"svc\"}} \"\" \"\" 1000 >"
        )
    };
    let entry =
        |cluster: &str, delay: u32| json!({"cluster": cluster, "delay_ms": delay, "headers": [["x-n", cluster]]});
    for (deed, ops) in [("goes on", "continue_stream 0"), ("replies", "send_local_response 403 \"a\" \"b\" \"\" -1")] {
        for action in [0, 1] {
            for (first, second) in [(0, 0), (400, 0), (0, 400)] {
                let script = format!(
                    "request_headers: {}; {}; return {action}\nhttp_call_response: get_header_map_value 6 \"x-n\" >>; \
                     set_effective_context 2; {ops}\nlog: log 2 \"log\"\ndone: log 2 \"done\"",
                    call("a"),
                    call("b")
                );
                let callouts = json!([entry("a", first), entry("b", second)]);
                let name = format!("late: two calls, answers after {first} and {second} ms, {deed}, returned {action}");
                cases.push(case(name, &script, json!({"callouts": callouts, "after_ms": 600})));
            }
        }
    }
    cases
}

pub(super) fn cases() -> Vec<ProbeCase> {
    [unawaited(), two()].concat()
}
