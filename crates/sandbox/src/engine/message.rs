//! The protobuf messages that some foreign functions take and give, read as Envoy's parser reads them.

/// Groups that lie in each other; a message with more is none.
const DEPTH: u32 = 100;

/// What stands behind a field's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire<'a> {
    Varint(u64),
    Fixed64(u64),
    Bytes(&'a [u8]),
    Fixed32(u32),
}

/// The fields of a message in their order, without groups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message<'a>(Vec<(u64, Wire<'a>)>);

impl<'a> Message<'a> {
    /// `None` for what is no message.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader(bytes);
        let mut fields = Vec::new();
        while !reader.0.is_empty() {
            if let Some(field) = reader.field(DEPTH)? {
                fields.push(field);
            }
        }
        Some(Self(fields))
    }

    fn last<T>(&self, number: u64, of: impl Fn(Wire<'a>) -> Option<T>) -> Option<T> {
        // A field of another wire type is as good as unknown.
        self.0.iter().rev().filter(|(field, _)| *field == number).find_map(|(_, wire)| of(*wire))
    }

    pub(crate) fn bytes(&self, number: u64) -> &'a [u8] {
        self.last(number, |wire| if let Wire::Bytes(bytes) = wire { Some(bytes) } else { None }).unwrap_or_default()
    }

    /// All of a field that may be there more than once.
    pub(crate) fn all_bytes(&self, number: u64) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.0.iter().filter_map(move |(field, wire)| match wire {
            Wire::Bytes(bytes) if *field == number => Some(*bytes),
            _ => None,
        })
    }

    /// Which of these fields, each with its wire type, came last.
    pub(crate) fn last_of(&self, fields: &[(u64, u8)]) -> Option<u64> {
        let kind = |wire: &Wire<'_>| match wire {
            Wire::Varint(_) => 0,
            Wire::Fixed64(_) => 1,
            Wire::Bytes(_) => 2,
            Wire::Fixed32(_) => 5,
        };
        self.0.iter().rev().find(|(field, wire)| fields.contains(&(*field, kind(wire)))).map(|(field, _)| *field)
    }

    pub(crate) fn varint(&self, number: u64) -> u64 {
        self.last(number, |wire| if let Wire::Varint(value) = wire { Some(value) } else { None }).unwrap_or(0)
    }

    pub(crate) fn fixed64(&self, number: u64) -> u64 {
        self.last(number, |wire| if let Wire::Fixed64(value) = wire { Some(value) } else { None }).unwrap_or(0)
    }

    pub(crate) fn fixed32(&self, number: u64) -> u32 {
        self.last(number, |wire| if let Wire::Fixed32(value) = wire { Some(value) } else { None }).unwrap_or(0)
    }

    /// Fields that are declared as text: one that is not UTF-8 makes the message none.
    pub(crate) fn with_texts(self, numbers: &[u64]) -> Option<Self> {
        let is_good = |(number, wire): &(u64, Wire<'_>)| match wire {
            Wire::Bytes(bytes) if numbers.contains(number) => std::str::from_utf8(bytes).is_ok(),
            _ => true,
        };
        self.0.iter().all(is_good).then_some(self)
    }

    /// See [`Self::with_texts`].
    pub(crate) fn text(&self, number: u64) -> &'a str {
        std::str::from_utf8(self.bytes(number)).unwrap_or_default()
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn varint(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for at in 0..10 {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next field; `Some(None)` for a group that was skipped.
    #[allow(clippy::option_option)]
    fn field(&mut self, depth: u32) -> Option<Option<(u64, Wire<'a>)>> {
        let tag = u32::try_from(self.varint()?).ok()?;
        let number = u64::from(tag >> 3);
        if number == 0 {
            return None;
        }
        let wire = match tag & 7 {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(u64::from_le_bytes(self.take(8)?.try_into().ok()?)),
            2 => {
                let len = usize::try_from(self.varint()?).ok()?;
                Wire::Bytes(self.take(len)?)
            }
            3 => {
                self.skip_group(number, depth.checked_sub(1)?)?;
                return Some(None);
            }
            5 => Wire::Fixed32(u32::from_le_bytes(self.take(4)?.try_into().ok()?)),
            _ => return None,
        };
        Some(Some((number, wire)))
    }

    fn skip_group(&mut self, number: u64, depth: u32) -> Option<()> {
        loop {
            let before = self.0;
            let tag = u32::try_from(self.varint()?).ok()?;
            if tag & 7 == 4 {
                return (u64::from(tag >> 3) == number).then_some(());
            }
            self.0 = before;
            self.field(depth)?;
        }
    }
}

/// A field of bytes; nothing where it is empty, as in proto3.
pub(crate) fn put_bytes(out: &mut Vec<u8>, number: u8, bytes: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    out.push(number << 3 | 2);
    let mut len = bytes.len();
    while len >= 0x80 {
        out.push(u8::try_from(len & 0x7f).unwrap_or(0) | 0x80);
        len >>= 7;
    }
    out.push(u8::try_from(len).unwrap_or(0));
    out.extend_from_slice(bytes);
}

/// A field that is true; nothing where it is not.
pub(crate) fn put_bool(out: &mut Vec<u8>, number: u8, value: bool) {
    if value {
        out.extend([number << 3, 1]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_of_a_field_counts_and_groups_are_skipped() {
        let message = Message::read(b"\x0a\x01a\x0b\x08\x01\x0c\x0a\x02bc\x10\x96\x01\x08\x07").unwrap();
        assert_eq!((message.bytes(1), message.varint(2), message.varint(1)), (&b"bc"[..], 150, 7));
        assert_eq!(message.bytes(9), b"");
    }

    #[test]
    fn what_is_no_message_is_none() {
        for bytes in [&b"\0"[..], b"\xff", b"\x0a\x05ab", b"\x0b", b"\x0b\x14", b"\x0c", b"\x0e", b"\x08", b"\x09\x01"]
        {
            assert_eq!(Message::read(bytes), None, "{bytes:?}");
        }
        assert_eq!(Message::read(&[0x0b; 200]), None);
        assert!(Message::read(b"\x0a\x01\xff").unwrap().with_texts(&[1]).is_none());
    }

    #[test]
    fn fields_that_were_written_are_read() {
        let mut out = Vec::new();
        put_bool(&mut out, 1, true);
        put_bytes(&mut out, 2, &[7; 300]);
        put_bytes(&mut out, 3, b"");
        let message = Message::read(&out).unwrap();
        assert_eq!((message.varint(1), message.bytes(2).len(), out.len()), (1, 300, 305));
    }
}
