//! custom-response.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, head, sized, status, with_trailers};

use super::{Case, Refused, body_is};

const MOCK: &str = r#"{"status_code":201,"headers":["Content-Type=application/json","Hello=World","set-cookie=a=1","set-cookie=b=2"],"body":"{\"hello\":\"world\"}"}"#;
const DOWN: &str = r#"{"status_code":503,"headers":["retry-after=120"],"body":"<h1>Back soon</h1>","language":"en",
    "bodies":[{"language":"zh","body":"<h1>维护中</h1>"}],"exempt":[{"paths":["/cr/healthz"]}],"bypass_header":"x-staff","bypass_value":"let me in"}"#;
const ERRORS: &str = r#"{"rules":[{"paths":["/cr/api/*"],"enable_on_status":[429,503],"content_type":"application/problem+json","body":"{}","keep_headers":["retry-after"]},
    {"enable_on_status":[404],"status_code":200,"body":"nothing here"},{"enable_on_status":[503],"status_code":302,"headers":["Location=/down"]}]}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("custom_response", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str, configuration: &str) -> Case {
    Case::new(name, chain(Some(configuration)), path)
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            counted: vec![("custom_response_changed", 1)],
            check: |outcome| {
                outcome.is_refused(201);
                body_is(outcome, r#"{"hello":"world"}"#);
                for (name, value) in [("content-type", "application/json"), ("hello", "World"), ("set-cookie", "a=1,b=2"), ("content-length", "17")] {
                    assert_eq!(outcome.response.header(name).as_deref(), Some(value));
                }
            },
            ..case("a mock", "/cr/mock", MOCK)
        },
        Case {
            method: "HEAD",
            check: |outcome| {
                assert_eq!(outcome.response.status, 201);
                assert!(outcome.response.body.is_empty());
                assert_eq!(outcome.response.header("content-length").as_deref(), Some("17"));
            },
            ..case("a mock for HEAD", "/cr/mock-head", MOCK)
        },
        Case {
            method: "POST",
            payload: Payload::Chunked(vec![b"a".to_vec(); 3], vec![]),
            check: |outcome| outcome.is_refused(201),
            ..case("a mock while a body still comes", "/cr/mock-chunks", MOCK)
        },
        Case {
            http2: true,
            method: "POST",
            payload: Payload::Sized(b"a".to_vec()),
            check: |outcome| outcome.is_refused(201),
            ..case("a mock in HTTP/2", "/cr/mock-h2", MOCK)
        },
        Case {
            headers: vec!["accept-language: zh-CN,zh;q=0.9,en;q=0.5"],
            check: |outcome| {
                outcome.is_refused(503);
                body_is(outcome, "<h1>维护中</h1>");
                for (name, value) in [("content-type", "text/html; charset=utf-8"), ("content-language", "zh"), ("vary", "accept-language"), ("retry-after", "120")] {
                    assert_eq!(outcome.response.header(name).as_deref(), Some(value));
                }
            },
            ..case("maintenance in the client's language", "/cr/down-zh", DOWN)
        },
        Case {
            headers: vec!["accept-language: \u{ff}"],
            check: |outcome| body_is(outcome, "<h1>Back soon</h1>"),
            ..case("a language that is not UTF-8", "/cr/down-bytes", DOWN)
        },
        Case { check: |outcome| body_is(outcome, "ok"), ..case("health checks are exempted", "/cr/healthz", DOWN) },
        Case {
            headers: vec!["x-staff: let me in"],
            check: |outcome| body_is(outcome, "ok"),
            ..case("staff sees the service", "/cr/down-staff", DOWN)
        },
        Case {
            headers: vec!["x-staff: let me in", "x-staff: other", "x-staff: let me im"],
            check: |outcome| body_is(outcome, "ok"),
            ..case("the first of several headers counts", "/cr/down-staffs", DOWN)
        },
        Case {
            headers: vec!["content-type: application/grpc", "te: trailers"],
            http2: true,
            method: "POST",
            payload: Payload::Sized(vec![0; 5]),
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("14"));
                assert!(outcome.response.body.is_empty());
            },
            ..case("maintenance for gRPC", "/cr/down-grpc", DOWN)
        },
        Case {
            answer: status("503 Unavailable", &["retry-after: 7", "x-inner: secret"], b"stack trace"),
            counted: vec![("custom_response_changed", 1)],
            check: |outcome| {
                assert_eq!(outcome.response.status, 503);
                body_is(outcome, "{}");
                assert_eq!(outcome.response.header("retry-after").as_deref(), Some("7"));
                assert_eq!(outcome.response.header("content-type").as_deref(), Some("application/problem+json"));
                assert_eq!(outcome.response.header("x-inner"), None);
            },
            ..case("an upstream's error is replaced, its status stays", "/cr/api/fails", ERRORS)
        },
        Case {
            answer: {
                let mut answer = with_trailers(&[], &[b"long ", b"story"], &["x-t: 1"]);
                answer[0] = String::from_utf8_lossy(&answer[0]).replace("200 OK", "404 Not Found").into_bytes();
                answer
            },
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                body_is(outcome, "nothing here");
            },
            ..case("chunked with trailers, with another status", "/cr/gone", ERRORS)
        },
        Case {
            answer: chunked(&[], &[b"a"]).into_iter().map(|piece| String::from_utf8_lossy(&piece).replace("200 OK", "503 Oh").into_bytes()).collect(),
            http2: true,
            check: |outcome| {
                assert_eq!(outcome.response.status, 302);
                body_is(outcome, "");
                assert_eq!(outcome.response.header("location").as_deref(), Some("/down"));
            },
            ..case("sent elsewhere, in HTTP/2", "/cr/elsewhere", ERRORS)
        },
        Case {
            method: "HEAD",
            answer: vec![head("404 Not Found", &["content-length: 100"])],
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                assert_eq!(outcome.response.header("content-length").as_deref(), Some("12"));
            },
            ..case("HEAD of what is not there", "/cr/gone-head", ERRORS)
        },
        Case {
            chain: vec![("custom_response", Some(ERRORS.to_owned())), ("local_rate_limit", Some(r#"{"global_threshold":{"query_per_day":1}}"#.to_owned()))],
            times: 2,
            check: |outcome| {
                assert_eq!(outcome.earlier[0].text(), "ok");
                assert_eq!(outcome.response.status, 429);
                body_is(outcome, "{}");
                assert!(outcome.response.header("retry-after").is_some());
            },
            ..case("a refusal of a plugin further in is replaced", "/cr/api/limited", ERRORS)
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.response.status, 302);
                assert_eq!(outcome.response.header("location").as_deref(), Some("/down"));
            },
            answer: vec![],
            ..case("what Envoy says of a dead upstream is replaced", "/cr/dead", ERRORS)
        },
        Case {
            answer: sized(&["content-type: application/grpc", "grpc-status: 0"], b""),
            counted: vec![("custom_response_skipped", 1)],
            http2: true,
            headers: vec!["content-type: application/grpc"],
            check: |outcome| assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("0")),
            ..case("answers to gRPC stay", "/cr/api/grpc", ERRORS)
        },
        Case {
            headers: vec![super::leak(format!("x-huge: {}", "h".repeat(50_000)))],
            counted: vec![("custom_response_passed", 1)],
            check: |outcome| body_is(outcome, "ok"),
            ..case("a good answer passes", "/cr/api/good", ERRORS)
        },
        Case {
            chain: vec![("request_block", Some(r#"{"block_urls":["blocked"]}"#.to_owned())), ("custom_response", Some(MOCK.to_owned()))],
            check: |outcome| outcome.is_refused(403),
            ..case("a plugin in front refuses first", "/cr/blocked", MOCK)
        },
        Case { chain: chain(None), check: |outcome| body_is(outcome, "ok"), ..case("no configuration", "/cr/none", "") },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "custom_response", configuration, log };
    vec![
        refused(r#"{"status_code":99}"#, "custom-response: configuration refused: field \"status_code\": must be a whole number"),
        refused(r#"{"headers":["a=1\r\nb: 2"]}"#, "field \"headers[0]\": no line ends"),
        refused(r#"{"rules":[{"paths":["/a"]}]}"#, "field \"rules[0].body\": missing"),
        refused(r#"{"body":"x","enable_on_status":["5xx"]}"#, "field \"enable_on_status[0]\": must be a whole number"),
    ]
}
