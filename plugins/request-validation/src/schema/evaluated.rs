//! What of a value some schema has been applied to: `unevaluatedItems` and `unevaluatedProperties` are about the rest.

use serde_json::Value;

/// For each item of a list, or each member of an object in order, whether a schema that holds has looked at it.
#[derive(Debug, Clone, Default)]
pub struct Evaluated(Vec<bool>);

impl Evaluated {
    /// Nothing of this value yet.
    pub fn none_of(value: &Value) -> Self {
        Self(vec![
            false;
            match value {
                Value::Array(items) => items.len(),
                Value::Object(members) => members.len(),
                _ => 0,
            }
        ])
    }

    /// The one at a place was looked at.
    pub fn add(&mut self, place: usize) {
        if let Some(known) = self.0.get_mut(place) {
            *known = true;
        }
    }

    /// All were looked at.
    pub fn add_all(&mut self) {
        self.0.fill(true);
    }

    /// What another schema looked at was looked at.
    pub fn join(&mut self, other: &Self) {
        self.0.iter_mut().zip(&other.0).for_each(|(known, other)| *known |= other);
    }

    /// Whether the one at a place was looked at.
    pub fn has(&self, place: usize) -> bool {
        self.0.get(place).is_some_and(|known| *known)
    }
}
