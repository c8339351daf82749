//! data-masking.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, head, sized, with_trailers};

use super::{Case, Outcome, Refused, body_is, has_no_length};

const JSON: &str = "content-type: application/json";
const PHONE: &[u8] = br#"{"phone":"13812345678","n":13812345678}"#;
const MASKED_PHONE: &[u8] = br#"{"phone":"138****5678","n":13800005678}"#;

fn chain(configuration: Option<&str>) -> Vec<Plugin> {
    vec![("data_masking", configuration.map(str::to_owned))]
}

fn case(name: &'static str, path: &'static str, answer: Vec<Vec<u8>>) -> Case {
    Case { answer, ..Case::new(name, chain(None), path) }
}

const SMALL_LIMIT: &str = r#"{"maxBodyKiB":64}"#;
const PASS: &str = r#"{"maxBodyKiB":64,"largeBodies":"pass"}"#;
/// Own patterns hold more back.
const WITH_PATTERN: &str = r#"{"maxBodyKiB":1,"maskRequests":true,"patterns":[{"match":"token=([a-z]+)"}]}"#;
const REQUESTS: &str = r#"{"maxBodyKiB":64,"maskRequests":true,"maskResponses":false,"jsonPaths":[{"path":"$.password"}]}"#;

const WIDE: &str = r#"{"maxBodyKiB":1024,"mask":"●"}"#;

/// More than the limit of 64 KiB that the cases with large bodies set.
fn large() -> Vec<u8> {
    b"[\"13812345678\"]".repeat(250_000)
}

fn masked_large() -> Vec<u8> {
    b"[\"138****5678\"]".repeat(250_000)
}

/// A request with this body, which the upstream answers with what would be masked in answers.
fn request(name: &'static str, path: &'static str, payload: Payload) -> Case {
    Case {
        chain: chain(Some(REQUESTS)),
        method: "POST",
        headers: vec![JSON],
        payload,
        ..case(name, path, sized(&[JSON], PHONE))
    }
}

fn upstream_got(outcome: &Outcome, body: impl AsRef<[u8]>) {
    let got = &outcome.upstream().body;
    assert!(got == body.as_ref(), "{} bytes: {}", got.len(), String::from_utf8_lossy(&got[..got.len().min(300)]));
    body_is(outcome, PHONE);
}

pub fn cases() -> Vec<Case> {
    vec![
        Case {
            method: "POST",
            headers: vec![JSON],
            payload: Payload::Chunked(vec![br#"{"password":"#.to_vec(), br#""abc","#.to_vec(), br#""n":"#.to_vec(), b"1}".to_vec()], vec![]),
            answer: chunked(&["content-type: text/plain"], &[b"ok"]),
            check: |outcome| {
                body_is(outcome, "ok");
                assert_eq!(outcome.upstream().body, br#"{"password":"***","n":1}"#);
            },
            ..Case::new("a request that is answered before its body has come", vec![("data_masking", Some(REQUESTS.to_owned()))], "/m/early")
        },
        Case {
            counted: vec![("data_masking_changed", 1), ("data_masking_values", 2)],
            check: |outcome| {
                body_is(outcome, MASKED_PHONE);
                has_no_length(outcome);
                assert_eq!(outcome.response.header("transfer-encoding").as_deref(), Some("chunked"));
                assert_eq!(outcome.response.header("content-digest"), None);
            },
            ..case("content-length, no configuration", "/m/sized", sized(&[JSON, "content-digest: sha-256=:AA==:"], PHONE))
        },
        Case {
            check: |outcome| body_is(outcome, MASKED_PHONE),
            ..case("a value in several chunks", "/m/chunks", chunked(&[JSON], &[&PHONE[..14], &PHONE[14..17], &PHONE[17..]]))
        },
        Case {
            check: |outcome| {
                body_is(outcome, MASKED_PHONE);
                let trailers = [("x-sum".to_owned(), "1".to_owned())];
                assert_eq!(outcome.response.trailers, trailers);
            },
            ..case("trailers behind the body", "/m/trailers", with_trailers(&[JSON, "trailer: x-sum"], &[&PHONE[..15], &PHONE[15..]], &["x-sum: 1"]))
        },
        Case {
            check: |outcome| body_is(outcome, MASKED_PHONE),
            ..case("trailers behind a single chunk", "/m/trailers1", with_trailers(&[JSON, "trailer: x-sum"], &[PHONE], &["x-sum: 1"]))
        },
        Case {
            headers: vec!["te: trailers"],
            check: |outcome| body_is(outcome, MASKED_PHONE),
            ..case("trailers that only the client asked for", "/m/trailers2", with_trailers(&[JSON], &[&PHONE[..15], &PHONE[15..]], &["x-sum: 1"]))
        },
        Case {
            counted: vec![("data_masking_errors", 1)],
            check: |outcome| {
                assert!(!outcome.response.complete);
                assert!(outcome.response.body.is_empty());
            },
            ..case("trailers out of the blue: reset rather than half an answer", "/m/trailers3", with_trailers(&[JSON], &[PHONE], &["x-sum: 1"]))
        },
        Case {
            chain: chain(Some(WIDE)),
            headers: vec!["te: trailers"],
            check: |outcome| body_is(outcome, "[\"138****5678\"]".repeat(69_000)),
            ..case("a wide mask gives way where the proxy's buffer is full", "/m/wide", with_trailers(&[JSON], &[&b"[\"13812345678\"]".repeat(69_000)], &["x-sum: 1"]))
        },
        Case {
            check: |outcome| body_is(outcome, MASKED_PHONE),
            ..case("a body that ends with the connection", "/m/close", vec![[&head("200 OK", &[JSON, "connection: close"])[..], PHONE].concat()])
        },
        Case {
            method: "HEAD",
            check: |outcome| {
                assert_eq!(outcome.response.status, 200);
                has_no_length(outcome);
            },
            ..case("HEAD", "/m/head", vec![head("200 OK", &[JSON, "content-length: 39"])])
        },
        Case {
            check: |outcome| {
                body_is(outcome, b"");
                assert_eq!(outcome.response.header("content-length").as_deref(), Some("0"));
            },
            ..case("an empty body", "/m/empty", sized(&[JSON], b""))
        },
        Case {
            check: |outcome| body_is(outcome, b""),
            counted: vec![("data_masking_passed", 1)],
            ..case("an empty chunked body", "/m/empty-chunked", chunked(&[JSON], &[]))
        },
        Case {
            check: |outcome| assert_eq!(outcome.response.status, 204),
            ..case("204", "/m/204", vec![head("204 No Content", &[JSON])])
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.response.status, 304);
                assert_eq!(outcome.response.header("etag").as_deref(), Some("\"a\""));
            },
            ..case("304", "/m/304", vec![head("304 Not Modified", &[JSON, "etag: \"a\""])])
        },
        Case {
            headers: vec!["accept-encoding: gzip", "range: bytes=0-9"],
            counted: vec![("data_masking_skipped_encoded", 1), ("data_masking_skipped", 1)],
            check: |outcome| {
                body_is(outcome, b"\x1f\x8b13812345678");
                assert_eq!(outcome.response.header("content-length").as_deref(), Some("13"));
                assert!(outcome.request.contains("accept-encoding: identity\r\n"), "{}", outcome.request);
                assert!(!outcome.request.contains("range:"), "{}", outcome.request);
            },
            ..case("gzip passes unchanged", "/m/gzip", sized(&[JSON, "content-encoding: gzip"], b"\x1f\x8b13812345678"))
        },
        Case {
            chain: chain(Some(r#"{"plainAnswers":false}"#)),
            headers: vec!["accept-encoding: gzip", "range: bytes=0-9"],
            check: |outcome| {
                body_is(outcome, MASKED_PHONE);
                assert!(outcome.request.contains("accept-encoding: gzip\r\n"));
                assert!(outcome.request.contains("range: bytes=0-9\r\n"));
            },
            ..case("requests stay as they are if asked", "/m/as-is", sized(&[JSON], PHONE))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            counted: vec![("data_masking_streamed", 1), ("data_masking_changed", 1), ("data_masking_values", 250_000)],
            check: |outcome| {
                body_is(outcome, masked_large());
                has_no_length(outcome);
            },
            ..case("large by its length, masked as it flows", "/m/large", sized(&[JSON], &large()))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            counted: vec![("data_masking_streamed", 1), ("data_masking_changed", 1)],
            check: |outcome| body_is(outcome, [MASKED_PHONE, &masked_large()].concat()),
            ..case("large, found out on the way, one huge chunk", "/m/large-chunks", chunked(&[JSON], &[PHONE, &large()]))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            check: |outcome| body_is(outcome, masked_large()),
            ..case("large in many chunks that part values", "/m/large-many", chunked(&[JSON], &large().chunks(50_003).collect::<Vec<_>>()))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            http2: true,
            check: |outcome| body_is(outcome, masked_large()),
            ..case("large, HTTP/2", "/m/large-h2", chunked(&[JSON], &large().chunks(1_000_003).collect::<Vec<_>>()))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            counted: vec![("data_masking_passed", 1), ("data_masking_streamed", 1)],
            check: |outcome| body_is(outcome, b"[0],".repeat(50_000)),
            ..case("large, and nothing to mask", "/m/large-nothing", sized(&[JSON], &b"[0],".repeat(50_000)))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            check: |outcome| {
                body_is(outcome, masked_large());
                assert_eq!(outcome.response.trailers, [("x-sum".to_owned(), "1".to_owned())]);
            },
            ..case("large with trailers out of the blue, nothing held", "/m/large-trailers", with_trailers(&[JSON], &[&large()], &["x-sum: 1"]))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            counted: vec![("data_masking_errors", 1)],
            check: |outcome| {
                assert!(!outcome.response.complete);
                assert!(!outcome.response.text().contains("13812345678"));
            },
            ..case("large with trailers out of the blue, a word held: reset", "/m/large-trailers2", with_trailers(&["content-type: text/plain"], &[&b"13812345678 ".repeat(10_000), b"13812345678"], &["x-sum: 1"]))
        },
        Case {
            chain: chain(Some(WITH_PATTERN)),
            check: |outcome| body_is(outcome, "token=******; 138****5678\n".repeat(3000)),
            ..case("text in many chunks, with a pattern", "/m/large-text", chunked(&["content-type: text/plain"], &"token=secret; 13812345678\n".repeat(3000).as_bytes().chunks(4_999).collect::<Vec<_>>()))
        },
        Case {
            chain: chain(Some(r#"{"maxBodyKiB":1,"mask":"●"}"#)),
            check: |outcome| body_is(outcome, "[\"138●●●●5678\"]".repeat(250_000)),
            ..case("large, growing as it flows", "/m/large-wide", chunked(&[JSON], &large().chunks(700_001).collect::<Vec<_>>()))
        },
        Case {
            chain: chain(Some(SMALL_LIMIT)),
            method: "HEAD",
            check: has_no_length,
            ..case("HEAD for what is large", "/m/large-head", vec![head("200 OK", &[JSON, "content-length: 3750000"])])
        },
        Case {
            chain: chain(Some(PASS)),
            counted: vec![("data_masking_skipped_too_large", 1)],
            check: |outcome| {
                body_is(outcome, large());
                assert_eq!(outcome.response.header("content-length"), Some(large().len().to_string()));
            },
            ..case("too large by its length", "/m/pass", sized(&[JSON], &large()))
        },
        Case {
            chain: chain(Some(PASS)),
            counted: vec![("data_masking_skipped_too_large", 1), ("data_masking_skipped", 1)],
            check: |outcome| body_is(outcome, [PHONE, &large()].concat()),
            ..case("too large, found out on the way, one huge chunk", "/m/pass-chunks", chunked(&[JSON], &[PHONE, &large()]))
        },
        Case {
            chain: chain(Some(PASS)),
            check: |outcome| body_is(outcome, large()),
            ..case("too large in many chunks", "/m/pass-many", chunked(&[JSON], &large().chunks(50_000).collect::<Vec<_>>()))
        },
        Case {
            chain: chain(Some(WIDE)),
            check: |outcome| body_is(outcome, "[\"138●●●●5678\"]".repeat(69_000)),
            ..case("as large as can be, growing", "/m/grow", chunked(&[JSON], &[&b"[\"13812345678\"]".repeat(35_000), &b"[\"13812345678\"]".repeat(34_000)]))
        },
        Case {
            check: |outcome| body_is(outcome, b"\xff\xfe138****5678\x80"),
            ..case("bytes that are no text", "/m/bytes", sized(&["content-type: text/plain"], b"\xff\xfe13812345678\x80"))
        },
        Case {
            counted: vec![("data_masking_skipped", 1)],
            check: |outcome| {
                body_is(outcome, PHONE);
                assert_eq!(outcome.response.header("content-length"), Some(PHONE.len().to_string()));
            },
            ..case("another content type", "/m/image", sized(&["content-type: image/png"], PHONE))
        },
        Case {
            check: |outcome| body_is(outcome, b"data: 13812345678\n\n"),
            chain: chain(Some(r#"{"contentTypes":["text/*"]}"#)),
            ..case("event streams pass", "/m/events", chunked(&["content-type: text/event-stream"], &[b"data: 13812345678\n\n"]))
        },
        Case {
            headers: vec!["x-odd: \u{ff}"],
            check: |outcome| body_is(outcome, PHONE),
            ..case("header values that are no text", "/m/odd", sized(&["content-type: \u{fe}\u{ff}", "content-encoding: \u{fe}"], PHONE))
        },
        Case {
            counted: vec![("data_masking_passed", 1)],
            check: |outcome| body_is(outcome, b"{\"a\": [1, 2]}"),
            ..case("nothing to mask", "/m/nothing", sized(&[JSON], b"{\"a\": [1, 2]}"))
        },
        Case {
            chain: chain(Some(
                r#"{"detectors":["id-card","bank-card","email","ipv4"],"keepLast":2,"patterns":[{"match":"order-([0-9]+)","keepFirst":1}]}"#,
            )),
            check: |outcome| {
                body_is(
                    outcome,
                    r#"["110*************2X","4111**********11","z****si@a.cn","**.**.**.**","order-1**45","13812345678"]"#,
                );
            },
            ..case(
                "own settings",
                "/m/own",
                sized(&[JSON], br#"["11010519491231002X","4111111111111111","zhangsi@a.cn","10.20.30.40","order-12345","13812345678"]"#),
            )
        },
        Case {
            check: |outcome| {
                assert_eq!(outcome.response.status, 503);
                assert!(!outcome.response.body.is_empty() && outcome.response.complete);
            },
            ..case("an upstream that breaks", "/m/broken", vec![])
        },
        Case {
            counted: vec![("data_masking_changed", 1), ("data_masking_values", 3)],
            check: |outcome| {
                upstream_got(outcome, br#"{"phone":"138****5678","n":13800005678,"password":"******"}"#);
                assert!(outcome.upstream().all("content-length").is_empty());
                assert_eq!(outcome.upstream().all("content-digest"), [""; 0]);
                assert_eq!(outcome.upstream().all("accept-encoding"), ["br"]);
            },
            headers: vec![JSON, "content-digest: sha-256=:AA==:", "accept-encoding: br"],
            ..request("a request's body", "/m/r/sized", Payload::Sized(br#"{"phone":"13812345678","n":13812345678,"password":"secret"}"#.to_vec()))
        },
        Case {
            check: |outcome| upstream_got(outcome, MASKED_PHONE),
            ..request("a request in chunks", "/m/r/chunks", Payload::Chunked(vec![PHONE[..14].into(), PHONE[14..17].into(), PHONE[17..].into()], vec![]))
        },
        Case {
            headers: vec![JSON, "trailer: x-sum"],
            check: |outcome| upstream_got(outcome, MASKED_PHONE),
            ..request("a request with trailers", "/m/r/trailers", Payload::Chunked(vec![PHONE[..14].into(), PHONE[14..].into()], vec!["x-sum: 1"]))
        },
        Case {
            counted: vec![("data_masking_errors", 1)],
            check: |outcome| outcome.is_refused(400),
            ..request("a request with trailers out of the blue", "/m/r/trailers2", Payload::Chunked(vec![PHONE[..14].into(), PHONE[14..].into()], vec!["x-sum: 1"]))
        },
        Case {
            counted: vec![("data_masking_streamed", 1), ("data_masking_changed", 1)],
            check: |outcome| upstream_got(outcome, masked_large()),
            ..request("a large request", "/m/r/large", Payload::Sized(large()))
        },
        Case {
            check: |outcome| upstream_got(outcome, masked_large()),
            ..request("a large request in chunks", "/m/r/large-chunks", Payload::Chunked(large().chunks(40_001).map(<[u8]>::to_vec).collect(), vec![]))
        },
        Case {
            http2: true,
            check: |outcome| upstream_got(outcome, MASKED_PHONE),
            ..request("a request in HTTP/2", "/m/r/h2", Payload::Sized(PHONE.to_vec()))
        },
        Case {
            http2: true,
            check: |outcome| upstream_got(outcome, masked_large()),
            ..request("a large request in HTTP/2", "/m/r/large-h2", Payload::Chunked(large().chunks(40_001).map(<[u8]>::to_vec).collect(), vec![]))
        },
        Case {
            counted: vec![("data_masking_skipped", 1)],
            check: |outcome| {
                upstream_got(outcome, b"");
                assert_eq!(outcome.upstream().all("content-length"), ["0"]);
            },
            ..request("an empty request", "/m/r/empty", Payload::Sized(vec![]))
        },
        Case {
            counted: vec![("data_masking_skipped_encoded", 1)],
            headers: vec![JSON, "content-encoding: gzip"],
            check: |outcome| {
                upstream_got(outcome, b"\x1f\x8b13812345678");
                assert_eq!(outcome.upstream().all("content-length"), ["13"]);
            },
            ..request("a compressed request passes", "/m/r/gzip", Payload::Sized(b"\x1f\x8b13812345678".to_vec()))
        },
        Case {
            headers: vec!["content-type: text/plain; charset=\u{ff}"],
            check: |outcome| upstream_got(outcome, b"\xff138****5678\x80"),
            ..request("a request that is no text", "/m/r/bytes", Payload::Sized(b"\xff13812345678\x80".to_vec()))
        },
        Case {
            http2: true,
            headers: vec!["content-type: application/grpc", "te: trailers"],
            check: |outcome| assert_eq!(outcome.upstream().body, b"\0\0\0\0\x0b13812345678"),
            ..request("gRPC passes", "/m/r/grpc", Payload::Sized(b"\0\0\0\0\x0b13812345678".to_vec()))
        },
        Case {
            chain: vec![super::key_auth::denies_all(), ("data_masking", Some(REQUESTS.to_owned()))],
            check: |outcome| outcome.is_refused(401),
            ..request("answered by an earlier plugin", "/m/r/before", Payload::Sized(PHONE.to_vec()))
        },
        Case {
            chain: chain(Some(WITH_PATTERN)),
            check: |outcome| {
                assert_eq!(outcome.upstream().body, MASKED_PHONE);
                body_is(outcome, MASKED_PHONE);
            },
            ..request("both directions", "/m/r/both", Payload::Sized(PHONE.to_vec()))
        },
        Case {
            chain: chain(Some(
                r#"{"detectors":["phone"],"maxBodyKiB":1,"jsonPaths":[{"path":"$.items[*].pin","keepLast":1},{"path":"$.id","action":"skip"}]}"#,
            )),
            check: |outcome| {
                let items = r#"{"pin":"***4","phone":"138****5678"},"#.repeat(2000);
                body_is(outcome, format!(r#"{{"items":[{items}1],"id":"13812345678","pin":"1234"}}"#));
            },
            ..case(
                "JSON paths in a large answer",
                "/m/paths",
                chunked(
                    &[JSON],
                    &format!(r#"{{"items":[{}1],"id":"13812345678","pin":"1234"}}"#, r#"{"pin":"1234","phone":"13812345678"},"#.repeat(2000))
                        .as_bytes()
                        .chunks(7001)
                        .collect::<Vec<_>>(),
                ),
            )
        },
    ]
}

pub fn refused() -> Vec<Refused> {
    let refused = |configuration, log| Refused { module: "data_masking", configuration, log };
    vec![
        refused(r#"{"detectorz":["phone"]}"#, "field \"detectorz\": unknown"),
        refused(r#"{"detectors":["fax"]}"#, "field \"detectors[0]\": must be one of phone"),
        refused(r#"{"patterns":[{"match":"("}]}"#, "field \"patterns[0].match\": "),
        refused(r#"{"maxBodyKiB":2048}"#, "field \"maxBodyKiB\": must be a whole number from 1 to 1024, got 2048"),
        refused(r#"{"jsonPaths":[{"path":"$.a[?(@.b)]"}]}"#, "field \"jsonPaths[0].path\": must look like $.user.phone"),
        refused(r#"{"maskResponses":false}"#, "field \"maskResponses\": false, and maskRequests is not true"),
        refused("not JSON", "data-masking: configuration refused: not valid JSON"),
    ]
}
