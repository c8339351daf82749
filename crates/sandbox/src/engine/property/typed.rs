//! A property whose value is a protobuf message of a declared type: what Envoy makes of the types that stand for plain
//! values.

use super::Value;
use crate::engine::message::Message;

/// Messages that lie in each other; one with more is broken.
const DEPTH: u32 = 100;
const NANOS: i64 = 1_000_000_000;

/// A value with parts or without.
#[derive(Debug, Clone)]
pub(super) enum Typed {
    Plain(Value),
    Map(Vec<(Vec<u8>, Typed)>),
    List(Vec<Typed>),
    /// Nothing, or what could not be read.
    Broken,
}

impl Typed {
    /// What lies at the parts of a path.
    pub(super) fn at(self, parts: &[&str]) -> Option<Value> {
        let Some((part, rest)) = parts.split_first() else { return Some(self.whole()) };
        match self {
            Self::Map(map) => map.into_iter().find(|(name, _)| name == part.as_bytes())?.1.at(rest),
            Self::List(list) => list.into_iter().nth(part.trim().parse().ok()?)?.at(rest),
            Self::Plain(_) | Self::Broken => None,
        }
    }

    /// As one value. One part that has none leaves none of the whole.
    fn whole(self) -> Value {
        let pairs = match self {
            Self::Plain(value) => return value,
            Self::Broken => return Value::Group,
            Self::Map(map) => map.into_iter().map(|(name, value)| Some((name, value.whole().encode().ok()?))).collect(),
            Self::List(list) => {
                list.into_iter().map(|value| Some((value.whole().encode().ok()?, Vec::new()))).collect::<Option<_>>()
            }
        };
        pairs.map_or(Value::Group, Value::Pairs)
    }
}

/// The value in a message of that type; `None` where its type may be one of Envoy's own.
pub(super) fn read(schema: &[u8], bytes: &[u8]) -> Option<Typed> {
    let Ok(schema) = std::str::from_utf8(schema) else { return Some(Typed::Broken) };
    let Some((_, name)) = schema.rsplit_once('/') else { return Some(Typed::Broken) };
    match name.strip_prefix("google.protobuf.") {
        Some(name) => known(name, bytes, DEPTH),
        // The others are those of its configuration.
        None if ["envoy.", "google.", "xds.", "udpa.", "cel.", "opentelemetry."]
            .iter()
            .any(|own| name.starts_with(own)) =>
        {
            None
        }
        None => Some(Typed::Broken),
    }
}

fn known(name: &str, bytes: &[u8], depth: u32) -> Option<Typed> {
    if ![
        "StringValue",
        "BytesValue",
        "BoolValue",
        "Int32Value",
        "Int64Value",
        "UInt32Value",
        "UInt64Value",
        "DoubleValue",
        "FloatValue",
        "Duration",
        "Timestamp",
        "Struct",
        "Value",
        "ListValue",
    ]
    .contains(&name)
    {
        return None;
    }
    Some(well_known(name, bytes, depth).unwrap_or(Typed::Broken))
}

/// `None` for what is no such message.
#[allow(clippy::cast_possible_truncation)] // Protobuf cuts numbers that are too large for their field.
fn well_known(name: &str, bytes: &[u8], depth: u32) -> Option<Typed> {
    let message = Message::read(bytes)?;
    let value = match name {
        "StringValue" => Value::Bytes(message.with_texts(&[1])?.bytes(1).to_vec()),
        "BytesValue" => Value::Bytes(message.bytes(1).to_vec()),
        "BoolValue" => Value::Bool(message.varint(1) != 0),
        "Int32Value" => Value::Int(i64::from((message.varint(1) as u32).cast_signed())),
        "UInt32Value" => Value::Int(i64::from(message.varint(1) as u32)),
        "Int64Value" | "UInt64Value" => Value::Int(message.varint(1).cast_signed()),
        "DoubleValue" => Value::Bytes(message.fixed64(1).to_le_bytes().to_vec()),
        "FloatValue" => Value::Bytes(f64::from(f32::from_bits(message.fixed32(1))).to_le_bytes().to_vec()),
        "Duration" | "Timestamp" => {
            let nanos = i64::from((message.varint(2) as u32).cast_signed());
            Value::Int(message.varint(1).cast_signed().saturating_mul(NANOS).saturating_add(nanos))
        }
        "Struct" => return map(&message, depth.checked_sub(1)?),
        "ListValue" => return list(&message, depth.checked_sub(1)?),
        _ => return one_of(&message, depth.checked_sub(1)?),
    };
    Some(Typed::Plain(value))
}

fn map(message: &Message<'_>, depth: u32) -> Option<Typed> {
    let mut map: Vec<(Vec<u8>, Typed)> = Vec::new();
    for bytes in message.all_bytes(1) {
        let entry = Message::read(bytes)?.with_texts(&[1])?;
        let value = well_known("Value", entry.bytes(2), depth)?;
        match map.iter_mut().find(|(name, _)| name == entry.bytes(1)) {
            Some((_, known)) => *known = value,
            None => map.push((entry.bytes(1).to_vec(), value)),
        }
    }
    Some(Typed::Map(map))
}

fn list(message: &Message<'_>, depth: u32) -> Option<Typed> {
    message.all_bytes(1).map(|bytes| well_known("Value", bytes, depth)).collect::<Option<_>>().map(Typed::List)
}

/// A `Value` has one of several fields: the last that came.
fn one_of(message: &Message<'_>, depth: u32) -> Option<Typed> {
    let Some(field) = message.last_of(&[(1, 0), (2, 1), (3, 2), (4, 0), (5, 2), (6, 2)]) else {
        return Some(Typed::Broken);
    };
    Some(match field {
        2 => Typed::Plain(Value::Bytes(message.fixed64(2).to_le_bytes().to_vec())),
        3 => {
            let text = message.bytes(3);
            std::str::from_utf8(text).ok()?;
            Typed::Plain(Value::Bytes(text.to_vec()))
        }
        4 => Typed::Plain(Value::Bool(message.varint(4) != 0)),
        5 => return well_known("Struct", message.bytes(5), depth),
        6 => return well_known("ListValue", message.bytes(6), depth),
        // Null, which has no encoding.
        _ => Typed::Broken,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::http::pairs;

    fn encoded(schema: &str, bytes: &[u8], parts: &[&str]) -> Option<Vec<u8>> {
        read(format!("a/google.protobuf.{schema}").as_bytes(), bytes).unwrap().at(parts)?.encode().ok()
    }

    #[test]
    fn plain_values_lose_their_message() {
        assert_eq!(encoded("StringValue", b"\x0a\x01a", &[]), Some(b"a".to_vec()));
        assert_eq!(encoded("StringValue", b"\x0a\x01\xff", &[]), None);
        assert_eq!(encoded("Int32Value", b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", &[]), Some(vec![255; 8]));
        assert_eq!(encoded("StringValue", b"\x0a\x01a", &["value"]), None);
    }

    #[test]
    fn a_struct_has_parts() {
        let deep = b"\x0a\x14\x0a\x01x\x12\x0f*\x0d\x0a\x0b\x0a\x01y\x12\x06\x1a\x04deep";
        assert_eq!(encoded("Struct", deep, &["x", "y"]), Some(b"deep".to_vec()));
        assert_eq!(encoded("Struct", deep, &["y"]), None);
        let one = pairs::encode(&[(b"y".to_vec(), b"deep".to_vec())]);
        assert_eq!(encoded("Struct", deep, &["x"]), Some(one));
        assert_eq!(encoded("Struct", b"\x0a\x07\x0a\x01x\x12\x02\x08\x00", &[]), None);
        assert_eq!(encoded("ListValue", b"\x0a\x03\x1a\x01a", &["0"]), Some(b"a".to_vec()));
    }

    #[test]
    fn types_of_envoy_are_left_to_it() {
        assert!(read(b"type.googleapis.com/envoy.config.core.v3.Node", b"").is_none());
        assert!(read(b"type.googleapis.com/google.protobuf.Empty", b"").is_none());
        assert!(read(b"type.googleapis.com/mine", b"").unwrap().at(&[]).unwrap().encode().is_err());
    }
}
