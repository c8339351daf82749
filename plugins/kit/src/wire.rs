//! Headers as they cross the border between module and proxy: a count, the lengths of all names and values, and then
//! these, each with a NUL behind it. Numbers have four bytes, the lowest first.

/// Writes headers down.
pub fn pairs(headers: &[(&str, &[u8])]) -> Vec<u8> {
    let size = headers.iter().map(|(name, value)| name.len() + value.len() + 10).sum::<usize>();
    let mut out = Vec::with_capacity(size + 4);
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    out.extend_from_slice(&number(headers.len()));
    for (name, value) in headers {
        out.extend_from_slice(&number(name.len()));
        out.extend_from_slice(&number(value.len()));
    }
    for part in headers.iter().flat_map(|(name, value)| [name.as_bytes(), value]) {
        out.extend_from_slice(part);
        out.push(0);
    }
    out
}

/// Reads headers one by one, without copying them. What is not written as it should be ends them.
pub fn read(bytes: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let count = number(bytes, 0).unwrap_or(0);
    let mut at = count.saturating_mul(8).saturating_add(4);
    let mut part = move |length: usize| {
        let end = at.checked_add(length)?;
        let found = bytes.get(at..end)?;
        at = end.checked_add(1)?;
        Some(found)
    };
    (0..count).map_while(move |n| {
        let name = part(number(bytes, n * 8 + 4)?)?;
        Some((name, part(number(bytes, n * 8 + 8)?)?))
    })
}

/// The values of one header, in order. The same as looking for its name in what [`read`] gives; this passes the others by
/// without looking at more than their lengths.
pub fn values<'a>(bytes: &'a [u8], name: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    let count = number(bytes, 0).unwrap_or(0);
    let mut next = count.saturating_mul(8).saturating_add(4);
    let lengths = (0..count).map_while(|n| Some((number(bytes, n * 8 + 4)?, number(bytes, n * 8 + 8)?)));
    lengths.filter_map(move |(name_length, length)| {
        let at = next;
        let value = at.saturating_add(name_length).saturating_add(1);
        next = value.saturating_add(length).saturating_add(1);
        let is_it = name_length == name.len() && bytes.get(at..value - 1) == Some(name);
        if is_it { bytes.get(value..next - 1) } else { None }
    })
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_form_is_the_proxys() {
        let written = pairs(&[(":path", b"/"), ("a", b"")]);
        let lengths = b"\x02\0\0\0\x05\0\0\0\x01\0\0\0\x01\0\0\0\0\0\0\0";
        assert_eq!(written, [&lengths[..], b":path\0/\0a\0\0"].concat());
        assert_eq!(pairs(&[]), [0; 4]);
    }

    #[test]
    fn what_is_cut_ends_early() {
        let written = pairs(&[("a", b"1"), ("b", b"2")]);
        let read_of = |bytes: &[u8]| read(bytes).count();
        assert_eq!(read_of(&written), 2);
        // Without its last NUL, everything is still there.
        assert_eq!(read_of(&written[..written.len() - 1]), 2);
        assert_eq!(read_of(&written[..written.len() - 2]), 1);
        assert_eq!((read_of(&written[..3]), read_of(b""), read_of(b"\xff\xff\xff\xff")), (0, 0, 0));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(headers in prop::collection::vec(("[a-z-]{0,9}", prop::collection::vec(any::<u8>(), 0..9)), 0..9)) {
            let borrowed: Vec<_> = headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
            let written = pairs(&borrowed);
            let back: Vec<_> = read(&written).map(|(name, value)| (String::from_utf8_lossy(name).into_owned(), value.to_vec())).collect();
            prop_assert_eq!(back, headers);
        }

        #[test]
        fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            prop_assert!(read(&bytes).count() <= 8 && values(&bytes, b"").count() <= 8);
        }

        #[test]
        fn values_are_those_of_the_name(headers in prop::collection::vec(("[ab]{0,2}", prop::collection::vec(any::<u8>(), 0..3)), 0..9), name in "[ab]{0,2}") {
            let borrowed: Vec<_> = headers.iter().map(|(name, value)| (&name[..], &value[..])).collect();
            let written = pairs(&borrowed);
            let found: Vec<_> = values(&written, name.as_bytes()).collect();
            let expected: Vec<_> = borrowed.iter().filter(|(known, _)| *known == name).map(|(_, value)| *value).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
