//! JSON texts: each string is looked at as what it means, not as it is written, and numbers stay numbers.
//!
//! The text is not validated. A body that is not quite JSON is read as far as it makes sense, and goes out with the same
//! structure as it came.

use crate::escape::{self, Escape};
use crate::masking::Job;
use crate::path::How;
use crate::rules::{Found, Keep};
use crate::text::{self, Flow};
use crate::walk::Walk;

/// What stands outside strings and is longer is no number: it is looked at as text.
const LONGEST_TOKEN: usize = 1024;

/// A JSON text that comes in pieces.
pub struct Json {
    state: State,
    flow: Flow,
    /// A token or an escape whose end has not come.
    held: Vec<u8>,
    walk: Option<Walk>,
    values: usize,
}

#[derive(Clone, Copy)]
enum State {
    Outside,
    InString(How),
    InToken(How),
}

impl Json {
    /// Patterns see `window` bytes of a string at least.
    pub fn new(job: &Job, window: usize) -> Self {
        Self {
            state: State::Outside,
            flow: Flow::new(window),
            held: Vec::new(),
            walk: (!job.paths.is_empty()).then(|| Walk::new(job.paths)),
            values: 0,
        }
    }

    /// Takes a piece and writes what is certain; all of it if this is the `end`. Gives how many values were hidden.
    pub fn push(&mut self, job: &Job, piece: &[u8], end: bool, out: &mut Vec<u8>) -> usize {
        let joined;
        let piece = if self.held.is_empty() {
            piece
        } else {
            joined = [&std::mem::take(&mut self.held), piece].concat();
            &joined
        };
        let mut at = 0;
        while at < piece.len() {
            let rest = &piece[at..];
            let taken = match self.state {
                State::Outside => self.outside(job, rest, end, out),
                State::InString(how) => self.string(job, rest, how, end, out),
                State::InToken(how) => self.long_token(job, rest, how, out),
            };
            match taken {
                Some(taken) => at += taken,
                None => {
                    self.held = rest.to_vec();
                    break;
                }
            }
        }
        if end {
            if let State::InString(how) | State::InToken(how) = self.state {
                self.look(job, how, true, out);
            }
            self.state = State::Outside;
        }
        std::mem::take(&mut self.values)
    }

    /// Takes one byte of structure, the beginning of a string, or a token. None: its end has not come.
    fn outside(&mut self, job: &Job, rest: &[u8], end: bool, out: &mut Vec<u8>) -> Option<usize> {
        let first = *rest.first()?;
        if first == b'"' {
            let how = self.walk.as_mut().map_or(How::Look, |walk| walk.string(job.paths));
            self.state = State::InString(how);
        } else if is_structure(first) {
            if let Some(walk) = &mut self.walk {
                walk.structure(first, job.paths);
            }
        } else {
            let length = token_length(rest);
            let how = self.walk.as_ref().map_or(How::Look, |walk| walk.value(job.paths));
            if length > LONGEST_TOKEN {
                self.state = State::InToken(how);
                return Some(0);
            }
            if length == rest.len() && !end {
                return None;
            }
            self.token(job, &rest[..length], how, out);
            return Some(length);
        }
        out.push(first);
        Some(1)
    }

    /// Takes text of a string, up to its end or the next escape.
    fn string(&mut self, job: &Job, rest: &[u8], how: How, end: bool, out: &mut Vec<u8>) -> Option<usize> {
        let plain = rest.iter().position(|b| matches!(b, b'"' | b'\\')).unwrap_or(rest.len());
        if rest.get(plain) == Some(&b'\\') && plain == 0 {
            return self.escape(job, rest, how, end, out);
        }
        let (text, closed) = (&rest[..plain], rest.get(plain) == Some(&b'"'));
        if let Some(walk) = &mut self.walk {
            walk.text(text);
        }
        if how == How::Look && closed && self.flow.is_new() && self.flow.fits(text.len()) {
            let found = job.rules.find(text);
            self.values += found.values;
            text::write(text, &found, job.mask, out);
        } else {
            self.add(how, text, None, out);
            // What an escape follows is not looked at again and again.
            if closed || plain == rest.len() {
                self.look(job, how, closed, out);
            }
        }
        if !closed {
            return Some(plain);
        }
        if let Some(walk) = &mut self.walk {
            walk.string_end(job.paths);
        }
        self.state = State::Outside;
        out.push(b'"');
        Some(plain + 1)
    }

    fn escape(&mut self, job: &Job, rest: &[u8], how: How, end: bool, out: &mut Vec<u8>) -> Option<usize> {
        let mut utf8 = [0; 4];
        let (length, meaning) = match escape::read(rest) {
            Escape::Cut if !end => {
                self.look(job, how, false, out);
                return None;
            }
            // Not an escape after all: no value goes on over it.
            Escape::Cut | Escape::Not => (1, &b"\\"[..]),
            Escape::Byte(byte) => {
                utf8[0] = byte;
                (2, &utf8[..1])
            }
            Escape::Is(length, meaning) => (length, meaning.encode_utf8(&mut utf8).as_bytes()),
        };
        if let Some(walk) = &mut self.walk {
            walk.text(meaning);
        }
        self.add(how, &rest[..length], Some(meaning), out);
        if rest.len() == length {
            self.look(job, how, false, out);
        }
        Some(length)
    }

    fn add(&mut self, how: How, written: &[u8], meaning: Option<&[u8]>, out: &mut Vec<u8>) {
        match (how, meaning) {
            (How::Leave, _) => out.extend_from_slice(written),
            (_, Some(meaning)) => self.flow.add_escape(written, meaning),
            (_, None) => self.flow.add(written),
        }
    }

    fn look(&mut self, job: &Job, how: How, end: bool, out: &mut Vec<u8>) {
        match how {
            How::Leave => {}
            How::Look => self.values += self.flow.look(job.rules, end, job.mask, out),
            How::Hide(keep) => self.values += self.flow.hide_all(keep, end, job.mask, out),
        }
    }

    fn long_token(&mut self, job: &Job, rest: &[u8], how: How, out: &mut Vec<u8>) -> Option<usize> {
        let length = token_length(rest);
        self.add(how, &rest[..length], None, out);
        let ended = length < rest.len();
        self.look(job, how, ended, out);
        if ended {
            self.state = State::Outside;
        }
        Some(length)
    }

    /// What stands outside strings: a number, a literal, or something that is not JSON.
    fn token(&mut self, job: &Job, token: &[u8], how: How, out: &mut Vec<u8>) {
        let kind = Token::of(token);
        match (how, kind) {
            (How::Leave, _) | (_, Token::Null) | (How::Look, Token::Bool | Token::Number) => {
                out.extend_from_slice(token)
            }
            (How::Look, Token::Digits) => {
                let found = job.rules.find(token);
                self.values += found.values;
                write_digits(token, found, out);
            }
            (How::Look, Token::Other) => {
                let found = job.rules.find(token);
                self.values += found.values;
                text::write(token, &found, job.mask, out);
            }
            (How::Hide(keep), kind) => {
                self.values += 1;
                match kind {
                    Token::Digits => write_digits(token, whole(token, keep), out),
                    Token::Number => out.push(b'0'),
                    Token::Bool => out.extend_from_slice(b"null"),
                    Token::Null | Token::Other => text::hide(text::chars(token), job.mask, out),
                }
            }
        }
    }
}

fn is_structure(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b':' | b'{' | b'}' | b'[' | b']')
}

fn token_length(rest: &[u8]) -> usize {
    rest.iter().take_while(|&&b| b != b'"' && !is_structure(b)).count()
}

#[derive(Clone, Copy)]
enum Token {
    /// A whole number that is not negative.
    Digits,
    /// A fraction, a negative or very large number: nothing in it is personal, and a changed digit would be a wrong value.
    Number,
    Bool,
    Null,
    Other,
}

impl Token {
    fn of(token: &[u8]) -> Self {
        let number = |b: &u8| matches!(b, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        match token {
            b"true" | b"false" => Self::Bool,
            b"null" => Self::Null,
            _ if token.iter().all(u8::is_ascii_digit) => Self::Digits,
            [b'-' | b'0'..=b'9', ..] if token.iter().all(number) => Self::Number,
            _ => Self::Other,
        }
    }
}

/// All of a number, but for what is to be kept.
fn whole(digits: &[u8], keep: Keep) -> Found {
    Found { hidden: vec![keep.hidden(digits.len())], values: 1 }
}

/// Writes a number with what was found in it as zeros, so that it stays one; a 1 in front where a zero may not lead.
fn write_digits(digits: &[u8], found: Found, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(digits);
    for range in found.hidden {
        out[start + range.start..start + range.end].fill(b'0');
        if range.start == 0 && digits.len() > 1 {
            out[start] = b'1';
        }
    }
}

#[cfg(test)]
mod tests;
