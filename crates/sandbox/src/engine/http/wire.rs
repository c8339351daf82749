//! HTTP/1.1 as it stands on the wire: how Envoy's codec frames a message, and what a reader makes of it.

use super::headers::{HeaderMap, Pair};

/// How a body is delimited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    /// There is none, whatever the other side writes.
    None,
    Length(usize),
    Chunked,
    /// Until the connection is closed.
    Close,
}

/// The header block of a message: what is written, and the framing the codec itself uses for what follows.
#[derive(Debug, Clone)]
pub(crate) struct Block {
    pub(crate) text: Vec<u8>,
    pub(crate) chunked: bool,
}

/// The headers of a request, `:authority` as `host`, other pseudo headers left out. `end`: nothing follows.
pub(crate) fn request_block(headers: &HeaderMap, end: bool) -> Block {
    let bodiless = matches!(headers.get(b":method"), Some(b"GET" | b"HEAD" | b"CONNECT" | b"DELETE" | b"TRACE"));
    let mut block = Block { text: lines(headers), chunked: false };
    if headers.get(b"content-length").is_some() {
        return block;
    }
    if end {
        if !bodiless {
            push(&mut block.text, b"content-length", b"0");
        }
    } else {
        push(&mut block.text, b"transfer-encoding", b"chunked");
        block.chunked = true;
    }
    block
}

/// The headers of a response with this status. `head`: it answers a HEAD.
pub(crate) fn response_block(headers: &HeaderMap, status: u32, end: bool, head: bool) -> Block {
    let mut block = Block { text: lines(headers), chunked: false };
    let no_body = status < 200 || status == 204 || status == 304;
    if headers.get(b"content-length").is_some() || no_body {
        return block;
    }
    if end && !head {
        push(&mut block.text, b"content-length", b"0");
    } else {
        push(&mut block.text, b"transfer-encoding", b"chunked");
        block.chunked = true;
    }
    block
}

fn lines(headers: &HeaderMap) -> Vec<u8> {
    let mut text = Vec::new();
    for (name, value) in headers.pairs() {
        match name.as_slice() {
            b":authority" => push(&mut text, b"host", value),
            name if name.first() == Some(&b':') => {}
            name => push(&mut text, name, value),
        }
    }
    text
}

fn push(text: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    text.extend_from_slice(name);
    text.extend_from_slice(b": ");
    text.extend_from_slice(value);
    text.extend_from_slice(b"\r\n");
}

/// A header block as its reader sees it: lines, and what an injected empty line pushed into the body.
pub(crate) fn read_block(text: &[u8]) -> (Vec<Pair>, Vec<u8>) {
    let mut pairs = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = find(rest, b"\r\n").unwrap_or(rest.len());
        let line = &rest[..end];
        rest = rest.get(end + 2..).unwrap_or_default();
        if line.is_empty() {
            return (pairs, rest.to_vec());
        }
        let (name, value) = match line.iter().position(|byte| *byte == b':') {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        pairs.push((name.trim_ascii().to_ascii_lowercase(), value.trim_ascii().to_vec()));
    }
    (pairs, Vec::new())
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|window| window == what)
}

/// The framing that the reader of these lines goes by.
pub(crate) fn framing(pairs: &[Pair]) -> Option<Framing> {
    let value = |name: &[u8]| pairs.iter().find(|(n, _)| n == name).map(|(_, value)| value);
    if value(b"transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().ends_with(b"chunked")) {
        return Some(Framing::Chunked);
    }
    let length = value(b"content-length")?;
    std::str::from_utf8(length).ok()?.trim().parse().ok().map(Framing::Length)
}

#[cfg(test)]
mod tests {
    use super::super::headers::Kind;
    use super::*;

    fn map(kind: Kind, pairs: &[(&str, &str)]) -> HeaderMap {
        HeaderMap::from_pairs(kind, pairs.iter().map(|(n, v)| (n.as_bytes().to_vec(), v.as_bytes().to_vec())))
    }

    #[test]
    fn a_request_without_a_length_is_chunked_unless_it_has_no_body() {
        let post = map(Kind::Request, &[(":method", "POST"), (":authority", "a"), ("x", "1")]);
        assert_eq!(request_block(&post, false).text, b"host: a\r\nx: 1\r\ntransfer-encoding: chunked\r\n");
        assert_eq!(request_block(&post, true).text, b"host: a\r\nx: 1\r\ncontent-length: 0\r\n");
        let get = map(Kind::Request, &[(":method", "GET"), (":authority", "a")]);
        assert_eq!(request_block(&get, true).text, b"host: a\r\n");
    }

    #[test]
    fn line_breaks_in_a_value_make_another_header_and_a_body() {
        let headers = map(Kind::Response, &[(":status", "200"), ("x", "1\r\nset-cookie: a\r\n\r\nbody")]);
        let (pairs, body) = read_block(&response_block(&headers, 200, false, false).text);
        assert_eq!(pairs[1], (b"set-cookie".to_vec(), b"a".to_vec()));
        assert!(body.starts_with(b"body"));
        assert_eq!(framing(&pairs), None);
    }
}
