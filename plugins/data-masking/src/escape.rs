//! Escapes in JSON strings.

/// What stands at a backslash.
#[derive(Debug, PartialEq, Eq)]
pub enum Escape {
    /// An escape of so many bytes, and what it means.
    Is(usize, char),
    /// One byte of its own, behind a backslash that means nothing.
    Byte(u8),
    /// Not an escape: the backslash stands for itself.
    Not,
    /// Might become one.
    Cut,
}

/// Reads the escape at the beginning of `raw`, which is a backslash.
pub fn read(raw: &[u8]) -> Escape {
    match raw.get(1) {
        None => Escape::Cut,
        Some(b'u') => unicode(raw),
        Some(b'n') => Escape::Is(2, '\n'),
        Some(b't') => Escape::Is(2, '\t'),
        Some(b'r') => Escape::Is(2, '\r'),
        Some(b'b') => Escape::Is(2, '\u{8}'),
        Some(b'f') => Escape::Is(2, '\u{c}'),
        Some(&other) => Escape::Byte(other),
    }
}

/// The escape `\uXXXX`, or a pair of them.
fn unicode(raw: &[u8]) -> Escape {
    let first = match unit(raw) {
        Unit::Is(first) => first,
        Unit::Not => return Escape::Not,
        Unit::Cut => return Escape::Cut,
    };
    let (code, length) = match first {
        0xD800..=0xDBFF => match unit(&raw[6..]) {
            Unit::Is(low @ 0xDC00..=0xDFFF) => (0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00), 12),
            Unit::Is(_) | Unit::Not => (first, 6),
            Unit::Cut => return Escape::Cut,
        },
        _ => (first, 6),
    };
    Escape::Is(length, char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

enum Unit {
    Is(u32),
    Not,
    Cut,
}

/// The number in `\uXXXX`.
fn unit(raw: &[u8]) -> Unit {
    let mut number = 0;
    for at in 0..6 {
        let Some(&byte) = raw.get(at) else {
            return Unit::Cut;
        };
        match (at, char::from(byte).to_digit(16)) {
            (0, _) if byte == b'\\' => {}
            (1, _) if byte == b'u' => {}
            (2.., Some(digit)) => number = number * 16 + digit,
            _ => return Unit::Not,
        }
    }
    Unit::Is(number)
}
