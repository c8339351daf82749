//! transformer.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, head, sized, with_trailers};

use super::{Case, Outcome, Refused, body_is, has_no_length};

const HEAD: &str = r#"{"reqRules":[
    {"operate":"remove","headers":[{"key":"X-Remove"}],"querys":[{"key":"k1"}]},
    {"operate":"rename","headers":[{"oldKey":"X-Old","newKey":"X-New"}]},
    {"operate":"replace","headers":[{"key":"X-Set","newValue":"${method} ${path} ${cookie.s} ${query.q}"}]},
    {"operate":"add","headers":[{"key":"X-Host","value":"host-$1","host_pattern":"^(te)st$"},{"key":"X-Host","value":"other","host_pattern":"^no$"}]},
    {"operate":"append","querys":[{"key":"q","appendValue":"${header.x-in} &"}]},
    {"operate":"map","mapSource":"querys","headers":[{"fromKey":"q","toKey":"X-Q"}]},
    {"operate":"map","mapSource":"querys","headers":[{"fromKey":"route","toKey":"x-route"}]},
    {"operate":"dedupe","headers":[{"key":"X-Twice","strategy":"RETAIN_UNIQUE"}]}]}"#;
const BODY: &str = r#"{"reqRules":[
    {"operate":"remove","body":[{"key":"secret"}]},{"operate":"rename","body":[{"oldKey":"a","newKey":"n.a"}]},
    {"operate":"add","body":[{"key":"path","value":"${path}"},{"key":"n.ok","value":"true","value_type":"boolean"}]},
    {"operate":"map","mapSource":"headers","body":[{"fromKey":"x-id","toKey":"id","value_type":"number"}]}]}"#;
const ANSWER: &str = r#"{"respRules":[
    {"operate":"remove","headers":[{"key":"server-detail"}]},
    {"operate":"add","headers":[{"key":"x-for","value":"${method} ${path} ${status} ${request_header.x-id}"}]},
    {"operate":"map","mapSource":"requestHeaders","headers":[{"fromKey":"x-in","toKey":"x-out"}]},
    {"operate":"dedupe","headers":[{"key":"x-frame-options","strategy":"RETAIN_LAST"}]},
    {"operate":"replace","body":[{"key":"user.phone","newValue":"hidden"}]},{"operate":"append","body":[{"key":"tags","appendValue":"${query.t}"}]}]}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("transformer", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str, configuration: &str) -> Case {
    Case::new(name, chain(Some(configuration)), path)
}

fn post(name: &'static str, path: &'static str, payload: Payload) -> Case {
    Case { method: "POST", payload, headers: vec!["content-type: application/json", "x-id: 42"], ..case(name, path, BODY) }
}

fn upstream_body(outcome: &Outcome, body: &str) {
    assert_eq!(String::from_utf8_lossy(&outcome.upstream().body), body);
}

const JSON: &str = "content-type: application/json";

pub fn cases() -> Vec<Case> {
    let text = |text: &str| Payload::Sized(text.into());
    let user = br#"{"user":{"phone":13812345678,"id":12345678901234567890},"tags":"a"}"#;
    vec![
        Case {
            headers: vec!["x-remove: 1", "x-remove: 2", "x-old: a", "x-old: b", "x-set: no", "x-in: in", "cookie: s=c", "x-twice: 1", "x-twice: 2", "x-twice: 1"],
            counted: vec![("transformer_changed", 1)],
            check: |outcome| {
                let upstream = outcome.upstream();
                assert_eq!(upstream.target(), "/tr/head?q=1&q=in%20%26&z=%7e");
                for (name, values) in [
                    ("x-remove", &[][..]),
                    ("x-old", &[]),
                    ("x-new", &["a", "b"]),
                    ("x-set", &["GET /tr/head c 1"]),
                    ("x-host", &["host-te"]),
                    ("x-q", &["1", "in &"]),
                    ("x-twice", &["1", "2"]),
                ] {
                    assert_eq!(upstream.all(name), values, "{name}");
                }
            },
            ..case("headers and query", "/tr/head?k1=x&q=1&z=%7e&k%31=y", HEAD)
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().all("x-routed"), ["by-header"]),
            ..case("the route is chosen anew", "/tr/route?route=other", HEAD)
        },
        Case {
            counted: vec![("transformer_failed_steps", 2)],
            check: |outcome| {
                assert!(outcome.upstream().all("x-evil").is_empty());
                assert!(outcome.upstream().all("x-set").is_empty());
            },
            ..case("decoded line ends make no headers", "/tr/crlf?q=a%0d%0ax-evil:%201", HEAD)
        },
        Case {
            check: |outcome| {
                assert!(outcome.request.contains("x-new: \u{fffd}"), "{}", outcome.request);
                body_is(outcome, "ok");
            },
            headers: vec!["x-old: \u{ff}\u{fe}"],
            ..case("values that are not UTF-8", "/tr/bytes?q=%ff", HEAD)
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().all("x-new").first().map(String::len), Some(40_000)),
            headers: vec![super::leak(format!("x-old: {}", "h".repeat(40_000)))],
            ..case("a huge header", "/tr/huge", HEAD)
        },
        Case {
            counted: vec![("transformer_changed", 1)],
            check: |outcome| {
                upstream_body(outcome, r#"{"big":12345678901234567890,"n":{"a":1.50,"ok":true},"path":"/tr/json","id":42}"#);
                assert!(outcome.upstream().all("content-length").is_empty());
            },
            ..post("a JSON body, its numbers as they were", "/tr/json", text(r#"{ "secret":1, "a":1.50, "big":12345678901234567890, "secret":2 }"#))
        },
        Case {
            check: |outcome| upstream_body(outcome, r#"{"path":"/tr/chunks","n":{"ok":true},"id":42}"#),
            ..post("in chunks", "/tr/chunks", Payload::Chunked(vec![b"{".to_vec(), b"\"secret\":\"x".to_vec(), b"\"}".to_vec()], vec![]))
        },
        Case {
            http2: true,
            check: |outcome| upstream_body(outcome, r#"{"path":"/tr/h2","n":{"ok":true},"id":42}"#),
            ..post("in HTTP/2", "/tr/h2", text("{}"))
        },
        Case {
            http2: true,
            headers: vec![JSON, "x-id: 1", "te: trailers", "trailer: x-t"],
            check: |outcome| upstream_body(outcome, r#"{"path":"/tr/trailers","n":{"ok":true},"id":1}"#),
            ..post("with trailers", "/tr/trailers", Payload::Chunked(vec![b"{".to_vec(), b"}".to_vec()], vec!["x-t: 1"]))
        },
        Case {
            headers: vec!["content-type: application/x-www-form-urlencoded", "x-id: 42"],
            check: |outcome| upstream_body(outcome, "b=%31&n.a=1%20%2B&path=%2Ftr%2Fform&n.ok=true&id=42"),
            ..post("a form", "/tr/form", text("secret=1&a=1+%2B&b=%31&s%65cret=2"))
        },
        Case {
            counted: vec![("transformer_errors", 1)],
            check: |outcome| upstream_body(outcome, "{\"a\":"),
            ..post("no JSON after all goes on as it came", "/tr/broken", text("{\"a\":"))
        },
        Case { check: |outcome| upstream_body(outcome, ""), ..post("an empty body", "/tr/empty", text("")) },
        Case {
            headers: vec![JSON, "content-encoding: gzip"],
            counted: vec![("transformer_passed", 1)],
            check: |outcome| {
                upstream_body(outcome, "xxx");
                assert_eq!(outcome.upstream().all("content-length"), ["3"]);
            },
            ..post("a compressed body goes on as it came", "/tr/gzip", text("xxx"))
        },
        Case {
            check: |outcome| assert_eq!(outcome.upstream().body.len(), 600_000),
            counted: vec![("transformer_errors", 1)],
            ..post("a large body too", "/tr/large", Payload::Chunked(vec![vec![b' '; 60_000]; 10], vec![]))
        },
        Case {
            http2: true,
            headers: vec!["content-type: application/grpc", "te: trailers"],
            check: |outcome| upstream_body(outcome, "{}"),
            ..post("gRPC bodies are left alone", "/tr/grpc", text("{}"))
        },
        Case {
            headers: vec!["x-id: 7", "x-in: a", "x-in: b", "accept-encoding: gzip"],
            answer: sized(&[JSON, "server-detail: x", "x-frame-options: a", "x-frame-options: b"], user),
            check: |outcome| {
                body_is(outcome, r#"{"user":{"phone":"hidden","id":12345678901234567890},"tags":["a","t"]}"#);
                has_no_length(outcome);
                for (name, value) in [("x-for", "GET /tr/answer 200 7"), ("x-out", "a,b"), ("x-frame-options", "b")] {
                    assert_eq!(outcome.response.header(name).as_deref(), Some(value));
                }
                assert_eq!(outcome.response.header("server-detail"), None);
                assert_eq!(outcome.upstream().all("accept-encoding"), ["identity"]);
            },
            ..case("an answer that knows its request", "/tr/answer?t=t", ANSWER)
        },
        Case {
            http2: true,
            answer: with_trailers(&[JSON, "trailer: x-t"], &[&user[..9], &user[9..]], &["x-t: 1"]),
            check: |outcome| {
                assert!(outcome.response.text().contains(r#""phone":"hidden""#), "{:?}", outcome.response);
                assert_eq!(outcome.response.trailers, [("x-t".to_owned(), "1".to_owned())]);
                assert!(outcome.response.complete);
            },
            ..case("chunked with trailers, to HTTP/2", "/tr/answer-trailers", ANSWER)
        },
        Case {
            method: "HEAD",
            answer: vec![head("200 OK", &[JSON, "content-length: 100"])],
            check: |outcome| {
                has_no_length(outcome);
                assert_eq!(outcome.response.header("x-for").as_deref(), Some("HEAD /tr/answer-head 200"));
            },
            ..case("the answer to HEAD", "/tr/answer-head", ANSWER)
        },
        Case {
            answer: vec![head("204 No Content", &[JSON])],
            check: |outcome| assert_eq!(outcome.response.status, 204),
            ..case("an answer without body", "/tr/answer-204", ANSWER)
        },
        Case {
            answer: chunked(&["content-type: text/event-stream"], &[b"data: {}\n\n", b"data: 2\n\n"]),
            check: |outcome| body_is(outcome, "data: {}\n\ndata: 2\n\n"),
            ..case("streams of events go by", "/tr/answer-events", ANSWER)
        },
        Case {
            chain: vec![("transformer", Some(ANSWER.to_owned())), ("request_block", Some(r#"{"block_urls":["blocked"],"blocked_message":"{\"tags\":[]}"}"#.to_owned()))],
            check: |outcome| {
                assert_eq!(outcome.response.status, 403);
                body_is(outcome, r#"{"tags":["x"],"user":{"phone":"hidden"}}"#);
            },
            ..case("a reply of a plugin further in", "/tr/blocked?t=x", ANSWER)
        },
        Case {
            chain: vec![("data_masking", None), ("transformer", Some(ANSWER.to_owned()))],
            answer: sized(&[JSON], br#"{"user":{},"tags":["13812345678"]}"#),
            check: |outcome| body_is(outcome, r#"{"user":{"phone":"hidden"},"tags":["138****5678","139****5678"]}"#),
            ..case("inside data-masking", "/tr/masked?t=13912345678", ANSWER)
        },
        Case {
            chain: vec![("transformer", Some(ANSWER.to_owned())), ("data_masking", None)],
            answer: sized(&[JSON], br#"{"user":{},"tags":["13812345678"]}"#),
            check: |outcome| body_is(outcome, r#"{"user":{"phone":"hidden"},"tags":["138****5678","13912345678"]}"#),
            ..case("outside data-masking", "/tr/masked-inside?t=13912345678", ANSWER)
        },
        Case { chain: chain(None), check: |outcome| body_is(outcome, "ok"), ..case("no configuration", "/tr/none", "") },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "transformer", configuration, log };
    vec![
        refused(
            r#"{"reqRules":[{"operate":"map","mapSource":"body","headers":[{"fromKey":"a","toKey":"b"}]}]}"#,
            "transformer: configuration refused: field \"reqRules[0].mapSource\": headers and query are on their way",
        ),
        refused(r#"{"reqRules":[{"operate":"remove","headers":[{"key":"content-length"}]}]}"#, "field \"reqRules[0].headers[0].key\": must be a header's name"),
        refused(r#"{"respRules":[{"operate":"add","headers":[{"key":"a","value":"${x}"}]}]}"#, "field \"respRules[0].headers[0].value\": ${x}: unknown"),
    ]
}
