//! Collecting a whole body, piece by piece, within limits.
//!
//! A paused stream keeps its body in the proxy's buffer, and the proxy resets the stream the moment that buffer goes
//! over its limit (1 MiB unless configured otherwise), before the plugin is asked again. So each piece is moved from
//! the proxy's buffer into the module's own memory: then only one piece at a time counts against that limit, and a body
//! that turns out too large can still be handed on unchanged.

use std::cell::Cell;
use std::rc::Rc;

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

/// What to do after a piece.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// More is to come: pause.
    Wait,
    /// The body is complete. Hand it back with [`Collector::finish`], then continue.
    Complete(Vec<u8>),
    /// The body is larger than the limit; what was held is back in the buffer. Continue, and ask no more.
    TooLarge,
    /// The proxy did not give the body. Continue, and ask no more.
    Unreadable,
}

/// Collects one body.
#[derive(Debug)]
pub struct Collector {
    limit: usize,
    held: Vec<u8>,
    in_buffer: usize,
    budget: Rc<Budget>,
}

impl Collector {
    /// A collector that gives up when the body is larger than `limit`.
    pub fn new(limit: usize, budget: Rc<Budget>) -> Self {
        Self { limit, held: Vec::new(), in_buffer: 0, budget }
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
        if size > 0 && self.budget.take(size) {
            match buffer.read() {
                Some(piece) if piece.len() == size => {
                    buffer.replace(size, b"");
                    self.held.extend_from_slice(&piece);
                }
                // Left where it is: it stays in front of what comes next.
                _ => self.budget.give_back(size),
            }
        }
        Step::Wait
    }

    /// The body ends with what is in the buffer now, however much that is (trailers follow the body).
    pub fn last(&mut self, buffer: &impl Buffer) -> Step {
        let size = buffer.read().map_or(0, |bytes| bytes.len());
        self.piece(buffer, size, true)
    }

    fn end(&mut self, buffer: &impl Buffer, size: usize) -> Step {
        let rest = if size == 0 {
            Vec::new()
        } else {
            match buffer.read() {
                Some(rest) => rest,
                None => return Step::Unreadable,
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

    /// Hands the body on: `changed`, or what came in.
    pub fn finish(&mut self, buffer: &impl Buffer, changed: Option<&[u8]>) {
        match changed {
            Some(body) => {
                buffer.replace(self.in_buffer, body);
                self.forget();
            }
            None => self.put_back(buffer),
        }
    }

    fn put_back(&mut self, buffer: &impl Buffer) {
        if !self.held.is_empty() {
            buffer.replace(0, &self.held);
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.budget.give_back(self.held.len());
        self.held = Vec::new();
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.forget();
    }
}

#[cfg(test)]
mod tests;
