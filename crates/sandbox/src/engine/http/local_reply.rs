//! Responses that no upstream made: a plugin's, or the proxy's own.

use super::filter::HeadersStatus;
use super::headers::{HeaderMap, Kind, Pair};
use super::stream::Stream;
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;
use crate::report::{LocalReply, Phase, ReplyBy};

/// A response as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) by: Option<(usize, Phase)>,
    pub(crate) status: u32,
    pub(crate) details: Vec<u8>,
    pub(crate) body: Vec<u8>,
    pub(crate) headers: Vec<Pair>,
    pub(crate) grpc_status: Option<u32>,
}

impl Reply {
    /// One of Envoy's own.
    pub(crate) fn proxy(status: u32, body: impl AsRef<[u8]>, details: impl AsRef<[u8]>) -> Self {
        let (body, details) = (body.as_ref().to_vec(), details.as_ref().to_vec());
        Self { by: None, status, details, body, headers: Vec::new(), grpc_status: None }
    }

    /// Headers and body as Envoy makes them of it for this client.
    fn to(&self, stream: &Stream) -> (HeaderMap, Vec<u8>) {
        self.message(stream.is_grpc, stream.is_head)
    }

    /// In answer to a HEAD, the body is only described.
    fn message(&self, grpc: bool, head: bool) -> (HeaderMap, Vec<u8>) {
        let mut headers = HeaderMap::new(Kind::Response);
        headers.add(b":status", self.status.to_string().as_bytes());
        for (name, value) in &self.headers {
            headers.add(name, value);
        }
        headers.set_in_place(b":status", self.status.to_string().as_bytes());
        if grpc {
            headers.set_in_place(b":status", b"200");
            headers.set_in_place(b"content-type", b"application/grpc");
            if headers.get(b"grpc-status").is_none_or(<[u8]>::is_empty) {
                let code = self.grpc_status.unwrap_or_else(|| grpc_status_of(self.status));
                headers.set_in_place(b"grpc-status", code.to_string().as_bytes());
            }
            if !self.body.is_empty() && !head {
                headers.set_in_place(b"grpc-message", &percent_encoded(&self.body));
            }
            headers.remove(b"content-length");
            return (headers, Vec::new());
        }
        if self.body.is_empty() {
            headers.remove(b"content-length");
            headers.remove(b"content-type");
        } else {
            headers.set_in_place(b"content-length", self.body.len().to_string().as_bytes());
            if headers.get(b"content-type").is_none() {
                headers.add(b"content-type", b"text/plain");
            }
        }
        (headers, if head { Vec::new() } else { self.body.clone() })
    }

    /// For the report.
    pub(crate) fn reported(&self) -> LocalReply {
        LocalReply {
            by: if self.by.is_some() { ReplyBy::Plugin } else { ReplyBy::Proxy },
            plugin: self.by.map(|(plugin, _)| plugin),
            phase: self.by.map(|(_, phase)| phase),
            status: self.status,
            details: String::from_utf8_lossy(&self.details).into_owned(),
            reached_client: false,
        }
    }
}

/// What Envoy tells a gRPC client of an HTTP status.
pub(crate) fn grpc_status_of(status: u32) -> u32 {
    match status {
        400 => 13,
        401 => 16,
        403 => 7,
        404 => 12,
        429 | 502 | 503 | 504 => 14,
        _ => 2,
    }
}

fn percent_encoded(text: &[u8]) -> Vec<u8> {
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    let mut out = Vec::with_capacity(text.len());
    for byte in text {
        if (b' '..b'~').contains(byte) && *byte != b'%' {
            out.push(*byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
    out
}

impl Proxy {
    /// Answers the client instead of whoever would have. Where the response stands decides how.
    pub(crate) fn send_local_reply(&mut self, s: usize, reply: Reply) -> Step {
        let stream = &mut self.world.streams[s];
        // A stream that was reset before its response began is still answered on the connection.
        let answerable = stream.reset && stream.response_headers.is_some() && !stream.response_started;
        if (stream.ended || stream.reset) && !answerable {
            return Ok(());
        }
        let decoding = stream.decode.calls > 0;
        if decoding && stream.response_headers.is_none() {
            stream.prepare_reply(reply);
            return Ok(());
        }
        if decoding {
            stream.decode.aborted = true;
        } else if stream.encode.calls > 0 {
            stream.encode.aborted = true;
        }
        stream.code_details = Some(reply.details.clone());
        stream.local_reply = Some(reply.reported());
        if stream.response_headers.is_none() {
            return self.reply_through_chain(s, &reply);
        }
        if stream.response_started {
            if let Some((plugin, phase)) = reply.by {
                self.warn_plugin(
                    plugin,
                    phase,
                    "local_reply_after_headers",
                    "A local response was sent after the response headers had left: Envoy resets the stream.",
                );
            }
            return self.reset_stream(s);
        }
        self.reply_directly(s, &reply)
    }

    /// Sends what a request callback has prepared.
    pub(crate) fn send_prepared_reply(&mut self, s: usize) -> Step {
        match self.world.streams[s].prepared.take() {
            Some(reply) if self.world.streams[s].reset => self.reply_to_nobody(s, &reply),
            Some(reply) => self.reply_through_chain(s, &reply),
            None => Ok(()),
        }
    }

    /// The stream was closed by the callback that replied: the filters are shown the headers all the same, after their end.
    fn reply_to_nobody(&mut self, s: usize, reply: &Reply) -> Step {
        let stream = &mut self.world.streams[s];
        let (headers, body) = reply.to(stream);
        let bare = body.is_empty();
        stream.response_headers = Some(headers);
        let mut on = true;
        for f in (0..self.world.streams[s].filters.len()).rev() {
            on = on && self.on_response_headers(s, f, bare)? == HeadersStatus::Continue;
        }
        self.forget_contexts(s);
        if on && bare && self.world.streams[s].http1() {
            let text =
                "A plugin replied without a body and closed the stream in one callback: Envoy crashes (SIGSEGV).";
            return self.crash(s, "reply_or_close_too_late", text);
        }
        Ok(())
    }

    /// From the first response filter on, the one that asked for it included.
    fn reply_through_chain(&mut self, s: usize, reply: &Reply) -> Step {
        let stream = &mut self.world.streams[s];
        let (headers, body) = reply.to(stream);
        let bare = body.is_empty();
        stream.response_headers = Some(headers);
        self.encode_headers(s, None, bare)?;
        let stream = &mut self.world.streams[s];
        if !bare && !stream.ended && !stream.reset {
            let data = stream.piece(body);
            self.encode_data(s, None, data, true, false)?;
            self.world.streams[s].drop_piece(data);
        }
        Ok(())
    }

    /// Past all filters: some of them have seen the beginning of another response.
    pub(crate) fn reply_directly(&mut self, s: usize, reply: &Reply) -> Step {
        let stream = &mut self.world.streams[s];
        let (headers, body) = reply.to(stream);
        let bare = body.is_empty();
        let replaced = stream.response_headers.replace(headers);
        stream.response_started = true;
        self.client_headers(s, bare)?;
        if !bare {
            self.client_data(s, &body, true)?;
        }
        let stream = &mut self.world.streams[s];
        if stream.reset {
            // A plugin that closed the stream before it replied still sees the headers it had.
            stream.response_headers = replaced;
        }
        Ok(())
    }
}

/// Whether the client asked for gRPC: what plugins write into the header later does not count.
pub(crate) fn is_grpc(stream: &Stream) -> bool {
    stream
        .request_headers
        .get(b"content-type")
        .and_then(|value| value.strip_prefix(b"application/grpc"))
        .is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'+'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(headers: &HeaderMap) -> String {
        let lines = headers.pairs().iter();
        let lines = lines.map(|(n, v)| format!("{}: {}", String::from_utf8_lossy(n), String::from_utf8_lossy(v)));
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_body_brings_its_length_and_type_and_no_body_takes_them_away() {
        let mut reply = Reply::proxy(401, "no", "x");
        reply.headers = vec![(b"a".to_vec(), b"b".to_vec())];
        assert_eq!(
            text(&reply.message(false, false).0),
            ":status: 401\na: b\ncontent-length: 2\ncontent-type: text/plain"
        );
        let (headers, body) = reply.message(false, true);
        assert!(text(&headers).contains("content-length: 2") && body.is_empty(), "to a HEAD");
        reply.body.clear();
        reply.headers = vec![(b"content-type".to_vec(), b"text/html".to_vec())];
        assert_eq!(text(&reply.message(false, false).0), ":status: 401");
    }

    #[test]
    fn a_grpc_client_gets_a_status_in_the_headers() {
        let reply = Reply::proxy(403, "no%\u{e4}\n", "x");
        let (headers, body) = reply.message(true, false);
        assert!(body.is_empty());
        assert_eq!(
            text(&headers),
            ":status: 200\ncontent-type: application/grpc\ngrpc-status: 7\ngrpc-message: no%25%C3%A4"
        );
        let (headers, _) = reply.message(true, true);
        assert_eq!(text(&headers), ":status: 200\ncontent-type: application/grpc\ngrpc-status: 7", "to a HEAD");
    }
}
