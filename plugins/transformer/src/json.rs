//! A JSON text that is opened only where it is looked into: everything else goes out as it came, with its order, its
//! numbers and its escapes.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Node<'a> {
    /// Its source, without blanks around it.
    Raw(Cow<'a, [u8]>),
    /// An opened list.
    List(Vec<Node<'a>>),
    /// An opened object.
    Object(Vec<Member<'a>>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member<'a> {
    /// Its source, with quotes.
    source: Cow<'a, [u8]>,
    /// What it means.
    pub name: String,
    /// Its value.
    pub value: Node<'a>,
}

impl Member<'_> {
    /// A member of this name.
    pub fn new(name: &str, value: Node<'static>) -> Member<'static> {
        Member { source: Cow::Owned(quoted(name)), name: name.to_owned(), value }
    }
}

/// A text as a JSON string.
pub fn quoted(text: &str) -> Vec<u8> {
    serde_json::Value::from(text).to_string().into_bytes()
}

/// What a JSON string means. None if it is no string.
pub fn unquoted(source: &[u8]) -> Option<String> {
    serde_json::from_slice(source).ok()
}

impl<'a> Node<'a> {
    /// A whole text. None if it is not JSON.
    pub fn parse(text: &'a [u8]) -> Option<Self> {
        serde_json::from_slice::<IgnoredAny>(text).ok()?;
        Some(Self::Raw(Cow::Borrowed(text.trim_ascii())))
    }

    /// Its source.
    pub fn source(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }

    /// Appends its source.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Raw(source) => out.extend_from_slice(source),
            Self::List(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Self::Object(members) => {
                out.push(b'{');
                for (i, member) in members.iter().enumerate() {
                    if i > 0 {
                        out.push(b',');
                    }
                    out.extend_from_slice(&member.source);
                    out.push(b':');
                    member.value.write(out);
                }
                out.push(b'}');
            }
        }
    }

    /// Opens a list or an object, so that its parts can be reached. Everything else stays as it is.
    pub fn open(&mut self) {
        let Self::Raw(source) = self else {
            return;
        };
        let opened = match source {
            Cow::Borrowed(text) => opened(text, Cow::Borrowed),
            Cow::Owned(text) => opened(text, |part| Cow::Owned(part.to_vec())),
        };
        if let Some(opened) = opened {
            *self = opened;
        }
    }
}

/// The parts of a list or an object in a text that is known to be JSON.
fn opened<'t, 'a>(text: &'t [u8], keep: impl Fn(&'t [u8]) -> Cow<'a, [u8]>) -> Option<Node<'a>> {
    let is_object = match text.first()? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let (mut items, mut members) = (Vec::new(), Vec::new());
    let mut at = skip_blanks(text, 1);
    while !matches!(text.get(at)?, b'}' | b']') {
        let mut name = None;
        if is_object {
            let end = value_end(text, at)?;
            let source = &text[at..end];
            name = Some((source, unquoted(source).unwrap_or_else(|| String::from_utf8_lossy(source).into_owned())));
            at = skip_blanks(text, skip_blanks(text, end) + 1);
        }
        let end = value_end(text, at)?;
        let value = Node::Raw(keep(&text[at..end]));
        match name {
            Some((source, name)) => members.push(Member { source: keep(source), name, value }),
            None => items.push(value),
        }
        at = skip_blanks(text, end);
        if text.get(at)? == &b',' {
            at = skip_blanks(text, at + 1);
        }
    }
    Some(if is_object { Node::Object(members) } else { Node::List(items) })
}

fn skip_blanks(text: &[u8], mut at: usize) -> usize {
    while text.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\r' | b'\n')) {
        at += 1;
    }
    at
}

/// The end of the value that begins at `at`.
fn value_end(text: &[u8], mut at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    loop {
        match text.get(at)? {
            b'"' => at = string_end(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth > 0 => at += 1,
            _ => {
                let is_scalar = |b: &u8| !matches!(b, b',' | b':' | b'}' | b']' | b'"' | b' ' | b'\t' | b'\r' | b'\n');
                at += text[at..].iter().take_while(|b| is_scalar(b)).count().max(1);
            }
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

fn string_end(text: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Opens everything.
    fn open_all(node: &mut Node) {
        node.open();
        match node {
            Node::List(items) => items.iter_mut().for_each(open_all),
            Node::Object(members) => members.iter_mut().for_each(|member| open_all(&mut member.value)),
            Node::Raw(_) => {}
        }
    }

    #[test]
    fn what_is_opened_means_the_same() {
        for text in [
            "{}",
            "[]",
            " { \"a\" : [ 1 , -2.50e+3, {\"b\":null} ] , \"c\\\"]}\" : \"x\\\\\" } ",
            "[[[]],{},\"\",[{}]]",
            "12345678901234567890.123",
            "\"\\ud83d\\ude00,:{[\"",
        ] {
            let mut node = Node::parse(text.as_bytes()).expect(text);
            open_all(&mut node);
            let compact: String = String::from_utf8(node.source()).expect("text");
            let same = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
            assert_eq!(same(&compact), same(text), "{text}");
        }
    }

    #[test]
    fn numbers_and_order_stay_as_they_are() {
        let text = br#"{"z":1.10,"a":12345678901234567890123,"z":2}"#;
        let mut node = Node::parse(text).expect("JSON");
        open_all(&mut node);
        assert_eq!(node.source(), text);
    }

    #[test]
    fn what_is_no_json_is_none() {
        for bad in ["", "{", "{a:1}", "[1,]", "01", "\"\n\"", "{} {}", "nul"] {
            assert!(Node::parse(bad.as_bytes()).is_none(), "{bad}");
        }
        let deep = "[".repeat(50_000) + &"]".repeat(50_000);
        if let Some(mut node) = Node::parse(deep.as_bytes()) {
            node.open();
            assert_eq!(node.source().len(), deep.len());
        }
    }

    proptest! {
        #[test]
        fn any_json_survives(text in "[ \\[\\]{}\",:0-9a\\\\]{0,24}", wrap in "\\PC{0,12}") {
            let wrapped = serde_json::json!({ wrap.as_str(): [&text, {"b": &wrap}] }).to_string();
            for text in [&text, &wrapped] {
                if let Some(mut node) = Node::parse(text.as_bytes()) {
                    open_all(&mut node);
                    let same = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).ok();
                    prop_assert_eq!(same(&node.source()), same(text.as_bytes()));
                }
            }
        }
    }
}
