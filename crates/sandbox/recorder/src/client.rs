//! The client: sends a request exactly as it is written, and keeps what comes back as it comes.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use marketplace_sandbox::exchange::{Body, HttpVersion, Request};
use tokio::io::{AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf, split};
use tokio::time::timeout;

use crate::http1::{self, Content, Fields, Framing, Outgoing, Payload, text, value};
use crate::http2::{self, Event, Frames, LARGEST, PREFACE};
use crate::server::{Stage, Turn};
use crate::wire::{Reader, Wire};

/// What the client has so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pub(crate) status: Option<u32>,
    pub(crate) headers: Fields,
    pub(crate) payload: Payload,
    /// The connection or stream is over.
    pub(crate) closed: bool,
    /// In HTTP/2 the length was another than the one announced: an error of the stream.
    pub(crate) broken: bool,
}

/// One exchange of a client, on a connection of its own.
pub(crate) struct Client {
    seen: Arc<Mutex<Seen>>,
    tasks: [tokio::task::JoinHandle<()>; 2],
}

impl Drop for Client {
    fn drop(&mut self) {
        self.tasks.iter().for_each(tokio::task::JoinHandle::abort);
    }
}

impl Client {
    /// Begins to send, when it is the client's turn.
    pub(crate) fn start(wire: Box<dyn Wire>, request: &Request, stage: &Arc<Stage>) -> Self {
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (reading, writing) = split(wire);
        let writing = Arc::new(tokio::sync::Mutex::new(writing));
        let turn = stage.expect();
        let shape = Expected {
            is_head: request.method == "HEAD",
            interim: request.headers.iter().any(|header| header.name.eq_ignore_ascii_case("expect")),
        };
        let http1 = request.http == HttpVersion::Http1;
        let writes = if http1 { http1_writes(request) } else { http2_writes(request) };
        let (writer, reader_stage) = (Arc::clone(&writing), Arc::clone(stage));
        let write = tokio::spawn(async move {
            // The proxy may have answered already and closed: what cannot be sent is not sent.
            let _ = send(&writer, writes, turn, &reader_stage).await;
        });
        let state = Arc::clone(&seen);
        let read = tokio::spawn(async move {
            let result = if http1 {
                read_http1(reading, shape, &state).await
            } else {
                read_http2(reading, writing, shape, &state).await
            };
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            state.closed |= result.is_err() || !state.payload.complete;
        });
        Self { seen, tasks: [write, read] }
    }

    /// What has come so far.
    pub(crate) fn seen(&self) -> Seen {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

fn http1_writes(request: &Request) -> Vec<Vec<u8>> {
    let start = format!("{} {} HTTP/1.1\r\nhost: {}\r\n", request.method, request.path, request.authority);
    let content = Content {
        headers: &request.headers,
        body: &request.body,
        trailers: &request.trailers,
        nothing: None,
        close: false,
        head_only: false,
    };
    Outgoing::new(&start, &content).writes
}

fn http2_writes(request: &Request) -> Vec<Vec<u8>> {
    let bytes = |text: &str| text.as_bytes().to_vec();
    let mut fields = vec![
        (bytes(":method"), bytes(&request.method)),
        (bytes(":path"), bytes(&request.path)),
        (bytes(":scheme"), bytes(&request.scheme)),
        (bytes(":authority"), bytes(&request.authority)),
    ];
    let pair = |header: &marketplace_sandbox::exchange::Header| {
        (bytes(&header.name.to_ascii_lowercase()), header.value.clone())
    };
    fields.extend(request.headers.iter().map(pair));
    let framed = fields.iter().any(|(name, _)| name == b"content-length");
    if let (Body::One(body), false) = (&request.body, framed) {
        fields.push((bytes("content-length"), body.len().to_string().into_bytes()));
    }
    let bare = match &request.body {
        Body::None => request.trailers.is_empty(),
        Body::One(body) => body.is_empty(),
        Body::Chunks(_) => false,
    };
    let mut writes = vec![PREFACE.to_vec(), http2::headers(1, &fields, bare)];
    writes[0].extend(http2::settings());
    let trailers = !request.trailers.is_empty();
    match &request.body {
        _ if bare => {}
        Body::None => {}
        Body::One(body) => body.chunks(LARGEST).enumerate().for_each(|(n, piece)| {
            let end = (n + 1) * LARGEST >= body.len();
            writes[1].extend(http2::data(1, piece, end && !trailers));
        }),
        Body::Chunks(pieces) => {
            let last = pieces.len().saturating_sub(1);
            let pieces = pieces.iter().enumerate();
            writes.extend(pieces.map(|(n, piece)| http2::data(1, piece, n == last && !trailers)));
            if writes.len() == 2 && !trailers {
                writes.push(http2::data(1, b"", true));
            }
        }
    }
    if trailers {
        writes.push(http2::headers(1, &request.trailers.iter().map(pair).collect(), true));
    }
    writes
}

/// Writes one after the other, each when the proxy has dealt with the one before. Where the proxy reads no more, others
/// get their turn.
async fn send(
    writing: &tokio::sync::Mutex<WriteHalf<Box<dyn Wire>>>,
    writes: Vec<Vec<u8>>,
    turn: Turn,
    stage: &Stage,
) -> io::Result<()> {
    const STUCK: Duration = Duration::from_millis(100);
    let mut turn = Some(turn.begin().await);
    for write in writes {
        let mut writing = writing.lock().await;
        let mut rest = write.as_slice();
        while !rest.is_empty() {
            match timeout(STUCK, writing.write(rest)).await {
                Ok(written) => {
                    let written = written?;
                    if written == 0 {
                        return Err(io::ErrorKind::WriteZero.into());
                    }
                    rest = &rest[written..];
                }
                Err(_) => drop(turn.take()),
            }
        }
        writing.flush().await?;
        drop(writing);
        stage.pulse.settle().await;
    }
    Ok(())
}

fn update(seen: &Mutex<Seen>, change: impl FnOnce(&mut Seen)) {
    change(&mut seen.lock().unwrap_or_else(PoisonError::into_inner));
}

/// What a client knows of an answer before it comes.
#[derive(Clone, Copy)]
struct Expected {
    is_head: bool,
    /// A 100 is no answer yet.
    interim: bool,
}

async fn read_http1(reading: ReadHalf<Box<dyn Wire>>, expected: Expected, seen: &Mutex<Seen>) -> io::Result<()> {
    let mut reader = Reader::new(reading);
    let (status, headers) = loop {
        let line = reader.line().await?;
        let line = String::from_utf8_lossy(&line).into_owned();
        let status: u32 = line.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let headers = http1::fields(&mut reader).await?;
        if !(expected.interim && status == 100) {
            break (status, headers);
        }
    };
    let bodiless = expected.is_head || (100..200).contains(&status) || status == 204 || status == 304;
    let framing = if bodiless { Framing::None } else { http1::framing(&headers, Framing::Close) };
    update(seen, |seen| {
        seen.status = Some(status);
        seen.headers = headers;
    });
    http1::payload(&mut reader, framing, |payload| update(seen, |seen| seen.payload = payload.clone())).await?;
    Ok(())
}

async fn read_http2<W: AsyncWrite + Unpin>(
    reading: ReadHalf<Box<dyn Wire>>,
    writing: Arc<tokio::sync::Mutex<W>>,
    expected: Expected,
    seen: &Mutex<Seen>,
) -> io::Result<()> {
    let mut frames = Frames::new(Reader::new(reading));
    loop {
        let ended = match frames.next().await? {
            Event::Headers { fields, end, .. } => {
                let fields: Fields = fields.iter().map(|(name, value)| (text(name), text(value))).collect();
                let status = value(&fields, ":status").and_then(|status| status.parse().ok());
                if expected.interim && status == Some(100) {
                    continue;
                }
                let plain: Fields = fields.iter().filter(|(name, _)| !name.starts_with(':')).cloned().collect();
                update(seen, |seen| {
                    if seen.status.is_none() {
                        seen.status = status;
                        seen.headers = plain;
                    } else {
                        seen.payload.trailers = plain;
                    }
                });
                end
            }
            Event::Data { bytes, end, .. } => {
                update(seen, |seen| seen.payload.body.extend(bytes));
                end
            }
            Event::Reset => return Err(io::ErrorKind::ConnectionReset.into()),
            Event::Reply(bytes) => {
                writing.lock().await.write_all(&bytes).await?;
                false
            }
            Event::Other => false,
        };
        if ended {
            update(seen, |seen| {
                let length = value(&seen.headers, "content-length").and_then(|length| length.parse::<usize>().ok());
                let bodiless = expected.is_head || matches!(seen.status, Some(204 | 304));
                seen.broken = !bodiless && length.is_some_and(|length| length != seen.payload.body.len());
                seen.payload.complete = !seen.broken;
                seen.closed |= seen.broken;
            });
            return Ok(());
        }
    }
}
