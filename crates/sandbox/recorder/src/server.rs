//! The upstream and the clusters of callouts: who answers what, one after the other.

use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use marketplace_sandbox::exchange::{Body, Callout, CalloutFail, CalloutReply, Header, Upstream, UpstreamFail};
use tokio::io::{AsyncWriteExt, WriteHalf, split};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OwnedMutexGuard;

use crate::answer::{self, Message};
use crate::envoy::Pulse;
use crate::http1::{self, Content, Fields, Framing, Outgoing, Payload, text, value};
use crate::http2::{self, Event, Frames, PREFACE};
use crate::wire::Reader;

/// How much later than asked for a time-out may come.
const MARGIN: Duration = Duration::from_millis(60);

/// What is asked of the other side in the current exchange, and what it was sent.
#[derive(Debug, Default)]
pub(crate) struct Script {
    upstream: Option<Upstream>,
    callouts: Vec<Callout>,
    used: Vec<u32>,
    /// What reached the upstream, whole.
    pub(crate) requests: Vec<Message>,
    /// Calls with their cluster, whole.
    pub(crate) calls: Vec<(String, Message)>,
    /// A plugin's own time-out is awaited.
    until: Option<Instant>,
    /// The same, of requests that have begun and not ended.
    begun: Vec<Instant>,
}

/// Everything around the proxy, for one exchange after the other.
pub(crate) struct Stage {
    pub(crate) pulse: Pulse,
    script: Mutex<Script>,
    turn: Arc<tokio::sync::Mutex<()>>,
    pending: Arc<AtomicUsize>,
}

/// Somebody who is about to send. While there is one, nothing hangs.
pub(crate) struct Turn {
    lock: Arc<tokio::sync::Mutex<()>>,
    pending: Arc<AtomicUsize>,
}

/// It is the holder's turn, until this is dropped.
pub(crate) struct Sending {
    _guard: OwnedMutexGuard<()>,
    _turn: Turn,
}

impl Turn {
    /// Waits for its turn: first come, first served.
    pub(crate) async fn begin(self) -> Sending {
        let guard = Arc::clone(&self.lock).lock_owned().await;
        Sending { _guard: guard, _turn: self }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.pending.fetch_sub(1, Ordering::SeqCst);
    }
}

/// How a request is answered.
struct Reply {
    delay: Duration,
    writes: Vec<Vec<u8>>,
    close: bool,
    silent: bool,
}

impl Reply {
    /// The connection is closed before any byte.
    fn broken() -> Self {
        Self { delay: Duration::ZERO, writes: Vec::new(), close: true, silent: false }
    }
}

impl Stage {
    pub(crate) fn new(pulse: Pulse) -> Self {
        Self { pulse, script: Mutex::default(), turn: Arc::default(), pending: Arc::default() }
    }

    pub(crate) fn script<T>(&self, use_it: impl FnOnce(&mut Script) -> T) -> T {
        use_it(&mut self.script.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The next exchange.
    pub(crate) fn begin(&self, upstream: &Upstream, callouts: &[Callout]) {
        self.script(|script| {
            *script = Script {
                upstream: Some(upstream.clone()),
                callouts: callouts.to_vec(),
                used: vec![0; callouts.len()],
                ..Script::default()
            };
        });
    }

    /// Announces somebody who will send.
    pub(crate) fn expect(&self) -> Turn {
        self.pending.fetch_add(1, Ordering::SeqCst);
        Turn { lock: Arc::clone(&self.turn), pending: Arc::clone(&self.pending) }
    }

    /// Nobody is about to send, and no time-out is awaited.
    pub(crate) fn is_idle(&self) -> bool {
        self.pending.load(Ordering::SeqCst) == 0
            && self.script(|script| script.until.iter().chain(&script.begun).all(|until| *until < Instant::now()))
    }

    /// Answers a request for a cluster, `None` being the upstream.
    fn reply(&self, cluster: Option<&str>, message: Message, timeout: Option<Duration>) -> Reply {
        self.script(|script| match cluster {
            None => {
                let is_head = message.method == "HEAD";
                script.requests.push(message);
                script.upstream.as_ref().map_or(Reply::broken(), |upstream| upstream_reply(upstream, is_head))
            }
            Some(cluster) => {
                let path = message.path.clone();
                script.calls.push((cluster.to_owned(), message));
                let entry = script.callouts.iter().enumerate().position(|(n, entry)| {
                    entry.cluster == cluster
                        && entry.path.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
                        && entry.times.is_none_or(|times| script.used[n] < times)
                });
                let Some(entry) = entry else {
                    return Reply::broken();
                };
                script.used[entry] += 1;
                let entry = &script.callouts[entry];
                let reply = callout_reply(entry);
                if let Some(timeout) = timeout
                    && (reply.silent || reply.delay >= timeout)
                {
                    let until = Instant::now() + timeout + MARGIN;
                    script.until = script.until.max(Some(until));
                }
                reply
            }
        })
    }
}

fn upstream_reply(upstream: &Upstream, is_head: bool) -> Reply {
    let content = Answering {
        status: upstream.status,
        headers: &upstream.headers,
        body: &upstream.body,
        trailers: &upstream.trailers,
        close: upstream.close_framing,
    };
    let mut writes = content.writes(is_head);
    match upstream.fail {
        Some(UpstreamFail::ResetAfterHeaders) if matches!(upstream.body, Body::Chunks(_)) && writes.len() > 1 => {
            writes.pop();
        }
        Some(UpstreamFail::Reset) => writes.clear(),
        _ => {}
    }
    Reply {
        delay: Duration::from_millis(upstream.delay_ms),
        writes,
        close: upstream.close_framing
            || matches!(upstream.fail, Some(UpstreamFail::Reset | UpstreamFail::ResetAfterHeaders)),
        silent: upstream.fail == Some(UpstreamFail::NoAnswer),
    }
}

fn callout_reply(entry: &Callout) -> Reply {
    let mut writes = match &entry.reply {
        CalloutReply::Http { status, headers, body, trailers } => {
            Answering { status: *status, headers, body, trailers, close: false }.writes(false)
        }
        CalloutReply::Grpc { status, message, body } => grpc_writes(*status, message, body),
    };
    match entry.fail {
        Some(CalloutFail::ResetAfterHeaders) if writes.len() > 1 => drop(writes.pop()),
        Some(CalloutFail::Reset | CalloutFail::Connect) => writes.clear(),
        _ => {}
    }
    Reply {
        delay: Duration::from_millis(entry.delay_ms),
        writes,
        close: matches!(entry.fail, Some(CalloutFail::Reset | CalloutFail::ResetAfterHeaders | CalloutFail::Connect)),
        silent: entry.fail == Some(CalloutFail::Timeout),
    }
}

struct Answering<'a> {
    status: u16,
    headers: &'a [Header],
    body: &'a Body,
    trailers: &'a [Header],
    close: bool,
}

impl Answering<'_> {
    fn writes(&self, is_head: bool) -> Vec<Vec<u8>> {
        let no_body = (100..200).contains(&self.status) || matches!(self.status, 204 | 304);
        let content = Content {
            headers: self.headers,
            body: self.body,
            trailers: self.trailers,
            nothing: (!no_body).then_some("content-length: 0"),
            close: self.close,
            head_only: is_head || no_body,
        };
        Outgoing::new(&format!("HTTP/1.1 {} X\r\n", self.status), &content).writes
    }
}

/// A unary answer: with a message only where the status is 0.
fn grpc_writes(status: u32, message: &str, body: &[u8]) -> Vec<Vec<u8>> {
    let field = |name: &str, value: &str| (name.as_bytes().to_vec(), value.as_bytes().to_vec());
    let mut head = vec![field(":status", "200"), field("content-type", "application/grpc")];
    let mut end = vec![field("grpc-status", &status.to_string())];
    if !message.is_empty() {
        end.push(field("grpc-message", message));
    }
    if status != 0 && body.is_empty() {
        head.extend(end);
        return vec![http2::headers(1, &head, true)];
    }
    let mut framed = vec![0];
    framed.extend_from_slice(&u32::try_from(body.len()).unwrap_or(0).to_be_bytes());
    framed.extend_from_slice(body);
    let mut first = http2::headers(1, &head, false);
    first.extend(http2::data(1, &framed, false));
    vec![first, http2::headers(1, &end, true)]
}

/// Serves the connections of a cluster until the task is aborted.
pub(crate) async fn serve(listener: TcpListener, stage: Arc<Stage>, cluster: Option<String>, grpc: bool) {
    while let Ok((stream, _)) = listener.accept().await {
        let (stage, cluster) = (Arc::clone(&stage), cluster.clone());
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            // A proxy that goes away early is nothing to report.
            let _ = if grpc {
                serve_http2(stream, &stage, cluster.as_deref()).await
            } else {
                serve_http1(stream, &stage, cluster.as_deref()).await
            };
        });
    }
}

async fn serve_http1(stream: TcpStream, stage: &Arc<Stage>, cluster: Option<&str>) -> io::Result<()> {
    let (reading, mut writing) = split(stream);
    let mut reader = Reader::new(reading);
    loop {
        let line = reader.line().await?;
        let headers = http1::fields(&mut reader).await?;
        let begun = cluster.and_then(|_| timeout_of(&headers)).map(|timeout| Instant::now() + timeout + MARGIN);
        stage.script(|script| script.begun.extend(begun));
        let payload = http1::payload(&mut reader, http1::framing(&headers, Framing::None), |_| {}).await?;
        stage.script(|script| script.begun.retain(|until| Some(*until) != begun));
        let line = text(&line);
        let mut words = line.splitn(2, ' ');
        let method = words.next().unwrap_or_default().to_owned();
        let path = words.next().and_then(|rest| rest.rsplit_once(' ')).map_or("", |(path, _)| path).to_owned();
        let timeout = timeout_of(&headers);
        let message = received(method, path, value(&headers, "host").map(str::to_owned), headers, payload);
        let turn = stage.expect();
        if cluster.is_none() {
            // Calls that were made before this request left are answered before it.
            stage.pulse.settle().await;
        }
        let reply = stage.reply(cluster, message, timeout);
        if !send(&mut writing, reply, turn, stage).await? {
            return Ok(());
        }
    }
}

/// False when the connection is to be closed.
async fn send(writing: &mut WriteHalf<TcpStream>, reply: Reply, turn: Turn, stage: &Stage) -> io::Result<bool> {
    if reply.silent {
        return Ok(true);
    }
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    let _sending = turn.begin().await;
    for write in reply.writes {
        writing.write_all(&write).await?;
        stage.pulse.settle().await;
    }
    if reply.close {
        writing.shutdown().await?;
        stage.pulse.settle().await;
    }
    Ok(!reply.close)
}

fn timeout_of(headers: &Fields) -> Option<Duration> {
    let plain = value(headers, "x-envoy-expected-rq-timeout-ms").and_then(|ms| ms.parse().ok());
    let grpc = value(headers, "grpc-timeout").and_then(|text| text.strip_suffix('m')).and_then(|ms| ms.parse().ok());
    plain.or(grpc).map(Duration::from_millis)
}

fn received(method: String, path: String, authority: Option<String>, headers: Fields, payload: Payload) -> Message {
    let compared = |fields: Fields| fields.into_iter().filter_map(answer::header).collect();
    Message {
        method,
        path,
        authority,
        headers: compared(headers.into_iter().filter(|(name, _)| name != "host" && !name.starts_with(':')).collect()),
        body: answer::body(&payload.body),
        trailers: compared(payload.trailers),
    }
}

async fn serve_http2(stream: TcpStream, stage: &Arc<Stage>, cluster: Option<&str>) -> io::Result<()> {
    let (reading, mut writing) = split(stream);
    let mut reader = Reader::new(reading);
    reader.exactly(PREFACE.len()).await?;
    writing.write_all(&http2::settings()).await?;
    let mut frames = Frames::new(reader);
    let mut headers: Fields = Vec::new();
    let mut payload = Payload::default();
    loop {
        let ended = match frames.next().await? {
            Event::Headers { fields, end, .. } => {
                let fields: Fields = fields.iter().map(|(name, value)| (text(name), text(value))).collect();
                if headers.is_empty() {
                    headers = fields;
                } else {
                    payload.trailers = fields;
                }
                end
            }
            Event::Data { bytes, end, .. } => {
                payload.body.extend(bytes);
                end
            }
            Event::Reset => return Ok(()),
            Event::Reply(bytes) => {
                writing.write_all(&bytes).await?;
                false
            }
            Event::Other => false,
        };
        if ended {
            let pseudo = |name: &str| value(&headers, name).unwrap_or_default().to_owned();
            let authority = value(&headers, ":authority").map(str::to_owned);
            let timeout = timeout_of(&headers);
            let message =
                received(pseudo(":method"), pseudo(":path"), authority, headers.clone(), std::mem::take(&mut payload));
            let turn = stage.expect();
            let reply = stage.reply(cluster, message, timeout);
            if !send(&mut writing, reply, turn, stage).await? {
                return Ok(());
            }
        }
    }
}
