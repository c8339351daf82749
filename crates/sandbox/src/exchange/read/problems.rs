//! What is wrong with a document, collected while it is read, each problem with the path of its field and its place.

use std::fmt;
use std::ops::RangeInclusive;

use super::super::node::{At, Kind, Node};
use super::near;
use crate::report::{InputError, Warning};

/// More problems than these are not listed: nobody reads them, and a hostile text could have a million.
const MAX_PROBLEMS: usize = 1000;

/// The way from the whole document to a field, for people: `plugins[0].env.A`.
#[derive(Clone, Copy)]
pub enum Path<'a> {
    /// The document.
    Root,
    /// An entry of an object.
    Field(&'a Path<'a>, &'a str),
    /// An item of a list.
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    /// An entry of this object.
    pub fn field(&'a self, name: &'a str) -> Self {
        Self::Field(self, name)
    }

    /// An item of this list.
    pub fn item(&'a self, index: usize) -> Self {
        Self::Item(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Self::Root, name) => to.write_str(&clip(name)),
            Self::Field(parent, name) => write!(to, "{parent}.{}", clip(name)),
            Self::Item(parent, index) => write!(to, "{parent}[{index}]"),
        }
    }
}

/// At most 80 characters of a text, for messages.
pub fn clip(text: &str) -> String {
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// An object whose fields are known.
pub struct Object<'a> {
    /// Where it begins.
    pub at: At,
    entries: Vec<(&'a str, &'a Node)>,
}

impl<'a> Object<'a> {
    /// The value of a field; `null` is as good as absent.
    pub fn get(&self, name: &str) -> Option<&'a Node> {
        let found = self.entries.iter().find(|(key, _)| *key == name);
        found.map(|(_, node)| *node).filter(|node| node.kind != Kind::Null)
    }
}

/// Collects problems and warnings.
#[derive(Default)]
pub struct Problems {
    /// In the order of finding.
    pub errors: Vec<InputError>,
    /// In the order of finding.
    pub warnings: Vec<Warning>,
}

impl Problems {
    /// Notes a problem.
    pub fn say(&mut self, code: &str, path: &Path<'_>, at: At, message: impl Into<String>) {
        if self.errors.len() < MAX_PROBLEMS {
            let (line, column) = (at.line(), at.column());
            let error =
                InputError { code: code.to_owned(), field: path.to_string(), message: message.into(), line, column };
            self.errors.push(error);
        }
    }

    /// Notes a warning of the input.
    pub fn warn(&mut self, code: &str, plugin: usize, text: impl Into<String>, advice: &str) {
        let (code, advice) = (code.to_owned(), advice.to_owned());
        self.warnings.push(Warning { code, plugin: Some(plugin), phase: None, text: text.into(), advice });
    }

    /// An object that may have these fields and no others, none of them twice.
    pub fn object<'a>(&mut self, node: &'a Node, path: &Path<'_>, known: &[&str]) -> Option<Object<'a>> {
        let entries = self.map(node, path)?;
        for (key, at) in entries.iter().map(|(key, _)| (key.name.as_str(), key.at)) {
            if !known.contains(&key) {
                let near = near::nearest(key, known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
                self.say("unknown_field", &path.field(key), at, format!("unknown field `{}`{near}", clip(key)));
            }
        }
        let entries = entries.iter().map(|(key, node)| (key.name.as_str(), node)).collect();
        Some(Object { at: node.at, entries })
    }

    /// An object with any fields, none of them twice.
    pub fn map<'a>(&mut self, node: &'a Node, path: &Path<'_>) -> Option<&'a [(super::super::node::Key, Node)]> {
        let Kind::Map(entries) = &node.kind else {
            self.wrong_type(node, path, "an object");
            return None;
        };
        let mut seen = std::collections::HashSet::new();
        for (key, _) in entries {
            if !seen.insert(key.name.as_str()) {
                let message = format!("the field `{}` is there twice", clip(&key.name));
                self.say("duplicate_key", &path.field(&key.name), key.at, message);
            }
        }
        Some(entries)
    }

    /// A field that must be there.
    pub fn required<'a>(&mut self, object: &Object<'a>, path: &Path<'_>, name: &str) -> Option<&'a Node> {
        let found = object.get(name);
        if found.is_none() {
            self.say("missing_field", &path.field(name), object.at, format!("the field `{name}` is missing"));
        }
        found
    }

    /// A list.
    pub fn list<'a>(&mut self, node: &'a Node, path: &Path<'_>) -> Option<&'a [Node]> {
        match &node.kind {
            Kind::List(items) => Some(items),
            _ => {
                self.wrong_type(node, path, "a list");
                None
            }
        }
    }

    /// Text.
    pub fn text<'a>(&mut self, node: &'a Node, path: &Path<'_>) -> Option<&'a str> {
        match &node.kind {
            Kind::Text(text) => Some(text),
            _ => {
                self.wrong_type(node, path, "a string");
                None
            }
        }
    }

    /// Text with at least one character.
    pub fn some_text<'a>(&mut self, node: &'a Node, path: &Path<'_>) -> Option<&'a str> {
        let text = self.text(node, path)?;
        if text.is_empty() {
            self.say("bad_value", path, node.at, "must not be empty");
            return None;
        }
        Some(text)
    }

    /// `true` or `false`.
    pub fn bool(&mut self, node: &Node, path: &Path<'_>) -> Option<bool> {
        match node.kind {
            Kind::Bool(value) => Some(value),
            _ => {
                self.wrong_type(node, path, "true or false");
                None
            }
        }
    }

    /// A whole number of a range.
    pub fn int<T: TryFrom<i128>>(&mut self, node: &Node, path: &Path<'_>, range: RangeInclusive<i128>) -> Option<T> {
        let Kind::Number(number) = &node.kind else {
            self.wrong_type(node, path, "an integer");
            return None;
        };
        if !number.whole {
            self.wrong_type(node, path, "an integer");
            return None;
        }
        let found = number.int.filter(|int| range.contains(int)).and_then(|int| T::try_from(int).ok());
        if found.is_none() {
            let (low, high) = range.into_inner();
            let message = format!("{} is not between {low} and {high}", clip(&number.text));
            self.say("bad_value", path, node.at, message);
        }
        found
    }

    /// One word of a few.
    pub fn word<T: Copy>(&mut self, node: &Node, path: &Path<'_>, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(node, path)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let near = near::nearest(text, &known).map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            let message = format!("`{}` is not one of {}{near}", clip(text), known.join(", "));
            self.say("bad_value", path, node.at, message);
        }
        found
    }

    /// Notes that a value is of another type.
    pub fn wrong_type(&mut self, node: &Node, path: &Path<'_>, expected: &str) {
        let found = match &node.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number(number) if number.whole => "an integer",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Map(_) => "an object",
        };
        let scalar = matches!(node.kind, Kind::Bool(_) | Kind::Number(_));
        let hint = if scalar && expected.contains("string") { "; put it in quotes" } else { "" };
        self.say("wrong_type", path, node.at, format!("expected {expected}, found {found}{hint}"));
    }
}
