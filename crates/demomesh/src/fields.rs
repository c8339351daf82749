//! Who owns which field: sets of paths in the form of `metadata.managedFields`, and what server-side apply makes of them.

mod apply;
mod compare;
mod managers;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

pub(crate) use apply::{Writer, apply, conflict, update};

use crate::schema::Type;

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A field.
    Field(String),
    /// The item of a list whose key field has this value (as JSON).
    Item { key: String, value: String },
}

impl std::fmt::Display for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Step::Field(name) => write!(f, ".{name}"),
            Step::Item { key, value } => write!(f, "[{key}={value}]"),
        }
    }
}

/// A set of paths, as a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FieldSet {
    /// Whether this very path is in the set.
    pub member: bool,
    /// What is below.
    pub children: BTreeMap<Step, FieldSet>,
}

impl FieldSet {
    /// Reads `fieldsV1`.
    pub fn from_json(json: &Value) -> Self {
        let mut set = Self::default();
        let Some(object) = json.as_object() else { return set };
        for (word, below) in object {
            if word == "." {
                set.member = true;
                continue;
            }
            let Some(step) = parse_step(word) else { continue };
            let mut child = Self::from_json(below);
            if below.as_object().is_some_and(Map::is_empty) {
                child.member = true;
            }
            set.children.insert(step, child);
        }
        set
    }

    /// Writes `fieldsV1`.
    pub fn to_json(&self) -> Value {
        let mut object = Map::new();
        if self.member && !self.children.is_empty() {
            object.insert(".".into(), Value::Object(Map::new()));
        }
        for (step, child) in &self.children {
            let word = match step {
                Step::Field(name) => format!("f:{name}"),
                Step::Item { key, value } => format!("k:{{{}:{value}}}", Value::from(key.as_str())),
            };
            object.insert(word, child.to_json());
        }
        Value::Object(object)
    }

    /// What a person writes in an applied object, as paths.
    pub fn of(value: &Value, of: Option<&Type>) -> Self {
        let mut set = Self::default();
        match value {
            Value::Object(object) => {
                for (name, value) in object {
                    let mut child = Self::of(value, of.and_then(|of| of.field(name)));
                    // Known fields are no members themselves while something is in them; free keys are.
                    let declared = matches!(of, Some(Type::Object { .. }));
                    let empty = value.is_null() || value.as_object().is_some_and(Map::is_empty);
                    let empty_list = value.as_array().is_some_and(Vec::is_empty) && is_keyed(of, name);
                    child.member |= empty || (!declared && !empty_list);
                    if child.member || !child.children.is_empty() {
                        set.children.insert(Step::Field(name.clone()), child);
                    }
                }
            }
            Value::Array(items) => match of {
                Some(Type::List { item, key: Some(key), .. }) => {
                    for value in items {
                        let mut child = Self::of(value, Some(item));
                        child.member = true;
                        set.children.insert(item_step(key, value), child);
                    }
                }
                _ => set.member = true,
            },
            _ => set.member = true,
        }
        set
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        !self.member && self.children.values().all(FieldSet::is_empty)
    }

    /// Puts all of another set in.
    pub fn add(&mut self, other: &Self) {
        self.member |= other.member;
        for (step, child) in &other.children {
            self.children.entry(step.clone()).or_default().add(child);
        }
    }

    /// Takes all of another set out.
    pub fn subtract(&mut self, other: &Self) {
        self.member &= !other.member;
        for (step, child) in &other.children {
            if let Some(mine) = self.children.get_mut(step) {
                mine.subtract(child);
                if mine.is_empty() {
                    self.children.remove(step);
                }
            }
        }
    }

    /// Takes other paths out, with everything below them.
    pub fn subtract_below(&mut self, other: &Self) {
        if other.member {
            *self = Self::default();
            return;
        }
        for (step, child) in &other.children {
            if let Some(mine) = self.children.get_mut(step) {
                mine.subtract_below(child);
                if mine.is_empty() {
                    self.children.remove(step);
                }
            }
        }
    }

    /// What both hold.
    pub fn both(&self, other: &Self) -> Self {
        let children = self.children.iter().filter_map(|(step, mine)| {
            let common = mine.both(other.children.get(step)?);
            (!common.is_empty()).then(|| (step.clone(), common))
        });
        Self { member: self.member && other.member, children: children.collect() }
    }

    /// All paths, as text: `.spec.vmConfig.env[name="A"].value`.
    pub fn paths(&self) -> Vec<String> {
        fn walk(set: &FieldSet, path: &str, out: &mut Vec<String>) {
            // First what is owned at this level, then what is below: the order of real API servers.
            out.extend(set.children.iter().filter(|(_, child)| child.member).map(|(step, _)| format!("{path}{step}")));
            for (step, child) in &set.children {
                walk(child, &format!("{path}{step}"), out);
            }
        }
        let mut out = Vec::new();
        walk(self, "", &mut out);
        out
    }
}

fn is_keyed(of: Option<&Type>, field: &str) -> bool {
    matches!(of.and_then(|of| of.field(field)), Some(Type::List { key: Some(_), .. }))
}

/// The step to an item of a keyed list.
pub(crate) fn item_step(key: &str, item: &Value) -> Step {
    Step::Item { key: key.to_owned(), value: item.get(key).unwrap_or(&Value::Null).to_string() }
}

fn parse_step(word: &str) -> Option<Step> {
    if let Some(name) = word.strip_prefix("f:") {
        return Some(Step::Field(name.to_owned()));
    }
    let keys: Map<String, Value> = serde_json::from_str(word.strip_prefix("k:")?).ok()?;
    let (key, value) = keys.into_iter().next()?;
    Some(Step::Item { key, value: value.to_string() })
}
