//! Formats of texts, as the standards behind them write them. A name that is not known says nothing, as JSON Schema wants it.

use std::net::{Ipv4Addr, Ipv6Addr};

/// A format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 3339, with its zone.
    DateTime,
    /// A day of the calendar.
    Date,
    /// A time of the day, with its zone.
    Time,
    /// Of ISO 8601, as in appendix A of RFC 3339.
    Duration,
    /// RFC 5321.
    Email,
    /// RFC 1123.
    Hostname,
    /// Four decimal numbers.
    Ipv4,
    /// RFC 4291.
    Ipv6,
    /// RFC 3986, with its scheme.
    Uri,
    /// RFC 3986, perhaps relative.
    UriReference,
    /// RFC 4122.
    Uuid,
    /// RFC 6901.
    JsonPointer,
}

const NAMES: [(&str, Format); 12] = [
    ("date-time", Format::DateTime),
    ("date", Format::Date),
    ("time", Format::Time),
    ("duration", Format::Duration),
    ("email", Format::Email),
    ("hostname", Format::Hostname),
    ("ipv4", Format::Ipv4),
    ("ipv6", Format::Ipv6),
    ("uri", Format::Uri),
    ("uri-reference", Format::UriReference),
    ("uuid", Format::Uuid),
    ("json-pointer", Format::JsonPointer),
];

impl Format {
    /// By its name. None if it is not known.
    pub fn named(name: &str) -> Option<Self> {
        NAMES.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }

    /// Whether a text has it.
    pub fn is(self, text: &str) -> bool {
        match self {
            Self::DateTime => date_time(text).unwrap_or(false),
            Self::Date => date(text).is_some(),
            Self::Time => time(text).unwrap_or(false),
            Self::Duration => duration(text),
            Self::Email => email(text).unwrap_or(false),
            Self::Hostname => hostname(text),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => text.parse::<Ipv6Addr>().is_ok(),
            Self::Uri => uri(text, true).unwrap_or(false),
            Self::UriReference => uri(text, false).unwrap_or(false),
            Self::Uuid => uuid(text),
            Self::JsonPointer => json_pointer(text),
        }
    }
}

/// A number of just so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}

fn date_time(text: &str) -> Option<bool> {
    let (day, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't'])?;
    Some(date(day).is_some() && time(rest)?)
}

fn date(text: &str) -> Option<()> {
    let mut parts = text.split('-');
    let (year, month, day) = (digits(parts.next()?, 4)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        2 => 28 + u32::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    (parts.next().is_none() && (1..=last).contains(&day)).then_some(())
}

fn time(text: &str) -> Option<bool> {
    let zone = text.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = text.split_at_checked(zone)?;
    let (clock, fraction) = clock.split_once('.').map_or((clock, None), |(clock, fraction)| (clock, Some(fraction)));
    if fraction.is_some_and(|fraction| fraction.is_empty() || !fraction.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let mut parts = clock.split(':');
    let (hour, minute, second) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let offset = match zone {
        "Z" | "z" => 0,
        _ => {
            let (hours, minutes) = zone.get(1..)?.split_once(':')?;
            let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
            if hours > 23 || minutes > 59 {
                return None;
            }
            let offset = i64::from(hours * 60 + minutes);
            if zone.starts_with('+') { offset } else { -offset }
        }
    };
    // A leap second is the last one of a day in UTC.
    let in_utc = (i64::from(hour * 60 + minute) - offset).rem_euclid(24 * 60);
    let good_second = second <= 59 || (second == 60 && in_utc == 24 * 60 - 1);
    Some(parts.next().is_none() && hour <= 23 && minute <= 59 && good_second)
}

fn duration(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('P') else {
        return false;
    };
    let (days, times) = rest.split_once('T').map_or((rest, None), |(days, times)| (days, Some(times)));
    if times == Some("") || (days.is_empty() && times.is_none()) {
        return false;
    }
    // Weeks stand alone. Otherwise units follow each other without a gap.
    let is_weeks = days.strip_suffix('W').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if is_weeks {
        return times.is_none();
    }
    (days.is_empty() || units(days, "YMD")) && times.is_none_or(|times| units(times, "HMS"))
}

/// Whether these are numbers with units, in order and without leaving out one between others.
fn units(text: &str, order: &str) -> bool {
    let (mut rest, mut next) = (text, None);
    while !rest.is_empty() {
        let end = rest.bytes().take_while(u8::is_ascii_digit).count();
        let Some(unit) = rest[end..].chars().next() else {
            return false;
        };
        let Some(place) = order.find(unit) else {
            return false;
        };
        if end == 0 || next.is_some_and(|next| next != place) {
            return false;
        }
        next = Some(place + 1);
        rest = &rest[end + unit.len_utf8()..];
    }
    true
}

fn email(text: &str) -> Option<bool> {
    let (local, domain) = text.rsplit_once('@')?;
    let atom = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    let quoted = local.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let good_local = local.len() <= 64 && quoted.map_or_else(|| local.split('.').all(atom), is_quoted);
    let good_domain = match domain.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
        Some(inside) => match inside.strip_prefix("IPv6:") {
            Some(v6) => v6.parse::<Ipv6Addr>().is_ok(),
            None => inside.parse::<Ipv4Addr>().is_ok(),
        },
        None => hostname(domain),
    };
    Some(good_local && good_domain)
}

/// What may stand between quotes: anything that can be seen, and blanks; quotes and backslashes behind a backslash.
fn is_quoted(text: &str) -> bool {
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        let good = match b {
            b'\\' => bytes.next().is_some_and(|b| (b' '..=b'~').contains(&b)),
            b'"' => false,
            b => (b' '..=b'~').contains(&b),
        };
        if !good {
            return false;
        }
    }
    true
}

fn hostname(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

fn uuid(text: &str) -> bool {
    let lengths = [8, 4, 4, 4, 12];
    let parts: Vec<&str> = text.split('-').collect();
    parts.len() == lengths.len()
        && parts.iter().zip(lengths).all(|(part, n)| part.len() == n && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn json_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1).all(|after| after.starts_with(['0', '1']));
    (text.is_empty() || text.starts_with('/')) && escapes
}

/// `absolute`: with a scheme.
fn uri(text: &str, absolute: bool) -> Option<bool> {
    let (before, fragment) = text.split_once('#').map_or((text, ""), |(before, fragment)| (before, fragment));
    let (before, query) = before.split_once('?').map_or((before, ""), |(before, query)| (before, query));
    let more = |text: &str| made_of(text, b":@/?");
    let scheme_end = before.find(':').filter(|colon| !before[..*colon].contains('/'));
    let rest = match scheme_end {
        Some(colon) => {
            let scheme = &before[..colon];
            let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.');
            if !scheme.starts_with(|c: char| c.is_ascii_alphabetic()) || !scheme.bytes().all(good) {
                return None;
            }
            &before[colon + 1..]
        }
        None if absolute => return None,
        None => before,
    };
    let good_path = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            authority(&rest[..end])? && made_of(&rest[end..], b":@/")
        }
        None => made_of(rest, b":@/"),
    };
    Some(good_path && more(query) && more(fragment))
}

fn authority(text: &str) -> Option<bool> {
    let (user, host) = text.rsplit_once('@').map_or(("", text), |(user, host)| (user, host));
    let (host, port) = match host.strip_prefix('[') {
        Some(inside) => {
            let (inside, port) = inside.split_once(']')?;
            inside.parse::<Ipv6Addr>().ok()?;
            ("", if port.is_empty() { "" } else { port.strip_prefix(':')? })
        }
        None => host.split_once(':').map_or((host, ""), |(host, port)| (host, port)),
    };
    Some(made_of(user, b":") && made_of(host, b"") && port.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether a part of an address has only what may stand there: unreserved characters, encodings, delimiters and `more`.
fn made_of(text: &str, more: &[u8]) -> bool {
    let bytes = text.as_bytes();
    let encoded = |at: usize| bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    bytes.iter().enumerate().all(|(at, &b)| match b {
        b'%' => encoded(at),
        _ => b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&b) || more.contains(&b),
    })
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use proptest::prelude::*;

    #[test]
    fn texts_of_each_format_and_others() {
        for (name, good, bad) in [
            (
                "date-time",
                &["2026-02-28T23:59:59Z", "1990-12-31t15:59:60.123-08:00", "2024-02-29T00:00:00+14:00"][..],
                &[
                    "2026-02-29T00:00:00Z",
                    "2026-01-01 00:00:00Z",
                    "2026-01-01T00:00:00",
                    "1990-12-31T15:59:60Z",
                    "2026-1-1T0:0:0Z",
                    "",
                ][..],
            ),
            (
                "date",
                &["2026-12-31", "2000-02-29"],
                &["1900-02-29", "2026-13-01", "2026-00-01", "2026-01-32", "26-01-01", "2026-01-01Z", "２026-01-01"],
            ),
            (
                "time",
                &["08:30:06.283185Z", "00:00:00+23:59", "23:59:60Z"],
                &["24:00:00Z", "08:30:06", "8:30:06Z", "08:30:06.Z", "08:30:06+24:00", "22:59:60Z", "08:30:06-8000"],
            ),
            (
                "duration",
                &["P4DT12H30M5S", "P1Y2M3D", "PT0S", "P2W", "P1Y", "PT36H"],
                &["P", "PT", "4D", "P4DT", "P1D2H", "P1YT", "P1Y2W", "P1Y3D", "PT1H5S", "P1", "P-1D", "P1D1Y"],
            ),
            (
                "email",
                &["a@b.example", "o'neil+x@a-b.c", "a@[127.0.0.1]", "a@[IPv6:::1]", r#""a @ b..c\"d"@e.f"#],
                &[
                    "a",
                    "@b",
                    "a@",
                    ".a@b",
                    "a..b@c",
                    "a b@c",
                    "a@b@c",
                    "a@-b",
                    "a@[300.0.0.1]",
                    r#""a"b"@c"#,
                    r#""a\"@c"#,
                    "\"\u{e4}\"@c",
                ],
            ),
            ("hostname", &["a", "a-b.example", "1.2"], &["", "-a", "a-", "a..b", "a_b", "a.", "\u{e4}.example"]),
            ("ipv4", &["0.0.0.0", "255.255.255.255"], &["256.0.0.1", "1.2.3", "01.2.3.4", "1.2.3.4/8"]),
            ("ipv6", &["::", "2001:db8::1", "::ffff:1.2.3.4"], &["1.2.3.4", ":::", "fe80::1%eth0", "12345::"]),
            (
                "uri",
                &["https://a.example:8080/b?c=d#e", "urn:isbn:0", "http://[::1]/", "mailto:a@b", "a:"],
                &[
                    "/a",
                    "//a/b",
                    "a b:c",
                    "https://a b/",
                    "https://a/%zz",
                    "https://[::1/",
                    "1a:b",
                    "https://a/\u{e4}",
                    "https://a:b/",
                    "http://a/<b>",
                ],
            ),
            ("uri-reference", &["", "/a?b", "//a/b", "#c", "../a", "https://a"], &["a b", "/%", "\\a", "1a:b", "#a#b"]),
            (
                "uuid",
                &["01234567-89ab-cdef-0123-456789ABCDEF"],
                &[
                    "0123456789abcdef0123456789abcdef",
                    "01234567-89ab-cdef-0123-456789abcdeg",
                    "-0123456-89ab-cdef-0123-456789abcdef0",
                ],
            ),
            ("json-pointer", &["", "/", "/a~1b~0/0"], &["a", "#/a", "/~", "/~2"]),
        ] {
            let format = Format::named(name).expect(name);
            for text in good {
                assert!(format.is(text), "{name}: {text}");
            }
            for text in bad {
                assert!(!format.is(text), "{name}: {text}");
            }
        }
        assert_eq!(Format::named("phone"), None);
    }

    /// What another validator says, for each format.
    static THEIRS: LazyLock<Vec<(&str, jsonschema::Validator)>> = LazyLock::new(|| {
        let options = || jsonschema::options().with_draft(jsonschema::Draft::Draft202012).should_validate_formats(true);
        let validator = |name: &str| options().build(&serde_json::json!({"format": name})).expect("a good schema");
        NAMES.iter().map(|(name, _)| (*name, validator(name))).collect()
    });

    fn they_say(name: &str, text: &str) -> bool {
        let (_, theirs) = THEIRS.iter().find(|(known, _)| *known == name).expect("known");
        theirs.is_valid(&text.into())
    }

    proptest! {
        #[test]
        fn verdicts_are_those_of_another_validator(
            date in "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
            time in "[0-2][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9]{1,3})?(Z|z|[+-][0-2][0-9]:[0-5][0-9])",
            v4 in "[0-9]{1,3}(\\.[0-9]{1,3}){2,4}",
            v6 in "[0-9a-f:]{2,12}",
            duration in "P([0-9][YMDW]){0,3}(T([0-9][HMS]){0,3})?",
            uuid in "[0-9a-g]{7,8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
            pointer in "(/[a~01]{0,3}){0,3}",
        ) {
            let both = format!("{date}T{time}");
            let all = [
                ("date", &date), ("time", &time), ("date-time", &both), ("ipv4", &v4), ("ipv6", &v6),
                ("duration", &duration), ("uuid", &uuid), ("json-pointer", &pointer),
            ];
            for (name, text) in all {
                let ours = Format::named(name).is_some_and(|format| format.is(text));
                prop_assert_eq!(ours, they_say(name, text), "{}: {}", name, text);
            }
        }

        #[test]
        fn nothing_panics(text in "\\PC{0,40}") {
            for (_, format) in NAMES {
                format.is(&text);
            }
        }
    }
}
