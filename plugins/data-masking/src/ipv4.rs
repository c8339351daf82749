//! The detector of IPv4 addresses. It counts in octets, and the dots stay.

use std::ops::Range;

use crate::rules::{Found, Keep};

/// Looks for an address of which `run`, a maximal run of digits, is the first octet. Gives its end.
pub fn at(text: &[u8], run: Range<usize>, keep: Keep, found: &mut Found) -> Option<usize> {
    let before = text[..run.start].last();
    if before.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_')) {
        return None;
    }
    let mut octets: [Range<usize>; 4] = [run.clone(), 0..0, 0..0, 0..0];
    for i in 0..4 {
        if i > 0 {
            let dot = octets[i - 1].end;
            if text.get(dot) != Some(&b'.') {
                return None;
            }
            let length = text[dot + 1..].iter().take_while(|b| b.is_ascii_digit()).count();
            octets[i] = dot + 1..dot + 1 + length;
        }
        if !is_octet(&text[octets[i].clone()]) {
            return None;
        }
    }
    let end = octets[3].end;
    let next = (text.get(end), text.get(end + 1));
    let goes_on = matches!(next, (Some(b'.'), Some(b)) if b.is_ascii_digit())
        || matches!(next, (Some(b), _) if b.is_ascii_alphabetic() || *b == b'_');
    if goes_on {
        return None;
    }
    for octet in octets[keep.hidden(4)].iter() {
        found.hide(octet.clone());
    }
    found.values += 1;
    Some(end)
}

fn is_octet(digits: &[u8]) -> bool {
    matches!(digits, [_] | [b'1'..=b'9', _] | [b'1', _, _] | [b'2', b'0'..=b'4', _] | [b'2', b'5', b'0'..=b'5'])
}
