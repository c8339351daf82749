//! Messages of every shape, and headers with every oddity.

use serde_json::{Value, json};

use super::{ProbeCase, case, merge};

/// Writes down all that it is shown.
const WATCH: &str = "request_headers: get_header_map_pairs 0 >>\nrequest_body: get_buffer_bytes 0 0 100 >>\nrequest_trailers: get_header_map_pairs 1 >>\n\
                     response_headers: get_header_map_pairs 2 >>\nresponse_body: get_buffer_bytes 1 0 100 >>\nresponse_trailers: get_header_map_pairs 3 >>\n\
                     log: get_property \"response\\0code_details\" >>; get_property \"response\\0code\" >>; get_property \"response\\0flags\" >>; \
                     get_property \"request\\0size\" >>; get_property \"response\\0size\" >>; get_header_map_value 0 \":path\" >>; get_header_map_value 2 \":status\" >>";

pub(super) fn cases() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    for (name, request) in requests() {
        // Headers of a connection are malformed in HTTP/2.
        let connection = ["connection", "hop by hop", "te", "te list", "upgrade"]
            .iter()
            .any(|own| name.starts_with(&format!("headers {own}")));
        for http in if connection { [1].as_slice() } else { &[1, 2] } {
            let mut exchange = json!({"request": request, "upstream": {"body": "fine"}});
            merge(&mut exchange, json!({"request": {"http": http}}));
            cases.push(case(format!("http {http}: {name}"), WATCH, exchange));
        }
    }
    for (name, upstream) in timeouts() {
        for (shape, request) in [
            ("bare", json!({})),
            ("chunks", json!({"method": "POST", "body": {"chunks": ["a", "b"]}})),
            ("http 2", json!({"http": 2, "method": "POST", "body": "a"})),
        ] {
            let script = format!(
                "request_headers: replace_header_map_value 0 \"x-envoy-upstream-rq-timeout-ms\" \"60\"\n{}",
                WATCH.split_once('\n').map_or("", |(_, rest)| rest)
            );
            let exchange = json!({"request": request, "upstream": upstream});
            cases.push(case(format!("{shape}: the router waits 60 ms, {name}"), &script, exchange));
        }
    }
    for (name, upstream) in answers() {
        for (shape, request) in [
            ("http 1", json!({})),
            ("http 2", json!({"http": 2})),
            ("head", json!({"method": "HEAD"})),
            ("head http 2", json!({"method": "HEAD", "http": 2})),
        ] {
            cases.push(case(
                format!("{shape}: answer {name}"),
                WATCH,
                json!({"request": request, "upstream": upstream}),
            ));
        }
    }
    cases.extend(edits());
    cases
}

fn requests() -> Vec<(String, Value)> {
    let mut requests: Vec<(String, Value)> = Vec::new();
    for method in ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"] {
        requests.push((method.to_owned(), json!({"method": method})));
        requests.push((format!("{method} with a body"), json!({"method": method, "body": "hello"})));
        requests.push((format!("{method} with an empty body"), json!({"method": method, "body": ""})));
        requests.push((format!("{method} with chunks"), json!({"method": method, "body": {"chunks": ["a", "b"]}})));
        requests.push((
            format!("{method} with chunks and trailers"),
            json!({"method": method, "body": {"chunks": ["a"]}, "trailers": [["t", "1"], ["T", "2"]]}),
        ));
    }
    requests.push(("no chunks".into(), json!({"method": "POST", "body": {"chunks": []}})));
    requests.push((
        "no chunks but trailers".into(),
        json!({"method": "POST", "body": {"chunks": []}, "trailers": [["t", "1"]]}),
    ));
    requests.push(("a long body".into(), json!({"method": "POST", "body": {"repeat": "x", "times": 50_000}})));
    for path in [
        "/",
        "/a?b=c&d",
        "//x",
        "/a/../b",
        "/a/./b",
        "/%2e%2e/x",
        "/a%00b",
        "/A%2fb",
        "/a;b=c",
        "/?",
        "/a b".trim_end_matches(" b"),
        "/\\x",
    ] {
        requests.push((format!("path {path}"), json!({"path": path})));
    }
    for authority in ["example.com", "example.com:80", "EXAMPLE.com", "127.0.0.1:99", "[::1]"] {
        requests.push((format!("authority {authority}"), json!({"authority": authority})));
    }
    for (name, headers) in [
        ("twice", json!([["x-a", "1"], ["x-a", "2"], ["X-A", "3"]])),
        (
            "inline twice",
            json!([
                ["accept", "1"],
                ["accept", "2"],
                ["user-agent", "a"],
                ["user-agent", "b"],
                ["cookie", "a"],
                ["cookie", "b"],
                ["via", "1"],
                ["via", "2"],
                ["x-forwarded-for", "1.1.1.1"],
                ["x-forwarded-for", "2.2.2.2"]
            ]),
        ),
        (
            "cache and content",
            json!([
                ["cache-control", "a"],
                ["cache-control", "b"],
                ["content-type", "a"],
                ["content-type", "b"],
                ["content-encoding", "a"],
                ["content-encoding", "b"],
                ["if-none-match", "a"],
                ["if-none-match", "b"],
                ["authorization", "a"],
                ["authorization", "b"],
                ["origin", "a"],
                ["origin", "b"],
                ["pragma", "a"],
                ["pragma", "b"],
                ["accept-encoding", "a"],
                ["accept-encoding", "b"],
                ["accept-language", "a"],
                ["accept-language", "b"],
                ["range", "a"],
                ["range", "b"]
            ]),
        ),
        ("empty", json!([["x-empty", ""], ["x-blank", "  a  b "]])),
        ("connection", json!([["connection", "keep-alive"]])),
        ("connection close", json!([["connection", "close"]])),
        ("connection names", json!([["connection", "x-hop"], ["x-hop", "1"]])),
        ("hop by hop", json!([["keep-alive", "timeout=5"], ["proxy-connection", "x"], ["te", "trailers"]])),
        ("te", json!([["te", "gzip"]])),
        ("te list", json!([["te", "trailers, gzip"]])),
        ("te quality", json!([["te", "gzip;q=1, trailers;q=0"]])),
        ("te upper case", json!([["te", "Trailers"]])),
        ("connection of several", json!([["connection", "close, X-Hop , te"], ["x-hop", "1"], ["te", "trailers"]])),
        ("cookie and more", json!([["cookie", "a=1"], ["x-z", "1"]])),
        ("forwarded proto upper case", json!([["x-forwarded-proto", "HTTPS"]])),
        ("expect more", json!([["expect", "200-ok"]])),
        ("expect", json!([["expect", "100-continue"]])),
        ("forwarded", json!([["x-forwarded-proto", "https"], ["x-forwarded-host", "h"], ["x-forwarded-port", "1"]])),
        ("forwarded proto odd", json!([["x-forwarded-proto", "ftp"]])),
        ("request id", json!([["x-request-id", "mine"]])),
        (
            "envoy's",
            json!([
                ["x-envoy-internal", "true"],
                ["x-envoy-external-address", "1.2.3.4"],
                ["x-envoy-force-trace", "1"],
                ["x-envoy-upstream-rq-timeout-ms", "77"],
                ["x-envoy-max-retries", "3"],
                ["x-envoy-retry-on", "5xx"],
                ["x-envoy-original-path", "/o"],
                ["x-envoy-decorator-operation", "d"],
                ["x-envoy-attempt-count", "3"],
                ["x-envoy-peer-metadata", "p"],
                ["x-envoy-downstream-service-cluster", "c"],
                ["x-envoy-expected-rq-timeout-ms", "9"],
                ["x-envoy-ip-tags", "t"],
                ["x-envoy-is-timeout-retry", "1"],
                ["x-envoy-original-host", "h"]
            ]),
        ),
        ("client cert", json!([["x-forwarded-client-cert", "x"]])),
        (
            "tracing",
            json!([
                ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
                ["x-b3-traceid", "1"],
                ["x-client-trace-id", "1"]
            ]),
        ),
        ("upgrade", json!([["connection", "upgrade"], ["upgrade", "websocket"]])),
        ("bytes", json!([["x-bin", {"base64": "/w=="}]])),
        ("utf-8", json!([["x-utf", "é"]])),
        ("underscore", json!([["x_under", "1"], ["x.dot", "2"]])),
        ("grpc", json!([["content-type", "application/grpc"], ["grpc-timeout", "1S"], ["te", "trailers"]])),
        ("many", Value::Array((0..80).map(|n| json!([format!("h{n}"), "v"])).collect())),
        ("length zero", json!([["content-length", "0"]])),
    ] {
        requests.push((format!("headers {name}"), json!({"headers": headers})));
        requests.push((
            format!("headers {name}, with a body"),
            json!({"method": "POST", "headers": headers, "body": {"chunks": ["hello"]}}),
        ));
    }
    requests
}

/// Answers around a time-out of Envoy's router that a plugin set.
fn timeouts() -> [(&'static str, Value); 3] {
    [
        ("an answer at once", json!({"body": "fine"})),
        ("a late answer", json!({"delay_ms": 400, "body": "late"})),
        ("no answer", json!({"fail": "no_answer"})),
    ]
}

fn answers() -> Vec<(String, Value)> {
    let mut answers: Vec<(String, Value)> = Vec::new();
    for status in [200, 201, 202, 204, 205, 206, 301, 304, 400, 404, 418, 429, 500, 503, 599, 600, 999] {
        answers.push((format!("{status}"), json!({"status": status})));
        // With a body they are no messages.
        if status != 304 {
            answers.push((format!("{status} with a body"), json!({"status": status, "body": "x"})));
            answers.push((format!("{status} with chunks"), json!({"status": status, "body": {"chunks": ["x", "y"]}})));
        }
    }
    for (name, upstream) in [
        ("empty body", json!({"body": ""})),
        ("no chunks", json!({"body": {"chunks": []}})),
        ("trailers", json!({"body": {"chunks": ["x"]}, "trailers": [["t", "1"], ["T", "2"], ["grpc-status", "0"]]})),
        ("no chunks but trailers", json!({"body": {"chunks": []}, "trailers": [["t", "1"]]})),
        ("closed", json!({"framing": "close", "body": "until the end"})),
        ("closed chunks", json!({"framing": "close", "body": {"chunks": ["until ", "the end"]}})),
        ("closed with nothing", json!({"framing": "close"})),
        ("connect", json!({"fail": "connect"})),
        ("reset", json!({"fail": "reset"})),
        ("reset after headers", json!({"fail": "reset_after_headers", "body": {"chunks": ["x"]}})),
        ("reset after no chunks", json!({"fail": "reset_after_headers", "body": {"chunks": []}})),
        ("no answer", json!({"fail": "no_answer"})),
        ("late", json!({"delay_ms": 40, "body": "x"})),
        ("long", json!({"body": {"repeat": "x", "times": 200_000}})),
        ("own length", json!({"headers": [["content-length", "4"]], "body": "four"})),
        ("own chunks", json!({"headers": [["transfer-encoding", "chunked"]], "body": {"chunks": ["a", "b"]}})),
        (
            "twice",
            json!({"headers": [["a", "1"], ["A", "2"], ["set-cookie", "a"], ["set-cookie", "b"], ["vary", "a"], ["vary", "b"], ["cache-control", "a"], ["cache-control", "b"], ["etag", "a"], ["etag", "b"], ["location", "a"], ["location", "b"]], "body": "x"}),
        ),
        (
            "standard twice",
            json!({"headers": [["server", "s"], ["server", "t"], ["date", "d"], ["date", "e"], ["via", "a"], ["via", "b"], ["age", "1"], ["age", "2"], ["expires", "a"], ["expires", "b"], ["last-modified", "a"], ["last-modified", "b"], ["content-type", "a"], ["content-type", "b"], ["www-authenticate", "a"], ["www-authenticate", "b"], ["link", "a"], ["link", "b"]], "body": "x"}),
        ),
        (
            "connection",
            json!({"headers": [["connection", "close"], ["keep-alive", "timeout=5"], ["proxy-connection", "x"]], "body": "x"}),
        ),
        (
            "envoy's",
            json!({"headers": [["x-envoy-upstream-service-time", "99"], ["x-envoy-degraded", "1"], ["x-envoy-overloaded", "1"], ["x-envoy-immediate-health-check-fail", "1"], ["x-envoy-upstream-canary", "1"], ["x-envoy-upstream-healthchecked-cluster", "c"], ["x-envoy-decorator-operation", "d"], ["x-envoy-attempt-count", "7"], ["x-request-id", "theirs"], ["x-envoy-ratelimited", "1"]], "body": "x"}),
        ),
        (
            "grpc",
            json!({"headers": [["content-type", "application/grpc"]], "body": {"chunks": ["x"]}, "trailers": [["grpc-status", "5"], ["grpc-message", "m"]]}),
        ),
        (
            "grpc at once",
            json!({"headers": [["content-type", "application/grpc"], ["grpc-status", "5"], ["grpc-message", "m"]]}),
        ),
        (
            "bytes",
            json!({"headers": [["x-bin", {"base64": "/w=="}], ["x-utf", "é"], ["x-empty", ""]], "body": {"base64": "AP8B"}}),
        ),
        ("upgrade", json!({"headers": [["upgrade", "h2c"]], "body": "x"})),
        ("pseudo name", json!({"headers": [["status", "500"]], "body": "x"})),
        (
            "trailers twice",
            json!({"body": {"chunks": ["x"]}, "trailers": [["a", "1"], ["a", "2"], ["grpc-message", "a"], ["grpc-message", "b"], ["connection", "close"], ["content-length", "9"]]}),
        ),
    ] {
        answers.push((name.to_owned(), upstream));
    }
    answers
}

/// Headers that plugins write.
fn edits() -> Vec<ProbeCase> {
    let mut cases = Vec::new();
    let rest: Vec<&str> = WATCH.lines().collect();
    let mut add = |name: String, phase: &str, map: u32, ops: &str| {
        let others: Vec<&str> = rest.iter().copied().filter(|line| !line.starts_with(phase)).collect();
        let script = format!(
            "{phase}: {}; get_header_map_pairs {map} >>\n{}",
            ops.replace("MAP", &map.to_string()),
            others.join("\n")
        );
        for http in [1, 2] {
            for (shape, body) in [("", json!(null)), (" with a body", json!("hello"))] {
                let exchange = json!({
                    "request": {"http": http, "method": "POST", "body": body, "headers": [["x-a", "1"], ["x-a", "2"], ["accept", "y"]]},
                    "upstream": {"headers": [["x-r", "1"], ["vary", "y"], ["set-cookie", "a"]], "body": {"chunks": ["fine"]}},
                });
                cases.push(case(format!("http {http}{shape}: {phase} {name}"), &script, exchange));
            }
        }
    };
    let long = "y".repeat(1000);
    for (phase, map) in [("request_headers", 0), ("response_headers", 2)] {
        for (name, ops) in [
            ("value with line ends", "add_header_map_value MAP \"x\" \"1\\r\\ny: 2\"".to_owned()),
            ("value with a line feed", "add_header_map_value MAP \"x\" \"1\\ny: 2\"".to_owned()),
            ("value with NUL", "add_header_map_value MAP \"x\" \"1\\02\"".to_owned()),
            ("value with tab", "add_header_map_value MAP \"x\" \"1\\t2\"".to_owned()),
            ("value with DEL", "add_header_map_value MAP \"x\" \"1\\x7f2\"".to_owned()),
            ("value with high bytes", "add_header_map_value MAP \"x\" \"\\xff\\xfe\"".to_owned()),
            ("value with blanks around", "add_header_map_value MAP \"x\" \"  1  \"".to_owned()),
            ("empty value", "add_header_map_value MAP \"x\" \"\"".to_owned()),
            ("long value", format!("add_header_map_value MAP \"x\" \"{long}\"")),
            ("empty name", "add_header_map_value MAP \"\" \"1\"".to_owned()),
            ("name with blank", "add_header_map_value MAP \"x y\" \"1\"".to_owned()),
            ("name with colon", "add_header_map_value MAP \"x:y\" \"1\"".to_owned()),
            ("name with line end", "add_header_map_value MAP \"x\\r\\ny\" \"1\"".to_owned()),
            ("name with high bytes", "add_header_map_value MAP \"x\\xff\" \"1\"".to_owned()),
            ("name in upper case", "add_header_map_value MAP \"X-UP\" \"1\"".to_owned()),
            ("name in brackets", "add_header_map_value MAP \"x(y)\" \"1\"".to_owned()),
            ("unknown pseudo", "add_header_map_value MAP \":mine\" \"1\"".to_owned()),
            ("pseudo colon alone", "add_header_map_value MAP \":\" \"1\"".to_owned()),
            ("pseudo of the other", "add_header_map_value MAP \":status\" \"299\"; add_header_map_value MAP \":path\" \"/other\"".to_owned()),
            ("replace :method", "replace_header_map_value MAP \":method\" \"PUT\"".to_owned()),
            ("replace :method by HEAD", "replace_header_map_value MAP \":method\" \"HEAD\"".to_owned()),
            ("replace :method by GET", "replace_header_map_value MAP \":method\" \"GET\"".to_owned()),
            ("replace :method by CONNECT", "replace_header_map_value MAP \":method\" \"CONNECT\"".to_owned()),
            ("replace :method by bad", "replace_header_map_value MAP \":method\" \"P UT\"".to_owned()),
            ("replace :method by nothing", "replace_header_map_value MAP \":method\" \"\"".to_owned()),
            ("remove :method", "remove_header_map_value MAP \":method\"".to_owned()),
            ("replace :path", "replace_header_map_value MAP \":path\" \"/new?x\"".to_owned()),
            ("replace :path by odd", "replace_header_map_value MAP \":path\" \"new path\"".to_owned()),
            ("replace :path by *", "replace_header_map_value MAP \":path\" \"*\"".to_owned()),
            ("replace :path with fragment", "replace_header_map_value MAP \":path\" \"/a#b\"".to_owned()),
            ("replace :path by nothing", "replace_header_map_value MAP \":path\" \"\"".to_owned()),
            ("remove :path", "remove_header_map_value MAP \":path\"".to_owned()),
            ("add to :path", "add_header_map_value MAP \":path\" \"/b\"".to_owned()),
            ("replace :authority", "replace_header_map_value MAP \":authority\" \"other\"".to_owned()),
            ("replace host", "replace_header_map_value MAP \"host\" \"other\"".to_owned()),
            ("replace Host", "replace_header_map_value MAP \"Host\" \"other\"".to_owned()),
            ("add host", "add_header_map_value MAP \"host\" \"other\"".to_owned()),
            ("remove host", "remove_header_map_value MAP \"host\"".to_owned()),
            ("remove :authority", "remove_header_map_value MAP \":authority\"".to_owned()),
            ("empty :authority", "replace_header_map_value MAP \":authority\" \"\"".to_owned()),
            ("replace :scheme", "replace_header_map_value MAP \":scheme\" \"https\"".to_owned()),
            ("replace :scheme by odd", "replace_header_map_value MAP \":scheme\" \"ftp\"".to_owned()),
            ("remove :scheme", "remove_header_map_value MAP \":scheme\"".to_owned()),
            ("remove proto", "remove_header_map_value MAP \"x-forwarded-proto\"".to_owned()),
            ("replace proto", "replace_header_map_value MAP \"x-forwarded-proto\" \"https\"".to_owned()),
            ("replace proto by odd", "replace_header_map_value MAP \"x-forwarded-proto\" \"odd\"".to_owned()),
            ("remove request id", "remove_header_map_value MAP \"x-request-id\"".to_owned()),
            ("replace :status", "replace_header_map_value MAP \":status\" \"201\"".to_owned()),
            ("add to :status", "add_header_map_value MAP \":status\" \"201\"".to_owned()),
            ("remove :status", "remove_header_map_value MAP \":status\"".to_owned()),
            (":status text", "replace_header_map_value MAP \":status\" \"abc\"".to_owned()),
            (":status empty", "replace_header_map_value MAP \":status\" \"\"".to_owned()),
            (":status 0", "replace_header_map_value MAP \":status\" \"0\"".to_owned()),
            (":status 99", "replace_header_map_value MAP \":status\" \"99\"".to_owned()),
            (":status 100", "replace_header_map_value MAP \":status\" \"100\"".to_owned()),
            (":status 101", "replace_header_map_value MAP \":status\" \"101\"".to_owned()),
            (":status 204", "replace_header_map_value MAP \":status\" \"204\"".to_owned()),
            (":status 304", "replace_header_map_value MAP \":status\" \"304\"".to_owned()),
            (":status 600", "replace_header_map_value MAP \":status\" \"600\"".to_owned()),
            (":status 99999", "replace_header_map_value MAP \":status\" \"99999\"".to_owned()),
            (":status with blanks", "replace_header_map_value MAP \":status\" \" 200 \"".to_owned()),
            (":status with zeros", "replace_header_map_value MAP \":status\" \"0200\"".to_owned()),
            (":status with sign", "replace_header_map_value MAP \":status\" \"+200\"".to_owned()),
            ("connection close", "replace_header_map_value MAP \"connection\" \"close\"".to_owned()),
            ("transfer-encoding", "replace_header_map_value MAP \"transfer-encoding\" \"chunked\"".to_owned()),
            ("transfer-encoding gzip", "replace_header_map_value MAP \"transfer-encoding\" \"gzip\"".to_owned()),
            ("keep-alive", "replace_header_map_value MAP \"keep-alive\" \"x\"; replace_header_map_value MAP \"proxy-connection\" \"x\"".to_owned()),
            ("upgrade", "replace_header_map_value MAP \"upgrade\" \"x\"".to_owned()),
            ("te", "replace_header_map_value MAP \"te\" \"gzip\"".to_owned()),
            ("content-length", "replace_header_map_value MAP \"content-length\" \"2\"".to_owned()),
            ("content-length bad", "replace_header_map_value MAP \"content-length\" \"x\"".to_owned()),
            ("content-length twice", "replace_header_map_value MAP \"content-length\" \"5\"; add_header_map_value MAP \"content-length\" \"5\"".to_owned()),
            ("server and date", "replace_header_map_value MAP \"server\" \"me\"; replace_header_map_value MAP \"date\" \"now\"".to_owned()),
            ("envoy's", "replace_header_map_value MAP \"x-envoy-upstream-service-time\" \"9\"; replace_header_map_value MAP \"x-envoy-upstream-rq-timeout-ms\" \"5000\"; replace_header_map_value MAP \"x-envoy-max-retries\" \"1\"; replace_header_map_value MAP \"x-envoy-decorator-operation\" \"d\"; replace_header_map_value MAP \"x-envoy-expected-rq-timeout-ms\" \"8\"".to_owned()),
            ("inline joined", "add_header_map_value MAP \"accept\" \"z\"; add_header_map_value MAP \"vary\" \"z\"; add_header_map_value MAP \"via\" \"1\"; add_header_map_value MAP \"via\" \"2\"; add_header_map_value MAP \"accept\" \"\"".to_owned()),
            ("inline replaced", "replace_header_map_value MAP \"accept\" \"z\"; replace_header_map_value MAP \"vary\" \"z\"".to_owned()),
            ("several replaced", "replace_header_map_value MAP \"x-a\" \"z\"; replace_header_map_value MAP \"x-r\" \"z\"; replace_header_map_value MAP \"x-new\" \"z\"".to_owned()),
            ("all replaced", "set_header_map_pairs MAP {\"a\"=\"1\"}".to_owned()),
            ("all replaced by right ones", "set_header_map_pairs MAP {\":method\"=\"PUT\",\":path\"=\"/n\",\":authority\"=\"h\",\":scheme\"=\"http\",\":status\"=\"202\",\"x-forwarded-proto\"=\"http\",\"b\"=\"1\",\"b\"=\"2\",\"A\"=\"3\"}".to_owned()),
            ("all replaced, pseudo last", "set_header_map_pairs MAP {\"b\"=\"1\",\":method\"=\"PUT\",\":path\"=\"/n\",\":authority\"=\"h\",\":scheme\"=\"http\",\":status\"=\"202\",\"x-forwarded-proto\"=\"http\"}".to_owned()),
            ("all removed", "set_header_map_pairs MAP {}".to_owned()),
            ("malformed", "set_header_map_pairs MAP \"\\x01\\0\\0\"".to_owned()),
            ("malformed count", "set_header_map_pairs MAP \"\\xff\\0\\0\\0\\x01\\0\\0\\0\\x01\\0\\0\\0a\\0b\\0\"".to_owned()),
            ("nothing", "set_header_map_pairs MAP \"\"".to_owned()),
        ] {
            add(name.to_owned(), phase, map, &ops);
        }
    }
    cases
}
