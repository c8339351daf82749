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
    /// The bytes to hide. Sorted and apart from each other once [`Rules::find`] returns.
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
    fn settle(&mut self) {
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

impl Rules {
    /// Finds what is to be hidden in `text`.
    pub fn find(&self, text: &[u8]) -> Found {
        let mut found = Found::default();
        let mut at = 0;
        while at < text.len() {
            match text[at] {
                b'0'..=b'9' => at = self.digits(text, at, &mut found),
                b'@' => {
                    if let Some(keep) = self.email {
                        email::at(text, at, keep, &mut found);
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
        for pattern in &self.patterns {
            pattern.find(text, &mut found);
        }
        found.settle();
        found
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
    /// The expression sees text: bytes that are not UTF-8 part it.
    fn find(&self, bytes: &[u8], found: &mut Found) {
        let mut start = 0;
        for chunk in bytes.utf8_chunks() {
            let text = chunk.valid();
            if self.regex.captures_len() > 1 {
                let groups = self.regex.captures_iter(text).filter_map(|c| c.get(1));
                groups.for_each(|group| self.hide(group.as_str(), start + group.start(), found));
            } else {
                let matches = self.regex.find_iter(text);
                matches.for_each(|all| self.hide(all.as_str(), start + all.start(), found));
            }
            start += text.len() + chunk.invalid().len();
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

/// Whether a byte continues a UTF-8 character.
pub fn is_continuation(byte: u8) -> bool {
    byte & 0b1100_0000 == 0b1000_0000
}

#[cfg(test)]
mod tests;
