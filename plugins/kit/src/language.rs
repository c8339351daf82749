//! Which of several languages a client likes best (RFC 4647, lookup).

use std::cmp::Reverse;

/// The most ranges of an `accept-language` value that are looked at.
const MAX_RANGES: usize = 32;

/// The place of the language that an `accept-language` value likes best. None if it likes none of them. `offered`: tags in lower case.
pub fn choose<'a>(accept_language: &[u8], offered: impl Iterator<Item = Option<&'a str>>) -> Option<usize> {
    let text = std::str::from_utf8(accept_language).ok()?.to_ascii_lowercase();
    let ranges: Vec<(&str, u32)> = text.split(',').take(MAX_RANGES).filter_map(range).collect();
    let likings = offered.enumerate().filter_map(|(place, tag)| Some((liked(&ranges, tag?)?, place)));
    // Of those liked alike, the first offered.
    likings.reduce(|best, other| if other.0 > best.0 { other } else { best }).map(|(_, place)| place)
}

/// How much a language is liked: by weight, then by how early the client named it, then by how close that was.
type Liking = (u32, Reverse<usize>, usize);

fn liked(ranges: &[(&str, u32)], tag: &str) -> Option<Liking> {
    let (place, closeness) = (0..ranges.len())
        .filter_map(|place| Some((place, closeness(ranges[place].0, tag)?)))
        .max_by_key(|(place, closeness)| (*closeness, Reverse(*place)))?;
    let weight = ranges[place].1;
    (weight > 0).then_some((weight, Reverse(place), closeness))
}

fn closeness(range: &str, tag: &str) -> Option<usize> {
    let is_within = |long: &str, short: &str| long.strip_prefix(short).is_some_and(|rest| rest.starts_with('-'));
    match range {
        "*" => Some(0),
        _ if range == tag => Some(usize::MAX),
        _ if is_within(range, tag) => Some(1000 + tag.len()),
        _ if is_within(tag, range) => Some(1000_usize.saturating_sub(tag.len())),
        _ => None,
    }
}

/// A range and its weight in thousandths.
fn range(text: &str) -> Option<(&str, u32)> {
    let (tag, parameters) = text.split_once(';').unwrap_or((text, ""));
    let weight = match parameters.split(';').find_map(|p| p.trim().strip_prefix("q=")) {
        None => 1000,
        Some(q) => match q.trim().parse::<f32>() {
            Ok(q) if (0.0..=1.0).contains(&q) => (q * 1000.0) as u32,
            _ => 0,
        },
    };
    let tag = tag.trim();
    (!tag.is_empty()).then_some((tag, weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_liked_is_chosen() {
        let offered = [None, Some("en"), Some("zh"), Some("zh-hant"), Some("pt-br")];
        for (accepted, wanted) in [
            ("zh-CN,zh;q=0.9,en;q=0.8", Some("zh")),
            ("zh-Hant-TW", Some("zh-hant")),
            ("en-US", Some("en")),
            ("en;q=0.1, zh;q=0.2", Some("zh")),
            ("pt", Some("pt-br")),
            ("fr, de", None),
            ("zh;q=0", None),
            ("en;q=0, *", Some("zh")),
            ("*", Some("en")),
            ("", None),
            ("en;q=9", None),
        ] {
            let place = choose(accepted.as_bytes(), offered.iter().copied());
            assert_eq!(place.and_then(|place| offered[place]), wanted, "{accepted}");
        }
        assert_eq!(choose(b"\xff", offered.iter().copied()), None);
    }
}
