//! What callbacks return, and who makes it go on.

use serde_json::{Value, json};

use super::{CALL_SVC, ProbeCase, case, chain, full, svc};

const ALL: &str = "request_headers: return 0\nrequest_body: return 0\nrequest_trailers: return 0\n\
                   response_headers: return 0\nresponse_body: return 0\nresponse_trailers: return 0\nlog: return 0";

/// All callbacks are there; these are what they are told.
fn script(lines: &str) -> String {
    let mut script = lines.to_owned();
    for line in ALL.lines() {
        let name = line.split(':').next().unwrap_or_default();
        let has_own = lines.lines().any(|own| own.split([':', '#']).next() == Some(name) && !own.contains('#'));
        if !has_own {
            script.push('\n');
            script.push_str(line);
        }
    }
    script
}

fn exchanges() -> Vec<(&'static str, Value)> {
    let both = |request: Value, upstream: Value| json!({"request": request, "upstream": upstream});
    vec![
        ("bare", both(json!({}), json!({"status": 204}))),
        ("sized", both(json!({"method": "POST", "body": "hello"}), json!({"body": "good bye"}))),
        (
            "chunks",
            both(
                json!({"method": "POST", "body": {"chunks": ["one", "two", "three"]}}),
                json!({"body": {"chunks": ["1", "22", "333"]}}),
            ),
        ),
        ("trailers", full()),
        (
            "http2",
            both(
                json!({"http": 2, "method": "POST", "body": {"chunks": ["one", "two"]}}),
                json!({"body": {"chunks": ["1", "22"]}}),
            ),
        ),
        ("http2 bare", both(json!({"http": 2}), json!({"body": "x"}))),
        (
            "http2 trailers",
            both(
                json!({"http": 2, "method": "POST", "body": {"chunks": ["one"]}, "trailers": [["t", "1"]]}),
                json!({"body": {"chunks": ["1"]}, "trailers": [["u", "1"]]}),
            ),
        ),
    ]
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (shape, exchange) in exchanges() {
        for phase in [
            "request_headers",
            "request_body",
            "request_trailers",
            "response_headers",
            "response_body",
            "response_trailers",
        ] {
            for action in [0, 1, 2, 3, 4, 5, -1] {
                let lines = script(&format!("{phase}: return {action}"));
                cases.push(case(format!("{shape}: {phase} returns {action}"), &lines, exchange.clone()));
                if action != 0 {
                    let lines = script(&format!("{phase}#1: return {action}"));
                    cases.push(case(format!("{shape}: {phase} returns {action} once"), &lines, exchange.clone()));
                }
                if phase.ends_with("headers") && (1..=4).contains(&action) {
                    let mut exchange = exchange.clone();
                    super::merge(&mut exchange, json!({"plugins": [{"allow_on_headers_stop_iteration": true}]}));
                    cases.push(case(
                        format!("{shape}: {phase} returns {action} with the flag"),
                        &lines_of(phase, action),
                        exchange,
                    ));
                }
            }
        }
    }
    cases.extend(resumed());
    cases.extend(chains());
    cases
}

fn lines_of(phase: &str, action: i32) -> String {
    script(&format!("{phase}: return {action}"))
}

/// Paused in a phase, resumed by the answer to a callout.
fn resumed() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (shape, exchange) in exchanges() {
        for phase in [
            "request_headers",
            "request_body",
            "request_trailers",
            "response_headers",
            "response_body",
            "response_trailers",
        ] {
            let request = phase.starts_with("request");
            for action in [0, 1, 2, 3, 4] {
                for stream in [0, 1] {
                    if action == 0 && stream == i32::from(request) {
                        continue;
                    }
                    let mut exchange = exchange.clone();
                    super::merge(&mut exchange, json!({"callouts": svc()}));
                    let lines = script(&format!(
                        "{phase}#1: {CALL_SVC}; return {action}\nhttp_call_response: set_effective_context 2; continue_stream {stream}"
                    ));
                    cases.push(case(
                        format!("{shape}: {phase} returns {action}, then stream {stream} goes on"),
                        &lines,
                        exchange,
                    ));
                }
            }
            // At once, in the callback itself.
            for action in [0, 1, 3] {
                let stream = i32::from(!request);
                let lines = script(&format!("{phase}#1: continue_stream {stream}; return {action}"));
                cases.push(case(format!("{shape}: {phase} goes on and returns {action}"), &lines, exchange.clone()));
            }
        }
    }
    cases
}

/// Two plugins of which one pauses.
fn chains() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let watch = script("");
    for (shape, exchange) in exchanges() {
        for phase in [
            "request_headers",
            "request_body",
            "request_trailers",
            "response_headers",
            "response_body",
            "response_trailers",
        ] {
            for action in [1, 2, 3] {
                let stream = i32::from(phase.starts_with("response"));
                let pausing = script(&format!(
                    "{phase}#1: {CALL_SVC}; return {action}\nhttp_call_response: set_effective_context 2; continue_stream {stream}"
                ));
                let mut exchange = exchange.clone();
                super::merge(&mut exchange, json!({"callouts": svc()}));
                cases.push(chain(
                    format!("{shape}: the outer's {phase} returns {action}"),
                    &[&pausing, &watch],
                    exchange.clone(),
                ));
                cases.push(chain(
                    format!("{shape}: the inner's {phase} returns {action}"),
                    &[&watch, &pausing],
                    exchange,
                ));
            }
        }
    }
    cases
}
