//! What a person typed into a form and has not sent yet, exactly as typed: nothing is lost when something is wrong.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Fields of a form by name, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Draft {
    /// Field name to text. Names of the Apply form: see `services::apply`.
    pub fields: BTreeMap<String, String>,
}

impl Draft {
    /// A field's text; empty when it was not given.
    pub fn get(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    /// Whether a field was given at all.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Sets a field.
    pub fn set(&mut self, name: impl Into<String>, text: impl Into<String>) {
        self.fields.insert(name.into(), text.into());
    }
}
