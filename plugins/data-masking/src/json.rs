//! JSON texts: each string is looked at as what it means, not as it is written, and numbers stay numbers.
//!
//! The text is not validated. A body that is not quite JSON is read as far as it makes sense, and goes out with the same
//! structure as it came.

use crate::masking::{Edit, Fill, chars};
use crate::rules::{Found, Rules};

/// The edits that hide what the rules find in a JSON text, in order, and how many values they belong to.
pub fn scan(body: &[u8], rules: &Rules) -> (Vec<Edit>, usize) {
    let mut scan = Scan { body, rules, edits: Vec::new(), values: 0 };
    let mut at = 0;
    while at < body.len() {
        at = match body[at] {
            b'"' => scan.string(at + 1),
            b if is_structure(b) => at + 1,
            _ => scan.token(at),
        };
    }
    (scan.edits, scan.values)
}

fn is_structure(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'{' | b'}' | b'[' | b']')
}

struct Scan<'a> {
    body: &'a [u8],
    rules: &'a Rules,
    edits: Vec<Edit>,
    values: usize,
}

impl Scan<'_> {
    /// A string whose text begins at `start`. Gives the place behind its closing quote.
    fn string(&mut self, start: usize) -> usize {
        let mut end = start;
        let mut escaped = false;
        while end < self.body.len() && self.body[end] != b'"' {
            if self.body[end] == b'\\' {
                escaped = true;
                end += 1;
            }
            end += 1;
        }
        let end = end.min(self.body.len());
        if escaped {
            let text = Decoded::new(&self.body[start..end]);
            let found = self.rules.find(&text.bytes);
            self.add(found, &text.bytes, Fill::Mask, |i| start + text.source[i]);
        } else {
            self.plain(start, end, |_| Fill::Mask);
        }
        end + 1
    }

    /// What stands outside strings: a number, a literal, or something that is not JSON. Gives its end.
    fn token(&mut self, start: usize) -> usize {
        let token = self.body[start..].iter().take_while(|&&b| b != b'"' && !is_structure(b)).count();
        let end = start + token;
        let token = &self.body[start..end];
        if token.iter().all(u8::is_ascii_digit) {
            self.plain(start, end, |at| Fill::Digits { leads: at == start && end - start > 1 });
        } else if !is_number_or_literal(token) {
            self.plain(start, end, |_| Fill::Mask);
        }
        end
    }

    /// Bytes that mean what they are.
    fn plain(&mut self, start: usize, end: usize, fill: impl Fn(usize) -> Fill) {
        let Found { hidden, values } = self.rules.find(&self.body[start..end]);
        self.values += values;
        for range in hidden {
            let bytes = start + range.start..start + range.end;
            self.edits.push(Edit { chars: chars(&self.body[bytes.clone()]), fill: fill(bytes.start), bytes });
        }
    }

    fn add(&mut self, found: Found, text: &[u8], fill: Fill, source: impl Fn(usize) -> usize) {
        self.values += found.values;
        for range in found.hidden {
            self.edits.push(Edit { bytes: source(range.start)..source(range.end), chars: chars(&text[range]), fill });
        }
    }
}

/// A fraction, a negative or very large number, true, false or null: nothing in them is personal, and a changed
/// digit would be a wrong value.
fn is_number_or_literal(token: &[u8]) -> bool {
    let number = matches!(token.first(), Some(b'-' | b'0'..=b'9'))
        && token.iter().all(|b| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'));
    number || matches!(token, b"true" | b"false" | b"null")
}

/// The meaning of a string with escapes, and where each byte of it came from.
struct Decoded {
    bytes: Vec<u8>,
    /// For each byte of `bytes`, and for the end, the place in the source.
    source: Vec<usize>,
}

impl Decoded {
    fn new(raw: &[u8]) -> Self {
        let mut decoded = Self { bytes: Vec::with_capacity(raw.len()), source: Vec::with_capacity(raw.len() + 1) };
        let mut at = 0;
        while at < raw.len() {
            at = match (raw[at], raw.get(at + 1)) {
                (b'\\', Some(b'u')) => decoded.unicode(raw, at),
                (b'\\', Some(&letter)) => {
                    let meaning = match letter {
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b'b' => 8,
                        b'f' => 12,
                        other => other,
                    };
                    decoded.push(&[meaning], at);
                    at + 2
                }
                (byte, _) => {
                    decoded.push(&[byte], at);
                    at + 1
                }
            };
        }
        decoded.source.push(raw.len());
        decoded
    }

    fn push(&mut self, bytes: &[u8], from: usize) {
        self.bytes.extend_from_slice(bytes);
        self.source.extend(bytes.iter().map(|_| from));
    }

    /// The escape `\uXXXX` at `at`, or a pair of them. Gives the place behind it.
    fn unicode(&mut self, raw: &[u8], at: usize) -> usize {
        let Some(first) = unit(raw, at) else {
            // Not an escape after all: no value goes on over it.
            self.push(b"\\", at);
            return at + 1;
        };
        let (code, end) = match (first, unit(raw, at + 6)) {
            (0xD800..=0xDBFF, Some(low @ 0xDC00..=0xDFFF)) => {
                (0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00), at + 12)
            }
            _ => (first, at + 6),
        };
        let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
        self.push(char.encode_utf8(&mut [0; 4]).as_bytes(), at);
        end
    }
}

/// The number in an escape `\uXXXX` at `at`.
fn unit(raw: &[u8], at: usize) -> Option<u32> {
    let digits = raw.get(at..)?.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |number, &b| Some(number * 16 + char::from(b).to_digit(16)?))
}

#[cfg(test)]
mod tests;
