//! When a request was signed.

use std::time::UNIX_EPOCH;

use plugin_kit::plugin::Headers;

/// The header that says it: the one that browsers may set goes first.
pub const NAMES: [&str; 2] = ["x-date", "date"];

/// The name of the header that counts, and the time in seconds. None if there is none, several, or it is no date.
pub fn of(request: &dyn Headers) -> Option<(&'static str, u64)> {
    let name = NAMES.into_iter().find(|name| request.get(name).is_some())?;
    let value = request.only(name)?;
    let text = std::str::from_utf8(&value).ok().filter(|text| text.len() <= 64)?;
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    Some((name, time.duration_since(UNIX_EPOCH).ok()?.as_secs()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::fake::FakeHeaders;

    #[test]
    fn the_header_that_counts_is_one_good_date() {
        let date = "Tue, 14 Nov 2023 22:13:20 GMT";
        for (headers, expected) in [
            (vec![("date", date)], Some(("date", 1_700_000_000))),
            (vec![("x-date", date), ("date", "rubbish")], Some(("x-date", 1_700_000_000))),
            (vec![("x-date", "rubbish"), ("date", date)], None),
            (vec![("date", date), ("date", date)], None),
            (vec![("date", "1700000000")], None),
            (vec![("date", "2023-11-14T22:13:20Z")], None),
            (vec![("date", "Tue, 14 Nov 1923 22:13:20 GMT")], None),
            (vec![("date", "Tue, 31 Feb 2023 22:13:20 GMT")], None),
            (vec![("date", "")], None),
            (vec![], None),
        ] {
            assert_eq!(of(&FakeHeaders::new(&headers)), expected, "{headers:?}");
        }
    }
}
