//! Calls to other clusters: what is sent, what comes back, what is then done.

use serde_json::{Value, json};

use super::{ProbeCase, case, merge};

mod late;

const SEE: &str = "get_header_map_pairs 6 >>!; get_header_map_value 6 \":status\" >>; get_header_map_value 6 \"content-length\" >>; get_header_map_value 6 \"content-type\" >>; get_header_map_size 6 >; \
                   get_buffer_bytes 4 0 200 >>; get_buffer_status 4 > >; get_header_map_pairs 7 >>; get_status > >>; set_effective_context 2; get_status > >>; continue_stream 0";

/// Sends `call` in the request's headers, waits, and looks at what comes.
fn waiting(call: &str) -> String {
    format!("request_headers: {call}; return 1\nhttp_call_response: {SEE}")
}

pub(super) const HEADERS: &str = r#"{":method"="GET",":path"="/c?d=1",":authority"="svc.test"}"#;

pub(super) fn call(headers: &str, body: &str, trailers: &str, timeout: i32) -> String {
    format!("http_call \"svc\" {headers} {body} {trailers} {timeout} >")
}

fn with(callouts: Value) -> Value {
    json!({"callouts": callouts, "request": {"method": "POST", "body": "hello"}})
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let fine = || json!([{"cluster": "svc", "headers": [["x-svc", "1"], ["x-svc", "2"]], "body": "from svc"}]);
    // What is sent.
    for (name, headers) in [
        ("plain", HEADERS),
        ("post", r#"{":method"="POST",":path"="/",":authority"="a","x"="1","x"="2","cookie"="a","cookie"="b"}"#),
        (
            "scheme",
            r#"{":method"="GET",":path"="/",":authority"="a",":scheme"="https","user-agent"="x","accept"="a","accept"="b"}"#,
        ),
        ("host", r#"{":method"="GET",":path"="/","host"="h"}"#),
        ("two hosts", r#"{":method"="GET",":path"="/",":authority"="a","host"="h"}"#),
        ("no path", r#"{":method"="GET",":authority"="a"}"#),
        ("no method", r#"{":path"="/",":authority"="a"}"#),
        ("no authority", r#"{":path"="/",":method"="GET"}"#),
        ("empty path", r#"{":method"="GET",":path"="",":authority"="a"}"#),
        ("empty method", r#"{":method"="",":path"="/",":authority"="a"}"#),
        ("empty authority", r#"{":method"="GET",":path"="/",":authority"=""}"#),
        ("own length", r#"{":method"="POST",":path"="/",":authority"="a","content-length"="3"}"#),
        ("own encoding", r#"{":method"="POST",":path"="/",":authority"="a","transfer-encoding"="chunked"}"#),
        (
            "connection",
            r#"{":method"="GET",":path"="/",":authority"="a","connection"="close","te"="trailers","upgrade"="x","keep-alive"="1"}"#,
        ),
        ("other pseudo", r#"{":method"="GET",":path"="/",":authority"="a",":status"="200",":other"="1"}"#),
        (
            "envoy's own",
            r#"{":method"="GET",":path"="/",":authority"="a","x-envoy-internal"="false","x-envoy-expected-rq-timeout-ms"="9","x-forwarded-for"="1.2.3.4","x-request-id"="mine"}"#,
        ),
        (
            "timeouts",
            r#"{":method"="GET",":path"="/",":authority"="a","x-envoy-upstream-rq-timeout-ms"="400","x-envoy-max-retries"="2"}"#,
        ),
        ("upper case", r#"{":method"="get",":path"="/",":authority"="A","X-Up"="Yes"}"#),
        ("line end", r#"{":method"="GET",":path"="/",":authority"="a","x"="1\r\ny: 2"}"#),
        ("bad name", r#"{":method"="GET",":path"="/",":authority"="a","x y"="1"}"#),
        ("head", r#"{":method"="HEAD",":path"="/",":authority"="a"}"#),
        ("options", r#"{":method"="OPTIONS",":path"="*",":authority"="a"}"#),
        ("connect", r#"{":method"="CONNECT",":path"="/",":authority"="a"}"#),
        ("malformed", r#""\x05\0\0\0abc""#),
        ("none", r#""""#),
    ] {
        for (shape, body, trailers) in [
            ("", "\"\"", "\"\""),
            (" with a body", "\"body\"", "\"\""),
            (" with trailers", "\"\"", "{\"t\"=\"1\"}"),
            (" with both", "\"body\"", "{\"t\"=\"1\",\"t\"=\"2\"}"),
        ] {
            cases.push(case(
                format!("sent: {name}{shape}"),
                &waiting(&call(headers, body, trailers, 500)),
                with(fine()),
            ));
        }
    }
    for timeout in [0, 1, 60, 500, 60_000, -1, i32::MAX] {
        let delay = json!([{"cluster": "svc", "delay_ms": 150, "body": "late"}]);
        cases.push(case(
            format!("timeout {timeout}"),
            &waiting(&call(HEADERS, "\"\"", "\"\"", timeout)),
            with(if timeout == 1 { json!([{"cluster": "svc", "fail": "timeout"}]) } else { delay }),
        ));
    }
    // What comes back.
    for (name, answer) in [
        ("fine", json!({"status": 200, "body": "x"})),
        ("empty", json!({"status": 200})),
        ("empty text", json!({"status": 200, "body": ""})),
        ("204", json!({"status": 204})),
        ("304", json!({"status": 304})),
        ("500", json!({"status": 500, "body": "oh"})),
        ("302", json!({"status": 302, "headers": [["location", "/x"]]})),
        ("chunks", json!({"body": {"chunks": ["a", "b", "c"]}})),
        ("trailers", json!({"body": {"chunks": ["a"]}, "trailers": [["t", "1"], ["t", "2"]]})),
        ("trailers only", json!({"body": {"chunks": []}, "trailers": [["t", "1"]]})),
        (
            "headers",
            json!({"headers": [["a", "1"], ["a", "2"], ["set-cookie", "a"], ["set-cookie", "b"], ["server", "s"], ["date", "d"], ["connection", "keep-alive"], ["x-envoy-x", "1"], ["vary", "a"], ["vary", "b"]], "body": "x"}),
        ),
        ("large", json!({"body": {"repeat": "x", "times": 200_000}})),
        ("very large", json!({"body": {"repeat": "x", "times": 3_000_000}})),
        ("connect", json!({"fail": "connect"})),
        ("reset", json!({"fail": "reset"})),
        ("reset after headers", json!({"fail": "reset_after_headers", "body": {"chunks": ["a", "b"]}})),
        ("timeout", json!({"fail": "timeout"})),
        ("delayed", json!({"delay_ms": 60, "body": "x"})),
    ] {
        let mut answer = answer;
        merge(&mut answer, json!({"cluster": "svc"}));
        for http in [1, 2] {
            let mut exchange = with(json!([answer]));
            merge(&mut exchange, json!({"request": {"http": http}}));
            cases.push(case(
                format!("answered over http {http}: {name}"),
                &waiting(&call(HEADERS, "\"\"", "\"\"", 200)),
                exchange,
            ));
        }
        let post = r#"{":method"="HEAD",":path"="/",":authority"="a"}"#;
        cases.push(case(
            format!("answered to HEAD: {name}"),
            &waiting(&call(post, "\"\"", "\"\"", 200)),
            with(json!([answer])),
        ));
    }
    cases.extend(several());
    cases.extend(grpc());
    cases.extend(late::cases());
    cases
}

/// More than one call, and calls that nobody waits for.
fn several() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let one = |path: &str| {
        format!(
            "http_call \"svc\" {{\":method\"=\"GET\",\":path\"=\"{path}\",\":authority\"=\"svc\"}} \"\" \"\" 1000 >"
        )
    };
    let entries = json!([
        {"cluster": "svc", "path": "/slow", "delay_ms": 60, "body": "slow"},
        {"cluster": "svc", "path": "/once", "times": 1, "body": "once"},
        {"cluster": "svc", "path": "/once", "times": 1, "status": 202, "body": "twice"},
        {"cluster": "svc", "path": "/ok", "body": "ok"},
    ]);
    let see = "get_buffer_bytes 4 0 99 >>";
    cases.push(case(
        "one after the other",
        &format!("request_headers: {}; return 1\nhttp_call_response#1: {see}; {}\nhttp_call_response: {see}; set_effective_context 2; continue_stream 0", one("/once"), one("/once")),
        with(entries.clone()),
    ));
    cases.push(case(
        "the slow one second",
        &format!("request_headers: {}; {}; return 1\nhttp_call_response#1: {see}\nhttp_call_response: {see}; set_effective_context 2; continue_stream 0", one("/slow"), one("/ok")),
        with(entries.clone()),
    ));
    cases.push(case(
        "nobody waits",
        &format!(
            "request_headers: {}\nhttp_call_response: {see}; set_effective_context 2; get_header_map_size 0 >",
            one("/slow")
        ),
        {
            let mut exchange = with(entries.clone());
            merge(&mut exchange, json!({"after_ms": 120}));
            exchange
        },
    ));
    cases.push(case("nobody waits, the stream lives", &format!("request_headers: {}\nhttp_call_response: {see}; set_effective_context 2; get_header_map_size 0 >; get_header_map_value 0 \":path\" >>", one("/ok")), {
        let mut exchange = with(entries.clone());
        merge(&mut exchange, json!({"upstream": {"delay_ms": 60}}));
        exchange
    }));
    for callback in ["log", "done", "delete", "configure"] {
        let mut exchange = with(entries.clone());
        merge(&mut exchange, json!({"after_ms": 60}));
        cases.push(case(
            format!("called in {callback}"),
            &format!(
                "{callback}: {}\nhttp_call_response: {see}; set_effective_context 2; get_header_map_size 0 >",
                one("/ok")
            ),
            exchange,
        ));
    }
    cases.push(case("no entry left", &format!("request_headers: {}; return 1\nhttp_call_response: {see}; get_status > >>; set_effective_context 2; continue_stream 0", one("/none")), with(entries.clone())));
    cases.push(case("no callback", &format!("request_headers: {}; return 1", one("/ok")), with(entries.clone())));
    cases.push(case("no callback, not paused", &format!("request_headers: {}", one("/ok")), with(entries)));
    cases
}

fn grpc() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let see = "grpc_receive: get_buffer_bytes 5 0 99 >>; get_status > >>; get_header_map_pairs 4 >>; get_header_map_pairs 5 >>; set_effective_context 2; continue_stream 0\n\
               grpc_close: get_status > >>; get_buffer_bytes 5 0 99 >>; set_effective_context 2; get_status > >>; continue_stream 0\n\
               grpc_receive_initial_metadata: get_header_map_pairs 4 >>!\ngrpc_receive_trailing_metadata: get_header_map_pairs 5 >>!";
    for (name, answer) in [
        ("a message", json!({"grpc": {"body": "hello"}})),
        ("an empty message", json!({"grpc": {}})),
        ("a status", json!({"grpc": {"status": 5, "message": "not there"}})),
        ("a status without a message", json!({"grpc": {"status": 16}})),
        ("a status with a message body", json!({"grpc": {"status": 3, "message": "m", "body": "x"}})),
        ("timeout", json!({"grpc": {}, "fail": "timeout"})),
        ("connect", json!({"grpc": {}, "fail": "connect"})),
        ("reset", json!({"grpc": {}, "fail": "reset"})),
        ("late", json!({"grpc": {"body": "late"}, "delay_ms": 50})),
    ] {
        let mut answer = answer;
        merge(&mut answer, json!({"cluster": "svc"}));
        for metadata in ["\"\"", r#"{"k"="v","K2"="v2","k"="w"}"#] {
            let script = format!(
                "request_headers: grpc_call \"svc\" \"pkg.Service\" \"Method\" {metadata} \"msg\" 300 >; return 1\n{see}"
            );
            cases.push(case(format!("grpc: {name}, metadata {metadata}"), &script, with(json!([answer.clone()]))));
        }
    }
    for (name, service) in
        [("by name", "\"svc\""), ("by message", "\"\\n\\x05\\n\\x03svc\""), ("unknown", "\"other\""), ("empty", "\"\"")]
    {
        for timeout in [0, 100, -1] {
            let script =
                format!("request_headers: grpc_call {service} \"S\" \"M\" \"\" \"\" {timeout} >; return 1\n{see}");
            cases.push(case(
                format!("grpc: service {name}, timeout {timeout}"),
                &script,
                with(json!([{"cluster": "svc", "grpc": {"body": "a"}}])),
            ));
        }
    }
    let cancelled = format!(
        "request_headers: grpc_call \"svc\" \"S\" \"M\" \"\" \"m\" 300 >; grpc_cancel ^; grpc_cancel ^; return 0\n{see}"
    );
    cases.push(case(
        "grpc: cancelled",
        &cancelled,
        with(json!([{"cluster": "svc", "grpc": {"body": "a"}, "delay_ms": 20}])),
    ));
    let closed = format!(
        "request_headers: grpc_call \"svc\" \"S\" \"M\" \"\" \"m\" 300 >; grpc_close ^; grpc_close ^; return 0\n{see}"
    );
    cases.push(case("grpc: closed", &closed, with(json!([{"cluster": "svc", "grpc": {"body": "a"}, "delay_ms": 20}]))));
    cases
}
