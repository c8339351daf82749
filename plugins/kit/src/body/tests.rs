use std::cell::RefCell;

use super::*;

/// The proxy's buffer: kept while the stream is paused, gone when it continues.
#[derive(Default)]
struct Fake {
    bytes: RefCell<Vec<u8>>,
    out: RefCell<Vec<u8>>,
    absent: bool,
}

impl Fake {
    fn feed(&self, collector: &mut Collector, piece: &[u8], end: bool) -> Step {
        self.bytes.borrow_mut().extend_from_slice(piece);
        let size = self.bytes.borrow().len();
        let step = collector.piece(self, size, end);
        match step {
            Step::Pause | Step::Complete(_) => {}
            Step::Taken => assert!(self.bytes.borrow().is_empty()),
            _ => self.flush(),
        }
        step
    }

    fn flush(&self) {
        self.out.borrow_mut().append(&mut self.bytes.borrow_mut());
    }

    fn sent(&self) -> Vec<u8> {
        self.flush();
        self.out.borrow().clone()
    }
}

impl Buffer for Fake {
    fn read(&self) -> Option<Vec<u8>> {
        (!self.absent).then(|| self.bytes.borrow().clone())
    }

    fn replace(&self, drop: usize, with: &[u8]) {
        let mut bytes = self.bytes.borrow_mut();
        bytes.splice(..drop, with.iter().copied());
    }
}

fn expected(limit: usize) -> Expected {
    Expected { limit, length: None, trailers: false }
}

fn with_trailers(limit: usize) -> Expected {
    Expected { trailers: true, ..expected(limit) }
}

#[test]
fn pieces_become_one_body_and_none_stays_with_the_proxy() {
    let (fake, budget) = (Fake::default(), Budget::new(100));
    let mut collector = Collector::new(expected(50), budget.clone());
    assert_eq!(budget.left(), 50);
    assert_eq!(fake.feed(&mut collector, b"one ", false), Step::Taken);
    assert_eq!(fake.feed(&mut collector, b"", false), Step::Taken);
    assert_eq!(fake.feed(&mut collector, b"two ", false), Step::Taken);
    let step = fake.feed(&mut collector, b"three", true);
    assert_eq!(step, Step::Complete(b"one two three".to_vec()));
    assert!(collector.room() >= 1_000_000);
    collector.finish(&fake, Some(b"ONE TWO THREE!"));
    assert_eq!(fake.sent(), b"ONE TWO THREE!");
    drop(collector);
    assert_eq!(budget.left(), 100);
}

#[test]
fn an_unchanged_body_goes_out_as_it_came() {
    for (end, expected) in
        [(&b""[..], expected(50)), (b"b", expected(50)), (b"", with_trailers(50)), (b"b", with_trailers(50))]
    {
        let fake = Fake::default();
        let mut collector = Collector::new(expected, Budget::new(100));
        fake.feed(&mut collector, b"a", false);
        let whole = [b"a", end].concat();
        assert_eq!(fake.feed(&mut collector, end, true), Step::Complete(whole.clone()));
        collector.finish(&fake, None);
        assert_eq!(fake.sent(), whole);
    }
}

#[test]
fn a_body_over_the_limit_is_put_back() {
    for expected in [expected(5), with_trailers(5)] {
        let fake = Fake::default();
        let mut collector = Collector::new(expected, Budget::new(100));
        fake.feed(&mut collector, b"abc", false);
        assert_eq!(fake.feed(&mut collector, b"def", false), Step::TooLarge);
        assert_eq!(fake.sent(), b"abcdef");
    }
}

#[test]
fn the_limit_itself_is_allowed() {
    let fake = Fake::default();
    let mut collector = Collector::new(expected(5), Budget::new(100));
    assert_eq!(fake.feed(&mut collector, b"abcde", true), Step::Complete(b"abcde".to_vec()));
}

#[test]
fn announced_trailers_leave_the_body_with_the_proxy() {
    let (fake, budget) = (Fake::default(), Budget::new(100));
    let mut collector = Collector::new(with_trailers(50), budget.clone());
    assert_eq!(budget.left(), 100);
    assert_eq!(fake.feed(&mut collector, b"abc", false), Step::Pause);
    assert_eq!(fake.feed(&mut collector, b"def", false), Step::Pause);
    assert_eq!(collector.trailers(&fake), Step::Complete(b"abcdef".to_vec()));
    assert_eq!(collector.room(), 16 * 1024);
    collector.finish(&fake, Some(b"x"));
    assert_eq!(fake.sent(), b"x");
}

#[test]
fn trailers_that_were_not_announced_lose_the_body() {
    let fake = Fake::default();
    let mut collector = Collector::new(expected(50), Budget::new(100));
    assert_eq!(collector.trailers(&fake), Step::Complete(vec![]));
    fake.feed(&mut collector, b"abc", false);
    assert_eq!(collector.trailers(&fake), Step::Lost);
}

#[test]
fn without_budget_the_proxy_keeps_the_body() {
    let (fake, budget) = (Fake::default(), Budget::new(20));
    let mut collector = Collector::new(expected(50), budget.clone());
    assert_eq!(fake.feed(&mut collector, b"abc", false), Step::Pause);
    assert_eq!(fake.feed(&mut collector, b"d", true), Step::Complete(b"abcd".to_vec()));
    collector.finish(&fake, Some(b"-"));
    assert_eq!(fake.sent(), b"-");
    drop(collector);
    assert_eq!(budget.left(), 20);
}

#[test]
fn a_known_length_reserves_no_more_than_that() {
    let budget = Budget::new(100);
    let length = Some(7);
    let collector = Collector::new(Expected { length, ..expected(50) }, budget.clone());
    assert_eq!(budget.left(), 93);
    drop(collector);
    assert_eq!(budget.left(), 100);
}

#[test]
fn a_missing_buffer_is_told_apart_from_an_empty_one() {
    let fake = Fake { absent: true, ..Fake::default() };
    for expected in [expected(50), with_trailers(50)] {
        let mut collector = Collector::new(expected, Budget::new(100));
        assert_eq!(collector.piece(&fake, 3, true), Step::Unreadable);
        assert_eq!(collector.piece(&fake, 0, true), Step::Complete(vec![]));
    }
}
