//! Pairs of names and values as they stand in a query or in a form: what is not touched keeps its writing.

use plugin_kit::query;

use crate::values::Values;

/// Pairs, undecoded.
#[derive(Debug, PartialEq, Eq)]
pub struct Form(Vec<Vec<u8>>);

impl Form {
    /// Pairs parted by `&`.
    pub fn parse(text: &[u8]) -> Self {
        Self(query::parameters(text).map(|(.., whole)| whole.to_vec()).collect())
    }

    /// Its text.
    pub fn text(&self) -> Vec<u8> {
        self.0.join(&b'&')
    }
}

fn parts(pair: &[u8]) -> (&[u8], &[u8]) {
    pair.iter().position(|&b| b == b'=').map_or((pair, &[]), |at| (&pair[..at], &pair[at + 1..]))
}

fn encode(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("%{byte:02X}").as_bytes());
        }
    }
}

impl Values for Form {
    fn all(&self, name: &str) -> Vec<Vec<u8>> {
        let pairs = self.0.iter().map(|pair| parts(pair));
        let named = pairs.filter(|(known, _)| query::decode(known, true) == name.as_bytes());
        named.map(|(_, value)| query::decode(value, true)).collect()
    }

    fn put(&mut self, name: &str, values: &[Vec<u8>]) -> bool {
        let is_named = |pair: &Vec<u8>| query::decode(parts(pair).0, true) == name.as_bytes();
        let at = self.0.iter().position(is_named).unwrap_or(self.0.len());
        self.0.retain(|pair| !is_named(pair));
        let pair = |value: &Vec<u8>| {
            let mut pair = Vec::new();
            encode(name.as_bytes(), &mut pair);
            pair.push(b'=');
            encode(value, &mut pair);
            pair
        };
        self.0.splice(at..at, values.iter().map(pair));
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_what_is_touched_is_written_anew() {
        let mut form = Form::parse(b"a=%31&b=x+y&c&a=2&&d=%zz");
        assert_eq!(form.all("a"), [b"1".to_vec(), b"2".to_vec()]);
        assert_eq!(form.all("b"), [b"x y".to_vec()]);
        form.put("a", &[b"\xff& =".to_vec()]);
        assert_eq!(form.text(), b"a=%FF%26%20%3D&b=x+y&c&d=%zz");
        form.put("c", &[]);
        form.put("e f", &[b"1".to_vec(), b"2".to_vec()]);
        assert_eq!(form.text(), b"a=%FF%26%20%3D&b=x+y&d=%zz&e%20f=1&e%20f=2");
        assert_eq!(Form::parse(b"").text(), b"");
    }

    proptest! {
        #[test]
        fn what_is_put_is_there(text in proptest::collection::vec(any::<u8>(), 0..60), name in "\\PC{1,8}", value in proptest::collection::vec(any::<u8>(), 0..20)) {
            let mut form = Form::parse(&text);
            form.put(&name, std::slice::from_ref(&value));
            prop_assert_eq!(Form::parse(&form.text()).all(&name), vec![value]);
        }
    }
}
