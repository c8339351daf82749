use std::cell::RefCell;

use super::*;

/// Behaves as Envoy's buffer does while a stream is paused.
#[derive(Default)]
struct Fake {
    bytes: RefCell<Vec<u8>>,
    peak: Cell<usize>,
    absent: bool,
}

impl Fake {
    fn arrives(&self, piece: &[u8]) -> usize {
        self.bytes.borrow_mut().extend_from_slice(piece);
        let size = self.bytes.borrow().len();
        self.peak.set(self.peak.get().max(size));
        size
    }

    fn content(&self) -> Vec<u8> {
        self.bytes.borrow().clone()
    }
}

impl Buffer for Fake {
    fn read(&self) -> Option<Vec<u8>> {
        (!self.absent).then(|| self.content())
    }

    fn replace(&self, drop: usize, with: &[u8]) {
        let mut bytes = self.bytes.borrow_mut();
        bytes.splice(..drop, with.iter().copied());
    }
}

fn feed(collector: &mut Collector, fake: &Fake, piece: &[u8], end: bool) -> Step {
    let size = fake.arrives(piece);
    collector.piece(fake, size, end)
}

#[test]
fn pieces_become_one_body_and_only_one_stays_with_the_proxy() {
    let (fake, budget) = (Fake::default(), Budget::new(100));
    let mut collector = Collector::new(50, budget.clone());
    assert_eq!(feed(&mut collector, &fake, b"one ", false), Step::Wait);
    assert_eq!(feed(&mut collector, &fake, b"two ", false), Step::Wait);
    assert_eq!(budget.left(), 92);
    let step = feed(&mut collector, &fake, b"three", true);
    assert_eq!(step, Step::Complete(b"one two three".to_vec()));
    assert_eq!(fake.peak.get(), 5);
    collector.finish(&fake, Some(b"ONE TWO THREE!"));
    assert_eq!(fake.content(), b"ONE TWO THREE!");
    assert_eq!(budget.left(), 100);
}

#[test]
fn an_unchanged_body_goes_out_as_it_came() {
    for end in [&b""[..], b"b"] {
        let fake = Fake::default();
        let mut collector = Collector::new(50, Budget::new(100));
        feed(&mut collector, &fake, b"a", false);
        let whole = [b"a", end].concat();
        assert_eq!(feed(&mut collector, &fake, end, true), Step::Complete(whole.clone()));
        collector.finish(&fake, None);
        assert_eq!(fake.content(), whole);
    }
}

#[test]
fn a_body_over_the_limit_is_put_back() {
    let (fake, budget) = (Fake::default(), Budget::new(100));
    let mut collector = Collector::new(5, budget.clone());
    assert_eq!(feed(&mut collector, &fake, b"abc", false), Step::Wait);
    assert_eq!(feed(&mut collector, &fake, b"def", false), Step::TooLarge);
    assert_eq!(fake.content(), b"abcdef");
    assert_eq!(budget.left(), 100);
}

#[test]
fn the_limit_itself_is_allowed() {
    let fake = Fake::default();
    let mut collector = Collector::new(5, Budget::new(100));
    assert_eq!(feed(&mut collector, &fake, b"abcde", true), Step::Complete(b"abcde".to_vec()));
}

#[test]
fn trailers_end_a_body_too() {
    let fake = Fake::default();
    let mut collector = Collector::new(50, Budget::new(3));
    feed(&mut collector, &fake, b"abc", false);
    feed(&mut collector, &fake, b"left", false);
    assert_eq!(collector.last(&fake), Step::Complete(b"abcleft".to_vec()));
    collector.finish(&fake, Some(b"x"));
    assert_eq!(fake.content(), b"x");
}

#[test]
fn an_empty_body_is_complete() {
    let fake = Fake::default();
    let mut collector = Collector::new(5, Budget::new(100));
    assert_eq!(feed(&mut collector, &fake, b"", true), Step::Complete(vec![]));
    collector.finish(&fake, None);
    assert_eq!(fake.content(), b"");
}

#[test]
fn without_budget_the_proxy_keeps_the_bytes() {
    let (fake, budget) = (Fake::default(), Budget::new(2));
    let mut collector = Collector::new(50, budget.clone());
    feed(&mut collector, &fake, b"abc", false);
    feed(&mut collector, &fake, b"de", false);
    assert_eq!(budget.left(), 2);
    assert_eq!(feed(&mut collector, &fake, b"f", true), Step::Complete(b"abcdef".to_vec()));
    collector.finish(&fake, Some(b"-"));
    assert_eq!(fake.content(), b"-");
}

#[test]
fn a_missing_buffer_is_told_apart_from_an_empty_one() {
    let fake = Fake { absent: true, ..Fake::default() };
    let mut collector = Collector::new(50, Budget::new(100));
    assert_eq!(collector.piece(&fake, 3, false), Step::Wait);
    assert_eq!(collector.piece(&fake, 3, true), Step::Unreadable);
}

#[test]
fn a_stream_that_ends_early_frees_its_budget() {
    let (fake, budget) = (Fake::default(), Budget::new(10));
    let mut collector = Collector::new(50, budget.clone());
    feed(&mut collector, &fake, b"abc", false);
    drop(collector);
    assert_eq!(budget.left(), 10);
}
