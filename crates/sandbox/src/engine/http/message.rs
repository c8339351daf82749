//! A message of the exchange as it arrives: its framing headers, and the pieces in which the codec hands it on.

use super::headers::Pair;
use super::wire::{self, Framing};
use crate::engine::events::Piece;
use crate::exchange::{Body, Header, HttpVersion, Request, Upstream};

/// The largest DATA frame.
const FRAME: usize = 16 << 10;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// With the framing headers behind the given ones.
    pub(crate) headers: Vec<Pair>,
    /// Nothing follows the headers.
    pub(crate) bare: bool,
    /// The headers too.
    pub(crate) pieces: Vec<Piece>,
}

/// Headers as the proxy sees them: names in lower case, values without blanks around them.
pub(crate) fn pairs(headers: &[Header]) -> Vec<Pair> {
    headers.iter().map(|header| (lower(header), header.value.trim_ascii().to_vec())).collect()
}

/// The same in HTTP/2, which takes values as they are.
fn untrimmed(headers: &[Header]) -> Vec<Pair> {
    headers.iter().map(|header| (lower(header), header.value.clone())).collect()
}

fn lower(header: &Header) -> Vec<u8> {
    header.name.as_bytes().to_ascii_lowercase()
}

impl Shape {
    pub(crate) fn request(request: &Request) -> Self {
        let http1 = request.http == HttpVersion::Http1;
        let mut headers = if http1 { pairs(&request.headers) } else { untrimmed(&request.headers) };
        let framed = wire::framing(&headers);
        if framed.is_none() {
            match &request.body {
                Body::None => {}
                Body::One(bytes) => headers.push((b"content-length".to_vec(), bytes.len().to_string().into_bytes())),
                Body::Chunks(_) if http1 => headers.push((b"transfer-encoding".to_vec(), b"chunked".to_vec())),
                Body::Chunks(_) => {}
            }
        }
        Self::new(headers, &request.body, !request.trailers.is_empty(), http1)
    }

    pub(crate) fn response(answer: &Upstream, head: bool) -> Self {
        let reply = Reply {
            status: answer.status,
            headers: &answer.headers,
            body: &answer.body,
            trailers: !answer.trailers.is_empty(),
            close: answer.close_framing,
        };
        Self::answer(&reply, head)
    }

    /// An HTTP/1.1 answer of the upstream or of a callout.
    pub(crate) fn answer(reply: &Reply<'_>, head: bool) -> Self {
        let mut headers = pairs(reply.headers);
        let no_body = (100..200).contains(&reply.status) || matches!(reply.status, 204 | 304);
        if wire::framing(&headers).is_none() && !reply.close {
            match reply.body {
                Body::None if no_body => {}
                Body::None => headers.push((b"content-length".to_vec(), b"0".to_vec())),
                Body::One(bytes) => headers.push((b"content-length".to_vec(), bytes.len().to_string().into_bytes())),
                Body::Chunks(_) => headers.push((b"transfer-encoding".to_vec(), b"chunked".to_vec())),
            }
        }
        if head || no_body {
            return Self { headers, bare: true, pieces: vec![Piece::Headers] };
        }
        if reply.close {
            let mut pieces = vec![Piece::Headers];
            let sent = chunks(reply.body).filter(|bytes| !bytes.is_empty());
            pieces.extend(sent.map(|bytes| Piece::Data { bytes, end: false }));
            pieces.push(Piece::Data { bytes: Vec::new(), end: true });
            return Self { headers, bare: false, pieces };
        }
        Self::new(headers, reply.body, reply.trailers, true)
    }

    fn new(headers: Vec<Pair>, body: &Body, trailers: bool, http1: bool) -> Self {
        let mut pieces = vec![Piece::Headers];
        let length = match wire::framing(&headers) {
            Some(Framing::Length(length)) => Some(length),
            _ => None,
        };
        let bare = match body {
            Body::Chunks(_) if http1 => length == Some(0),
            Body::Chunks(_) => false,
            Body::None | Body::One(_) if http1 => length.is_none_or(|length| length == 0),
            Body::None => true,
            Body::One(bytes) => bytes.is_empty(),
        };
        if bare {
            return Self { headers, bare, pieces };
        }
        let mut sent: Vec<Vec<u8>> = chunks(body).collect();
        if !http1 {
            sent = sent.iter().flat_map(|piece| frames(piece)).collect();
        }
        if length.is_some_and(|length| !http1 && length != sent.iter().map(Vec::len).sum::<usize>()) {
            // The codec takes it for an error of the stream.
            pieces.push(Piece::Broken);
            return Self { headers, bare, pieces };
        }
        if let (Some(length), true) = (length, http1) {
            return Self { headers, bare, pieces: by_length(pieces, &sent, length) };
        }
        let last = sent.len().saturating_sub(1);
        if http1 || trailers || sent.is_empty() {
            pieces.extend(sent.into_iter().filter(|b| !b.is_empty()).map(|bytes| Piece::Data { bytes, end: false }));
            pieces.push(if trailers { Piece::Trailers } else { Piece::Data { bytes: Vec::new(), end: true } });
        } else {
            pieces.extend(sent.into_iter().enumerate().map(|(n, bytes)| Piece::Data { bytes, end: n == last }));
        }
        Self { headers, bare, pieces }
    }

    /// The sender goes away before the end.
    pub(crate) fn cut_end(&mut self) {
        self.bare = false;
        if let Some(Piece::Data { bytes, end: true }) = self.pieces.last()
            && bytes.is_empty()
        {
            self.pieces.pop();
        } else if self.pieces.last() == Some(&Piece::Trailers) {
            self.pieces.pop();
        }
    }
}

impl Shape {
    /// Whether Envoy's codec takes the answer for a message: one of 1xx and 204 has neither a length nor chunks
    /// (RFC 9110 §8.6, RFC 9112 §6.1).
    pub(crate) fn is_message(&self, status: u16) -> bool {
        let has = |name: &[u8]| self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_slice());
        let bodiless = (100..200).contains(&status) || status == 204;
        !bodiless || has(b"transfer-encoding").is_none() && has(b"content-length").is_none_or(|length| length == b"0")
    }
}

/// What answers are made of.
pub(crate) struct Reply<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a [Header],
    pub(crate) body: &'a Body,
    pub(crate) trailers: bool,
    pub(crate) close: bool,
}

/// A reader that goes by the length: what is more is not read, and without enough there is no end.
fn by_length(mut pieces: Vec<Piece>, sent: &[Vec<u8>], length: usize) -> Vec<Piece> {
    let mut left = length;
    for piece in sent {
        let bytes = piece[..piece.len().min(left)].to_vec();
        left -= bytes.len();
        if !bytes.is_empty() {
            pieces.push(Piece::Data { bytes, end: false });
        }
    }
    if left == 0 {
        pieces.push(Piece::Data { bytes: Vec::new(), end: true });
    }
    pieces
}

fn chunks(body: &Body) -> impl Iterator<Item = Vec<u8>> {
    let pieces: Vec<Vec<u8>> = match body {
        Body::None => Vec::new(),
        Body::One(bytes) => vec![bytes.clone()],
        Body::Chunks(pieces) => pieces.clone(),
    };
    pieces.into_iter()
}

fn frames(piece: &[u8]) -> Vec<Vec<u8>> {
    if piece.is_empty() { vec![Vec::new()] } else { piece.chunks(FRAME).map(<[u8]>::to_vec).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn data(text: &str, end: bool) -> Piece {
        Piece::Data { bytes: text.as_bytes().to_vec(), end }
    }

    fn shape(body: &Body, http1: bool, trailers: bool) -> Vec<Piece> {
        let headers = match body {
            Body::One(bytes) => vec![(b"content-length".to_vec(), bytes.len().to_string().into_bytes())],
            _ => Vec::new(),
        };
        Shape::new(headers, body, trailers, http1).pieces
    }

    #[test]
    fn http_1_ends_with_an_empty_piece_and_http_2_with_the_last_frame() {
        let one = Body::One(b"abc".to_vec());
        assert_eq!(shape(&one, true, false), [Piece::Headers, data("abc", false), data("", true)]);
        assert_eq!(shape(&one, false, false), [Piece::Headers, data("abc", true)]);
        let two = Body::Chunks(vec![b"a".to_vec(), b"b".to_vec()]);
        assert_eq!(shape(&two, true, true), [Piece::Headers, data("a", false), data("b", false), Piece::Trailers]);
        assert_eq!(shape(&two, false, false), [Piece::Headers, data("a", false), data("b", true)]);
        assert_eq!(shape(&Body::One(Vec::new()), true, false), [Piece::Headers]);
        assert_eq!(shape(&Body::None, true, false), [Piece::Headers]);
    }

    #[test]
    fn a_length_that_is_not_reached_has_no_end() {
        let headers = vec![(b"content-length".to_vec(), b"5".to_vec())];
        let shape = Shape::new(headers, &Body::One(b"abc".to_vec()), false, true);
        assert_eq!(shape.pieces, [Piece::Headers, data("abc", false)]);
    }
}
