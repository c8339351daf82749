//! HTTP/1.1 as bytes: heads written exactly as asked, messages read whatever is in them.

use std::io;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use marketplace_sandbox::exchange::{Body, Header};
use tokio::io::AsyncRead;

use crate::wire::Reader;

/// Names in lower case, values without blanks around them.
pub(crate) type Fields = Vec<(String, String)>;

/// How a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    None,
    Length(usize),
    Chunked,
    Close,
}

/// The field as reports write it.
pub(crate) fn text(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("base64:{}", STANDARD.encode(bytes)),
    }
}

/// The value of a field.
pub(crate) fn value<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

/// Header lines until the empty one.
pub(crate) async fn fields<R: AsyncRead + Unpin>(reader: &mut Reader<R>) -> io::Result<Fields> {
    let mut fields = Vec::new();
    loop {
        let line = reader.line().await?;
        if line.is_empty() {
            return Ok(fields);
        }
        // Envoy writes a pseudo-header that a plugin put among trailers as it is.
        let rest = line.iter().skip(1).position(|byte| *byte == b':').map_or(line.len(), |at| at + 1);
        let colon = if line.starts_with(b": ") { 0 } else { rest };
        let (name, value) = (&line[..colon], line.get(colon + 1..).unwrap_or_default());
        fields.push((text(&name.trim_ascii().to_ascii_lowercase()), text(value.trim_ascii())));
    }
}

/// What the fields say about the body; `otherwise` where they say nothing.
pub(crate) fn framing(fields: &Fields, otherwise: Framing) -> Framing {
    if value(fields, "transfer-encoding").is_some_and(|value| value.to_ascii_lowercase().ends_with("chunked")) {
        return Framing::Chunked;
    }
    match value(fields, "content-length") {
        Some(length) => length.parse().map_or(otherwise, Framing::Length),
        None => otherwise,
    }
}

/// A body that is being read.
#[derive(Debug, Clone, Default)]
pub(crate) struct Payload {
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: Fields,
    pub(crate) complete: bool,
}

/// Reads a body, handing on what there is after each piece.
pub(crate) async fn payload<R: AsyncRead + Unpin>(
    reader: &mut Reader<R>,
    framing: Framing,
    mut seen: impl FnMut(&Payload),
) -> io::Result<Payload> {
    let mut payload = Payload::default();
    match framing {
        Framing::None => {}
        Framing::Length(length) => {
            while payload.body.len() < length {
                if reader.rest().is_empty() && !reader.more().await {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let piece = reader.take(length - payload.body.len());
                payload.body.extend(piece);
                seen(&payload);
            }
        }
        Framing::Chunked => loop {
            let line = reader.line().await?;
            let size = String::from_utf8_lossy(&line);
            let size = size.split(';').next().unwrap_or_default().trim();
            let size = usize::from_str_radix(size, 16).map_err(io::Error::other)?;
            if size == 0 {
                payload.trailers = fields(reader).await?;
                break;
            }
            let piece = reader.exactly(size).await?;
            payload.body.extend(piece);
            reader.exactly(2).await?;
            seen(&payload);
        },
        Framing::Close => loop {
            let piece = reader.take(usize::MAX);
            payload.body.extend(piece);
            seen(&payload);
            if !reader.more().await {
                break;
            }
        },
    }
    payload.complete = true;
    seen(&payload);
    Ok(payload)
}

/// A message to be sent: each entry is written at once, and the next when the other side has dealt with it.
pub(crate) struct Outgoing {
    pub(crate) writes: Vec<Vec<u8>>,
}

/// What a message is made of, beside its first line.
pub(crate) struct Content<'a> {
    pub(crate) headers: &'a [Header],
    pub(crate) body: &'a Body,
    pub(crate) trailers: &'a [Header],
    /// What is said where there is no body.
    pub(crate) nothing: Option<&'a str>,
    /// Neither a length nor chunks: the end is the connection's.
    pub(crate) close: bool,
    /// Headers only, whatever the body is.
    pub(crate) head_only: bool,
}

impl Outgoing {
    /// `start` is the first line, and for a request the `host` line.
    pub(crate) fn new(start: &str, content: &Content<'_>) -> Self {
        let mut head = start.as_bytes().to_vec();
        let mut framed = false;
        for header in content.headers {
            framed |= ["content-length", "transfer-encoding"].contains(&header.name.to_ascii_lowercase().as_str());
            push(&mut head, header);
        }
        let chunked = match content.body {
            Body::Chunks(_) => !content.close && chunked(content.headers).unwrap_or(!framed),
            _ => false,
        };
        if !framed && !content.close {
            match content.body {
                Body::None => {
                    head.extend(content.nothing.map(|line| format!("{line}\r\n")).unwrap_or_default().bytes())
                }
                Body::One(bytes) => head.extend(format!("content-length: {}\r\n", bytes.len()).bytes()),
                Body::Chunks(_) => head.extend_from_slice(b"transfer-encoding: chunked\r\n"),
            }
        }
        head.extend_from_slice(b"\r\n");
        let mut writes = vec![head];
        if content.head_only {
            return Self { writes };
        }
        match content.body {
            Body::None => {}
            Body::One(bytes) => writes[0].extend_from_slice(bytes),
            Body::Chunks(pieces) => {
                let pieces = pieces.iter().filter(|piece| !piece.is_empty());
                writes.extend(pieces.map(|piece| if chunked { as_chunk(piece) } else { piece.clone() }));
            }
        }
        if chunked {
            let mut end = b"0\r\n".to_vec();
            content.trailers.iter().for_each(|trailer| push(&mut end, trailer));
            end.extend_from_slice(b"\r\n");
            writes.push(end);
        }
        Self { writes }
    }
}

fn chunked(headers: &[Header]) -> Option<bool> {
    let header = headers.iter().find(|header| header.name.eq_ignore_ascii_case("transfer-encoding"))?;
    Some(header.value.to_ascii_lowercase().ends_with(b"chunked"))
}

fn as_chunk(piece: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat()
}

fn push(head: &mut Vec<u8>, header: &Header) {
    head.extend_from_slice(header.name.as_bytes());
    head.extend_from_slice(b": ");
    head.extend_from_slice(&header.value);
    head.extend_from_slice(b"\r\n");
}
