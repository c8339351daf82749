//! The error object: what is wrong with what was asked, all of it at once.

use serde::{Deserialize, Serialize};

use super::{CHECK_FORMAT, FORMAT, Outcome};

/// Bad input, or a module that could not be had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorReport {
    /// [`FORMAT`] from `try`, [`CHECK_FORMAT`] from `check`.
    pub format: String,
    /// Position among the cases of a batch.
    pub index: usize,
    /// The path as given.
    pub file: Option<String>,
    /// Of the exchange, where it could be read.
    pub name: String,
    /// Always `error`.
    pub outcome: Outcome,
    /// In document order; never empty.
    pub errors: Vec<InputError>,
}

impl ErrorReport {
    /// What `try` answers.
    #[must_use]
    pub fn of_try(index: usize, file: Option<String>, name: String, errors: Vec<InputError>) -> Self {
        Self { format: FORMAT.to_owned(), index, file, name, outcome: Outcome::Error, errors }
    }

    /// What `check` answers.
    #[must_use]
    pub fn of_check(file: Option<String>, errors: Vec<InputError>) -> Self {
        let format = CHECK_FORMAT.to_owned();
        Self { format, index: 0, file, name: String::new(), outcome: Outcome::Error, errors }
    }
}

/// One problem, at its field and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputError {
    /// One of the contract's codes.
    pub code: String,
    /// `plugins[0].env.A`; empty for the whole.
    pub field: String,
    /// For people.
    pub message: String,
    /// From 1.
    pub line: Option<u32>,
    /// From 1.
    pub column: Option<u32>,
}
