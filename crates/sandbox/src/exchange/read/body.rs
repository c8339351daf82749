//! Bodies and header lists.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::node::{Kind, Node};
use super::super::{Body, Header};
use super::problems::{Object, Path, Problems, clip};

/// Most bytes of one body, decoded.
pub const MAX_BODY: usize = 4 << 20;
/// Most pieces of one body.
const MAX_CHUNKS: usize = 256;
/// Most header lines of one message, or trailers.
const MAX_PAIRS: usize = 1024;
/// Most bytes of all of them.
const MAX_PAIR_BYTES: usize = 1 << 20;

/// The ways to write bytes.
const PIECE: [&str; 4] = ["text", "base64", "repeat", "times"];

/// A body as a message has it.
pub fn body(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) -> Body {
    let Some(node) = node else { return Body::None };
    if !matches!(node.kind, Kind::Map(_)) {
        return Body::One(piece(problems, node, path).unwrap_or_default());
    }
    let has_chunks = matches!(&node.kind, Kind::Map(entries) if entries.iter().any(|(key, _)| key.name == "chunks"));
    if !has_chunks {
        return Body::One(
            bytes_object(problems, node, path, &["text", "base64", "repeat", "times", "chunks"]).unwrap_or_default(),
        );
    }
    let Some(object) = problems.object(node, path, &["text", "base64", "repeat", "times", "chunks"]) else {
        return Body::None;
    };
    let Some(chunks) = object.get("chunks") else { return Body::None };
    if PIECE.iter().any(|name| object.get(name).is_some()) {
        problems.say("conflict", path, node.at, "`chunks` and another form of body together");
    }
    let path = path.field("chunks");
    let Some(items) = problems.list(chunks, &path) else { return Body::None };
    if items.len() > MAX_CHUNKS {
        problems.say("too_large", &path, chunks.at, format!("{} chunks; at most {MAX_CHUNKS}", items.len()));
        return Body::None;
    }
    let mut pieces = Vec::with_capacity(items.len());
    let mut size = 0;
    for (index, item) in items.iter().enumerate() {
        let piece = piece(problems, item, &path.item(index)).unwrap_or_default();
        size += piece.len();
        if size > MAX_BODY {
            problems.say("too_large", &path, chunks.at, format!("a body of more than {MAX_BODY} bytes"));
            return Body::None;
        }
        pieces.push(piece);
    }
    Body::Chunks(pieces)
}

/// Bytes in any of their forms: a string, `text`, `base64`, `repeat` with `times`.
pub fn piece(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Vec<u8>> {
    match &node.kind {
        Kind::Text(text) => sized(problems, text.clone().into_bytes(), node, path),
        Kind::Map(_) => bytes_object(problems, node, path, &PIECE),
        _ => {
            problems.wrong_type(node, path, "a string or an object with `text`, `base64` or `repeat`");
            None
        }
    }
}

fn bytes_object(problems: &mut Problems, node: &Node, path: &Path<'_>, known: &[&str]) -> Option<Vec<u8>> {
    let object = problems.object(node, path, known)?;
    let forms: Vec<&str> = ["text", "base64", "repeat"].into_iter().filter(|name| object.get(name).is_some()).collect();
    match forms.as_slice() {
        [] if object.get("times").is_some() => {
            problems.required(&object, path, "repeat");
            None
        }
        [] => {
            problems.say("missing_field", path, node.at, "one of `text`, `base64`, `repeat` or `chunks` is expected");
            None
        }
        [_, second, ..] => {
            problems.say("conflict", &path.field(second), node.at, format!("`{}` and `{second}` together", forms[0]));
            None
        }
        ["text"] => {
            no_times(problems, &object, path);
            let (text, path) = (object.get("text")?, path.field("text"));
            let bytes = problems.text(text, &path)?.as_bytes().to_vec();
            sized(problems, bytes, text, &path)
        }
        ["base64"] => {
            no_times(problems, &object, path);
            let (text, path) = (object.get("base64")?, path.field("base64"));
            let bytes = decoded(problems, text, &path)?;
            sized(problems, bytes, text, &path)
        }
        _ => {
            let times = problems.required(&object, path, "times");
            let repeat = object.get("repeat")?;
            let text = problems.text(repeat, &path.field("repeat"));
            let times: usize = problems.int(times?, &path.field("times"), 0..=i128::from(u32::MAX))?;
            let text = text?;
            if text.len().saturating_mul(times) > MAX_BODY {
                problems.say("too_large", path, node.at, format!("a body of more than {MAX_BODY} bytes"));
                return None;
            }
            Some(text.repeat(times).into_bytes())
        }
    }
}

fn no_times(problems: &mut Problems, object: &Object<'_>, path: &Path<'_>) {
    if let Some(times) = object.get("times") {
        problems.say("conflict", &path.field("times"), times.at, "`times` belongs to `repeat`");
    }
}

fn sized(problems: &mut Problems, bytes: Vec<u8>, node: &Node, path: &Path<'_>) -> Option<Vec<u8>> {
    if bytes.len() > MAX_BODY {
        problems.say("too_large", path, node.at, format!("a body of {} bytes; at most {MAX_BODY}", bytes.len()));
        return None;
    }
    Some(bytes)
}

/// Base64 in the standard alphabet, padded.
fn decoded(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Vec<u8>> {
    let text = problems.text(node, path)?;
    match STANDARD.decode(text) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            problems.say("bad_value", path, node.at, format!("not base64 (standard alphabet, padded): {error}"));
            None
        }
    }
}

/// A string, or `{base64: …}`.
pub fn text_or_base64(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Vec<u8>> {
    match &node.kind {
        Kind::Text(text) => Some(text.clone().into_bytes()),
        Kind::Map(_) => {
            let object = problems.object(node, path, &["base64"])?;
            let text = problems.required(&object, path, "base64")?;
            decoded(problems, text, &path.field("base64"))
        }
        _ => {
            problems.wrong_type(node, path, "a string or an object with `base64`");
            None
        }
    }
}

/// A list of `[name, value]`.
pub fn headers(problems: &mut Problems, node: Option<&Node>, path: &Path<'_>) -> Vec<Header> {
    let Some(node) = node else { return Vec::new() };
    let Some(items) = problems.list(node, path) else { return Vec::new() };
    if items.len() > MAX_PAIRS {
        problems.say("too_large", path, node.at, format!("{} lines; at most {MAX_PAIRS}", items.len()));
        return Vec::new();
    }
    let lines: Vec<Header> =
        items.iter().enumerate().filter_map(|(index, item)| header(problems, item, &path.item(index))).collect();
    let size: usize = lines.iter().map(|line| line.name.len() + line.value.len()).sum();
    if size > MAX_PAIR_BYTES {
        problems.say("too_large", path, node.at, format!("{size} bytes of lines; at most {MAX_PAIR_BYTES}"));
    }
    lines
}

fn header(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Header> {
    let Kind::List(pair) = &node.kind else {
        problems.wrong_type(node, path, "a pair `[name, value]`");
        return None;
    };
    let [name, value] = pair.as_slice() else {
        problems.say("bad_value", path, node.at, format!("a pair `[name, value]` has two items, not {}", pair.len()));
        return None;
    };
    let (name_path, value_path) = (path.item(0), path.item(1));
    let text = problems.some_text(name, &name_path).filter(|text| {
        // Nothing else can be sent as one line; pseudo headers have fields of their own.
        let sendable = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':');
        if !sendable {
            let message = format!("`{}` cannot be the name of a header line", clip(text));
            problems.say("bad_value", &name_path, name.at, message);
        }
        sendable
    });
    let bytes = text_or_base64(problems, value, &value_path)?;
    if bytes.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        problems.say("bad_value", &value_path, value.at, "a line break or NUL cannot be sent in a header line");
    }
    Some(Header { name: text?.to_owned(), value: bytes })
}
