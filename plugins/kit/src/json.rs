//! JSON from strangers: read strictly, because a plugin that reads it otherwise than the upstream can be deceived.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// Parses a whole text. Refuses names that come twice in one object (every reader takes another one of the two), and more
/// than `depth` levels of lists and objects.
pub fn parse_strict(text: &[u8], depth: usize) -> Result<Value, String> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let value = Strict(depth).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    value.map_err(|error| error.to_string())
}

/// How many levels may follow.
#[derive(Clone, Copy)]
struct Strict(usize);

impl Strict {
    fn below<E: serde::de::Error>(self) -> Result<Self, E> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| E::custom("too many levels"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

/// A scalar is read as serde_json reads it.
macro_rules! scalars {
    ($($visit:ident: $kind:ty,)*) => {
        $(fn $visit<E>(self, value: $kind) -> Result<Value, E> {
            Ok(value.into())
        })*
    };
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    scalars! {
        visit_bool: bool,
        visit_i64: i64,
        visit_u64: u64,
        visit_f64: f64,
        visit_str: &str,
        visit_string: String,
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let (below, mut list) = (self.below()?, Vec::new());
        while let Some(item) = items.next_element_seed(below)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let (below, mut map) = (self.below()?, Map::new());
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(below)?;
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a name comes twice in one object"));
            }
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_good_is_read_as_usual() {
        for text in ["null", " [1, -2, 3.5, \"a\\u00e4\", true, {}] ", r#"{"a":{"a":1},"b":[{"a":2}]}"#, "1e400x"] {
            match serde_json::from_slice::<Value>(text.as_bytes()) {
                Ok(value) => assert_eq!(parse_strict(text.as_bytes(), 8), Ok(value)),
                Err(_) => assert!(parse_strict(text.as_bytes(), 8).is_err()),
            }
        }
    }

    #[test]
    fn names_that_come_twice_are_refused_however_written() {
        for text in [r#"{"a":1,"a":1}"#, r#"[{"x":{"a":1,"b":2,"\u0061":3}}]"#, r#"{"":0,"":0}"#] {
            assert!(parse_strict(text.as_bytes(), 8).expect_err(text).contains("twice"));
        }
    }

    #[test]
    fn depth_is_bounded() {
        assert!(parse_strict(b"[[1]]", 2).is_ok());
        assert!(parse_strict(b"[[[1]]]", 2).expect_err("deep").contains("levels"));
        assert!(parse_strict(b"1", 0).is_ok());
        assert!(parse_strict(&b"[".repeat(1_000_000), 64).is_err());
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [&b""[..], b"{", b"[1,]", b"1 2", b"\xff", b"\"\xff\"", b"{\"a\":1}x", b"NaN", b"'a'"] {
            assert!(parse_strict(text, 8).is_err());
        }
    }
}
