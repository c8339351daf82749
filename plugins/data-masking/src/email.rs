//! The detector of e-mail addresses. The part before the @ is hidden, the domain stays.

use crate::rules::{Found, Keep};

const LONGEST_LOCAL: usize = 64;
const LONGEST_DOMAIN: usize = 253;

/// Looks for an address around the @ at `at`.
pub fn at(text: &[u8], at: usize, keep: Keep, found: &mut Found) {
    let local = local(&text[..at]);
    // Punctuation in front belongs to the sentence.
    let start = (at - local..at).find(|&i| text[i].is_ascii_alphanumeric() || text[i] == b'_');
    if let Some(start) = start
        && is_domain(&text[at + 1..])
    {
        found.hide_units(text, start..at, keep, |_| true);
    }
}

/// How many bytes at the end of `text` might be the part in front of an @.
pub fn local(text: &[u8]) -> usize {
    text.iter().rev().take(LONGEST_LOCAL).take_while(|&&b| is_local(b)).count()
}

fn is_local(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

/// Whether `text` begins with labels parted by dots, the last of them of letters (or `xn--…`).
fn is_domain(text: &[u8]) -> bool {
    let length =
        text.iter().take(LONGEST_DOMAIN).take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-')).count();
    let mut labels = 0;
    for label in text[..length].split(|&b| b == b'.') {
        // "a@b.com." and "a@b.com..." end a sentence; what comes after them is not part of the domain.
        if label.is_empty() || label[0] == b'-' {
            return false;
        }
        labels += 1;
        let top = label.len() >= 2 && label.iter().take_while(|b| b.is_ascii_alphabetic()).count() >= 2;
        if labels >= 2 && (top || label.to_ascii_lowercase().starts_with(b"xn--")) {
            return true;
        }
    }
    false
}
