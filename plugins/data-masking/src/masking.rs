//! Body in, body out.

use std::ops::Range;

use crate::json;
use crate::rules::{Found, Rules, is_continuation};

/// What the hidden characters of an edit become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// The mask character.
    Mask,
    /// Zeros, so that a JSON number stays one; a 1 in front where a zero may not lead.
    Digits {
        /// The edit begins where a number of several digits does.
        leads: bool,
    },
}

/// A change of the body.
#[derive(Debug, PartialEq, Eq)]
pub struct Edit {
    /// The bytes that go.
    pub bytes: Range<usize>,
    /// How many characters they are.
    pub chars: usize,
    /// What comes instead of each.
    pub fill: Fill,
}

/// A changed body.
#[derive(Debug, PartialEq, Eq)]
pub struct Masked {
    /// What goes out.
    pub body: Vec<u8>,
    /// How many values were hidden in it.
    pub values: usize,
}

/// Hides what the rules find. None if they find nothing.
pub fn mask(body: &[u8], is_json: bool, rules: &Rules, mask: char) -> Option<Masked> {
    let (edits, values) = if is_json {
        json::scan(body, rules)
    } else {
        let Found { hidden, values } = rules.find(body);
        let edits =
            hidden.into_iter().map(|bytes| Edit { chars: chars(&body[bytes.clone()]), bytes, fill: Fill::Mask });
        (edits.collect(), values)
    };
    if edits.is_empty() {
        return None;
    }
    Some(Masked { body: apply(body, &edits, mask), values })
}

/// How many characters these bytes are: every byte that does not continue a character begins one.
pub fn chars(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| !is_continuation(b)).count().max(1)
}

fn apply(body: &[u8], edits: &[Edit], mask: char) -> Vec<u8> {
    let mut utf8 = [0; 4];
    let mask = mask.encode_utf8(&mut utf8).as_bytes();
    let mut out = Vec::with_capacity(body.len());
    let mut done = 0;
    for edit in edits {
        out.extend_from_slice(&body[done..edit.bytes.start]);
        match edit.fill {
            Fill::Mask => (0..edit.chars).for_each(|_| out.extend_from_slice(mask)),
            Fill::Digits { leads } => {
                out.extend((0..edit.chars).map(|i| if leads && i == 0 { b'1' } else { b'0' }));
            }
        }
        done = edit.bytes.end;
    }
    out.extend_from_slice(&body[done..]);
    out
}

#[cfg(test)]
mod tests;
