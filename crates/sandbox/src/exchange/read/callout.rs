//! Clusters for callouts and what they answer.

use super::super::node::Node;
use super::super::{Body, Callout, CalloutFail, CalloutReply};
use super::body::{body, headers, piece};
use super::message::{MAX_DELAY_MS, STATUS, trailers_without_chunks};
use super::problems::{Object, Path, Problems};

/// Most entries.
const MAX_CALLOUTS: usize = 64;

/// The list of entries.
pub fn callouts(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) -> Vec<Callout> {
    let Some(node) = node else { return Vec::new() };
    let Some(items) = problems.list(node, path) else { return Vec::new() };
    if items.len() > MAX_CALLOUTS {
        problems.say("too_large", path, node.at, format!("{} entries; at most {MAX_CALLOUTS}", items.len()));
        return Vec::new();
    }
    items.iter().enumerate().filter_map(|(index, item)| callout(problems, item, &path.item(index))).collect()
}

fn callout(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Callout> {
    let known = ["cluster", "path", "times", "status", "headers", "body", "trailers", "delay_ms", "grpc", "fail"];
    let object = problems.object(node, path, &known)?;
    let cluster = problems.required(&object, path, "cluster");
    let cluster = cluster.and_then(|node| problems.some_text(node, &path.field("cluster"))).unwrap_or_default();
    let prefix = object.get("path").and_then(|node| problems.text(node, &path.field("path")));
    let times = object.get("times").and_then(|node| problems.int(node, &path.field("times"), 0..=i128::from(u32::MAX)));
    let delay_ms =
        object.get("delay_ms").and_then(|node| problems.int(node, &path.field("delay_ms"), 0..=MAX_DELAY_MS));
    let fail = object.get("fail").and_then(|node| {
        let words = [
            ("connect", CalloutFail::Connect),
            ("reset", CalloutFail::Reset),
            ("reset_after_headers", CalloutFail::ResetAfterHeaders),
            ("timeout", CalloutFail::Timeout),
        ];
        problems.word(node, &path.field("fail"), &words)
    });
    let reply = match object.get("grpc") {
        Some(node) => {
            for name in ["status", "headers", "body", "trailers"] {
                if let Some(node) = object.get(name) {
                    let message = format!("`{name}` belongs to an HTTP answer, and this one has `grpc`");
                    problems.say("conflict", &path.field(name), node.at, message);
                }
            }
            grpc(problems, node, &path.field("grpc"))?
        }
        None => http(problems, &object, path),
    };
    let (cluster, path) = (cluster.to_owned(), prefix.map(str::to_owned));
    Some(Callout { cluster, path, times, reply, delay_ms: delay_ms.unwrap_or_default(), fail })
}

fn http(problems: &mut Problems, object: &Object<'_>, path: &Path<'_>) -> CalloutReply {
    let status = object.get("status").map_or(Some(200), |node| problems.int(node, &path.field("status"), STATUS));
    let lines = headers(problems, object.get("headers"), &path.field("headers"));
    let body = body(problems, object.get("body"), &path.field("body"));
    let trailers = headers(problems, object.get("trailers"), &path.field("trailers"));
    if !trailers.is_empty() && !matches!(body, Body::Chunks(_)) {
        trailers_without_chunks(problems, object.get("trailers"), path);
    }
    CalloutReply::Http { status: status.unwrap_or_default(), headers: lines, body, trailers }
}

fn grpc(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<CalloutReply> {
    let object = problems.object(node, path, &["status", "message", "body"])?;
    let status = object
        .get("status")
        .map_or(Some(0), |node| problems.int(node, &path.field("status"), 0..=i128::from(u32::MAX)));
    let message = object.get("message").map_or(Some(""), |node| problems.text(node, &path.field("message")));
    let body = object.get("body").map_or(Some(Vec::new()), |node| piece(problems, node, &path.field("body")));
    Some(CalloutReply::Grpc { status: status?, message: message?.to_owned(), body: body? })
}
