//! What the client sends, and what the upstream answers.

use super::super::node::{Kind, Node};
use super::super::{Body, HttpVersion, Request, Step, Upstream, UpstreamFail};
use super::body::{body, headers};
use super::problems::{Path, Problems, clip};

/// A day: time is virtual, but numbers must not run over.
pub const MAX_DELAY_MS: i128 = 86_400_000;
/// Status codes that fit into a status line.
pub const STATUS: std::ops::RangeInclusive<i128> = 100..=999;

/// What the client sends.
pub fn request(problems: &mut Problems, node: &Node, path: &Path<'_>, mtls: bool) -> Option<Request> {
    let known = ["http", "method", "path", "authority", "scheme", "headers", "body", "trailers"];
    let object = problems.object(node, path, &known)?;
    let http2 = match object.get("http") {
        Some(node) => problems.int::<u8>(node, &path.field("http"), 1..=2) == Some(2),
        None => false,
    };
    let mut word = |name: &str, default: &str| match object.get(name) {
        Some(node) => sendable(problems, node, &path.field(name)).unwrap_or_default().to_owned(),
        None => default.to_owned(),
    };
    let method = word("method", "GET");
    let target = word("path", "/");
    let authority = word("authority", "example.com");
    let scheme = word("scheme", if mtls { "https" } else { "http" });
    let lines = headers(problems, object.get("headers"), &path.field("headers"));
    no_host(problems, object.get("headers"), &path.field("headers"));
    let body = body(problems, object.get("body"), &path.field("body"));
    let trailers = headers(problems, object.get("trailers"), &path.field("trailers"));
    if !http2 && !trailers.is_empty() && !matches!(body, Body::Chunks(_)) {
        trailers_without_chunks(problems, object.get("trailers"), path);
    }
    let http = if http2 { HttpVersion::Http2 } else { HttpVersion::Http1 };
    Some(Request { http, method, path: target, authority, scheme, headers: lines, body, trailers })
}

/// A text that can stand in a request line.
fn sendable<'a>(problems: &mut Problems, node: &'a Node, path: &Path<'_>) -> Option<&'a str> {
    let text = problems.some_text(node, path)?;
    if text.chars().any(|character| character.is_ascii_control() || character == ' ') {
        problems.say("bad_value", path, node.at, format!("`{}` has a blank or a control character", clip(text)));
        return None;
    }
    Some(text)
}

fn no_host(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) {
    let Some(Node { kind: Kind::List(items), .. }) = node else { return };
    for (index, item) in items.iter().enumerate() {
        let Kind::List(pair) = &item.kind else { continue };
        if let Some(Node { kind: Kind::Text(name), at }) = pair.first()
            && name.eq_ignore_ascii_case("host")
        {
            let message = "`host` is said by the field `authority`";
            problems.say("bad_value", &path.item(index).item(0), *at, message);
        }
    }
}

/// Notes trailers that no encoding could carry.
pub fn trailers_without_chunks(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) {
    if let Some(node) = node {
        let message = "HTTP/1.1 has trailers only behind a body of `chunks`";
        problems.say("conflict", &path.field("trailers"), node.at, message);
    }
}

/// What the upstream answers; without a node, an empty 200.
pub fn upstream(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) -> Upstream {
    let mut answer = Upstream {
        status: 200,
        headers: Vec::new(),
        body: Body::None,
        trailers: Vec::new(),
        delay_ms: 0,
        close_framing: false,
        fail: None,
    };
    let known = ["status", "headers", "body", "trailers", "delay_ms", "framing", "fail"];
    let Some(object) = node.and_then(|node| problems.object(node, path, &known)) else { return answer };
    if let Some(node) = object.get("status") {
        answer.status = problems.int(node, &path.field("status"), STATUS).unwrap_or_default();
    }
    answer.headers = headers(problems, object.get("headers"), &path.field("headers"));
    answer.body = body(problems, object.get("body"), &path.field("body"));
    answer.trailers = headers(problems, object.get("trailers"), &path.field("trailers"));
    if !answer.trailers.is_empty() && !matches!(answer.body, Body::Chunks(_)) {
        trailers_without_chunks(problems, object.get("trailers"), path);
    }
    if let Some(node) = object.get("delay_ms") {
        answer.delay_ms = problems.int(node, &path.field("delay_ms"), 0..=MAX_DELAY_MS).unwrap_or_default();
    }
    if let Some(node) = object.get("framing") {
        answer.close_framing = problems.word(node, &path.field("framing"), &[("close", ())]).is_some();
    }
    if let Some(node) = object.get("fail") {
        let words = [
            ("connect", UpstreamFail::Connect),
            ("reset", UpstreamFail::Reset),
            ("reset_after_headers", UpstreamFail::ResetAfterHeaders),
            ("no_answer", UpstreamFail::NoAnswer),
        ];
        answer.fail = problems.word(node, &path.field("fail"), &words);
    }
    answer
}

/// An earlier exchange. Without callouts of its own it has those of the whole.
pub fn step(
    problems: &mut Problems,
    node: &Node,
    path: &Path<'_>,
    mtls: bool,
    callouts: &[super::super::Callout],
) -> Option<Step> {
    let object = problems.object(node, path, &["request", "upstream", "callouts"])?;
    let sent = problems.required(&object, path, "request");
    let sent = sent.and_then(|node| request(problems, node, &path.field("request"), mtls));
    let upstream = upstream(problems, object.get("upstream"), &path.field("upstream"));
    let callouts = match object.get("callouts") {
        Some(node) => super::callout::callouts(problems, Some(node), &path.field("callouts")),
        None => callouts.to_vec(),
    };
    Some(Step { request: sent?, upstream, callouts })
}
