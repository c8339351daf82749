//! JSON bodies: values are found by path, `a.b.0`; a dot that belongs to a name is written `\.`.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use crate::json::{Member, Node, quoted, unquoted};
use crate::values::Strategy;

/// The longest path.
const MAX_DEPTH: usize = 32;

/// A path into a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(Vec<String>);

impl Path {
    /// Reads a path. None if a part of it is empty, or it is too long.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = vec![String::new()];
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            match (c, parts.last_mut()) {
                ('.', _) => parts.push(String::new()),
                ('\\', Some(part)) => part.push(chars.next()?),
                (c, Some(part)) => part.push(c),
                (_, None) => {}
            }
        }
        (parts.len() <= MAX_DEPTH && parts.iter().all(|part| !part.is_empty())).then_some(Self(parts))
    }
}

impl Path {
    /// Whether it leads into what is at `other`, or to it.
    pub fn is_within(&self, other: &Path) -> bool {
        self.0.starts_with(&other.0)
    }
}

/// What a text becomes in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    String,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// Whatever JSON it is.
    Object,
}

impl Kind {
    /// The value of a text. None if it is not of this kind.
    pub fn value(self, text: &[u8]) -> Option<Node<'static>> {
        let source = match self {
            Self::String => quoted(&String::from_utf8_lossy(text)),
            Self::Boolean if matches!(text, b"true" | b"false") => text.to_vec(),
            Self::Boolean => return None,
            Self::Number if !matches!(text.first(), Some(b'-' | b'0'..=b'9')) => return None,
            Self::Number | Self::Object => {
                serde_json::from_slice::<IgnoredAny>(text).ok()?;
                text.trim_ascii().to_vec()
            }
        };
        Some(Node::Raw(Cow::Owned(source)))
    }
}

/// Something that is not there, or stands in the way.
#[derive(Debug, PartialEq, Eq)]
pub struct InTheWay;

/// A JSON body.
#[derive(Debug)]
pub struct Document<'a>(Node<'a>);

impl<'a> Document<'a> {
    /// None if it is not JSON.
    pub fn parse(body: &'a [u8]) -> Option<Self> {
        Node::parse(body).map(Self)
    }

    /// Its text.
    pub fn text(&self) -> Vec<u8> {
        self.0.source()
    }

    /// The value at a path.
    pub fn get(&mut self, path: &Path) -> Option<&mut Node<'a>> {
        path.0.iter().try_fold(&mut self.0, |node, part| child(node, part))
    }

    /// Writes a value, and the objects that lead to it.
    pub fn set(&mut self, path: &Path, value: Node<'a>) -> Result<(), InTheWay> {
        let mut node = &mut self.0;
        for part in &path.0 {
            node = child_or_new(node, part).ok_or(InTheWay)?;
        }
        *node = value;
        Ok(())
    }

    /// Takes a value out.
    pub fn remove(&mut self, path: &Path) -> Option<Node<'a>> {
        let (last, before) = path.0.split_last()?;
        let parent = before.iter().try_fold(&mut self.0, |node, part| child(node, part))?;
        parent.open();
        match parent {
            Node::Object(members) => {
                let mut removed = None;
                let kept = std::mem::take(members).into_iter().filter_map(|member| {
                    if member.name != *last {
                        return Some(member);
                    }
                    removed = Some(member.value);
                    None
                });
                *members = kept.collect();
                removed
            }
            Node::List(items) => {
                let at = place(last).filter(|at| *at < items.len())?;
                Some(items.remove(at))
            }
            Node::Raw(_) => None,
        }
    }

    /// Adds to a value: a list grows, anything else becomes the first of a list.
    pub fn append(&mut self, path: &Path, value: Node<'a>) -> Result<(), InTheWay> {
        let Some(node) = self.get(path) else {
            return self.set(path, value);
        };
        node.open();
        match node {
            Node::List(items) => items.push(value),
            other => *other = Node::List(vec![other.clone(), value]),
        }
        Ok(())
    }

    /// Leaves one or all different values of a list; of a string, one of the parts between commas. False: there was nothing to do.
    pub fn dedupe(&mut self, path: &Path, strategy: Strategy) -> bool {
        let Some(node) = self.get(path) else {
            return false;
        };
        if strategy.splits() {
            let Node::Raw(source) = &*node else {
                return false;
            };
            let Some(text) = unquoted(source) else {
                return false;
            };
            let kept = strategy.keep(vec![text.clone().into_bytes()]);
            let kept = String::from_utf8_lossy(kept.first().map_or(&[][..], |kept| kept)).into_owned();
            let changed = kept != text;
            *node = Node::Raw(Cow::Owned(quoted(&kept)));
            return changed;
        }
        node.open();
        let Node::List(items) = node else {
            return false;
        };
        if items.is_empty() {
            return false;
        }
        let mut kept = strategy.keep(std::mem::take(items));
        *node = if kept.len() == 1 { kept.remove(0) } else { Node::List(kept) };
        true
    }
}

fn place(part: &str) -> Option<usize> {
    (part.len() <= 9 && part.bytes().all(|b| b.is_ascii_digit())).then(|| part.parse().ok()).flatten()
}

/// Of several members with one name, the last one counts, as for most readers.
fn child<'n, 'a>(node: &'n mut Node<'a>, part: &str) -> Option<&'n mut Node<'a>> {
    node.open();
    match node {
        Node::Object(members) => members.iter_mut().rfind(|member| member.name == part).map(|member| &mut member.value),
        Node::List(items) => items.get_mut(place(part)?),
        Node::Raw(_) => None,
    }
}

fn child_or_new<'n, 'a>(node: &'n mut Node<'a>, part: &str) -> Option<&'n mut Node<'a>> {
    let empty = || Node::Raw(Cow::Borrowed(&b"{}"[..]));
    node.open();
    match node {
        Node::Object(members) => {
            let at = match members.iter().rposition(|member| member.name == part) {
                Some(last) => {
                    // Whoever reads the first of several must not read what was meant to be overwritten.
                    let before = members[..last].iter().filter(|member| member.name == part).count();
                    let mut left = before;
                    members.retain(|member| {
                        let goes = left > 0 && member.name == part;
                        left -= usize::from(goes);
                        !goes
                    });
                    last - before
                }
                None => {
                    members.push(Member::new(part, empty()));
                    members.len() - 1
                }
            };
            members.get_mut(at).map(|member| &mut member.value)
        }
        Node::List(items) => {
            let at = place(part)?;
            if at == items.len() {
                items.push(empty());
            }
            items.get_mut(at)
        }
        Node::Raw(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::parse(text).expect(text)
    }

    fn raw(text: &'static str) -> Node<'static> {
        Node::Raw(Cow::Borrowed(text.as_bytes()))
    }

    fn after(text: &str, change: impl FnOnce(&mut Document)) -> String {
        let mut document = Document::parse(text.as_bytes()).expect("JSON");
        change(&mut document);
        String::from_utf8(document.text()).expect("text")
    }

    #[test]
    fn paths_have_names_with_dots() {
        assert_eq!(path(r"a\.b.0.c\\").0, ["a.b", "0", r"c\"]);
        for bad in ["", ".", "a.", ".a", "a..b", "a\\"] {
            assert!(Path::parse(bad).is_none(), "{bad}");
        }
        assert!(Path::parse(&["a"; 33].join(".")).is_none());
    }

    #[test]
    fn values_are_set_and_removed() {
        let text = r#"{"a":{"b":[1,2]},"c":"x","d\u002e":1}"#;
        for (at, wanted) in [
            ("a.b.0", r#"{"a":{"b":[9,2]},"c":"x","d\u002e":1}"#),
            ("a.b.2", r#"{"a":{"b":[1,2,9]},"c":"x","d\u002e":1}"#),
            ("a.n.m", r#"{"a":{"b":[1,2],"n":{"m":9}},"c":"x","d\u002e":1}"#),
            (r"d\.", r#"{"a":{"b":[1,2]},"c":"x","d\u002e":9}"#),
        ] {
            assert_eq!(after(text, |d| assert_eq!(d.set(&path(at), raw("9")), Ok(()))), wanted);
        }
        for in_the_way in ["c.x", "a.b.3", "a.b.x", "c.0"] {
            assert_eq!(after(text, |d| assert_eq!(d.set(&path(in_the_way), raw("9")), Err(InTheWay))), text);
        }
        assert_eq!(after(text, |d| assert!(d.remove(&path("a.b")).is_some())), r#"{"a":{},"c":"x","d\u002e":1}"#);
        assert_eq!(
            after(text, |d| assert!(d.remove(&path("a.b.1")).is_some())),
            r#"{"a":{"b":[1]},"c":"x","d\u002e":1}"#
        );
        assert_eq!(after(text, |d| assert!(d.remove(&path("a.x")).is_none())), text);
    }

    #[test]
    fn names_that_come_twice_leave_nothing_behind() {
        let text = r#"{"a":1,"b":0,"a":2,"a":3}"#;
        assert_eq!(after(text, |d| assert_eq!(d.get(&path("a")).map(|n| n.source()), Some(b"3".to_vec()))), text);
        assert_eq!(after(text, |d| assert!(d.set(&path("a"), raw("9")).is_ok())), r#"{"b":0,"a":9}"#);
        assert_eq!(after(text, |d| assert!(d.remove(&path("a")).is_some())), r#"{"b":0}"#);
    }

    #[test]
    fn values_become_lists_and_back() {
        let append = |text: &str| after(text, |d| assert!(d.append(&path("a"), raw("2")).is_ok()));
        assert_eq!(append(r#"{"a":1}"#), r#"{"a":[1,2]}"#);
        assert_eq!(append(r#"{"a":[1]}"#), r#"{"a":[1,2]}"#);
        assert_eq!(append("{}"), r#"{"a":2}"#);
        let dedupe = |text: &str, strategy| {
            after(text, |d| {
                d.dedupe(&path("a"), strategy);
            })
        };
        let text = r#"{"a":["x","y","x"]}"#;
        assert_eq!(dedupe(text, Strategy::RetainFirst), r#"{"a":"x"}"#);
        assert_eq!(dedupe(text, Strategy::RetainUnique), r#"{"a":["x","y"]}"#);
        assert_eq!(dedupe(r#"{"a":"x, y"}"#, Strategy::SplitAndRetainLast), r#"{"a":"y"}"#);
        assert_eq!(dedupe(r#"{"a":[]}"#, Strategy::RetainLast), r#"{"a":[]}"#);
        assert_eq!(dedupe(r#"{"a":7}"#, Strategy::RetainFirst), r#"{"a":7}"#);
    }

    #[test]
    fn texts_become_what_they_are_said_to_be() {
        for (kind, text, wanted) in [
            (Kind::String, "a\"\n", Some(r#""a\"\n""#)),
            (Kind::Number, "1e3", Some("1e3")),
            (Kind::Number, "\"1\"", None),
            (Kind::Number, "1 2", None),
            (Kind::Boolean, "true", Some("true")),
            (Kind::Boolean, "yes", None),
            (Kind::Object, " {\"a\":[]} ", Some(r#"{"a":[]}"#)),
            (Kind::Object, "{a}", None),
        ] {
            let value = kind.value(text.as_bytes()).map(|node| String::from_utf8(node.source()).expect("text"));
            assert_eq!(value.as_deref(), wanted, "{text}");
        }
    }
}
