//! Every host call in every phase.

use serde_json::{Value, json};

use super::{CALL_SVC, CALLBACKS, ProbeCase, case, full, merge, svc};

/// Where a host call is made: the phase's name, the script around it (`OPS` stands for it), more of the exchange.
pub(super) fn phases() -> Vec<(&'static str, String, Value)> {
    let stream = |callback: &str| (format!("{callback}#1: OPS"), full());
    let mut phases: Vec<(&'static str, String, Value)> = Vec::new();
    for callback in CALLBACKS[1..].iter().copied() {
        let (script, exchange) = stream(callback);
        phases.push((callback, script, exchange));
    }
    let with = |more: Value| {
        let mut exchange = full();
        merge(&mut exchange, more);
        exchange
    };
    let called = with(json!({"callouts": svc()}));
    phases.push(("root create", "context_create#1: OPS".to_owned(), full()));
    phases.push(("create", "context_create#2: OPS".to_owned(), full()));
    phases.push(("vm start", "vm_start: OPS".to_owned(), full()));
    phases.push(("configure", "configure: OPS".to_owned(), with(json!({"plugins": [{"config_raw": "some config"}]}))));
    phases.push((
        "http call",
        format!(
            "request_headers: {CALL_SVC}; return 1\nhttp_call_response#1: OPS; set_effective_context 2; continue_stream 0"
        ),
        called.clone(),
    ));
    phases.push((
        "http call for the stream",
        format!(
            "request_headers: {CALL_SVC}; return 1\nhttp_call_response#1: set_effective_context 2; OPS; continue_stream 0"
        ),
        called.clone(),
    ));
    phases.push((
        "http call for the response",
        format!("response_headers: {CALL_SVC}; return 1\nhttp_call_response#1: set_effective_context 2; OPS; continue_stream 1"),
        called,
    ));
    phases.push((
        "grpc receive",
        "request_headers: grpc_call \"grpc\" \"pkg.S\" \"M\" {\"k\"=\"v\"} \"msg\" 1000 >; return 1\n\
         grpc_receive#1: OPS; set_effective_context 2; continue_stream 0"
            .to_owned(),
        with(json!({"callouts": [{"cluster": "grpc", "grpc": {"body": "answer"}}]})),
    ));
    phases.push((
        "grpc close",
        "request_headers: grpc_call \"grpc\" \"pkg.S\" \"M\" {\"k\"=\"v\"} \"msg\" 1000 >; return 1\n\
         grpc_close#1: OPS; set_effective_context 2; continue_stream 0"
            .to_owned(),
        with(json!({"callouts": [{"cluster": "grpc", "grpc": {"status": 7, "message": "no way"}}]})),
    ));
    phases.push((
        "tick",
        "request_headers: set_tick_period_milliseconds 30; return 1\n\
         tick#1: set_tick_period_milliseconds 0; OPS; set_effective_context 2; continue_stream 0"
            .to_owned(),
        full(),
    ));
    phases.push((
        "queue ready",
        "request_headers: register_shared_queue \"q\" >!; enqueue_shared_queue ^ \"one\"; return 1\n\
         queue_ready#1: OPS; set_effective_context 2; continue_stream 0"
            .to_owned(),
        full(),
    ));
    phases
}

/// Host calls that go together, by name.
fn families() -> Vec<(String, String)> {
    let mut families: Vec<(String, String)> = Vec::new();
    let all = |of: &dyn Fn(i32) -> String, last: i32| (0..=last).map(of).collect::<Vec<_>>().join("; ");
    families.push((
        "sizes of maps".into(),
        all(&|map| format!("get_header_map_size {map} >{}", if map == 2 { "!" } else { "" }), 8),
    ));
    families.push(("pairs of maps".into(), all(&|map| format!("get_header_map_pairs {map} >>!"), 8)));
    families.push((
        "values of maps".into(),
        all(&|map| format!("get_header_map_value {map} \"x-a\" >>; get_header_map_value {map} \"content-type\" >>"), 8),
    ));
    families.push((
        "pseudo headers".into(),
        [":path", ":method", ":authority", "host", ":scheme", ":status", "HOST", "X-A", "", "t-a", "u-a"]
            .map(|name| format!("get_header_map_value 0 \"{name}\" >>; get_header_map_value 2 \"{name}\" >>"))
            .join("; "),
    ));
    for map in 0..=8 {
        let value = format!("get_header_map_value {map} \"x-new\" >>");
        families.push((
            format!("add to map {map}"),
            format!("add_header_map_value {map} \"x-new\" \"1\"; {value}; add_header_map_value {map} \"x-new\" \"2\"; get_header_map_size {map} >!"),
        ));
        families.push((
            format!("replace in map {map}"),
            format!(
                "replace_header_map_value {map} \"x-new\" \"1\"; replace_header_map_value {map} \"x-a\" \"3\"; {value}"
            ),
        ));
        families.push((
            format!("remove from map {map}"),
            format!("remove_header_map_value {map} \"x-a\"; remove_header_map_value {map} \"none\"; get_header_map_size {map} >!"),
        ));
    }
    families.push(("read buffers".into(), all(&|buffer| format!("get_buffer_bytes {buffer} 0 100 >>"), 9)));
    families.push((
        "read parts of buffers".into(),
        all(&|buffer| format!("get_buffer_bytes {buffer} 2 3 >>; get_buffer_bytes {buffer} 6 0 >>; get_buffer_bytes {buffer} 99 1 >>; get_buffer_bytes {buffer} 1 -1 >>"), 8),
    ));
    families.push(("status of buffers".into(), all(&|buffer| format!("get_buffer_status {buffer} > >"), 9)));
    for buffer in 0..=8 {
        families.push((
            format!("write buffer {buffer}"),
            format!("set_buffer_bytes {buffer} 0 0 \"<\"; set_buffer_bytes {buffer} 99 0 \">\"; get_buffer_bytes {buffer} 0 99 >>"),
        ));
    }
    families.push(("continue the request".into(), "continue_stream 0".into()));
    families.push(("continue the response".into(), "continue_stream 1".into()));
    families.push((
        "continue other streams".into(),
        "continue_stream 2; continue_stream 3; continue_stream 4; continue_stream -1".into(),
    ));
    families.push(("close the request".into(), "close_stream 0".into()));
    families.push(("close the response".into(), "close_stream 1".into()));
    families.push(("close other streams".into(), "close_stream 2; close_stream 3; close_stream 4".into()));
    families.push(("reply".into(), "send_local_response 403 \"why not\" \"no\" {\"x-l\"=\"1\"} -1".into()));
    families.push(("call out".into(), CALL_SVC.into()));
    families.push((
        "call out wrongly".into(),
        "http_call \"nobody\" {\":method\"=\"GET\",\":path\"=\"/\",\":authority\"=\"a\"} \"\" \"\" 100 >; \
         http_call \"svc\" {\":method\"=\"GET\"} \"\" \"\" 100 >; http_call \"svc\" {} \"\" \"\" 100 >"
            .into(),
    ));
    families.push((
        "grpc wrongly".into(),
        "grpc_call \"nobody\" \"S\" \"M\" {} \"x\" 100 >; grpc_send 2 \"x\" 0; grpc_send 1 \"x\" 0; grpc_send 0 \"x\" 1; \
         grpc_cancel 1; grpc_cancel 2; grpc_cancel 0; grpc_close 1; grpc_close 2; grpc_close 3"
            .into(),
    ));
    families.push(("status".into(), "get_status > >>".into()));
    families.push((
        "contexts".into(),
        "set_effective_context 99; get_header_map_size 0 >; set_effective_context 1; get_header_map_size 0 >; \
         set_effective_context 0; get_header_map_size 0 >; set_effective_context 2; get_header_map_size 0 >"
            .into(),
    ));
    families.push(("done".into(), "done".into()));
    families.push(("time".into(), "get_current_time_nanoseconds >q!; get_log_level >".into()));
    families.push((
        "logs".into(),
        "log 0 \"trace\"; log 1 \"debug\"; log 2 \"info\"; log 3 \"warn\"; log 4 \"error\"; log 5 \"critical\"; log 6 \"six\"; log 2 \"\"; log 2 \"two\\nlines\""
            .into(),
    ));
    families.push((
        "queues".into(),
        "dequeue_shared_queue 77 >>; enqueue_shared_queue 77 \"x\"; resolve_shared_queue \"none\" \"none\" >".into(),
    ));
    families.push(("shared data".into(), "get_shared_data \"none\" >> >!; set_shared_data \"k\" \"v\" 0; get_shared_data \"k\" >> >!; set_shared_data \"k\" \"w\" 999999".into()));
    families.push((
        "metrics".into(),
        "define_metric 0 \"probe_c\" >; increment_metric ^ 2; record_metric ^ 3; get_metric ^ >q; increment_metric ^ -1; \
         define_metric 1 \"probe_g\" >; record_metric ^ 7; increment_metric ^ -2; get_metric ^ >q; \
         define_metric 2 \"probe_h\" >; record_metric ^ 7; increment_metric ^ 1; get_metric ^ >q; define_metric 3 \"probe_x\" >; \
         get_metric 9999 >q; record_metric 9999 1; increment_metric 9999 1"
            .into(),
    ));
    families.push((
        "foreign functions".into(),
        "call_foreign_function \"none\" \"\" >>; call_foreign_function \"clear_route_cache\" \"\" >>; call_foreign_function \"compress\" \"aaaaaaaaaaaaaaaa\" >>!; call_foreign_function \"uncompress\" \"bad\" >>"
            .into(),
    ));
    families.push((
        "properties of the request".into(),
        ["path", "url_path", "query", "host", "scheme", "method", "referer", "useragent", "protocol"]
            .map(|name| format!("get_property \"request\\0{name}\" >>"))
            .join("; "),
    ));
    families.push((
        "volatile properties".into(),
        [
            "request\\0time",
            "request\\0id",
            "source\\0address",
            "source\\0port",
            "destination\\0address",
            "destination\\0port",
            "upstream\\0address",
            "upstream\\0port",
            "upstream\\0local_address",
            "connection\\0id",
            "connection_id",
            "response\\0backend_latency",
            "request\\0duration",
        ]
        .map(|path| format!("get_property \"{path}\" >>!"))
        .join("; "),
    ));
    families.push((
        "properties of the response".into(),
        ["code", "code_details", "flags", "grpc_status", "headers\\0x-r"]
            .map(|name| format!("get_property \"response\\0{name}\" >>"))
            .join("; "),
    ));
    families.push((
        "other properties".into(),
        [
            "plugin_name",
            "plugin_root_id",
            "xds\\0cluster_name",
            "xds\\0route_name",
            "xds\\0listener_direction",
            "connection\\0mtls",
            "node",
            "cluster_name",
            "none",
            "",
        ]
        .map(|path| format!("get_property \"{path}\" >>"))
        .join("; "),
    ));
    families.push(("set properties".into(), "set_property \"mine\" \"1\"; get_property \"mine\" >>; set_property \"a\\0b\" \"2\"; get_property \"a\\0b\" >>; get_property \"filter_state\\0wasm.mine\" >>".into()));
    families.push(("pointers outside".into(),
        "get_header_map_value 0 -100 50 64 72; get_header_map_value 0 \"x-a\" -4 72; get_header_map_pairs 0 -4 72; get_header_map_size 0 -4; \
         get_buffer_bytes 0 0 10 -4 72; log 2 -100 50; get_property -100 50 64 72; define_metric 0 -100 50 64; set_property \"a\" -100 50; \
         get_current_time_nanoseconds -4; get_log_level -2; get_status -4 64 72; add_header_map_value 0 \"x\" -100 50; \
         set_header_map_pairs 0 -100 50; set_buffer_bytes 0 0 0 -100 50; call_foreign_function -100 50 0 0 64 72; \
         get_shared_data -100 50 64 72 80; set_shared_data -100 50 0 0 0; register_shared_queue -100 50 64"
            .into(),
    ));
    families
}

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (phase, script, exchange) in phases() {
        for (family, ops) in families() {
            let mut exchange = exchange.clone();
            if family.starts_with("call out") {
                let callouts = exchange.as_object_mut().map(|exchange| exchange.entry("callouts").or_insert(json!([])));
                if let Some(Value::Array(callouts)) = callouts
                    && !callouts.iter().any(|callout| callout["cluster"] == "svc")
                {
                    callouts.extend(svc().as_array().cloned().unwrap_or_default());
                }
            }
            cases.push(case(format!("{family} in {phase}"), &script.replace("OPS", &ops), exchange));
        }
    }
    cases
}
