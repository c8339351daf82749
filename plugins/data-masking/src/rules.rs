//! Which bytes of a text are hidden.

use std::ops::Range;

use regex_lite::Regex;

use crate::{digits, email, ipv4};

/// How much of a value stays readable, in characters (octets for addresses).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// At the front.
    pub first: usize,
    /// At the end.
    pub last: usize,
}

impl Keep {
    /// The units of a value of `units` units that are hidden. All of them if the rest would leave nothing to hide.
    pub fn hidden(self, units: usize) -> Range<usize> {
        if self.first.saturating_add(self.last) >= units { 0..units } else { self.first..units - self.last }
    }
}

/// A regular expression of the user, and what it leaves readable.
#[derive(Debug)]
pub struct Pattern {
    /// What is looked for. If it has a group, the first group is the value, otherwise the whole match is.
    pub regex: Regex,
    /// What stays readable.
    pub keep: Keep,
}

/// The detectors that are on, each with what it leaves readable.
#[derive(Debug, Default)]
pub struct Rules {
    /// Phone numbers.
    pub phone: Option<Keep>,
    /// Identity cards.
    pub id_card: Option<Keep>,
    /// Bank cards.
    pub bank_card: Option<Keep>,
    /// E-mail addresses.
    pub email: Option<Keep>,
    /// IPv4 addresses.
    pub ipv4: Option<Keep>,
    /// The user's own.
    pub patterns: Vec<Pattern>,
}

/// What was found in a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The bytes to hide. Sorted and apart from each other once they are settled.
    pub hidden: Vec<Range<usize>>,
    /// How many values they belong to.
    pub values: usize,
}

impl Found {
    /// Hides the single byte at `at`.
    pub fn hide_byte(&mut self, at: usize) {
        self.hide(at..at + 1);
    }

    /// Hides a range of bytes.
    pub fn hide(&mut self, range: Range<usize>) {
        match self.hidden.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => self.hidden.push(range),
        }
    }

    /// Hides a value within `range`: the bytes that are `unit`s count, all others stay as they are.
    pub fn hide_units(&mut self, text: &[u8], range: Range<usize>, keep: Keep, unit: impl Fn(u8) -> bool) {
        let units = text[range.clone()].iter().filter(|&&b| unit(b)).count();
        let hidden = keep.hidden(units);
        let places = range.filter(|&at| unit(text[at])).enumerate();
        for (_, at) in places.filter(|(n, _)| hidden.contains(n)) {
            self.hide_byte(at);
        }
        self.values += 1;
    }

    /// Sorts the ranges and joins those that meet: what two detectors hide is hidden once.
    pub fn settle(&mut self) {
        if self.hidden.is_sorted_by(|a, b| a.end < b.start) {
            return;
        }
        self.hidden.sort_unstable_by_key(|range| range.start);
        let mut settled: Vec<Range<usize>> = Vec::with_capacity(self.hidden.len());
        for range in self.hidden.drain(..) {
            match settled.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => settled.push(range),
            }
        }
        self.hidden = settled;
    }
}

/// How far ahead of the place that it looks at a detector may want to see: the longest is an e-mail's domain.
pub const REACH: usize = 320;

impl Rules {
    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        let detectors = [self.phone, self.id_card, self.bank_card, self.email, self.ipv4];
        self.patterns.is_empty() && detectors.iter().all(Option::is_none)
    }

    /// Finds what is to be hidden in a complete `text`.
    pub fn find(&self, text: &[u8]) -> Found {
        let mut found = Found::default();
        self.detect(text, 0, text.len(), &mut found);
        for pattern in &self.patterns {
            pattern.search(text, 0, text.len(), 0, &mut found);
        }
        found.settle();
        found
    }

    /// Looks with the detectors from `at` on until `sure`. Gives the place to go on from.
    pub fn detect(&self, text: &[u8], mut at: usize, sure: usize, found: &mut Found) -> usize {
        while at < sure {
            match text[at] {
                // The rest of a run that was too long to be anything.
                b'0'..=b'9' if at > 0 && text[at - 1].is_ascii_digit() => at = digits::run(text, at).end,
                b'0'..=b'9' => at = self.digits(text, at, found),
                b'@' => {
                    if let Some(keep) = self.email {
                        email::at(text, at, keep, found);
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
        at
    }

    /// How many bytes at the end of `text` a detector might still hide because of what follows.
    pub fn may_reach_back(&self, text: &[u8]) -> usize {
        if self.email.is_some() { email::local(text) } else { 0 }
    }

    /// Looks at the run of digits that begins at `start`. Gives the place to go on from.
    fn digits(&self, text: &[u8], start: usize, found: &mut Found) -> usize {
        let run = digits::run(text, start);
        if let Some(keep) = self.ipv4
            && let Some(end) = ipv4::at(text, run.clone(), keep, found)
        {
            return end;
        }
        digits::at(text, run, self, found)
    }
}

impl Pattern {
    /// Hides all matches that begin from `from` on and before `until`. Places in `found` are those in `text` and `shift`
    /// more. Gives the place to go on from. The expression sees text: bytes that are not UTF-8 part it.
    pub fn search(&self, text: &[u8], from: usize, until: usize, shift: usize, found: &mut Found) -> usize {
        let mut at = from;
        let mut start = 0;
        for chunk in text.utf8_chunks() {
            let (valid, skipped) = (chunk.valid(), start);
            start += valid.len() + chunk.invalid().len();
            if start <= at {
                continue;
            }
            let mut next = ceil_char(valid, at.saturating_sub(skipped));
            while let Some(span) = self.next(valid, next).filter(|span| skipped + span.all.start < until) {
                next = if span.all.is_empty() { ceil_char(valid, span.all.end + 1) } else { span.all.end };
                at = skipped + next;
                if let Some(value) = span.value {
                    self.hide(&valid[value.clone()], shift + skipped + value.start, found);
                }
                if next > valid.len() {
                    break;
                }
            }
            if start >= until {
                break;
            }
        }
        at
    }

    fn next(&self, text: &str, from: usize) -> Option<Span> {
        if from > text.len() {
            return None;
        }
        if self.regex.captures_len() > 1 {
            let captures = self.regex.captures_at(text, from)?;
            Some(Span { all: captures.get(0)?.range(), value: captures.get(1).map(|group| group.range()) })
        } else {
            let all = self.regex.find_at(text, from)?.range();
            Some(Span { all: all.clone(), value: Some(all) })
        }
    }

    /// Hides `value`, which begins at `start`.
    fn hide(&self, value: &str, start: usize, found: &mut Found) {
        let hidden = self.keep.hidden(value.chars().count());
        let mut places = value.char_indices().map(|(at, _)| at).skip(hidden.start);
        let Some(from) = places.next() else {
            return;
        };
        let to = places.nth(hidden.len() - 1).unwrap_or(value.len());
        found.hide(start + from..start + to);
        found.values += 1;
    }
}

/// A match.
struct Span {
    all: Range<usize>,
    /// The part that is the value.
    value: Option<Range<usize>>,
}

/// The first place from `at` on at which a character begins or the text ends; behind the end, `at` itself.
fn ceil_char(text: &str, at: usize) -> usize {
    (at..text.len()).find(|&at| text.is_char_boundary(at)).unwrap_or(at.max(text.len()))
}

/// Whether a byte continues a UTF-8 character.
pub fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests;
