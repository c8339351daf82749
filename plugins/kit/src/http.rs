//! Small rules about HTTP headers, on bytes: headers need not be UTF-8.

use crate::plugin::Headers;

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

/// Headers that are wrong once the body is another one than the upstream sent.
const BODY_BOUND: [&str; 6] =
    ["content-length", "content-md5", "digest", "content-digest", "repr-digest", "accept-ranges"];

/// Removes what would be wrong after a change of the body.
pub fn clear_body_bound(headers: &dyn Headers) {
    for name in BODY_BOUND {
        headers.remove(name);
    }
}

/// Asks the upstream for a whole and uncompressed answer: no other can be read.
pub fn ask_for_plain_answer(request: &dyn Headers) {
    request.set("accept-encoding", b"identity");
    request.remove("range");
    request.remove("if-range");
}

/// Whether this may be a header's name: lower case, no pseudo header, none of those that frame the message.
pub fn is_header_name(name: &str) -> bool {
    !matches!(name, "host" | "content-length" | "transfer-encoding" | "connection" | "te" | "upgrade")
        && is_token(name)
        && !name.bytes().any(|b| b.is_ascii_uppercase())
}

/// Whether this is a token of RFC 9110.
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Whether this may be a header's value. The proxy checks those of responses by no means.
pub fn is_header_value(value: &[u8]) -> bool {
    value.iter().all(|&b| b == b'\t' || (b >= b' ' && b != 0x7f))
}

/// Compares two secrets in a time that depends on their lengths only.
pub fn same_secret(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && std::hint::black_box(a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b))) == 0
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
