//! Points in time as RFC 3339 writes them.

const SECOND: i64 = 1_000_000_000;

/// Nanoseconds since 1970 of a text such as `2026-05-01T08:00:00+08:00`. None if it is not one.
///
/// A leap second counts as the second after it.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.as_bytes();
    if !text.is_ascii() || text.len() < 20 || text.len() > 40 {
        return None;
    }
    let (date, rest) = text.split_at(19);
    let shape = [(4, b'-'), (7, b'-'), (13, b':'), (16, b':')];
    if shape.iter().any(|&(at, sign)| date[at] != sign) || !matches!(date[10], b'T' | b't' | b' ') {
        return None;
    }
    let field = |from: usize, to: usize| number(&date[from..to]);
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    if !(1970..=2199).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=days_in(year, month)).contains(&day)
        || hour > 23
        || minute > 59
        || second > 60
    {
        return None;
    }
    let (fraction, zone) = fraction(rest)?;
    let seconds = days_since_1970(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    Some((seconds - offset(zone)?) * SECOND + fraction)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, b| b.is_ascii_digit().then(|| number * 10 + i64::from(b - b'0')))
}

/// Splits `.123+08:00` into nanoseconds and zone.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = rest.strip_prefix(b".") else {
        return Some((0, rest));
    };
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    let (fraction, zone) = rest.split_at(digits);
    if fraction.is_empty() {
        return None;
    }
    let nanos = (0..9).fold(0, |nanos, i| nanos * 10 + fraction.get(i).map_or(0, |b| i64::from(b - b'0')));
    Some((nanos, zone))
}

/// Seconds east of Greenwich.
fn offset(zone: &[u8]) -> Option<i64> {
    let (sign, hour, minute) = match zone {
        b"Z" | b"z" => return Some(0),
        [b'+', h1, h2, b':', m1, m2] => (1, [*h1, *h2], [*m1, *m2]),
        [b'-', h1, h2, b':', m1, m2] => (-1, [*h1, *h2], [*m1, *m2]),
        _ => return None,
    };
    let (hour, minute) = (number(&hour)?, number(&minute)?);
    (hour <= 23 && minute <= 59).then_some(sign * (hour * 3600 + minute * 60))
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|y| if is_leap(y) { 366 } else { 365 }).sum();
    let months: i64 = (1..month).map(|m| days_in(year, m)).sum();
    years + months + day - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        parse(text).map(|nanos| nanos / SECOND)
    }

    #[test]
    fn known_moments() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2000-02-29T12:30:45z"), Some(951_827_445));
        assert_eq!(seconds("2026-05-01T08:00:00+08:00"), Some(1_777_593_600));
        assert_eq!(seconds("2026-04-30 19:00:00-05:00"), Some(1_777_593_600));
        assert_eq!(seconds("2016-12-31T23:59:60Z"), Some(1_483_228_800));
        assert_eq!(parse("1970-01-01T00:00:00.25Z"), Some(250_000_000));
        assert_eq!(parse("1970-01-01T00:00:00.1234567899Z"), Some(123_456_789));
    }

    #[test]
    fn what_is_no_moment() {
        for bad in [
            "",
            "2026-05-01",
            "2026-05-01T08:00:00",
            "2026-05-01T08:00Z",
            "2026-02-29T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-01-32T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:61Z",
            "2026-01-01T00:00:00.Z",
            "2026-01-01T00:00:00+8:00",
            "2026-01-01T00:00:00+0800",
            "2026-01-01T00:00:00+24:00",
            "2026-01-01T00:00:00Zjunk",
            "2026/01/01T00:00:00Z",
            "0000-01-01T00:00:00Z",
            "2026-01-01T00:00:0\u{ff10}Z",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
