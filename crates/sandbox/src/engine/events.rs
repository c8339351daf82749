//! What will happen, in the order in which it will.

use std::collections::BTreeMap;

/// Something that comes from outside the filter chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Event {
    /// The client's message goes on. `alone`: in a write of its own, after the proxy has dealt with what came before.
    Client { stream: usize, piece: Piece, alone: bool },
    /// The router has a connection for the request, or is refused one.
    UpstreamReady { stream: usize, attempt: usize },
    /// The upstream's message goes on.
    Upstream { stream: usize, attempt: usize, piece: Piece },
    /// The router waits no longer for the answer.
    UpstreamTimeout { stream: usize },
    /// An answer to a callout, its end by time-out, or its breaking.
    Callout { id: usize, end: CalloutEnd },
    /// The period of a root context is over.
    Tick { vm: usize, context: u32, number: u64 },
    /// A message is in a queue.
    QueueReady { vm: usize, context: u32, queue: u32 },
}

/// The next part of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Headers,
    Data { bytes: Vec<u8>, end: bool },
    Trailers,
    Broken,
}

/// How a callout ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CalloutEnd {
    Answer,
    Timeout,
    Refused,
    Reset,
    ResetAfterHeaders,
    /// Envoy's codec does not send it.
    Invalid,
    /// What came back is no message of HTTP.
    NoMessage,
}

/// Events by time and, at the same instant, in the order they were asked for.
#[derive(Debug, Default)]
pub(crate) struct Events {
    queue: BTreeMap<(u64, u8, u64), Event>,
    asked: u64,
    queue_events: u64,
}

impl Events {
    pub(crate) fn at(&mut self, time: u64, event: Event) {
        self.asked += 1;
        // What the client writes at once comes at once, a new connection is there before its next write, and an answer has a
        // way to go that both have not.
        let rank = match event {
            Event::Client { alone: false, .. } => 0,
            Event::UpstreamReady { .. } => 1,
            Event::Client { alone: true, .. } => 2,
            _ => 3,
        };
        self.queue.insert((time, rank, self.asked), event);
    }

    /// The next event and when it is due.
    pub(crate) fn next(&mut self) -> Option<(u64, Event)> {
        self.queue.pop_first().map(|((time, ..), event)| (time, event))
    }

    pub(crate) fn peek(&self) -> Option<(u64, &Event)> {
        self.queue.first_key_value().map(|((time, ..), event)| (*time, event))
    }

    /// One more message that someone is told of; how many there were.
    pub(crate) fn count_queue_event(&mut self) -> u64 {
        self.queue_events += 1;
        self.queue_events
    }

    pub(crate) fn retain(&mut self, keep: impl Fn(&Event) -> bool) {
        self.queue.retain(|_, event| keep(event));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_instant_keeps_the_order_of_asking() {
        let mut events = Events::default();
        let tick = |number| Event::Tick { vm: 0, context: 1, number };
        events.at(5, tick(1));
        events.at(3, tick(2));
        events.at(5, tick(3));
        let order: Vec<_> = std::iter::from_fn(|| events.next()).collect();
        assert_eq!(order, [(3, tick(2)), (5, tick(1)), (5, tick(3))]);
    }
}
