//! Local replies: where, with what, and who sees them.

use serde_json::{Value, json};

use super::{CALL_SVC, ProbeCase, case, chain, full, merge, svc};

/// Watches what is made of the response.
const WATCH: &str = "response_headers: get_header_map_pairs 2 >>!; get_header_map_value 2 \":status\" >>; get_property \"response\\0code_details\" >>\n\
                     response_body: get_buffer_bytes 1 0 100 >>\nresponse_trailers: get_header_map_pairs 3 >>!\n\
                     log: get_header_map_value 2 \":status\" >>; get_property \"response\\0code_details\" >>";

const PHASES: [&str; 6] =
    ["request_headers", "request_body", "request_trailers", "response_headers", "response_body", "response_trailers"];

fn with(more: Value) -> Value {
    let mut exchange = full();
    merge(&mut exchange, more);
    exchange
}

/// The script that does `ops` in a phase, and watches the rest.
fn script(phase: &str, ops: &str) -> String {
    let others = WATCH.lines().filter(|line| !line.starts_with(phase)).collect::<Vec<_>>().join("\n");
    format!("{phase}#1: {ops}\n{others}")
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let reply = r#"send_local_response 403 "why not" "no" {"x-l"="1"} -1"#;
    let shapes = [
        ("sized", json!({"request": {"method": "POST", "body": "hello"}, "upstream": {"body": "good bye"}})),
        ("trailers", full()),
        ("http2", with(json!({"request": {"http": 2}}))),
        ("head", json!({"request": {"method": "HEAD"}})),
        ("grpc", with(json!({"request": {"headers": [["content-type", "application/grpc"]]}}))),
        ("grpc http2", with(json!({"request": {"http": 2, "headers": [["content-type", "application/grpc+proto"]]}}))),
    ];
    for (shape, exchange) in &shapes {
        for phase in PHASES {
            for action in [0, 1, 3] {
                cases.push(case(
                    format!("{shape}: {phase} replies and returns {action}"),
                    &script(phase, &format!("{reply}; return {action}")),
                    exchange.clone(),
                ));
            }
            let empty = r#"send_local_response 401 "" "" "" -1"#;
            cases.push(case(format!("{shape}: {phase} replies with nothing"), &script(phase, empty), exchange.clone()));
            // From the answer to a callout.
            for action in [0, 1, 2] {
                let lines = format!(
                    "{}\nhttp_call_response: set_effective_context 2; {reply}",
                    script(phase, &format!("{CALL_SVC}; return {action}"))
                );
                let mut exchange = exchange.clone();
                merge(&mut exchange, json!({"callouts": svc()}));
                cases.push(case(format!("{shape}: a callout of {phase} returning {action} replies"), &lines, exchange));
            }
        }
    }
    for phase in PHASES {
        let both = format!("{reply}; continue_stream {}", i32::from(phase.starts_with("response")));
        cases.push(case(format!("{phase} replies and goes on"), &script(phase, &both), full()));
        let both = format!("continue_stream {}; {reply}", i32::from(phase.starts_with("response")));
        cases.push(case(format!("{phase} goes on and replies"), &script(phase, &both), full()));
        let both = format!("{reply}; send_local_response 500 \"\" \"second\" \"\" -1");
        cases.push(case(format!("{phase} replies twice"), &script(phase, &both), full()));
        let both = format!("{reply}; close_stream 0");
        cases.push(case(format!("{phase} replies and closes"), &script(phase, &both), full()));
        for stream in [0, 1] {
            let ops = format!("close_stream {stream}; return 1");
            cases.push(case(format!("{phase} closes stream {stream}"), &script(phase, &ops), full()));
        }
        let both = format!("close_stream 1; {reply}");
        cases.push(case(format!("{phase} closes and replies"), &script(phase, &both), full()));
    }
    cases.extend(both_seen_to_the_end(reply));
    cases.extend(contents(reply));
    cases.extend(edits(reply));
    cases.extend(chains(reply));
    cases.extend(own_replies(reply));
    cases
}

/// What a plugin does over the reply that it sent itself: it traps, closes, or replies once more.
fn own_replies(reply: &str) -> Vec<ProbeCase> {
    let shapes = [
        ("sized", json!({"request": {"method": "POST", "body": "hello"}, "upstream": {"body": "good bye"}})),
        ("bare", json!({})),
        ("http2", with(json!({"request": {"http": 2}}))),
        ("http2 bare", json!({"request": {"http": 2}})),
        ("grpc http2", with(json!({"request": {"http": 2, "headers": [["content-type", "application/grpc"]]}}))),
    ];
    let deeds = [
        ("traps", "trap unreachable"),
        ("closes", "close_stream 1"),
        ("replies", "send_local_response 500 \"again\" \"second\" \"\" -1"),
    ];
    let mut cases = Vec::new();
    for (shape, exchange) in &shapes {
        for from in ["request_headers", "request_body", "request_trailers", "response_headers"] {
            for over in ["response_headers", "response_body", "log", "done"] {
                for (deed, ops) in deeds {
                    if from == over || (deed != "traps" && !over.starts_with("response")) {
                        continue;
                    }
                    let watched = WATCH.lines().filter(|line| !line.starts_with(from) && !line.starts_with(over));
                    let lines =
                        format!("{from}#1: {reply}\n{over}#1: {ops}\n{}", watched.collect::<Vec<_>>().join("\n"));
                    let name = format!("{shape}: {from} replies, {over} {deed}");
                    let mut exchange = exchange.clone();
                    merge(&mut exchange, json!({"plugins": [{"fail_strategy": "FAIL_OPEN"}]}));
                    cases.push(case(name.clone(), &lines, exchange.clone()));
                    cases.push(chain(format!("{name}, the inner"), &[WATCH, &lines], exchange.clone()));
                    cases.push(chain(format!("{name}, the outer"), &[&lines, WATCH], exchange));
                }
            }
        }
    }
    for phase in ["request_headers", "request_body", "response_headers", "response_body"] {
        for (shape, exchange) in &shapes {
            let lines = script(phase, &format!("{reply}; trap unreachable"));
            cases.push(case(format!("{shape}: {phase} replies and traps"), &lines, exchange.clone()));
        }
    }
    cases
}

/// A reply and a close in one callback, by a plugin that watches its end too.
fn both_seen_to_the_end(reply: &str) -> Vec<ProbeCase> {
    let end = r#"done: get_property "response\0code_details" >>
delete: get_header_map_value 2 ":status" >>"#;
    let mut cases = Vec::new();
    for (shape, exchange) in
        [("trailers", full()), ("bare", json!({})), ("http2", with(json!({"request": {"http": 2}})))]
    {
        for phase in PHASES {
            for (what, ops) in [
                ("replies and closes", format!("{reply}; close_stream 0")),
                ("closes and replies", format!("close_stream 0; {reply}")),
                (
                    "replies with nothing and closes",
                    r#"send_local_response 403 "" "" "" -1; close_stream 1"#.to_owned(),
                ),
                ("replies, closes and pauses", format!("{reply}; close_stream 0; return 1")),
                ("closes and goes on", "close_stream 0; continue_stream 0".to_owned()),
            ] {
                let lines = format!("{}\n{end}", script(phase, &ops));
                cases.push(case(format!("{shape}: {phase} {what}, seen to the end"), &lines, exchange.clone()));
            }
        }
    }
    cases
}

/// Statuses, headers, bodies, gRPC statuses.
fn contents(reply: &str) -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for status in [0, 1, 99, 100, 101, 103, 199, 200, 204, 205, 301, 304, 404, 418, 500, 599, 600, 999, 1000, 70000, -1]
    {
        let ops = format!("send_local_response {status} \"d\" \"body\" \"\" -1");
        cases.push(case(format!("status {status}"), &script("request_headers", &ops), json!({})));
        cases.push(case(
            format!("status {status} in the response"),
            &script("response_headers", &ops),
            json!({"upstream": {"body": "x"}}),
        ));
        let ops = format!("send_local_response {status} \"d\" \"\" \"\" -1");
        cases.push(case(format!("status {status} without a body"), &script("request_headers", &ops), json!({})));
    }
    let headers = [
        ("content-type", r#"{"content-type"="application/json"}"#),
        ("content-length", r#"{"content-length"="1"}"#),
        ("content-length too long", r#"{"content-length"="100"}"#),
        ("status", r#"{":status"="200"}"#),
        ("twice", r#"{"a"="1","a"="2","A"="3","server"="me","date"="now"}"#),
        ("transfer-encoding", r#"{"transfer-encoding"="chunked"}"#),
        ("connection", r#"{"connection"="close","keep-alive"="1","upgrade"="h2c"}"#),
        ("line ends", r#"{"x"="1\r\ny: 2"}"#),
        ("an empty name", r#"{""="1"}"#),
        ("blanks", r#"{"x y"=" 1 "}"#),
        ("pseudo", r#"{":path"="/","host"="h"}"#),
        ("malformed", r#""\x05\0\0\0abc""#),
        ("grpc-status", r#"{"grpc-status"="3","grpc-message"="mine"}"#),
    ];
    for (name, pairs) in headers {
        for (shape, more) in [
            ("plain", json!({})),
            ("http2", json!({"request": {"http": 2}})),
            ("grpc", json!({"request": {"headers": [["content-type", "application/grpc"]]}})),
        ] {
            let ops = format!("send_local_response 403 \"d\" \"body\" {pairs} -1");
            cases.push(case(format!("{shape}: reply headers {name}"), &script("request_headers", &ops), more.clone()));
            let ops = format!("send_local_response 403 \"d\" \"\" {pairs} -1");
            cases.push(case(format!("{shape}: reply headers {name}, no body"), &script("request_headers", &ops), more));
        }
    }
    for details in ["", "a", "two words", "tab\\tand\\nline", "UPPER", "a.b{c}", "\\xff"] {
        let ops = format!("send_local_response 403 \"{details}\" \"x\" \"\" -1");
        cases.push(case(format!("details {details}"), &script("request_headers", &ops), json!({})));
    }
    for status in [200, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504] {
        for grpc in [-1, 0, 5, 16, 17] {
            let ops = format!("send_local_response {status} \"d\" \"m%\\n\\xe4~\" \"\" {grpc}");
            let more = json!({"request": {"headers": [["content-type", "application/grpc"]]}});
            cases.push(case(format!("grpc: status {status}, grpc {grpc}"), &script("request_headers", &ops), more));
        }
    }
    for kind in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc+json",
        "application/grpc-web",
        "application/grpc;x",
        "APPLICATION/GRPC",
        "application/grpc ",
        "text/plain",
    ] {
        let more = json!({"request": {"headers": [["content-type", kind]]}});
        cases.push(case(format!("content type {kind:?}"), &script("request_headers", reply), more.clone()));
        let lines =
            script("request_headers", &format!("replace_header_map_value 0 \"content-type\" \"text/x\"; {reply}"));
        cases.push(case(format!("content type {kind:?} replaced"), &lines, more));
    }
    let large = "send_local_response 200 \"d\" *200000 \"\" -1";
    cases.push(case("a large body", &script("request_headers", large), json!({})));
    cases.push(case(
        "a body too large",
        &script("request_headers", "send_local_response 200 \"d\" *1100000 \"\" -1"),
        json!({}),
    ));
    let pointers = "send_local_response 200 -100 50 \"\" \"\" -1; send_local_response 200 \"\" -100 50 \"\" -1; send_local_response 200 \"\" \"\" -100 50 -1; return 0";
    cases.push(case("pointers outside", &script("request_headers", pointers), json!({})));
    cases
}

/// The plugin's own response callbacks change its reply.
fn edits(reply: &str) -> Vec<ProbeCase> {
    let edits = [
        ("add a header", "response_headers: add_header_map_value 2 \"x-e\" \"1\""),
        ("remove the length", "response_headers: remove_header_map_value 2 \"content-length\""),
        ("change the status", "response_headers: replace_header_map_value 2 \":status\" \"299\""),
        ("change the body", "response_body: set_buffer_bytes 1 0 99 \"changed\""),
        (
            "change body and length",
            "response_headers: remove_header_map_value 2 \"content-length\"\nresponse_body: set_buffer_bytes 1 0 99 \"changed\"",
        ),
        ("add trailers", "response_body: add_header_map_value 3 \"x-t\" \"1\""),
        ("pause headers", "response_headers: return 1"),
        ("pause body", "response_body: return 1"),
        ("reply again", "response_headers: send_local_response 500 \"again\" \"second\" \"\" -1"),
        ("reply again in body", "response_body: send_local_response 500 \"again\" \"second\" \"\" -1"),
        ("go on", "response_headers: continue_stream 1"),
        (
            "read the request",
            "response_headers: get_header_map_value 0 \":path\" >>; get_buffer_bytes 0 0 9 >>; get_header_map_value 1 \"t-a\" >>",
        ),
    ];
    let mut cases = Vec::new();
    for (name, lines) in edits {
        for phase in ["request_headers", "request_body", "request_trailers"] {
            cases.push(case(
                format!("a reply of {phase}: {name}"),
                &format!("{phase}#1: {reply}; return 1\n{lines}"),
                full(),
            ));
        }
        let lines = format!(
            "request_headers#1: {CALL_SVC}; return 1\nhttp_call_response: set_effective_context 2; {reply}\n{lines}"
        );
        let mut exchange = full();
        merge(&mut exchange, json!({"callouts": svc()}));
        cases.push(case(format!("a reply of a callout: {name}"), &lines, exchange));
    }
    cases
}

fn chains(reply: &str) -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let watch = format!("request_headers: return 0\nrequest_body: return 0\n{WATCH}");
    for phase in PHASES {
        for action in [0, 1] {
            let replying = script(phase, &format!("{reply}; return {action}"));
            cases.push(chain(
                format!("the outer's {phase} replies and returns {action}"),
                &[&replying, &watch],
                full(),
            ));
            cases.push(chain(
                format!("the inner's {phase} replies and returns {action}"),
                &[&watch, &replying],
                full(),
            ));
            cases.push(chain(
                format!("the middle's {phase} replies and returns {action}"),
                &[&watch, &replying, &watch],
                full(),
            ));
        }
    }
    cases
}
