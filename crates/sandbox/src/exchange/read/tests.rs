//! Every field, every problem.

use serde_json::json;

use super::super::{
    Body, CalloutFail, CalloutReply, FailStrategy, Header, HttpVersion, Level, ModuleRef, PropertyValue, UpstreamFail,
};
use super::*;

const SMALL: &str = "version: 1\nplugins: [{module: a.wasm}]\nrequest: {}\n";

fn reading(text: &str) -> Reading {
    read(text.as_bytes(), Format::Yaml, &Limits::default(), false)
}

#[track_caller]
fn good(text: &str) -> Exchange {
    let reading = reading(text);
    assert_eq!(reading.errors, [], "{text}");
    reading.exchange.unwrap()
}

/// Code and field of each problem.
fn problems(text: &str) -> Vec<(String, String)> {
    let reading = reading(text);
    assert_eq!(reading.exchange.is_none(), !reading.errors.is_empty());
    reading.errors.into_iter().map(|error| (error.code, error.field)).collect()
}

#[track_caller]
fn check(text: &str, expected: &[(&str, &str)]) {
    let found = problems(text);
    let found: Vec<(&str, &str)> = found.iter().map(|(code, field)| (code.as_str(), field.as_str())).collect();
    assert_eq!(found, expected, "{text}");
}

/// A problem of one field of the document, beside which everything is as it should be.
#[track_caller]
fn check_field(line: &str, expected: &[(&str, &str)]) {
    check(&format!("{SMALL}{line}\n"), expected);
}

#[track_caller]
fn check_plugin(fields: &str, expected: &[(&str, &str)]) {
    check(&format!("version: 1\nplugins:\n- {{module: a.wasm, {fields}}}\nrequest: {{}}\n"), expected);
}

#[track_caller]
fn check_request(fields: &str, expected: &[(&str, &str)]) {
    check(&format!("version: 1\nplugins:\n- {{module: a.wasm}}\nrequest: {{{fields}}}\n"), expected);
}

#[test]
fn defaults_are_those_of_the_contract() {
    let exchange = good(SMALL);
    assert_eq!(exchange.name, "");
    let plugin = &exchange.plugins[0];
    assert_eq!((&plugin.module, plugin.name.as_str()), (&ModuleRef::Path("a.wasm".to_owned()), "plugin0"));
    assert_eq!((plugin.root_id.as_str(), plugin.vm_id.as_str(), &plugin.vm_config), ("", "", &None));
    assert!(plugin.config.is_empty() && plugin.env.is_empty() && !plugin.allow_on_headers_stop_iteration);
    assert_eq!(plugin.fail_strategy, FailStrategy::FailClose);
    let request = &exchange.request;
    assert_eq!((request.http, request.method.as_str(), request.path.as_str()), (HttpVersion::Http1, "GET", "/"));
    assert_eq!((request.authority.as_str(), request.scheme.as_str()), ("example.com", "http"));
    assert_eq!((&request.body, exchange.upstream.status, exchange.upstream.delay_ms), (&Body::None, 200, 0));
    assert_eq!((exchange.log_level, exchange.seed, exchange.after_ms), (Level::Info, 0, 0));
    assert_eq!(exchange.clock.to_rfc3339(), "2026-01-01T00:00:00+00:00");
    assert_eq!(exchange.limits, Limits::default());
    assert!(exchange.callouts.is_empty() && exchange.before.is_empty() && exchange.warnings.is_empty());
}

#[test]
fn null_is_as_good_as_absent() {
    good(
        "version: 1\nname:\nplugins: [{module: a.wasm, config: null, config_raw: x, env: ~}]\nrequest: {body: null}\nmtls: null\n",
    );
    check(
        "version: null\nplugins: [{module: a}]\nrequest:\n",
        &[("missing_field", "version"), ("missing_field", "request")],
    );
}

#[test]
fn the_example_of_the_contract_is_read() {
    let exchange = good(
        "version: 1\nname: no token\nplugins:\n  - module: ./auth.wasm\n    name: demo.auth\n    config: {realm: \"a<b\", header: authorization}\n\
         request:\n  path: /orders?id=7\n  headers:\n    - [accept, \"*/*\"]\n    - [x-trace, one]\n    - [x-trace, two]\n\
         upstream:\n  status: 200\n  headers: [[content-type, text/plain]]\n  body: fine\n",
    );
    assert_eq!(exchange.plugins[0].config, br#"{"header":"authorization","realm":"a\u003cb"}"#);
    assert_eq!(exchange.request.headers[2], Header { name: "x-trace".to_owned(), value: b"two".to_vec() });
    assert_eq!(exchange.upstream.body, Body::One(b"fine".to_vec()));
}

#[test]
fn every_field_is_read() {
    let digest = "ab".repeat(32);
    let text = json!({
        "version": 1, "name": "n",
        "plugins": [{"module": format!("sha256:{digest}"), "sha256": digest, "name": "p", "root_id": "r", "vm_id": "v",
            "config_raw": "raw", "vm_config_raw": "vm", "env": {"B": "2", "A": "1"}, "fail_strategy": "FAIL_OPEN",
            "allow_on_headers_stop_iteration": true}, {"module": "oci://x/y:1"}],
        "request": {"http": 2, "method": "POST", "path": "/p", "authority": "a", "headers": [["x", {"base64": "/w=="}]],
            "body": {"repeat": "ab", "times": 2}, "trailers": [["t", "1"]]},
        "upstream": {"status": 201, "delay_ms": 5, "framing": "close", "fail": "no_answer",
            "body": {"chunks": ["a", {"text": "b"}, {"base64": "Yw=="}, {"repeat": "d", "times": 3}]}, "trailers": [["t", "1"]]},
        "callouts": [{"cluster": "c", "path": "/p", "times": 2, "fail": "timeout"},
            {"cluster": "g", "grpc": {"status": 7, "message": "m", "body": "b"}, "delay_ms": 1}],
        "before": [{"request": {}}, {"request": {}, "callouts": []}],
        "properties": [{"path": ["a", "b"], "value": "s"}, {"path": ["c"], "value": 18_446_744_073_709_551_615u64},
            {"path": ["d"], "value": {"map": [["k", "v"], ["k2", {"base64": ""}]]}},
            {"path": ["e"], "value": {"timestamp": "2026-01-01T00:00:01+01:00"}}, {"path": ["f"], "value": {"duration_ms": -1}},
            {"path": ["g"], "value": {"absent": true}}, {"path": ["h"], "value": true}, {"path": ["i"], "value": {"base64": "/w=="}}],
        "mtls": {"peer": "spiffe://a", "local": "spiffe://b", "sni": "s"},
        "log_level": "trace", "seed": 18_446_744_073_709_551_615u64, "clock": "2026-02-03T04:05:06.5Z", "after_ms": 60000,
        "limits": {"ticks": 1, "fuel_start": 1000}
    });
    let exchange = good(&text.to_string());
    let plugin = &exchange.plugins[0];
    assert_eq!((&plugin.module, plugin.sha256.as_deref()), (&ModuleRef::Store(digest.clone()), Some(digest.as_str())));
    assert_eq!((plugin.config.as_slice(), plugin.vm_config.as_deref()), (&b"raw"[..], Some(&b"vm"[..])));
    assert_eq!(plugin.env, [("A".to_owned(), "1".to_owned()), ("B".to_owned(), "2".to_owned())]);
    assert_eq!((plugin.fail_strategy, plugin.allow_on_headers_stop_iteration), (FailStrategy::FailOpen, true));
    assert_eq!(
        (&exchange.plugins[1].module, exchange.plugins[1].name.as_str()),
        (&ModuleRef::Url("oci://x/y:1".to_owned()), "plugin1")
    );
    assert_eq!((exchange.request.http, exchange.request.scheme.as_str()), (HttpVersion::Http2, "https"));
    assert_eq!(
        (&exchange.request.body, exchange.request.headers[0].value.as_slice()),
        (&Body::One(b"abab".to_vec()), &[0xff][..])
    );
    let pieces = [&b"a"[..], b"b", b"c", b"ddd"].map(<[u8]>::to_vec).to_vec();
    assert_eq!(exchange.upstream.body, Body::Chunks(pieces));
    assert_eq!((exchange.upstream.fail, exchange.upstream.close_framing), (Some(UpstreamFail::NoAnswer), true));
    assert_eq!((exchange.callouts[0].times, exchange.callouts[0].fail), (Some(2), Some(CalloutFail::Timeout)));
    assert!(matches!(&exchange.callouts[1].reply, CalloutReply::Grpc { status: 7, body, .. } if body == b"b"));
    assert_eq!((exchange.before[0].callouts.len(), exchange.before[1].callouts.len()), (2, 0));
    let values: Vec<&PropertyValue> = exchange.properties.iter().map(|property| &property.value).collect();
    assert_eq!(values[1], &PropertyValue::Int(-1));
    assert!(matches!(values[2], PropertyValue::Map(pairs) if pairs.len() == 2));
    assert!(matches!(values[3], PropertyValue::Timestamp(time) if time.timestamp() == 1_767_222_001));
    assert_eq!((values[4], values[5]), (&PropertyValue::DurationMs(-1), &PropertyValue::Absent));
    assert_eq!((values[6], values[7]), (&PropertyValue::Bool(true), &PropertyValue::Bytes(vec![0xff])));
    assert_eq!((exchange.seed, exchange.limits.ticks, exchange.limits.fuel_start), (u64::MAX, 1, 1000));
    assert_eq!(exchange.log_level, Level::Trace);
    // The same as a value that something else has parsed.
    let again = read_value(&text, &Limits::default(), false);
    assert_eq!((again.exchange, again.errors), (Some(exchange), vec![]));
}

#[test]
fn everything_is_said_at_once_in_document_order() {
    let text = "version: 2\nplugins:\n  - module: a.wasm\n    confg: {}\n    env: {A: 1, A: x}\nrequest: {http: 3}\nseed: -1\n";
    let reading = reading(text);
    let found: Vec<_> = reading
        .errors
        .iter()
        .map(|error| (error.code.as_str(), error.field.as_str(), error.line.unwrap(), error.column.unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ("version", "version", 1, 10),
            ("unknown_field", "plugins[0].confg", 4, 5),
            ("wrong_type", "plugins[0].env.A", 5, 14),
            ("duplicate_key", "plugins[0].env.A", 5, 17),
            ("bad_value", "request.http", 6, 17),
            ("bad_value", "seed", 7, 7),
        ]
    );
    assert_eq!(reading.errors[1].message, "unknown field `confg`; did you mean `config`?");
    assert_eq!(reading.wanted.len(), 1);
}

#[test]
fn texts_that_are_no_document_are_syntax_errors() {
    for text in ["a: [", "{", "version: 1\n---\nversion: 1\n", "version: 'x"] {
        let found = problems(text);
        assert_eq!((found.len(), found[0].0.as_str(), found[0].1.as_str()), (1, "syntax", ""), "{text}");
    }
    let reading = read(b"version: 1\nname: \xff\n", Format::Yaml, &Limits::default(), false);
    assert_eq!(
        (reading.errors[0].code.as_str(), reading.errors[0].line, reading.errors[0].column),
        ("syntax", Some(2), Some(7))
    );
    let reading = read(b"a: 1", Format::Json, &Limits::default(), false);
    assert_eq!(reading.errors[0].code, "syntax");
    for text in ["", "[]", "7", "text"] {
        check(text, &[("wrong_type", "")]);
    }
}

#[test]
fn the_name_is_known_although_something_is_wrong() {
    assert_eq!(reading("name: n\nversion: 3\n").name, "n");
}

#[test]
fn the_whole_has_its_rules() {
    check("{}", &[("missing_field", "version"), ("missing_field", "plugins"), ("missing_field", "request")]);
    check_field("versoin: 1", &[("unknown_field", "versoin")]);
    check_field("name: 1", &[("wrong_type", "name")]);
    check_field("version: 1", &[("duplicate_key", "version")]);
    check("version: \"1\"\nplugins: [{module: a}]\nrequest: {}", &[("version", "version")]);
    check("version: 1\nplugins: []\nrequest: {}", &[("bad_value", "plugins")]);
    let many = format!("version: 1\nplugins: [{}]\nrequest: {{}}", ["{module: a}"; 9].join(","));
    check(&many, &[("bad_value", "plugins")]);
    check_field("log_level: warning", &[("bad_value", "log_level")]);
    check_field("seed: 1.5", &[("wrong_type", "seed")]);
    check_field("seed: 18446744073709551616", &[("bad_value", "seed")]);
    check_field("clock: 2026-01-01", &[("bad_value", "clock")]);
    check_field("clock: 9999-01-01T00:00:00Z", &[("bad_value", "clock")]);
    check_field("after_ms: 60001", &[("bad_value", "after_ms")]);
    check_field(
        "limits: {ticks: 11, tick: 1, wall_ms: x}",
        &[("limit_too_high", "limits.ticks"), ("unknown_field", "limits.tick"), ("wrong_type", "limits.wall_ms")],
    );
    check_field("mtls: {}", &[("missing_field", "mtls.peer")]);
    check_field("before: [{}]", &[("missing_field", "before[0].request")]);
    check_field(&format!("before: [{}]", ["{request: {}}"; 17].join(",")), &[("bad_value", "before")]);
}

#[test]
fn a_plugin_has_its_rules() {
    check("version: 1\nplugins: [{}]\nrequest: {}", &[("missing_field", "plugins[0].module")]);
    for module in ["self", "ftp://x/y", "sha256:12", "''"] {
        check(
            &format!("version: 1\nplugins: [{{module: {module}}}]\nrequest: {{}}"),
            &[("bad_value", "plugins[0].module")],
        );
    }
    let own = read(b"version: 1\nplugins: [{module: self}]\nrequest: {}", Format::Yaml, &Limits::default(), true);
    assert_eq!(own.exchange.unwrap().plugins[0].module, ModuleRef::Own);
    check_plugin(&format!("sha256: {}", "AB".repeat(32)), &[("bad_value", "plugins[0].sha256")]);
    check_plugin("config: {a: 1}, config_raw: x", &[("conflict", "plugins[0].config_raw")]);
    check_plugin("config: [1]", &[("wrong_type", "plugins[0].config")]);
    check_plugin("config_raw: 1", &[("wrong_type", "plugins[0].config_raw")]);
    check_plugin("config: {a: {b: [1, .inf]}}", &[("bad_value", "plugins[0].config.a.b[1]")]);
    check_plugin("config: {a: {b: 1, b: 2}}", &[("duplicate_key", "plugins[0].config.a.b")]);
    check_plugin("env: {A: 1}", &[("wrong_type", "plugins[0].env.A")]);
    check_plugin("env: {'A=B': x}", &[("bad_value", "plugins[0].env.A=B")]);
    check_plugin("fail_strategy: FAIL_CLOSED", &[("bad_value", "plugins[0].fail_strategy")]);
    check_plugin(
        "allow_on_headers_stop_iteration: yes",
        &[("wrong_type", "plugins[0].allow_on_headers_stop_iteration")],
    );
}

#[test]
fn a_message_has_its_rules() {
    check_request("headers: [[Host, x]]", &[("bad_value", "request.headers[0][0]")]);
    check_request("headers: [[a]]", &[("bad_value", "request.headers[0]")]);
    check_request("headers: [{a: b}]", &[("wrong_type", "request.headers[0]")]);
    check_request("headers: [[a, b], [a, 1]]", &[("wrong_type", "request.headers[1][1]")]);
    check_request("headers: [[':path', b]]", &[("bad_value", "request.headers[0][0]")]);
    check_request("headers: [[a, \"b\\r\\nc\"]]", &[("bad_value", "request.headers[0][1]")]);
    check_request("headers: [[a, {base64: '*'}]]", &[("bad_value", "request.headers[0][1].base64")]);
    check_request("path: /a b", &[("bad_value", "request.path")]);
    check_request("method: ''", &[("bad_value", "request.method")]);
    check_request("http: 1.1", &[("wrong_type", "request.http")]);
    check_request("trailers: [[a, b]]", &[("conflict", "request.trailers")]);
    check_request("http: 2, trailers: [[a, b]]", &[]);
    check_request("body: {chunks: [a]}, trailers: [[a, b]]", &[]);
    check_request("body: {text: a, base64: b}", &[("conflict", "request.body.base64")]);
    check_request("body: {chunks: [], text: b}", &[("conflict", "request.body")]);
    check_request(
        "body: {chunks: [{chunks: []}]}",
        &[("missing_field", "request.body.chunks[0]"), ("unknown_field", "request.body.chunks[0].chunks")],
    );
    check_request("body: {repeat: a}", &[("missing_field", "request.body.times")]);
    check_request("body: {}", &[("missing_field", "request.body")]);
    check_request("body: 7", &[("wrong_type", "request.body")]);
    check_field("upstream: {trailers: [[a, b]]}", &[("conflict", "upstream.trailers")]);
    check_field("upstream: {status: 99}", &[("bad_value", "upstream.status")]);
    check_field("upstream: {fail: timeout}", &[("bad_value", "upstream.fail")]);
    check_field("upstream: {framing: chunked}", &[("bad_value", "upstream.framing")]);
}

#[test]
fn callouts_and_properties_have_their_rules() {
    check_field("callouts: [{}]", &[("missing_field", "callouts[0].cluster")]);
    check_field("callouts: [{cluster: a, fail: no_answer}]", &[("bad_value", "callouts[0].fail")]);
    check_field("callouts: [{cluster: a, grpc: {}, status: 200}]", &[("conflict", "callouts[0].status")]);
    check_field("callouts: [{cluster: a, grpc: {status: x}}]", &[("wrong_type", "callouts[0].grpc.status")]);
    check_field("properties: [{path: [], value: 1}]", &[("bad_value", "properties[0].path")]);
    check_field("properties: [{path: [a]}]", &[("missing_field", "properties[0].value")]);
    check_field("properties: [{path: [a], value: 1.5}]", &[("wrong_type", "properties[0].value")]);
    check_field("properties: [{path: [a], value: {}}]", &[("missing_field", "properties[0].value")]);
    check_field("properties: [{path: [a], value: {absent: false}}]", &[("bad_value", "properties[0].value.absent")]);
    check_field("properties: [{path: [a], value: {map: [[a]]}}]", &[("bad_value", "properties[0].value.map[0]")]);
    check_field(
        "properties: [{path: [a], value: {absent: true, base64: ''}}]",
        &[("conflict", "properties[0].value.absent")],
    );
}

#[test]
fn what_is_too_large_is_said() {
    let limits = Limits::default();
    let large = vec![b' '; MAX_FILE + 1];
    assert_eq!(read(&large, Format::Yaml, &limits, false).errors[0].code, "too_large");
    check_request("body: {repeat: abcd, times: 1048576}", &[]);
    check_request("body: {repeat: abcd, times: 1048577}", &[("too_large", "request.body")]);
    check_request("body: {repeat: abcd, times: 4294967295}", &[("too_large", "request.body")]);
    let chunks = |count: usize| format!("body: {{chunks: [{}]}}", vec!["a"; count].join(","));
    check_request(&chunks(256), &[]);
    check_request(&chunks(257), &[("too_large", "request.body.chunks")]);
    let half = "{repeat: a, times: 2097153}";
    check_request(&format!("body: {{chunks: [{half}, {half}]}}"), &[("too_large", "request.body.chunks")]);
    let lines = |count: usize| format!("headers: [{}]", vec!["[a, b]"; count].join(","));
    check_request(&lines(1024), &[]);
    check_request(&lines(1025), &[("too_large", "request.headers")]);
    check_request(&format!("headers: [[a, {}]]", "b".repeat(1 << 20)), &[("too_large", "request.headers")]);
    check_plugin(&format!("config_raw: {}", "b".repeat(1 << 20)), &[]);
    check_plugin(&format!("config_raw: {}", "b".repeat((1 << 20) + 1)), &[("too_large", "plugins[0].config_raw")]);
    check_plugin(&format!("config: {{a: {}}}", "b".repeat(1 << 20)), &[("too_large", "plugins[0].config")]);
    check_plugin(&format!("env: {{A: {}}}", "b".repeat(2048)), &[]);
    check_plugin(&format!("env: {{A: {}}}", "b".repeat(2049)), &[("too_large", "plugins[0].env.A")]);
    let env =
        |count: usize| format!("env: {{{}}}", (0..count).map(|n| format!("A{n}: x")).collect::<Vec<_>>().join(","));
    check_plugin(&env(256), &[]);
    check_plugin(&env(257), &[("too_large", "plugins[0].env")]);
    let list = |name: &str, item: &str, count: usize| format!("{name}: [{}]", vec![item; count].join(","));
    check_field(&list("callouts", "{cluster: a}", 64), &[]);
    check_field(&list("callouts", "{cluster: a}", 65), &[("too_large", "callouts")]);
    check_field(&list("properties", "{path: [a], value: b}", 256), &[]);
    check_field(&list("properties", "{path: [a], value: b}", 257), &[("too_large", "properties")]);
}

#[test]
fn what_will_surprise_is_warned_of() {
    let codes = |plugin: &str| {
        let exchange = good(&format!("version: 1\nplugins: [{{module: a, {plugin}}}]\nrequest: {{}}"));
        exchange.warnings.into_iter().map(|warning| (warning.code, warning.plugin)).collect::<Vec<_>>()
    };
    assert_eq!(codes("config: {}"), [("config_empty".to_owned(), Some(0))]);
    assert_eq!(codes("config: {a: 9007199254740993}"), [("config_number_changed".to_owned(), Some(0))]);
    assert_eq!(codes("env: {ISTIO_META_X: a}"), [("env_reserved".to_owned(), Some(0))]);
    assert_eq!(codes("config: {a: 9007199254740992}, env: {A: b}"), []);
}

#[test]
fn a_module_that_is_not_had_is_said_at_its_field() {
    let digest = "0".repeat(64);
    let reading = reading(&format!("version: 1\nplugins:\n- module: a.wasm\n  sha256: {digest:?}\nrequest: {{}}\n"));
    let wanted = &reading.wanted[0];
    let error = wanted.problem("module_not_found", "gone");
    assert_eq!((error.field.as_str(), error.line, error.column), ("plugins[0].module", Some(3), Some(11)));
    let error = wanted.problem("module_digest", "another");
    assert_eq!((error.field.as_str(), error.line), ("plugins[0].sha256", Some(4)));
}
