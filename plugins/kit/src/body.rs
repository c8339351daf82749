//! Collecting a whole body, piece by piece, within limits.
//!
//! While a stream is paused, the proxy keeps its body in a buffer of its own. When that buffer goes over its limit (1 MiB
//! unless configured otherwise), the stream is reset; and when a plugin's own write takes it there, Envoy 1.40 crashes.
//! One big piece behind a small one is enough. So bodies are collected in the module's memory instead: each piece is
//! taken out of the buffer, the stream goes on with nothing in it, and the whole body is put into the last piece, which
//! has no limit.
//!
//! That needs a last piece. If trailers end the stream there is none, and the body could not be put back. Where
//! trailers are announced, or memory is short, the proxy's buffer is used after all, with care not to grow it.

use std::cell::Cell;
use std::rc::Rc;

use crate::http;
use crate::plugin::Headers;

/// The proxy's buffer of a body, as one callback sees it.
pub trait Buffer {
    /// All bytes in the buffer. None if there is no buffer.
    fn read(&self) -> Option<Vec<u8>>;
    /// Drops the first `drop` bytes and puts `with` in front of the rest.
    fn replace(&self, drop: usize, with: &[u8]);
}

/// How much the streams of one module may hold together.
#[derive(Debug)]
pub struct Budget {
    left: Cell<usize>,
}

impl Budget {
    /// A budget of this many bytes.
    pub fn new(bytes: usize) -> Rc<Self> {
        Rc::new(Self { left: Cell::new(bytes) })
    }

    /// Bytes that may still be held.
    pub fn left(&self) -> usize {
        self.left.get()
    }

    fn take(&self, bytes: usize) -> bool {
        match self.left.get().checked_sub(bytes) {
            Some(left) => {
                self.left.set(left);
                true
            }
            None => false,
        }
    }

    fn give_back(&self, bytes: usize) {
        self.left.set(self.left.get().saturating_add(bytes));
    }
}

/// What the proxy says of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// So many bytes are now in the buffer; `end` says that they are the last ones.
    Piece {
        /// How many.
        size: usize,
        /// Nothing follows.
        end: bool,
    },
    /// The body has ended, and trailers follow it.
    Trailers,
}

/// What to do after a piece.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More is to come, and the proxy keeps what there is: pause.
    Pause,
    /// More is to come, and nothing is in the buffer: continue.
    Taken,
    /// The body is complete. Hand it back with [`Collector::finish`], then continue.
    Complete(Vec<u8>),
    /// The body is larger than the limit; what was held is back in the buffer. Continue, and ask no more.
    TooLarge,
    /// The proxy did not give the body. Continue, and ask no more.
    Unreadable,
    /// Trailers came that nobody had announced, and the body cannot be put back: reset the stream.
    Lost,
}

/// Growing the proxy's buffer up to this size is safe under any limit that is in use.
const SAFE_GROWTH: usize = 16 * 1024;

/// What is known about a body before it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The largest body that is collected.
    pub limit: usize,
    /// Its announced length.
    pub length: Option<u64>,
    /// Trailers may follow it.
    pub trailers: bool,
}

impl Expected {
    /// What the headers say of a body, of which at most `limit` bytes are collected.
    pub fn of(headers: &dyn Headers, limit: usize) -> Self {
        Self {
            limit,
            length: headers.get("content-length").and_then(|length| http::length(&length)),
            trailers: headers.get("trailer").is_some(),
        }
    }
}

/// Collects one body.
#[derive(Debug)]
pub struct Collector {
    limit: usize,
    /// What the budget has given for this body. None: the proxy keeps the body.
    reserved: Option<usize>,
    held: Vec<u8>,
    in_buffer: usize,
    budget: Rc<Budget>,
}

impl Collector {
    /// A collector of one body.
    pub fn new(expected: Expected, budget: Rc<Budget>) -> Self {
        let limit = expected.limit;
        let most =
            expected.length.and_then(|length| usize::try_from(length).ok()).map_or(limit, |length| length.min(limit));
        let reserved = (!expected.trailers && budget.take(most)).then_some(most);
        Self { limit, reserved, held: Vec::new(), in_buffer: 0, budget }
    }

    /// Takes note of what the proxy says.
    pub fn step(&mut self, buffer: &impl Buffer, event: Event) -> Step {
        match event {
            Event::Piece { size, end } => self.piece(buffer, size, end),
            Event::Trailers => self.trailers(buffer),
        }
    }

    /// Takes note of `size` bytes now in the buffer; `end` says that they are the last ones.
    pub fn piece(&mut self, buffer: &impl Buffer, size: usize, end: bool) -> Step {
        if self.held.len().saturating_add(size) > self.limit {
            self.put_back(buffer);
            return Step::TooLarge;
        }
        if end {
            return self.end(buffer, size);
        }
        if self.reserved.is_none() {
            return Step::Pause;
        }
        if size > 0 {
            let Some(piece) = buffer.read() else {
                self.put_back(buffer);
                return Step::Unreadable;
            };
            buffer.replace(piece.len(), b"");
            self.held.extend_from_slice(&piece);
        }
        Step::Taken
    }

    /// The body has ended, and trailers follow it.
    pub fn trailers(&mut self, buffer: &impl Buffer) -> Step {
        if self.reserved.is_none() {
            let size = buffer.read().map_or(0, |bytes| bytes.len());
            self.piece(buffer, size, true)
        } else if self.held.is_empty() {
            Step::Complete(Vec::new())
        } else {
            Step::Lost
        }
    }

    fn end(&mut self, buffer: &impl Buffer, size: usize) -> Step {
        let rest = if size == 0 {
            Vec::new()
        } else {
            match buffer.read() {
                Some(rest) => rest,
                None => {
                    self.put_back(buffer);
                    return Step::Unreadable;
                }
            }
        };
        self.in_buffer = rest.len();
        if self.held.is_empty() {
            return Step::Complete(rest);
        }
        let mut whole = Vec::with_capacity(self.held.len() + rest.len());
        whole.extend_from_slice(&self.held);
        whole.extend_from_slice(&rest);
        Step::Complete(whole)
    }

    /// The greatest length with which a complete body may be handed on. A shorter or equal one always may.
    pub fn room(&self) -> usize {
        if self.reserved.is_some() { usize::MAX } else { self.in_buffer.max(SAFE_GROWTH) }
    }

    /// Hands the body on: `changed`, or what came in.
    pub fn finish(&mut self, buffer: &impl Buffer, changed: Option<&[u8]>) {
        match changed {
            Some(body) => {
                buffer.replace(self.in_buffer, body);
                self.held = Vec::new();
            }
            None => self.put_back(buffer),
        }
    }

    fn put_back(&mut self, buffer: &impl Buffer) {
        if !self.held.is_empty() {
            buffer.replace(0, &self.held);
            self.held = Vec::new();
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.budget.give_back(self.reserved.unwrap_or(0));
    }
}

#[cfg(test)]
mod tests;
