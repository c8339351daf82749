//! JSON Schema, draft 2020-12: everything that says whether a value is valid. A schema is one resource: references lead
//! within it, by pointer or anchor, and it has no other ones embedded (`$id`).

mod check;
mod compile;
mod evaluated;
mod format;
mod pattern;
mod value;

use serde_json::{Number, Value};

pub use check::Failure;
pub use compile::compile;

use format::Format;
use pattern::Pattern;

/// A compiled schema: nodes that name each other by number. The first one is the root.
#[derive(Debug)]
pub struct Schema(Vec<Node>);

/// The number of a node.
type Id = usize;

#[derive(Debug)]
enum Node {
    /// `true` and `false`.
    Always(bool),
    Rules(Box<Rules>),
}

/// A limit of a number.
#[derive(Debug)]
struct Limit {
    keyword: &'static str,
    number: Number,
}

/// What a schema object says. Absent is none, or empty.
#[derive(Debug, Default)]
struct Rules {
    message: Option<String>,
    /// One bit for each of [`value::KINDS`].
    types: Option<u8>,
    constant: Option<Value>,
    choices: Option<Vec<Value>>,
    limits: Vec<Limit>,
    multiple_of: Option<Number>,
    min_length: Option<usize>,
    max_length: Option<usize>,
    pattern: Option<Pattern>,
    format: Option<Format>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    unique: bool,
    prefix: Vec<Id>,
    items: Option<Id>,
    contains: Option<Id>,
    min_contains: Option<usize>,
    max_contains: Option<usize>,
    min_properties: Option<usize>,
    max_properties: Option<usize>,
    required: Vec<String>,
    dependent_required: Vec<(String, Vec<String>)>,
    properties: Vec<(String, Id)>,
    pattern_properties: Vec<(Pattern, Id)>,
    additional: Option<Id>,
    names: Option<Id>,
    reference: Option<Id>,
    dynamic_reference: Option<Id>,
    all_of: Vec<Id>,
    any_of: Option<Vec<Id>>,
    one_of: Option<Vec<Id>>,
    not: Option<Id>,
    condition: Option<Id>,
    then: Option<Id>,
    otherwise: Option<Id>,
    dependent: Vec<(String, Id)>,
    unevaluated_items: Option<Id>,
    unevaluated_properties: Option<Id>,
}

impl Rules {
    /// The schemas that are applied to the same value.
    fn in_place(&self) -> impl Iterator<Item = Id> {
        let single = [self.reference, self.dynamic_reference, self.not, self.condition, self.then, self.otherwise];
        let several =
            [&self.all_of[..], self.any_of.as_deref().unwrap_or_default(), self.one_of.as_deref().unwrap_or_default()];
        let ids: Vec<Id> = single
            .into_iter()
            .flatten()
            .chain(several.concat())
            .chain(self.dependent.iter().map(|(_, id)| *id))
            .collect();
        ids.into_iter()
    }
}

#[cfg(test)]
mod tests;
