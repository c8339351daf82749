//! Lines that wait for the service. There is never more than a bounded number of them, and what had to go is counted.

use std::collections::VecDeque;

/// How much waits, and for how long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most lines in one call.
    pub batch: usize,
    /// The most lines that wait.
    pub lines: usize,
    /// The most bytes that wait.
    pub bytes: usize,
    /// How long a line waits for others, in nanoseconds.
    pub wait: u64,
}

/// How often a batch is sent.
const ATTEMPTS: u32 = 3;
/// The most bytes in one call.
const CALL_BYTES: usize = 1024 * 1024;
/// A call that is not answered for so long (in nanoseconds) never will be. The proxy answers all; this is for the case that it does not.
const LOST: u64 = 300_000_000_000;

/// The lines of one worker.
#[derive(Debug)]
pub struct Queue {
    limits: Limits,
    lines: VecDeque<Vec<u8>>,
    bytes: usize,
    /// When the oldest line came.
    since: u64,
    under_way: Option<UnderWay>,
}

#[derive(Debug)]
struct UnderWay {
    lines: Vec<Vec<u8>>,
    attempts: u32,
    /// When it was last sent; None: it is to be sent again.
    sent: Option<u64>,
}

/// What came of a call.
#[derive(Debug, PartialEq, Eq)]
pub enum Settled {
    /// So many lines have arrived.
    Sent(usize),
    /// It is tried again.
    Again,
    /// So many lines are given up.
    Dropped(usize),
}

impl Queue {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        Self { limits, lines: VecDeque::new(), bytes: 0, since: 0, under_way: None }
    }

    /// Takes a line in. False: there is no room for it.
    #[must_use]
    pub fn push(&mut self, line: Vec<u8>, now: u64) -> bool {
        if self.lines.len() >= self.limits.lines || self.bytes + line.len() > self.limits.bytes {
            return false;
        }
        if self.lines.is_empty() {
            self.since = now;
        }
        self.bytes += line.len();
        self.lines.push_back(line);
        true
    }

    /// What is to be sent now, each line with its end. One call at a time.
    pub fn next(&mut self, now: u64) -> Option<Vec<u8>> {
        if let Some(under_way) = &mut self.under_way {
            if under_way.sent.is_some_and(|sent| now.saturating_sub(sent) < LOST) {
                return None;
            }
            under_way.sent = Some(now);
            under_way.attempts += 1;
            return Some(joined(&under_way.lines));
        }
        let is_due = self.lines.len() >= self.limits.batch || now.saturating_sub(self.since) >= self.limits.wait;
        if self.lines.is_empty() || !is_due {
            return None;
        }
        let mut lines = Vec::new();
        let mut size = 0;
        while lines.len() < self.limits.batch
            && let Some(line) = self.lines.front()
            && (lines.is_empty() || size + line.len() < CALL_BYTES)
            && let Some(line) = self.lines.pop_front()
        {
            size += line.len() + 1;
            self.bytes -= line.len();
            lines.push(line);
        }
        // Those that stay have waited for this call already.
        let body = joined(&lines);
        self.under_way = Some(UnderWay { lines, attempts: 1, sent: Some(now) });
        Some(body)
    }

    /// Takes note of the answer to the last call. `done`: it has arrived; `hopeless`: another attempt would be no better.
    pub fn settle(&mut self, done: bool, hopeless: bool) -> Settled {
        let Some(under_way) = &mut self.under_way else {
            return Settled::Again;
        };
        let lines = under_way.lines.len();
        if !done && !hopeless && under_way.attempts < ATTEMPTS {
            under_way.sent = None;
            return Settled::Again;
        }
        self.under_way = None;
        if done { Settled::Sent(lines) } else { Settled::Dropped(lines) }
    }
}

fn joined(lines: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::with_capacity(lines.iter().map(|line| line.len() + 1).sum());
    for line in lines {
        body.extend_from_slice(line);
        body.push(b'\n');
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const LIMITS: Limits = Limits { batch: 2, lines: 4, bytes: 20, wait: 100 };

    fn filled(lines: &[&str], now: u64) -> Queue {
        let mut queue = Queue::new(LIMITS);
        for line in lines {
            assert!(queue.push(line.as_bytes().to_vec(), now));
        }
        queue
    }

    #[test]
    fn lines_leave_when_they_are_enough_or_have_waited() {
        let mut queue = filled(&["a"], 1000);
        assert_eq!(queue.next(1099), None);
        assert_eq!(queue.next(1100).as_deref(), Some(&b"a\n"[..]));
        let mut queue = filled(&["a", "b", "c"], 1000);
        assert_eq!(queue.next(1000).as_deref(), Some(&b"a\nb\n"[..]));
        // One call at a time.
        assert_eq!(queue.next(2000), None);
        assert_eq!(queue.settle(true, false), Settled::Sent(2));
        assert_eq!(queue.next(2000).as_deref(), Some(&b"c\n"[..]));
    }

    #[test]
    fn what_fails_is_tried_again_and_then_given_up() {
        let mut queue = filled(&["a", "b"], 0);
        for attempt in 1..=3 {
            assert_eq!(queue.next(0).as_deref(), Some(&b"a\nb\n"[..]));
            let settled = queue.settle(false, false);
            assert_eq!(settled, if attempt < 3 { Settled::Again } else { Settled::Dropped(2) });
        }
        assert_eq!(queue.next(u64::MAX), None);
        let mut queue = filled(&["a", "b"], 0);
        queue.next(0);
        assert_eq!(queue.settle(false, true), Settled::Dropped(2));
        assert_eq!(queue.settle(true, false), Settled::Again);
    }

    #[test]
    fn there_is_an_end_to_waiting_and_to_room() {
        let mut queue = filled(&["a", "b"], 0);
        queue.next(0);
        assert!(queue.next(LOST).is_some());
        let mut queue = filled(&["1", "2", "3", "4"], 0);
        assert!(!queue.push(b"5".to_vec(), 0));
        assert!(!Queue::new(LIMITS).push(vec![b'x'; 21], 0));
    }

    proptest! {
        #[test]
        fn every_line_is_sent_dropped_or_waits(steps in proptest::collection::vec((0..4_u8, 1..9_usize), 0..200)) {
            let mut queue = Queue::new(LIMITS);
            let (mut pushed, mut ended, mut now) = (0, 0, 0);
            for (step, size) in steps {
                now += 10;
                match step {
                    0 | 1 => pushed += usize::from(queue.push(vec![b'x'; size], now)),
                    2 => drop(queue.next(now)),
                    _ => match queue.settle(size > 4, size == 1) {
                        Settled::Sent(n) | Settled::Dropped(n) => ended += n,
                        Settled::Again => {}
                    },
                }
                let waiting = queue.lines.len() + queue.under_way.as_ref().map_or(0, |u| u.lines.len());
                prop_assert_eq!(pushed, ended + waiting);
                prop_assert!(queue.lines.len() <= 4 && queue.bytes <= 20);
                prop_assert_eq!(queue.bytes, queue.lines.iter().map(Vec::len).sum::<usize>());
            }
        }
    }
}
