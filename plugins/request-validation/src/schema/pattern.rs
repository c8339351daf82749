//! Regular expressions in linear time, at a cost that is known before.

use regex_lite::{Regex, RegexBuilder};

/// The longest expression, in bytes.
const MAX_EXPRESSION: usize = 1024;
/// Sizes of compiled expressions, in bytes, and what a character costs with them.
const CLASSES: [(usize, usize); 3] = [(4 * 1024, 1), (16 * 1024, 4), (64 * 1024, 16)];
/// Characters that cost one step with the smallest expressions.
const PER_STEP: usize = 2;

/// A compiled expression.
#[derive(Debug)]
pub struct Pattern {
    regex: Regex,
    weight: usize,
}

impl Pattern {
    /// Compiles an expression. The error says what is wrong.
    pub fn new(expression: &str) -> Result<Self, String> {
        if expression.len() > MAX_EXPRESSION {
            return Err(format!("at most {MAX_EXPRESSION} bytes"));
        }
        let mut why = String::new();
        for (size, weight) in CLASSES {
            match RegexBuilder::new(expression).size_limit(size).build() {
                Ok(regex) => return Ok(Self { regex, weight }),
                Err(error) => why = error.to_string(),
            }
        }
        Err(format!("not a usable regular expression: {why}"))
    }

    /// What a search costs.
    pub fn cost(&self, text: &str) -> usize {
        1 + text.len() / PER_STEP * self.weight
    }

    /// Whether it is found somewhere in the text.
    pub fn finds(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}
