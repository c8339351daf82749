//! A form made from a plugin's JSON Schema: what the pages draw and the use cases read back.
//!
//! Names of fields begin with `config` and go on like a JSON pointer (`config/patterns/0/match`). What a plain HTML form
//! cannot say by a name and a text has a mark behind the path: `#value` for one box of a set of choices, `@variant` for
//! the chosen form of a `oneOf`, `/N:key` for a key of a map. An item is added or removed by a submit button named `do`
//! with the value `add:<field>` or `remove:<field>/N`, so that lists work without scripts.

use serde::{Deserialize, Serialize};

use crate::{Localised, Reason};

/// One field, or a group of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FormNode {
    /// The name of its input.
    pub field: String,
    /// What it is called.
    pub title: Localised,
    /// What it does; may be empty.
    pub description: Localised,
    /// Whether the schema needs it.
    pub required: bool,
    /// What is wrong with it.
    pub problems: Vec<Reason>,
    /// How it is drawn, with what was typed.
    pub kind: FormKind,
}

/// How a field is drawn.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum FormKind {
    /// One line of text.
    Text {
        /// What was typed.
        value: String,
        /// The schema's default, shown as a placeholder.
        default: String,
        /// Whether several lines are likely.
        multiline: bool,
    },
    /// A number, kept as typed.
    Number {
        /// What was typed.
        value: String,
        /// The schema's default, shown as a placeholder.
        default: String,
        /// Whether only whole numbers are good.
        integer: bool,
        /// The least, where there is one.
        minimum: Option<String>,
        /// The most, where there is one.
        maximum: Option<String>,
    },
    /// Yes or no.
    Bool {
        /// What was chosen.
        value: bool,
    },
    /// One of some.
    Choice {
        /// The value that was chosen; empty for none.
        value: String,
        /// All values with what they are called.
        options: Vec<(String, Localised)>,
        /// The schema's default, for the entry that chooses nothing.
        default: String,
    },
    /// Any of some: a list of a schema's `enum`. Inputs are named `<field>#<value>`.
    Many {
        /// Value, what it is called, whether it is chosen.
        options: Vec<(String, Localised, bool)>,
    },
    /// Fields of an object.
    Object {
        /// Its fields, in the schema's order.
        children: Vec<FormNode>,
    },
    /// A list. `add:<field>` adds an item, `remove:<field>/N` removes one.
    List {
        /// Its items.
        items: Vec<FormNode>,
    },
    /// A map with keys of the user's own. `add:<field>` and `remove:<field>/N` as for lists.
    Map {
        /// Name of the key's input (`<field>/N:key`), the key, the value.
        rows: Vec<(String, String, FormNode)>,
    },
    /// One of several forms. The choice is an input named `<field>@variant` with the variant's number.
    OneOf {
        /// The chosen variant.
        chosen: usize,
        /// What the variants are called.
        options: Vec<Localised>,
        /// The fields of the chosen one.
        child: Box<FormNode>,
    },
    /// Anything else: a piece of YAML.
    Raw {
        /// What was typed.
        value: String,
    },
}
