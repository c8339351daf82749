//! What comes while a plugin waits for the answer to a call.

use serde_json::json;

use super::callouts::{HEADERS, call};
use super::{ProbeCase, case, chain, merge};

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = broken_upstream();
    cases.extend(with_trailers());
    cases
}

/// The upstream breaks off its answer while a plugin holds the response headers or the body back for a call.
fn broken_upstream() -> Vec<ProbeCase> {
    let call = call(HEADERS, "\"\"", "\"\"", 500);
    let watching = "response_headers: get_header_map_value 2 \":status\" >>; return 0\nresponse_body: return 0\n\
                    log: get_property \"response\\0code\" >>; get_property \"response\\0code_details\" >>; \
                    get_property \"response\\0flags\" >>; get_header_map_value 2 \":status\" >>";
    let mut cases = Vec::new();
    for held in ["response_headers", "response_body"] {
        let holding = format!(
            "{held}#1: {call}; return 1\nhttp_call_response: set_effective_context 2; get_header_map_value 2 \":status\" >>; \
             continue_stream 1\n{}",
            watching.lines().filter(|line| !line.starts_with(held)).collect::<Vec<_>>().join("\n")
        );
        for http in [1, 2] {
            for chunks in [json!([]), json!(["x"]), json!(["x", "y"])] {
                for delay_ms in [0, 60] {
                    let callouts = json!([{"cluster": "svc", "body": "from svc", "delay_ms": delay_ms}]);
                    let upstream = json!({"fail": "reset_after_headers", "body": {"chunks": chunks}});
                    let more = json!({"callouts": callouts, "upstream": upstream, "request": {"http": http}});
                    let name = format!("{held} held, HTTP/{http}, {chunks} and no end, answered after {delay_ms} ms");
                    cases.push(case(name.clone(), &holding, more.clone()));
                    cases.push(chain(format!("{name}, outer"), &[&holding, watching], more.clone()));
                    cases.push(chain(format!("{name}, inner"), &[watching, &holding], more));
                }
            }
        }
    }
    cases
}

/// Headers that wait for a call while body and trailers come, and a body callback that then holds the body back.
fn with_trailers() -> Vec<ProbeCase> {
    let call = call(HEADERS, "\"\"", "\"\"", 500);
    let message = json!({"body": {"chunks": ["one", "two"]}, "trailers": [["t-a", "1"]]});
    let mut cases = Vec::new();
    for (way, number) in [("request", 0), ("response", 1)] {
        for body in 0..4 {
            for trailers in 0..2 {
                for (http, delay_ms) in [(1, 0), (1, 60), (2, 0)] {
                    let script = format!(
                        "{way}_headers: {call}; return 1\nhttp_call_response: set_effective_context 2; continue_stream {number}\n\
                         {way}_body: get_buffer_bytes {number} 0 99 >>; return {body}\n{way}_trailers: return {trailers}"
                    );
                    let watching = format!("{way}_body: get_buffer_bytes {number} 0 99 >>\n{way}_trailers: return 0");
                    let callouts = json!([{"cluster": "svc", "delay_ms": delay_ms}]);
                    let mut more = json!({"callouts": callouts, "request": {"method": "POST", "http": http}});
                    let side = if number == 0 { "request" } else { "upstream" };
                    merge(&mut more, json!({side: message}));
                    let name =
                        format!("{way} waits {delay_ms} ms, HTTP/{http}, body returns {body}, trailers {trailers}");
                    cases.push(case(name.clone(), &script, more.clone()));
                    cases.push(chain(format!("{name}, outer"), &[&script, &watching], more.clone()));
                    cases.push(chain(format!("{name}, inner"), &[&watching, &script], more));
                }
            }
        }
    }
    cases
}
