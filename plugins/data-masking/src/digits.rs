//! Detectors that begin at a run of digits: phone numbers, identity cards, bank cards.

use std::ops::Range;

use crate::rules::{Found, Rules};

/// The maximal run of digits that begins at `start`.
pub fn run(text: &[u8], start: usize) -> Range<usize> {
    start..start + leading_digits(&text[start..])
}

fn leading_digits(text: &[u8]) -> usize {
    text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len())
}

/// Looks for values that begin with `run`, a maximal run of digits. Gives the place to go on from.
pub fn at(text: &[u8], run: Range<usize>, rules: &Rules, found: &mut Found) -> usize {
    // The shortest thing to find has 3 digits in front: 138-1234-5678.
    if run.len() < 3 || is_machine_made(text, &run) {
        return run.end;
    }
    if let Some(keep) = rules.phone
        && let Some(number) = phone(text, &run)
    {
        let end = number.end;
        found.hide_units(text, number, keep, |b| b.is_ascii_digit());
        return end;
    }
    let mut end = run.end;
    if let Some(keep) = rules.id_card
        && let Some(card) = id_card(text, &run)
    {
        end = end.max(card.end);
        found.hide_units(text, card, keep, |b| b.is_ascii_alphanumeric());
    }
    if let Some(keep) = rules.bank_card
        && let Some(card) = bank_card(text, &run)
    {
        end = end.max(card.end);
        found.hide_units(text, card, keep, |b| b.is_ascii_digit());
    }
    end
}

/// Digests and UUIDs are full of digits that mean nothing. A run that touches a letter counts as part of one if the
/// whole word is hexadecimal, long, and has letters enough.
fn is_machine_made(text: &[u8], run: &Range<usize>) -> bool {
    let before = &text[..run.start];
    let after = &text[run.end..];
    let letter = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphabetic);
    if !letter(before.last()) && !letter(after.first()) {
        return false;
    }
    let hex = |b: &u8| b.is_ascii_hexdigit() || *b == b'-';
    let word = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_');
    // Nothing that is to be found is longer; a bound keeps long hexadecimal texts linear.
    const FAR: usize = 64;
    let left = before.iter().rev().take(FAR).take_while(|b| hex(b)).count();
    let right = after.iter().take(FAR).take_while(|b| hex(b)).count();
    let start = run.start - left;
    let end = run.end + right;
    if left < FAR && word(start.checked_sub(1).and_then(|i| text.get(i))) {
        return false;
    }
    if right < FAR && word(text.get(end)) {
        return false;
    }
    let letters = text[start..end].iter().filter(|b| b.is_ascii_alphabetic());
    end - start >= 16 && letters.count() >= 4
}

/// A mobile number of mainland China, eleven digits.
fn is_mobile(digits: &[u8]) -> bool {
    matches!(digits, [b'1', b'3'..=b'9', ..]) && digits.len() == 11
}

/// The part of a phone number that may be hidden: without country code where that is China's.
fn phone(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    let digits = &text[run.clone()];
    for prefix in [&b""[..], b"86", b"0086"] {
        if digits.strip_prefix(prefix).is_some_and(is_mobile) {
            return Some(run.start + prefix.len()..run.end);
        }
    }
    let before = &text[..run.start];
    if let Some((b'+', rest)) = before.split_last() {
        let alone = !rest.last().is_some_and(u8::is_ascii_alphanumeric)
            && !text.get(run.end).is_some_and(u8::is_ascii_alphabetic);
        if alone && (8..=15).contains(&digits.len()) && digits[0] != b'0' {
            return Some(run.clone());
        }
    }
    let end = groups(text, run, &[3, 4, 4])?;
    let number: Vec<u8> = text[run.start..end].iter().copied().filter(u8::is_ascii_digit).collect();
    is_mobile(&number).then_some(run.start..end)
}

/// The end of groups of digits of these sizes, of which `run` is the first, all parted by one blank or all by one hyphen.
fn groups(text: &[u8], run: &Range<usize>, sizes: &[usize]) -> Option<usize> {
    let (first, rest) = sizes.split_first()?;
    let separator = *text.get(run.end)?;
    if run.len() != *first || !matches!(separator, b' ' | b'-') {
        return None;
    }
    let mut end = run.end;
    for size in rest {
        if text.get(end) != Some(&separator) || leading_digits(&text[end + 1..]) != *size {
            return None;
        }
        end += 1 + size;
    }
    Some(end)
}

/// A resident identity card: 17 digits and a check character.
fn id_card(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    let end = match run.len() {
        18 => run.end,
        17 => {
            let x = matches!(text.get(run.end), Some(b'x' | b'X'));
            let alone = !text.get(run.end + 1).is_some_and(u8::is_ascii_alphanumeric);
            if !(x && alone) {
                return None;
            }
            run.end + 1
        }
        _ => return None,
    };
    is_id_card(&text[run.start..end]).then_some(run.start..end)
}

fn is_id_card(id: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    const CHECKS: &[u8; 11] = b"10X98765432";
    let number = |range: Range<usize>| {
        let digits = &id[range];
        digits.iter().fold(0u32, |sum, b| sum * 10 + u32::from(b - b'0'))
    };
    let province = number(0..2);
    let (year, month, day) = (number(6..10), number(10..12), number(12..14));
    let sum: u32 = id.iter().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    (11..=91).contains(&province)
        && (1800..=2199).contains(&year)
        && (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && CHECKS[sum as usize % 11] == id[17].to_ascii_uppercase()
}

/// A bank card: 13 to 19 digits in one run, or in the groups in which cards are printed.
fn bank_card(text: &[u8], run: &Range<usize>) -> Option<Range<usize>> {
    if (13..=19).contains(&run.len()) {
        return is_bank_card(&text[run.clone()]).then_some(run.clone());
    }
    const PRINTED: [&[usize]; 7] =
        [&[4, 4, 4, 4, 3], &[4, 4, 4, 4, 2], &[4, 4, 4, 4, 1], &[4, 4, 4, 4], &[4, 4, 4, 2], &[4, 4, 4, 1], &[4, 6, 5]];
    if run.len() != 4 {
        return None;
    }
    PRINTED.iter().find_map(|sizes| {
        let end = groups(text, run, sizes)?;
        is_bank_card(&text[run.start..end]).then_some(run.start..end)
    })
}

/// An issuer that exists, and a right check digit (Luhn). Separators are not looked at.
fn is_bank_card(card: &[u8]) -> bool {
    let mut digits = [0u8; 19];
    let mut count = 0;
    for b in card.iter().filter(|b| b.is_ascii_digit()) {
        let Some(digit) = digits.get_mut(count) else {
            return false;
        };
        *digit = b - b'0';
        count += 1;
    }
    let digits = &digits[..count];
    let issuer = match digits.first() {
        Some(2) => (&[2, 2, 0, 0][..]..=&[2, 7, 2, 0][..]).contains(&&digits[..4.min(count)]),
        Some(3..=6 | 9) => true,
        _ => false,
    };
    issuer && luhn(digits)
}

fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, &digit)| match (place % 2, u32::from(digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}
