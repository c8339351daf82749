//! Queries and cookies, on bytes.

/// Undoes percent-encoding; what is no encoding stays as it is. In queries, `+` is a blank.
pub fn decode(text: &[u8], plus_is_blank: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, tail @ ..] = rest {
        rest = tail;
        match (first, tail) {
            (b'%', [high, low, after @ ..]) if let (Some(high), Some(low)) = (digit(*high), digit(*low)) => {
                out.push(high * 16 + low);
                rest = after;
            }
            (b'+', _) if plus_is_blank => out.push(b' '),
            _ => out.push(*first),
        }
    }
    out
}

fn digit(b: u8) -> Option<u8> {
    (b as char).to_digit(16).map(|d| d as u8)
}

/// The query of a `:path` value, without its question mark.
pub fn of_path(path: &[u8]) -> &[u8] {
    let path = path.split(|&b| b == b'#').next().unwrap_or_default();
    path.iter().position(|&b| b == b'?').map_or(&[], |at| &path[at + 1..])
}

/// The parameters of a query, undecoded: name, value (empty without `=`), and the whole of both.
pub fn parameters(query: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], &[u8])> {
    query.split(|&b| b == b'&').filter(|part| !part.is_empty()).map(|part| {
        let (name, value) = cut(part);
        (name, value, part)
    })
}

fn cut(part: &[u8]) -> (&[u8], &[u8]) {
    part.iter().position(|&b| b == b'=').map_or((part, &[]), |at| (&part[..at], &part[at + 1..]))
}

/// The decoded values of a parameter in a `:path` value, in order.
pub fn values(path: &[u8], name: &str) -> Vec<Vec<u8>> {
    parameters(of_path(path))
        .filter(|(known, ..)| decode(known, true) == name.as_bytes())
        .map(|(_, value, _)| decode(value, true))
        .collect()
}

/// A `:path` value without any parameter of this name; the rest stays as it is.
pub fn without(path: &[u8], name: &str) -> Vec<u8> {
    let query = of_path(path);
    if query.is_empty() {
        return path.to_vec();
    }
    let start = path.iter().position(|&b| b == b'?').unwrap_or(path.len());
    let kept: Vec<_> = parameters(query)
        .filter(|(known, ..)| decode(known, true) != name.as_bytes())
        .map(|(.., whole)| whole)
        .collect();
    let mut out = path[..start].to_vec();
    if !kept.is_empty() {
        out.push(b'?');
        out.extend_from_slice(&kept.join(&b'&'));
    }
    out.extend_from_slice(&path[start + 1 + query.len()..]);
    out
}

/// The values of a cookie in `cookie` header lines, in order, without the quotes around them.
pub fn cookies<'a>(lines: &'a [Vec<u8>], name: &'a str) -> impl Iterator<Item = &'a [u8]> {
    lines.iter().flat_map(|line| line.split(|&b| b == b';')).filter_map(move |pair| {
        let (known, value) = cut(pair);
        let value = value.trim_ascii();
        let value = value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value);
        (known.trim_ascii() == name.as_bytes()).then_some(value)
    })
}

/// The `cookie` line without one cookie. None if nothing is left.
pub fn without_cookie(lines: &[Vec<u8>], name: &str) -> Option<Vec<u8>> {
    let kept: Vec<_> = lines
        .iter()
        .flat_map(|line| line.split(|&b| b == b';'))
        .map(<[u8]>::trim_ascii)
        .filter(|pair| !pair.is_empty() && cut(pair).0.trim_ascii() != name.as_bytes())
        .collect();
    (!kept.is_empty()).then(|| kept.join(&b"; "[..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_leaves_what_is_no_encoding() {
        for (text, decoded) in [("a%20b+c", "a b c"), ("%", "%"), ("%4", "%4"), ("%zz%41", "%zzA"), ("%%41", "%A")] {
            assert_eq!(decode(text.as_bytes(), true), decoded.as_bytes(), "{text}");
        }
        assert_eq!(decode(b"+%ff", false), b"+\xff");
    }

    #[test]
    fn parameters_are_found_in_order() {
        assert_eq!(values(b"/a?k=1&%6b=2&K=3&k", "k"), [&b"1"[..], b"2", b""]);
        assert_eq!(values(b"/a?k=a=b+c#?k=4", "k"), [b"a=b c"]);
        assert!(values(b"/k=1", "k").is_empty());
        assert!(values(b"", "k").is_empty());
    }

    #[test]
    fn parameters_are_removed_without_touching_others() {
        assert_eq!(without(b"/a?k=1", "k"), b"/a");
        assert_eq!(without(b"/a?x=%31&k=1&&y&k", "k"), b"/a?x=%31&y");
        assert_eq!(without(b"/a?x=1", "k"), b"/a?x=1");
        assert_eq!(without(b"/a", "k"), b"/a");
        assert_eq!(without(b"/a?k#f", "k"), b"/a#f");
    }

    #[test]
    fn cookies_are_found_and_removed() {
        let lines = [b"a=1; b=\"2\";c".to_vec(), b" a = 3=3".to_vec()];
        assert_eq!(cookies(&lines, "a").collect::<Vec<_>>(), [&b"1"[..], b"3=3"]);
        assert_eq!(cookies(&lines, "b").collect::<Vec<_>>(), [b"2"]);
        assert_eq!(without_cookie(&lines, "a").as_deref(), Some(&b"b=\"2\"; c"[..]));
        assert_eq!(without_cookie(&[b"a=1".to_vec()], "a"), None);
    }
}
