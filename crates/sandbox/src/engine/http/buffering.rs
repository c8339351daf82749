//! Pieces of a body that a filter holds back: kept in the buffer of their direction, up to the limit.

use super::filter::DataStatus;
use super::local_reply::Reply;
use super::stream::{Data, Half, Iteration, Side, Stream};
use crate::engine::proxy::Proxy;
use crate::engine::world::Step;

/// Which of the two bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    Request,
    Response,
}

/// A buffer that has just grown over its limit.
enum Over {
    /// The sender is told to wait.
    Waits,
    /// The message is given up.
    TooLarge,
}

impl Stream {
    fn side(&mut self, way: Way) -> &mut Side {
        match way {
            Way::Request => &mut self.decode,
            Way::Response => &mut self.encode,
        }
    }

    fn half(&mut self, way: Way, f: usize) -> &mut Half {
        match way {
            Way::Request => &mut self.filters[f].decode,
            Way::Response => &mut self.filters[f].encode,
        }
    }

    fn has_trailers(&self, way: Way) -> bool {
        match way {
            Way::Request => self.request_trailers.is_some(),
            Way::Response => self.response_trailers.is_some(),
        }
    }

    fn keep(&mut self, way: Way, data: Data) -> Option<Over> {
        let Data::Piece(at) = data else { return None };
        let bytes = self.pieces.get_mut(at).map(std::mem::take).unwrap_or_default();
        let limit = self.buffer_limit();
        let side = self.side(way);
        let buffered = side.buffered.get_or_insert_default();
        let was_over = buffered.len() > limit;
        buffered.extend_from_slice(&bytes);
        if was_over || buffered.len() <= limit {
            return None;
        }
        side.blocked |= side.streaming;
        Some(if side.streaming { Over::Waits } else { Over::TooLarge })
    }
}

impl Proxy {
    /// Moves a piece to the buffer. Over the limit the sender is told to wait, or the message is given up.
    pub(crate) fn keep(&mut self, s: usize, way: Way, data: Data) -> Step {
        let Some(over) = self.world.streams[s].keep(way, data) else { return Ok(()) };
        let (what, status, phrase, details) = match way {
            Way::Request => ("body", 413, "Payload Too Large", "request_payload_too_large"),
            Way::Response => ("response", 500, "Internal Server Error", "response_payload_too_large"),
        };
        // The listener's, or a stream's window of HTTP/2.
        let mib = self.world.streams[s].buffer_limit() >> 20;
        let text = format!("The {what} is larger than the proxy's buffer of {mib} MiB.");
        self.warn_paused(s, way == Way::Request, "body_over_buffer", &text);
        match over {
            Over::Waits => Ok(()),
            Over::TooLarge => self.send_local_reply(s, Reply::proxy(status, phrase, details)),
        }
    }

    /// Whether the piece that filter `f` has answered goes on to the next one.
    pub(crate) fn after_data(&mut self, s: usize, way: Way, f: usize, status: DataStatus, data: Data) -> Step<bool> {
        let stream = &mut self.world.streams[s];
        let ended = stream.side(way).observed_end && !stream.has_trailers(way);
        let half = stream.half(way, f);
        if status == DataStatus::Continue {
            if half.iteration != Iteration::StopSingle {
                return Ok(true);
            }
            self.keep(s, way, data)?;
            match way {
                Way::Request => self.continue_decoding(s, f)?,
                Way::Response => self.continue_encoding(s, f)?,
            }
            return Ok(false);
        }
        half.iteration = Iteration::StopSingle;
        let side = stream.side(way);
        if matches!(status, DataStatus::Buffer | DataStatus::Watermark) {
            side.streaming = status == DataStatus::Watermark;
            self.keep(s, way, data)?;
        } else if ended && side.buffered.is_none() {
            // So that a resume has an empty last piece to send on.
            side.buffered = Some(Vec::new());
        }
        Ok(false)
    }
}
