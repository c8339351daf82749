//! Small rules about HTTP headers, on bytes: headers need not be UTF-8.

/// The media type of a `content-type` value: lower case, without parameters. None if it is not `type/subtype`.
pub fn media_type(content_type: &[u8]) -> Option<String> {
    let end = content_type.iter().position(|&b| b == b';' || b == b',').unwrap_or(content_type.len());
    let text = std::str::from_utf8(&content_type[..end]).ok()?;
    let text = text.trim().to_ascii_lowercase();
    let (kind, subtype) = text.split_once('/')?;
    (!kind.is_empty() && !subtype.is_empty()).then_some(text)
}

/// Whether a `content-type` value names this charset family by prefix (`utf-16` also finds `UTF-16LE`).
pub fn has_charset(content_type: &[u8], prefix: &str) -> bool {
    let text = String::from_utf8_lossy(content_type).to_ascii_lowercase();
    text.split(';').skip(1).any(|parameter| {
        parameter
            .trim()
            .strip_prefix("charset=")
            .is_some_and(|value| value.trim_start_matches(['"', ' ']).starts_with(prefix))
    })
}

/// Whether a body with this `content-encoding` can be read as it is.
pub fn is_plain(content_encoding: Option<&[u8]>) -> bool {
    content_encoding.is_none_or(|value| {
        let value = value.trim_ascii();
        value.is_empty() || value.eq_ignore_ascii_case(b"identity")
    })
}

/// The number in a `content-length` value.
pub fn length(content_length: &[u8]) -> Option<u64> {
    let value = content_length.trim_ascii();
    if value.is_empty() || !value.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(value).ok()?.parse().ok()
}

/// Whether an answer with this `:status` has no body whatever its headers say.
pub fn is_bodiless_status(status: &[u8]) -> bool {
    matches!(status, b"204" | b"205" | b"304") || status.first() == Some(&b'1')
}

/// The path of a `:path` value, without query and fragment.
pub fn path_only(path: &[u8]) -> &[u8] {
    let end = path.iter().position(|&b| b == b'?' || b == b'#').unwrap_or(path.len());
    &path[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_lose_parameters_and_case() {
        let json = Some("application/json".to_owned());
        assert_eq!(media_type(b"application/json"), json);
        assert_eq!(media_type(b" Application/JSON ; charset=utf-8"), json);
        assert_eq!(media_type(b"application/json, text/html"), json);
        for bad in [&b""[..], b"json", b"/json", b"text/", b"\xff/\xff"] {
            assert_eq!(media_type(bad), None);
        }
    }

    #[test]
    fn charsets_are_found_among_parameters() {
        assert!(has_charset(b"text/html; a=b; Charset=\"UTF-16LE\"", "utf-16"));
        assert!(!has_charset(b"text/html; charset=utf-8", "utf-16"));
        assert!(!has_charset(b"text/html", "utf-16"));
    }

    #[test]
    fn only_identity_is_plain() {
        assert!(is_plain(None));
        assert!(is_plain(Some(b"")));
        assert!(is_plain(Some(b" Identity")));
        assert!(!is_plain(Some(b"gzip")));
        assert!(!is_plain(Some(b"identity, br")));
    }

    #[test]
    fn lengths_are_digits_only() {
        assert_eq!(length(b" 42 "), Some(42));
        for bad in [&b""[..], b"-1", b"+1", b"4 2", b"1e3", b"99999999999999999999999"] {
            assert_eq!(length(bad), None);
        }
    }

    #[test]
    fn statuses_without_a_body() {
        for status in [&b"101"[..], b"204", b"205", b"304"] {
            assert!(is_bodiless_status(status));
        }
        for status in [&b"200"[..], b"206", b"404", b"", b"abc"] {
            assert!(!is_bodiless_status(status));
        }
    }

    #[test]
    fn paths_end_at_the_query() {
        assert_eq!(path_only(b"/a?b#c"), b"/a");
        assert_eq!(path_only(b"/a#c?d"), b"/a");
        assert_eq!(path_only(b""), b"");
    }
}
