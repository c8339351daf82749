//! HTTP/2 as frames: enough for one request on a connection, with every header in the order it was given.

use std::io;

use fluke_hpack::Decoder;
use tokio::io::AsyncRead;

use crate::wire::Reader;

/// What a client says first.
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// The largest payload of a frame.
pub(crate) const LARGEST: usize = 16 << 10;

pub(crate) const END_STREAM: u8 = 1;
const ACK: u8 = 1;
const END_HEADERS: u8 = 4;
const PADDED: u8 = 8;
const PRIORITY: u8 = 32;

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const WINDOW_UPDATE: u8 = 8;
const CONTINUATION: u8 = 9;

/// Names and values as bytes.
pub(crate) type RawFields = Vec<(Vec<u8>, Vec<u8>)>;

/// One frame's bytes.
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap_or(0).to_be_bytes();
    let mut out = vec![length[1], length[2], length[3], kind, flags];
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
    out
}

/// Settings with windows that no test fills.
pub(crate) fn settings() -> Vec<u8> {
    let mut payload = vec![0, 4];
    payload.extend_from_slice(&0x7fff_ffff_u32.to_be_bytes());
    let mut out = frame(SETTINGS, 0, 0, &payload);
    out.extend(frame(WINDOW_UPDATE, 0, 0, &0x7fff_0000_u32.to_be_bytes()));
    out
}

/// A header block, in as many frames as it takes.
pub(crate) fn headers(stream: u32, fields: &RawFields, end: bool) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in fields {
        // A literal that is not to be indexed, its name and value as they are.
        block.push(0);
        string(&mut block, name);
        string(&mut block, value);
    }
    let flag = if end { END_STREAM } else { 0 };
    let mut pieces = block.chunks(LARGEST).peekable();
    let first = pieces.next().unwrap_or_default();
    let last = |more: bool| if more { 0 } else { END_HEADERS };
    let mut out = frame(HEADERS, flag | last(pieces.peek().is_some()), stream, first);
    while let Some(piece) = pieces.next() {
        out.extend(frame(CONTINUATION, last(pieces.peek().is_some()), stream, piece));
    }
    out
}

/// Data, in as many frames as it takes.
pub(crate) fn data(stream: u32, bytes: &[u8], end: bool) -> Vec<u8> {
    let flag = if end { END_STREAM } else { 0 };
    if bytes.is_empty() {
        return frame(DATA, flag, stream, bytes);
    }
    let last = bytes.len().div_ceil(LARGEST) - 1;
    let pieces = bytes.chunks(LARGEST).enumerate();
    pieces.flat_map(|(n, piece)| frame(DATA, if n == last { flag } else { 0 }, stream, piece)).collect()
}

fn string(out: &mut Vec<u8>, text: &[u8]) {
    let mut length = text.len();
    if length < 127 {
        out.push(u8::try_from(length).unwrap_or(0));
    } else {
        out.push(127);
        length -= 127;
        while length >= 128 {
            out.push(u8::try_from(length % 128).unwrap_or(0) | 128);
            length /= 128;
        }
        out.push(u8::try_from(length).unwrap_or(0));
    }
    out.extend_from_slice(text);
}

/// What the other side sent.
#[derive(Debug)]
pub(crate) enum Event {
    Headers {
        fields: RawFields,
        end: bool,
    },
    Data {
        bytes: Vec<u8>,
        end: bool,
    },
    Reset,
    /// To be written back.
    Reply(Vec<u8>),
    Other,
}

/// Reads frames and keeps the table of headers.
pub(crate) struct Frames<'a, R> {
    pub(crate) reader: Reader<R>,
    decoder: Decoder<'a>,
}

impl<R: AsyncRead + Unpin> Frames<'_, R> {
    pub(crate) fn new(reader: Reader<R>) -> Self {
        Self { reader, decoder: Decoder::new() }
    }

    async fn frame(&mut self) -> io::Result<(u8, u8, Vec<u8>)> {
        let head = self.reader.exactly(9).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        Ok((head[3], head[4], self.reader.exactly(length).await?))
    }

    /// The next thing that happens.
    pub(crate) async fn next(&mut self) -> io::Result<Event> {
        let (kind, flags, payload) = self.frame().await?;
        Ok(match kind {
            DATA => Event::Data { bytes: unpadded(flags, payload), end: flags & END_STREAM != 0 },
            HEADERS => {
                let mut block = unpadded(flags, payload);
                if flags & PRIORITY != 0 {
                    block.drain(..5.min(block.len()));
                }
                let mut done = flags & END_HEADERS != 0;
                while !done {
                    let (_, flags, more) = self.frame().await?;
                    block.extend(more);
                    done = flags & END_HEADERS != 0;
                }
                let fields = self.decoder.decode(&block).map_err(|error| io::Error::other(format!("{error:?}")))?;
                Event::Headers { fields, end: flags & END_STREAM != 0 }
            }
            RST_STREAM => Event::Reset,
            SETTINGS if flags & ACK == 0 => Event::Reply(frame(SETTINGS, ACK, 0, &[])),
            PING if flags & ACK == 0 => Event::Reply(frame(PING, ACK, 0, &payload)),
            _ => Event::Other,
        })
    }
}

fn unpadded(flags: u8, mut payload: Vec<u8>) -> Vec<u8> {
    if flags & PADDED != 0 && !payload.is_empty() {
        let padding = usize::from(payload.remove(0));
        payload.truncate(payload.len().saturating_sub(padding));
    }
    payload
}
