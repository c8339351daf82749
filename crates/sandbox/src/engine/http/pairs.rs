//! The wire format of header maps between host and module, little-endian: a count, the lengths of every name and value,
//! then each name and value with a NUL behind it.

use super::headers::Pair;

/// The longest buffer that Envoy reads as pairs, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The most pairs that Envoy reads.
const MAX_PAIRS: usize = 1024;

/// As a module reads it. No pairs at all is an empty buffer, which the caller passes as pointer 0, size 0.
pub(crate) fn encode(pairs: &[Pair]) -> Vec<u8> {
    if pairs.is_empty() {
        return Vec::new();
    }
    let text: usize = pairs.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let mut out = Vec::with_capacity(4 + pairs.len() * 8 + text);
    push_len(&mut out, pairs.len());
    for (name, value) in pairs {
        push_len(&mut out, name.len());
        push_len(&mut out, value.len());
    }
    for (name, value) in pairs {
        out.extend_from_slice(name);
        out.push(0);
        out.extend_from_slice(value);
        out.push(0);
    }
    out
}

/// As Envoy reads it: `None` for a buffer that it takes for an empty map because something in it is wrong.
pub(crate) fn decode(bytes: &[u8]) -> Option<Vec<Pair>> {
    if bytes.len() > MAX_BYTES {
        return None;
    }
    let (count, mut rest) = take_len(bytes)?;
    if count > MAX_PAIRS || count * 8 > rest.len() {
        return None;
    }
    let mut sizes = Vec::with_capacity(count);
    for _ in 0..count {
        let (name, after) = take_len(rest)?;
        let (value, after) = take_len(after)?;
        sizes.push((name, value));
        rest = after;
    }
    let mut pairs = Vec::with_capacity(count);
    for (name, value) in sizes {
        let (name, after) = take_text(rest, name)?;
        let (value, after) = take_text(after, value)?;
        pairs.push((name.to_ascii_lowercase(), value.to_vec()));
        rest = after;
    }
    rest.is_empty().then_some(pairs)
}

fn push_len(out: &mut Vec<u8>, len: usize) {
    out.extend_from_slice(&u32::try_from(len).unwrap_or(u32::MAX).to_le_bytes());
}

fn take_len(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*head) as usize, rest))
}

/// The text and what is behind its NUL. Envoy does not look at that byte, only that it is there.
fn take_text(bytes: &[u8], len: usize) -> Option<(&[u8], &[u8])> {
    let (text, rest) = bytes.split_at_checked(len)?;
    Some((text, rest.get(1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(name: &str, value: &str) -> Pair {
        (name.as_bytes().to_vec(), value.as_bytes().to_vec())
    }

    #[test]
    fn what_is_written_is_read() {
        let pairs = vec![pair("a", "1"), pair("empty", ""), pair("", "x")];
        assert_eq!(decode(&encode(&pairs)), Some(pairs));
        assert!(encode(&[]).is_empty());
        assert_eq!(decode(&[0, 0, 0, 0]), Some(Vec::new()));
    }

    #[test]
    fn a_buffer_that_does_not_end_exactly_is_malformed() {
        let good = encode(&[pair("a", "1")]);
        let mut long = good.clone();
        long.push(0);
        assert_eq!(decode(&long), None);
        for end in 0..good.len() {
            assert_eq!(decode(&good[..end]), None, "cut at {end}");
        }
        assert_eq!(decode(&[0xff; 64]), None);
        let mut many = 1025_u32.to_le_bytes().to_vec();
        many.resize(4 + 1025 * 10, 0);
        assert_eq!(decode(&many), None);
    }
}
