//! Every plugin with every odd message: each at work, with a request that it lets through, so that whatever is odd about the
//! message must come out of it as it went in. What a plugin makes of odd messages that it refuses or changes is in its own file.

use tests_envoy::client::Payload;
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{chunked, sized};

use super::{Case, Outcome, Refused, body_is, hmac_auth, jwt_auth, key_auth, leak};

/// A plugin, and what it wants of a request.
struct Subject {
    module: &'static str,
    configuration: String,
    headers: Vec<&'static str>,
}

/// What the services that are asked are asked for.
const ASKED: &str = "/edge/asked";

/// All of them.
fn subjects() -> Vec<Subject> {
    let subject = |module, configuration: &str, headers: &[&'static str]| Subject {
        module,
        configuration: configuration.to_owned(),
        headers: headers.to_vec(),
    };
    vec![
        subject(
            "access_log",
            r#"{"request":{"headers":["x-dup"],"body":{"enabled":true}},"response":{"headers":["x-dup"],"body":{"enabled":true,"contentTypes":["text/plain"]}}}"#,
            &[],
        ),
        subject("basic_auth", r#"{"consumers":[{"name":"a","password":"b"}]}"#, &["authorization: Basic YTpi"]),
        subject("bot_detect", r#"{"deny":["evil"]}"#, &["user-agent: Mozilla/5.0 Firefox/126.0"]),
        subject("cache_control", r#"{"rules":[{"types":["text/*"],"expires":60}]}"#, &[]),
        subject("cors", r#"{"allow_origins":["https://a.example"]}"#, &["origin: https://a.example"]),
        subject("custom_response", r#"{"rules":[{"enable_on_status":[500],"body":"<p>sorry"},{"paths":["/mock"],"body":"x"}]}"#, &[]),
        subject("data_masking", r#"{"maskRequests":true,"patterns":[{"match":"k=[a-z]+"}]}"#, &[]),
        subject("ext_auth", &format!(r#"{{"service":{{"host":"service.test","port":8080,"path":"{ASKED}"}}}}"#), &["authorization: t"]),
        subject("hmac_auth", hmac_auth::KEYS, &[]),
        subject("ip_restriction", r#"{"allow":["127.0.0.0/8"]}"#, &[]),
        subject("jwt_auth", &jwt_auth::consumers(), &[jwt_auth::bearer("ES256")]),
        subject("key_auth", r#"{"consumers":[{"name":"a","credentials":["0123456789abcdef"]}]}"#, &["apikey: 0123456789abcdef"]),
        subject("local_rate_limit", r#"{"global_threshold":{"query_per_second":1000000},"show_limit_quota_header":true}"#, &[]),
        subject("notice", r#"{"textEn":"Maintenance today.","textZh":"今日维护。","dismissible":true}"#, &["accept: text/html"]),
        subject("opa", &format!(r#"{{"service":{{"host":"service.test","port":8080,"path":"{ASKED}"}}}}"#), &["authorization: t"]),
        subject("redirect_rewrite", r#"{"redirect_table":{"/old":"/new"},"rewrites":[{"from":"/api/*","to":"/$1"}]}"#, &[]),
        subject("request_block", r#"{"block_urls":["swagger"],"block_headers":["x-debug:"],"block_bodies":["<script"]}"#, &[]),
        subject(
            "request_validation",
            r#"{"headerSchema":{"required":["x-dup"]},"rules":[{"paths":["/orders"],"bodySchema":{"type":"object"}}]}"#,
            &[],
        ),
        subject(
            "traffic_tag",
            r#"{"conditionGroups":[{"headerName":"x-tag","headerValue":"gray","conditions":[{"conditionType":"header","key":"x-dup","operator":"equal","value":["1"]}]}]}"#,
            &[],
        ),
        subject(
            "transformer",
            r#"{"reqRules":[{"operate":"add","headers":[{"key":"x-new","value":"${header.x-dup}"}]},{"operate":"add","body":[{"key":"a","value":"1"}]}],"respRules":[{"operate":"add","headers":[{"key":"x-new","value":"1"}]}]}"#,
            &[],
        ),
    ]
}

/// Something odd about a message.
struct Edge {
    name: &'static str,
    http2: bool,
    method: &'static str,
    kind: &'static str,
    headers: Vec<&'static str>,
    payload: Payload,
    /// What of the payload must reach the upstream.
    body: &'static [u8],
    answer: Vec<Vec<u8>>,
    check: fn(&Outcome),
}

const TEXT: &str = "text/plain";
const WORDS: &[u8] = b"first second third";

fn edges() -> Vec<Edge> {
    let edge = |name, payload, body, check| Edge {
        name,
        http2: false,
        method: "POST",
        kind: TEXT,
        headers: vec![],
        payload,
        body,
        answer: sized(&["content-type: text/plain", "x-up: 1"], WORDS),
        check,
    };
    let words = |outcome: &Outcome| {
        assert_eq!(outcome.response.status, 200);
        body_is(outcome, WORDS);
        assert_eq!(outcome.upstream().body, WORDS);
    };
    let pieces = || Payload::Chunked(vec![b"first ".to_vec(), b"second ".to_vec(), b"third".to_vec()], vec![]);
    let whole = || Payload::Sized(WORDS.to_vec());
    vec![
        Edge {
            answer: sized(&["content-type: text/plain"], b""),
            ..edge("empty-body", Payload::Sized(vec![]), b"", |outcome| {
                assert_eq!((outcome.response.status, outcome.upstream().body.len()), (200, 0));
                body_is(outcome, b"");
            })
        },
        Edge {
            method: "HEAD",
            answer: vec![tests_envoy::upstream::head("200 OK", &["content-type: text/plain", "content-length: 18"])],
            ..edge("HEAD", Payload::None, b"", |outcome| {
                assert_eq!((outcome.response.status, outcome.response.body.len()), (200, 0));
                assert!(outcome.upstream().head.starts_with("HEAD "));
            })
        },
        Edge {
            answer: chunked(&["content-type: text/plain"], &[b"first ", b"second ", b"third"]),
            ..edge("chunked", pieces(), WORDS, words)
        },
        Edge { http2: true, ..edge("HTTP2", pieces(), WORDS, words) },
        Edge {
            headers: vec![leak(format!("x-huge: {}", "h".repeat(40_000)))],
            ..edge("huge-header", whole(), WORDS, |outcome| {
                assert_eq!(outcome.upstream().all("x-huge")[0].len(), 40_000);
                body_is(outcome, WORDS);
            })
        },
        Edge {
            headers: vec!["x-dup: 2", "cookie: a=1", "x-list: a", "x-list: b"],
            answer: sized(&["content-type: text/plain", "set-cookie: a=1", "set-cookie: b=2", "vary: a", "vary: b"], WORDS),
            ..edge("duplicate-headers", whole(), WORDS, |outcome| {
                // Envoy joins what may be joined, or leaves it in lines.
                assert_eq!(outcome.upstream().all("x-dup").join(",").replace(' ', ""), "1,2");
                assert_eq!(outcome.upstream().all("x-list").join(",").replace(' ', ""), "a,b");
                assert_eq!(outcome.response.header("set-cookie").as_deref(), Some("a=1,b=2"));
                let vary = outcome.response.header("vary").unwrap_or_default().replace(' ', "");
                assert!(vary.starts_with("a,b"), "{vary}");
                body_is(outcome, WORDS);
            })
        },
        Edge {
            headers: vec!["x-bytes: \u{ff}\u{fe}"],
            answer: sized(&["content-type: text/plain", "x-bytes: \u{ff}"], b"\xff\xfe\x00\x80 a"),
            ..edge("not-UTF-8", Payload::Sized(b"\xff\xfe\x00\x80".to_vec()), b"\xff\xfe\x00\x80", |outcome| {
                assert_eq!(outcome.upstream().body, b"\xff\xfe\x00\x80");
                assert_eq!(outcome.upstream().all("x-bytes"), ["\u{fffd}\u{fffd}"]);
                body_is(outcome, b"\xff\xfe\x00\x80 a");
            })
        },
        Edge {
            method: "GET",
            headers: vec!["connection: upgrade", "upgrade: websocket"],
            answer: vec![tests_envoy::upstream::head("101 Switching Protocols", &["connection: upgrade", "upgrade: websocket"])],
            ..edge("echo-upgrade", Payload::Switched(WORDS.to_vec()), b"", |outcome| {
                assert_eq!(outcome.response.status, 101, "{:?}", outcome.response);
                body_is(outcome, WORDS);
            })
        },
        Edge {
            http2: true,
            kind: "application/grpc",
            headers: vec!["te: trailers"],
            answer: sized(&["content-type: application/grpc", "grpc-status: 0"], b"\0\0\0\0\x01b"),
            ..edge("gRPC", Payload::Sized(b"\0\0\0\0\x01a".to_vec()), b"\0\0\0\0\x01a", |outcome| {
                assert_eq!(outcome.upstream().body, b"\0\0\0\0\x01a");
                assert_eq!(outcome.response.header("grpc-status").as_deref(), Some("0"));
                body_is(outcome, b"\0\0\0\0\x01b");
            })
        },
    ]
}

/// Counters of what a plugin has done: none of them must rise for a request that it never saw. access-log sees how it ended.
fn untouched(module: &'static str) -> Vec<(&'static str, u64)> {
    match module {
        "key_auth" => vec![],
        "access_log" => vec![("access_log_passed", 1), ("access_log_errors", 0)],
        _ => ["passed", "changed", "errors"].iter().map(|counter| (leak(format!("{module}_{counter}")), 0)).collect(),
    }
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for subject in subjects() {
        let chain: Vec<Plugin> = vec![(subject.module, Some(subject.configuration.clone()))];
        for edge in edges() {
            let path = leak(format!("/edge/{}/{}", subject.module, edge.name));
            let mut headers = subject.headers.clone();
            if subject.module == "hmac_auth" {
                headers = hmac_auth::signed(edge.method, path, 0, &[("digest", &hmac_auth::digest_of(edge.body))]);
            }
            headers.extend([leak(format!("content-type: {}", edge.kind)), "x-dup: 1"]);
            headers.extend(edge.headers);
            cases.push(Case {
                http2: edge.http2,
                method: edge.method,
                headers,
                payload: edge.payload,
                answer: edge.answer,
                callouts: vec![(ASKED, sized(&["content-type: application/json"], br#"{"result":true}"#))],
                counted: vec![(leak(format!("{}_errors", subject.module)), 0), (leak(format!("{}_refused", subject.module)), 0)],
                check: edge.check,
                ..Case::new(path, chain.clone(), path)
            });
        }
        // And the answer is an earlier plugin's own, and the request never came here.
        let path = leak(format!("/edge/{}/local-reply", subject.module));
        cases.push(Case {
            chain: [vec![key_auth::denies_all()], chain].concat(),
            headers: subject.headers.clone(),
            counted: untouched(subject.module),
            check: |outcome| {
                outcome.is_refused(401);
                body_is(outcome, r#"{"error":"unauthorized","message":"no API key"}"#.replace("no API key", word(outcome)));
            },
            ..Case::new(path, vec![], path)
        });
    }
    cases
}

/// What key-auth says to a request with or without a key.
fn word(outcome: &Outcome) -> &'static str {
    if outcome.response.text().contains("unknown") { "unknown API key" } else { "no API key" }
}

pub fn refused() -> Vec<Refused> {
    Vec::new()
}
