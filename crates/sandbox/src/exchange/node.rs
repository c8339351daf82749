//! A document as a tree in which every value and key still knows its place. Built from the events of any parser, with
//! caps: a small text cannot become a large tree.

use crate::report::InputError;

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 128;
/// Most values of one document, aliases counted as often as they are used.
pub const MAX_NODES: usize = 1_000_000;
/// Most bytes of all strings of one document, aliases counted as often as they are used.
pub const MAX_TEXT: usize = 64 << 20;

/// A place in the text. Both count from 1; 0 is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct At {
    /// From 1.
    pub line: u32,
    /// In characters, from 1.
    pub column: u32,
}

impl At {
    /// `None` where it is unknown.
    #[must_use]
    pub fn line(self) -> Option<u32> {
        (self.line > 0).then_some(self.line)
    }

    /// `None` where it is unknown.
    #[must_use]
    pub fn column(self) -> Option<u32> {
        (self.column > 0).then_some(self.column)
    }
}

/// A value at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it begins.
    pub at: At,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`, or nothing at all.
    Null,
    /// `true`, `false`
    Bool(bool),
    /// Whole or not.
    Number(Box<Number>),
    /// Text.
    Text(String),
    /// In order.
    List(Vec<Node>),
    /// In document order, duplicates kept.
    Map(Vec<(Key, Node)>),
}

/// A number as written and as it is read.
#[derive(Debug, Clone, PartialEq)]
pub struct Number {
    /// As written.
    pub text: String,
    /// Written without a point or an exponent.
    pub whole: bool,
    /// Of a whole number, when it fits.
    pub int: Option<i128>,
    /// The nearest.
    pub float: f64,
}

/// The key of an entry at its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// Its text.
    pub name: String,
    /// Where it begins.
    pub at: At,
}

/// A text that could not be read, or not within the caps.
pub fn problem(code: &str, message: impl Into<String>, at: At) -> InputError {
    InputError {
        code: code.to_owned(),
        field: String::new(),
        message: message.into(),
        line: at.line(),
        column: at.column(),
    }
}

enum Open {
    List(Vec<Node>, At),
    Map(Vec<(Key, Node)>, Option<Key>, At),
}

/// Puts the events of a parser together.
#[derive(Default)]
pub struct Builder {
    open: Vec<Open>,
    root: Option<Node>,
    nodes: usize,
    text: usize,
}

impl Builder {
    /// Begins a list.
    pub fn open_list(&mut self, at: At) -> Result<(), InputError> {
        self.begin(Open::List(Vec::new(), at), at)
    }

    /// Begins a map.
    pub fn open_map(&mut self, at: At) -> Result<(), InputError> {
        self.begin(Open::Map(Vec::new(), None, at), at)
    }

    /// Ends the innermost list or map, and hands out what it became.
    pub fn close(&mut self) -> Result<Option<&Node>, InputError> {
        let node = match self.open.pop() {
            Some(Open::List(items, at)) => Node { kind: Kind::List(items), at },
            Some(Open::Map(entries, _, at)) => Node { kind: Kind::Map(entries), at },
            None => return Ok(None),
        };
        self.put(node)
    }

    /// A value that is complete, or a key where one is due.
    pub fn value(&mut self, node: Node) -> Result<Option<&Node>, InputError> {
        self.count(1, text_of(&node), node.at)?;
        self.put(node)
    }

    /// A value used again.
    pub fn again(&mut self, mut node: Node, at: At) -> Result<(), InputError> {
        let (nodes, text) = weight(&node);
        self.count(nodes, text, at)?;
        node.at = at;
        self.put(node).map(|_| ())
    }

    /// The whole document, once everything is closed.
    pub fn finish(self) -> Option<Node> {
        if self.open.is_empty() { self.root } else { None }
    }

    fn begin(&mut self, open: Open, at: At) -> Result<(), InputError> {
        self.count(1, 0, at)?;
        if self.open.len() >= MAX_DEPTH {
            return Err(problem("too_large", format!("nested deeper than {MAX_DEPTH} levels"), at));
        }
        if matches!(self.open.last(), Some(Open::Map(_, None, _))) {
            return Err(problem("syntax", "a key must be a text, not a list or an object", at));
        }
        self.open.push(open);
        Ok(())
    }

    fn count(&mut self, nodes: usize, text: usize, at: At) -> Result<(), InputError> {
        self.nodes += nodes;
        self.text += text;
        if self.nodes > MAX_NODES || self.text > MAX_TEXT {
            return Err(problem("too_large", "the document has too many values, or aliases that multiply them", at));
        }
        Ok(())
    }

    fn put(&mut self, node: Node) -> Result<Option<&Node>, InputError> {
        match self.open.last_mut() {
            None => Ok(Some(&*self.root.insert(node))),
            Some(Open::List(items, _)) => {
                items.push(node);
                Ok(items.last())
            }
            Some(Open::Map(entries, pending, _)) => match pending.take() {
                Some(key) => {
                    entries.push((key, node));
                    Ok(entries.last().map(|(_, node)| node))
                }
                None => {
                    *pending = Some(key_of(node)?);
                    Ok(None)
                }
            },
        }
    }
}

fn key_of(node: Node) -> Result<Key, InputError> {
    let at = node.at;
    let name = match node.kind {
        Kind::Text(name) => name,
        Kind::Number(number) => number.text,
        Kind::Bool(value) => value.to_string(),
        Kind::Null => "null".to_owned(),
        Kind::List(_) | Kind::Map(_) => {
            return Err(problem("syntax", "a key must be a text, not a list or an object", at));
        }
    };
    Ok(Key { name, at })
}

fn text_of(node: &Node) -> usize {
    match &node.kind {
        Kind::Text(text) => text.len(),
        Kind::Number(number) => number.text.len(),
        _ => 0,
    }
}

/// Values and bytes of text in a tree.
fn weight(node: &Node) -> (usize, usize) {
    let mut left = vec![node];
    let (mut nodes, mut text) = (0, 0);
    while let Some(node) = left.pop() {
        nodes += 1;
        text += text_of(node);
        match &node.kind {
            Kind::List(items) => left.extend(items),
            Kind::Map(entries) => {
                text += entries.iter().map(|(key, _)| key.name.len()).sum::<usize>();
                left.extend(entries.iter().map(|(_, node)| node));
            }
            _ => {}
        }
    }
    (nodes, text)
}
