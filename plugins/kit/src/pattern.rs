//! Patterns as an administrator writes them, in one string.
//!
//! | written | matches |
//! | --- | --- |
//! | `/a` | exactly this |
//! | `/a*` | what begins with it |
//! | `*.css` | what ends with it |
//! | `*a*` | what has it somewhere |
//! | `~^/v[0-9]+/` | what the regular expression finds (linear time; `^` and `$` are yours to write) |

use regex_lite::{Captures, Regex, RegexBuilder};
use serde_json::Value;

use crate::config::{self, Refusal};
use crate::template::Groups;

/// The longest pattern, in characters.
pub const MAX_PATTERN: usize = 512;
/// The largest compiled expression, in bytes.
const PROGRAM_BYTES: usize = 256 * 1024;

/// A compiled pattern.
#[derive(Debug)]
pub enum Pattern {
    /// The whole of it.
    Exact(Vec<u8>),
    /// Its beginning.
    Prefix(Vec<u8>),
    /// Its end.
    Suffix(Vec<u8>),
    /// A part of it.
    Contains(Vec<u8>),
    /// A regular expression. Text that is not UTF-8 never matches one.
    Regex(Regex),
}

impl Pattern {
    /// Reads a pattern found at `path` of a configuration. `fold`: upper and lower case (of ASCII) are the same.
    pub fn read(value: &Value, path: &str, fold: bool) -> Result<Self, Refusal> {
        let text = config::string(value, path, MAX_PATTERN)?;
        if text.is_empty() {
            return Err(Refusal::new(path, "must not be empty"));
        }
        if let Some(expression) = text.strip_prefix('~') {
            return Ok(Self::Regex(regex(expression, path, fold)?));
        }
        let bytes = |text: &str| if fold { text.to_ascii_lowercase() } else { text.to_owned() }.into_bytes();
        Ok(match (text.strip_prefix('*'), text.strip_suffix('*')) {
            (Some(""), _) => Self::Prefix(Vec::new()),
            (Some(middle), Some(_)) => Self::Contains(bytes(middle.strip_suffix('*').unwrap_or(middle))),
            (Some(end), None) => Self::Suffix(bytes(end)),
            (None, Some(start)) => Self::Prefix(bytes(start)),
            (None, None) => Self::Exact(bytes(text)),
        })
    }

    /// How many groups it has: those of the expression, or what its star stands for.
    pub fn groups(&self) -> usize {
        match self {
            Self::Exact(_) | Self::Contains(_) => 0,
            Self::Prefix(_) | Self::Suffix(_) => 1,
            Self::Regex(regex) => regex.captures_len().saturating_sub(1),
        }
    }

    /// What its groups find in a text that it matches.
    pub fn find<'t>(&self, text: &'t [u8]) -> Option<Found<'t>> {
        if let Self::Regex(regex) = self {
            return regex.captures(std::str::from_utf8(text).ok()?).map(Found::Groups);
        }
        let star = match self {
            Self::Prefix(start) => text.get(start.len()..),
            Self::Suffix(end) => text.get(..text.len().saturating_sub(end.len())),
            _ => None,
        };
        self.matches(text).then_some(Found::Star { whole: text, star })
    }

    /// Whether it matches. With `fold`, the text must have been lower-cased already.
    pub fn matches(&self, text: &[u8]) -> bool {
        match self {
            Self::Exact(whole) => text == whole,
            Self::Prefix(start) => text.starts_with(start),
            Self::Suffix(end) => text.ends_with(end),
            Self::Contains(part) => part.is_empty() || text.windows(part.len()).any(|window| window == part),
            Self::Regex(regex) => std::str::from_utf8(text).is_ok_and(|text| regex.is_match(text)),
        }
    }
}

/// What a pattern found.
#[derive(Debug)]
pub enum Found<'t> {
    /// By a star.
    Star {
        /// The whole text.
        whole: &'t [u8],
        /// What the star stands for, if there is one.
        star: Option<&'t [u8]>,
    },
    /// By an expression.
    Groups(Captures<'t>),
}

impl Groups for Found<'_> {
    fn group(&self, number: usize) -> Option<&[u8]> {
        match (self, number) {
            (Self::Star { whole, .. }, 0) => Some(whole),
            (Self::Star { star, .. }, 1) => *star,
            (Self::Star { .. }, _) => None,
            (Self::Groups(captures), _) => captures.group(number),
        }
    }
}

/// Compiles a regular expression found at `path`, within limits.
pub fn regex(expression: &str, path: &str, fold: bool) -> Result<Regex, Refusal> {
    RegexBuilder::new(expression)
        .case_insensitive(fold)
        .size_limit(PROGRAM_BYTES)
        .build()
        .map_err(|error| Refusal::new(path, format!("not a usable regular expression: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str, fold: bool) -> Pattern {
        Pattern::read(&Value::from(text), "p", fold).expect("a pattern")
    }

    #[test]
    fn stars_and_tildes() {
        for (text, yes, no) in [
            ("/a", "/a", "/a/"),
            ("/a*", "/ab", "/b"),
            ("*.css", "/x.css", "/x.css2"),
            ("*mid*", "/a/mid/b", "/a/mi/d"),
            ("*", "", "\u{0}never"),
            ("~^/v[0-9]+$", "/v12", "/v12/"),
        ] {
            assert!(pattern(text, false).matches(yes.as_bytes()), "{text} {yes}");
            assert!(text == "*" || !pattern(text, false).matches(no.as_bytes()), "{text} {no}");
        }
        assert!(!pattern("~.*", false).matches(b"\xff"));
        assert!(pattern("*\u{e4}*", false).matches("x\u{e4}x".as_bytes()));
    }

    #[test]
    fn folding_is_for_all_kinds() {
        for text in ["/A", "/A*", "*/A", "*/A*", "~^/A$"] {
            assert!(pattern(text, true).matches(b"/a"), "{text}");
            assert!(!pattern(text, false).matches(b"/a"), "{text}");
        }
    }

    #[test]
    fn stars_and_expressions_find() {
        for (text, groups, found) in [
            ("/a*", 1, vec![Some("/a/b"), Some("/b"), None]),
            ("*/b", 1, vec![Some("/a/b"), Some("/a"), None]),
            ("/a/b", 0, vec![Some("/a/b"), None]),
            ("*/*", 0, vec![Some("/a/b"), None]),
            ("~^/(.)(x)?/", 2, vec![Some("/a/"), Some("a"), None, None]),
        ] {
            let pattern = pattern(text, false);
            let result = pattern.find(b"/a/b").expect(text);
            assert_eq!(pattern.groups(), groups, "{text}");
            for (number, wanted) in found.into_iter().enumerate() {
                assert_eq!(result.group(number), wanted.map(str::as_bytes), "{text} {number}");
            }
        }
        assert!(pattern("/b*", false).find(b"/a").is_none() && pattern("~.", false).find(b"\xff").is_none());
    }

    #[test]
    fn refusals_say_where() {
        for bad in ["", "~(", "~(a{99}){99}", &"x".repeat(513)] {
            let refusal = Pattern::read(&Value::from(bad), "paths[0]", false).expect_err("bad");
            assert_eq!(refusal.field(), "paths[0]");
        }
        assert!(Pattern::read(&Value::from(1), "p", false).is_err());
    }
}
