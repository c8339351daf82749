//! Bodies: changed, buffered, over the limit, at odds with their length.

use serde_json::{Value, json};

use super::{CALL_SVC, ProbeCase, case, full, merge, svc};

const MIB: u32 = 1 << 20;

fn both(request: Value, upstream: Value) -> Value {
    json!({"request": request, "upstream": upstream})
}

fn sized() -> Value {
    both(json!({"method": "POST", "body": "hello"}), json!({"body": "good bye"}))
}

fn chunks() -> Value {
    both(
        json!({"method": "POST", "body": {"chunks": ["one", "two", "three"]}}),
        json!({"body": {"chunks": ["1", "22", "333"]}}),
    )
}

fn http2(mut exchange: Value) -> Value {
    merge(&mut exchange, json!({"request": {"http": 2}}));
    exchange
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (phase, buffer, headers, map) in
        [("request_body", 0, "request_headers", 0), ("response_body", 1, "response_headers", 2)]
    {
        for (shape, exchange) in [
            ("sized", sized()),
            ("chunks", chunks()),
            ("trailers", full()),
            ("http2", http2(sized())),
            ("http2 chunks", http2(chunks())),
        ] {
            let mut add = |name: &str, lines: &str| {
                let lines = lines
                    .replace("PHASE", phase)
                    .replace("HEADERS", headers)
                    .replace("B ", &format!("{buffer} "))
                    .replace("MAP", &map.to_string())
                    .replace("TRAILERS", &(map + 1).to_string());
                cases.push(case(format!("{shape} {phase}: {name}"), &lines, exchange.clone()));
            };
            for (name, op) in [
                ("prepend", "set_buffer_bytes B 0 0 \"<<\""),
                ("append", "set_buffer_bytes B 1000 0 \">>\""),
                ("append with a length", "set_buffer_bytes B 1000 5 \">>\""),
                ("replace the beginning", "set_buffer_bytes B 0 2 \"__\""),
                ("replace all", "set_buffer_bytes B 0 1000 \"new\""),
                ("replace all with nothing", "set_buffer_bytes B 0 1000 \"\""),
                ("in the middle", "set_buffer_bytes B 2 1 \"x\""),
                ("at the end", "set_buffer_bytes B %1 0 \"!\""),
                ("negative", "set_buffer_bytes B -1 0 \"x\"; set_buffer_bytes B 0 -1 \"y\""),
                ("large", "set_buffer_bytes B 0 0 *200000"),
                (
                    "read",
                    "get_buffer_bytes B 0 %1 >>; get_buffer_bytes B 1 1 >>; get_buffer_bytes B %1 1 >>; get_buffer_bytes B 0 0 >>; get_buffer_bytes B 0 -1 >>; get_buffer_status B > >",
                ),
                (
                    "trailers",
                    "add_header_map_value TRAILERS \"x-t\" \"1\"; get_header_map_size TRAILERS >; get_header_map_pairs TRAILERS >>",
                ),
                (
                    "headers",
                    "get_header_map_value MAP \"content-length\" >>; add_header_map_value MAP \"x-late\" \"1\"; get_header_map_size MAP >; get_header_map_pairs MAP >>!",
                ),
                ("nothing but a look", "get_buffer_status B > >"),
            ] {
                for action in [0, 1, 2, 3] {
                    add(&format!("{name}, returns {action}"), &format!("PHASE: {op}; return {action}"));
                }
                add(
                    &format!("{name}, without a length"),
                    &format!("HEADERS: remove_header_map_value MAP \"content-length\"\nPHASE: {op}"),
                );
                add(
                    &format!("{name}, buffered twice then on"),
                    &format!("PHASE#1: return 1\nPHASE#2: return 1\nPHASE: {op}; return 0"),
                );
                add(&format!("{name}, watermarked then on"), &format!("PHASE#1: return 2\nPHASE: {op}; return 0"));
                add(
                    &format!("{name}, first and then on"),
                    &format!("PHASE#1: {op}; return 1\nPHASE: get_buffer_bytes B 0 100 >>; return 0"),
                );
                add(&format!("{name}, dropped and then on"), &format!("PHASE#1: return 3\nPHASE: {op}; return 0"));
            }
            for (name, length) in [("shorter", "3"), ("longer", "30"), ("zero", "0"), ("no number", "x")] {
                add(
                    &format!("a {name} length"),
                    &format!("HEADERS: replace_header_map_value MAP \"content-length\" \"{length}\""),
                );
            }
            add(
                "chunked by hand",
                "HEADERS: replace_header_map_value MAP \"transfer-encoding\" \"chunked\"; remove_header_map_value MAP \"content-length\"",
            );
            for first in [0, 1, 2, 3] {
                for second in [0, 1, 2, 3] {
                    add(
                        &format!("returns {first}, {second}, 0"),
                        &format!(
                            "PHASE#1: get_buffer_bytes B 0 99 >>; return {first}\nPHASE#2: get_buffer_bytes B 0 99 >>; return {second}\nPHASE: get_buffer_bytes B 0 99 >>; return 0"
                        ),
                    );
                }
            }
        }
    }
    cases.extend(limits());
    cases.extend(awaited());
    cases
}

/// At the limit of the buffer and one byte over it.
fn limits() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let piece = |size: u32| json!({"repeat": "x", "times": size});
    for (name, pieces) in [
        ("exactly 1 MiB", vec![MIB]),
        ("1 MiB and a byte", vec![MIB + 1]),
        ("two halves", vec![MIB / 2, MIB / 2]),
        ("two halves and a byte", vec![MIB / 2, MIB / 2, 1]),
        ("two of 700 KiB", vec![700 << 10, 700 << 10]),
        ("three of 700 KiB", vec![700 << 10, 700 << 10, 700 << 10]),
        ("2 MiB", vec![2 * MIB]),
    ] {
        let body = if let [one] = pieces.as_slice() {
            piece(*one)
        } else {
            json!({"chunks": pieces.iter().map(|size| piece(*size)).collect::<Vec<_>>()})
        };
        for http in [1, 2] {
            // Over 64 KiB, how HTTP/2 is cut into pieces is not compared: one call at the end is looked at.
            for (script, what) in [
                ("PHASE: return 1", "buffered"),
                ("PHASE: return 2", "watermarked"),
                ("PHASE: return 0", "passed"),
                ("HEADERS: return 1", "held with its headers"),
                ("HEADERS: return 3", "held with its headers, buffered"),
            ] {
                for (phase, headers) in [("request_body", "request_headers"), ("response_body", "response_headers")] {
                    if http == 2 && script.starts_with("PHASE") && phase == "request_body" {
                        continue;
                    }
                    let request = phase == "request_body";
                    let exchange = if request {
                        both(json!({"http": http, "method": "POST", "body": body}), json!({"body": "ok"}))
                    } else {
                        both(json!({"http": http}), json!({"body": body}))
                    };
                    let script = script.replace("PHASE", phase).replace("HEADERS", headers);
                    cases.push(case(format!("{name}, http {http}, {phase}: {what}"), &script, exchange));
                }
            }
        }
    }
    cases
}

/// The body comes while a callout is out.
fn awaited() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (phase, stream) in [("request_body", 0), ("response_body", 1)] {
        for (shape, exchange) in
            [("sized", sized()), ("chunks", chunks()), ("trailers", full()), ("http2 chunks", http2(chunks()))]
        {
            let mut exchange = exchange;
            merge(&mut exchange, json!({"callouts": svc()}));
            for call in 1..=3 {
                for action in [1, 2, 3] {
                    for edit in ["", "set_buffer_bytes B 0 0 \"<\"; get_buffer_bytes B 0 99 >>; "] {
                        let edit = edit.replace("B ", &format!("{stream} "));
                        let script = format!(
                            "{phase}#{call}: {CALL_SVC}; return {action}\n{phase}: get_buffer_bytes {stream} 0 99 >>; return 0\n\
                             http_call_response: set_effective_context 2; {edit}continue_stream {stream}"
                        );
                        let edited = if edit.is_empty() { "" } else { ", edited" };
                        cases.push(case(
                            format!("{shape} {phase} call {call} returns {action} and waits{edited}"),
                            &script,
                            exchange.clone(),
                        ));
                    }
                }
            }
        }
    }
    cases
}
