//! A text that comes in pieces: what is certain goes out, and what the next piece might still change is held.
//!
//! What comes out does not depend on where the pieces part. The detectors look no further than [`REACH`] bytes ahead, so
//! that much is held. Own patterns may reach further: they search one [`Flow::window`] after another, each with the next
//! one in sight, so that they find whatever is up to a window long.

use std::ops::Range;

use crate::rules::{Found, Keep, REACH, Rules, is_continuation};

/// How much in front of the place that is looked at detectors and expressions may want to see.
const CONTEXT: usize = 96;
/// Text that is out and no longer needed is dropped in lumps of this size, to not move the rest for every piece.
const LUMP: usize = 16 * 1024;

/// What is held of a text.
#[derive(Debug)]
pub struct Flow {
    window: usize,
    /// What the text means.
    text: Vec<u8>,
    /// How it is written, if not as it means.
    written: Option<Written>,
    /// Bytes of `text` that are out.
    out_to: usize,
    /// Where the detectors go on.
    scanned: usize,
    /// Where the window begins that patterns have not searched yet.
    window_start: usize,
    /// Where each pattern goes on.
    searched: Vec<usize>,
    /// What was found and is not out.
    found: Found,
    /// Of a text that is hidden as a whole: the characters to keep at the front are out.
    front_is_out: bool,
}

/// A text with escapes.
#[derive(Debug, Default)]
struct Written {
    bytes: Vec<u8>,
    /// For each byte of the text the place in `bytes`.
    places: Vec<usize>,
}

impl Flow {
    /// A text of which patterns see `window` bytes at least; `usize::MAX`: all of it, which is then held to its end.
    pub fn new(window: usize) -> Self {
        Self {
            window,
            text: Vec::new(),
            written: None,
            out_to: 0,
            scanned: 0,
            window_start: 0,
            searched: Vec::new(),
            found: Found::default(),
            front_is_out: false,
        }
    }

    /// Whether nothing is held, and nothing is remembered.
    pub fn is_new(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether a complete text of this length is searched as if there were no window.
    pub fn fits(&self, length: usize) -> bool {
        length <= self.window
    }

    /// Forgets everything: another text begins.
    pub fn restart(&mut self) {
        self.text.clear();
        self.written = None;
        (self.out_to, self.scanned, self.window_start) = (0, 0, 0);
        self.searched.clear();
        self.found = Found::default();
        self.front_is_out = false;
    }

    /// Adds bytes that mean themselves.
    pub fn add(&mut self, bytes: &[u8]) {
        if let Some(written) = &mut self.written {
            let start = written.bytes.len();
            written.places.extend(start..start + bytes.len());
            written.bytes.extend_from_slice(bytes);
        }
        self.text.extend_from_slice(bytes);
    }

    /// Adds an escape and what it means.
    pub fn add_escape(&mut self, escape: &[u8], meaning: &[u8]) {
        let text = &self.text;
        let written =
            self.written.get_or_insert_with(|| Written { bytes: text.clone(), places: (0..text.len()).collect() });
        let start = written.bytes.len();
        written.places.extend(meaning.iter().map(|_| start));
        written.bytes.extend_from_slice(escape);
        self.text.extend_from_slice(meaning);
    }

    /// Writes what is certain; all of it if this is the `end`. Gives how many values were found.
    pub fn look(&mut self, rules: &Rules, end: bool, mask: &str, out: &mut Vec<u8>) -> usize {
        self.detect(rules, end);
        self.search(rules, end);
        let values = std::mem::take(&mut self.found.values);
        if end {
            self.write(self.text.len(), mask, out);
            self.restart();
            return values;
        }
        let detected = self.scanned - rules.may_reach_back(&self.text[..self.scanned]);
        let certain = if rules.patterns.is_empty() { detected } else { detected.min(self.window_start) };
        // Not through a character: what is hidden of it is counted by its first byte.
        let starts = |at: &usize| !self.text.get(*at).is_some_and(|&b| is_continuation(b));
        let certain = (0..4).filter_map(|back| certain.checked_sub(back)).find(starts).unwrap_or(certain);
        self.write(certain.max(self.out_to), mask, out);
        let drop = self.out_to.saturating_sub(CONTEXT);
        if drop >= LUMP {
            self.drop_to(drop);
        }
        values
    }

    fn detect(&mut self, rules: &Rules, end: bool) {
        let length = self.text.len();
        let sure = if end { length } else { sure(&self.text) };
        if self.scanned < sure {
            self.scanned = rules.detect(&self.text, self.scanned, sure, &mut self.found);
        }
    }

    fn search(&mut self, rules: &Rules, end: bool) {
        if rules.patterns.is_empty() {
            return;
        }
        self.searched.resize(rules.patterns.len(), 0);
        loop {
            let until = self.window_start.saturating_add(self.window);
            let sight = until.saturating_add(self.window);
            let length = self.text.len();
            let there_is_more = if end { self.window_start < length } else { sight <= length };
            if !there_is_more {
                return;
            }
            for (pattern, at) in rules.patterns.iter().zip(&mut self.searched) {
                let from = (*at).max(self.window_start);
                let context = from.saturating_sub(CONTEXT);
                let text = &self.text[context..sight.min(length)];
                *at = context + pattern.search(text, from - context, until - context, context, &mut self.found);
            }
            self.window_start = until.min(length);
        }
    }

    /// Writes the text up to `to`, with what was found hidden.
    fn write(&mut self, to: usize, mask: &str, out: &mut Vec<u8>) {
        self.found.settle();
        let mut left = Vec::new();
        for range in std::mem::take(&mut self.found.hidden) {
            if range.start >= to {
                left.push(range);
                continue;
            }
            let now = range.start..range.end.min(to);
            if range.end > to {
                left.push(to..range.end);
            }
            out.extend_from_slice(self.written(self.out_to..now.start));
            hide(chars(&self.text[now.clone()]), mask, out);
            self.out_to = now.end;
        }
        self.found.hidden = left;
        out.extend_from_slice(self.written(self.out_to..to));
        self.out_to = to;
    }

    /// How a part of the text is written.
    fn written(&self, range: Range<usize>) -> &[u8] {
        match &self.written {
            None => &self.text[range],
            Some(written) => {
                let place = |at: usize| written.places.get(at).copied().unwrap_or(written.bytes.len());
                &written.bytes[place(range.start)..place(range.end)]
            }
        }
    }

    fn drop_to(&mut self, drop: usize) {
        if let Some(written) = &mut self.written {
            let bytes = written.places.get(drop).copied().unwrap_or(written.bytes.len());
            written.bytes.drain(..bytes);
            written.places.drain(..drop);
            written.places.iter_mut().for_each(|place| *place -= bytes);
        }
        self.text.drain(..drop);
        for at in [&mut self.out_to, &mut self.scanned, &mut self.window_start].into_iter().chain(&mut self.searched) {
            *at = at.saturating_sub(drop);
        }
        for range in &mut self.found.hidden {
            *range = range.start - drop..range.end - drop;
        }
    }

    /// Hides the text as a whole, but for what is to be kept of it. At its end, gives 1 for the value that it was.
    pub fn hide_all(&mut self, keep: Keep, end: bool, mask: &str, out: &mut Vec<u8>) -> usize {
        let starts: Vec<usize> = (0..self.text.len()).filter(|&at| !is_continuation(self.text[at])).collect();
        let place = |char: usize| starts.get(char).copied().unwrap_or(self.text.len());
        let mut first = 0;
        if !self.front_is_out {
            // Of bytes that begin no character, however many, nothing is kept.
            if starts.len() > keep.first.saturating_add(keep.last) || self.text.len() > LUMP {
                first = keep.first;
                if first > 0 {
                    out.extend_from_slice(self.written(0..place(first)));
                }
                self.front_is_out = true;
            } else if !end {
                return 0;
            }
        }
        let first = first.min(starts.len());
        let kept = if self.front_is_out { keep.last.min(starts.len() - first) } else { 0 };
        let hidden = starts.len() - first - kept;
        // Bytes that begin no character are hidden as well, and must not vanish.
        let broken = !self.front_is_out && starts.is_empty() && !self.text.is_empty();
        hide(if broken { 1 } else { hidden }, mask, out);
        let rest = place(first + hidden);
        if end {
            out.extend_from_slice(self.written(rest..self.text.len()));
            let is_empty = !self.front_is_out && self.text.is_empty();
            self.restart();
            usize::from(!is_empty)
        } else {
            self.drop_to(rest);
            0
        }
    }
}

/// Up to where a text can be looked at when more of it is to come.
fn sure(text: &[u8]) -> usize {
    let far = text.len().saturating_sub(REACH);
    text[far..].iter().rposition(|&b| parts(b)).map_or(far, |at| far + at + 1)
}

/// Whether no detector looks over this byte.
fn parts(byte: u8) -> bool {
    !byte.is_ascii_alphanumeric() && !matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-' | b'@' | b' ')
}

/// How many characters these bytes are: every byte that does not continue a character begins one.
pub fn chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| !is_continuation(b)).count().max(1)
}

/// Writes a complete text with what was found in it hidden.
pub fn write(text: &[u8], found: &Found, mask: &str, out: &mut Vec<u8>) {
    let mut done = 0;
    for range in &found.hidden {
        out.extend_from_slice(&text[done..range.start]);
        hide(chars(&text[range.clone()]), mask, out);
        done = range.end;
    }
    out.extend_from_slice(&text[done..]);
}

/// Writes the mask for so many characters.
pub fn hide(chars: usize, mask: &str, out: &mut Vec<u8>) {
    (0..chars).for_each(|_| out.extend_from_slice(mask.as_bytes()));
}

#[cfg(test)]
mod tests;
