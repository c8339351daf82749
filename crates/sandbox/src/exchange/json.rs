//! JSON text as a tree with places.
//!
//! `serde_json` says first whether the text is JSON, strictly; then a scanner that knows where each token is takes it
//! apart.

use jsonc_parser::tokens::Token;
use jsonc_parser::{Scanner, ScannerOptions};
use serde::de::IgnoredAny;

use super::node::{At, Builder, Kind, Node, problem};
use super::scalar;
use crate::report::InputError;

/// Reads one JSON value.
///
/// # Errors
/// `syntax` or `too_large`, at its place.
pub fn parse(text: &str) -> Result<Node, InputError> {
    serde_json::from_str::<IgnoredAny>(text).map_err(|error| refused(&error))?;
    let options = ScannerOptions {
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let mut scanner = Scanner::new(text, &options);
    let mut places = Places::new(text);
    let mut builder = Builder::default();
    loop {
        let token = scanner.scan();
        let at = places.at(scanner.token_start());
        let unreadable = |_| problem("syntax", "a text with an escape that is no character", at);
        match token.map_err(|_| problem("syntax", "not a JSON value", at))? {
            None => break,
            Some(Token::OpenBrace) => builder.open_map(at)?,
            Some(Token::OpenBracket) => builder.open_list(at)?,
            Some(Token::CloseBrace | Token::CloseBracket) => {
                builder.close()?;
            }
            Some(Token::String(_)) => {
                // Read anew from the source, so that escapes mean what they mean to serde_json.
                let source = text.get(scanner.token_start()..scanner.token_end()).unwrap_or_default();
                let read = serde_json::from_str(source).map_err(unreadable)?;
                builder.value(Node { kind: Kind::Text(read), at })?;
            }
            Some(Token::Number(word)) => {
                let number = scalar::number(word).ok_or_else(|| problem("syntax", "not a number", at))?;
                builder.value(Node { kind: Kind::Number(Box::new(number)), at })?;
            }
            Some(Token::Boolean(value)) => {
                builder.value(Node { kind: Kind::Bool(value), at })?;
            }
            Some(Token::Null) => {
                builder.value(Node { kind: Kind::Null, at })?;
            }
            Some(Token::Comma | Token::Colon | Token::Word(_) | Token::CommentLine(_) | Token::CommentBlock(_)) => {}
        }
    }
    builder.finish().ok_or_else(|| problem("syntax", "not a JSON value", At::default()))
}

fn refused(error: &serde_json::Error) -> InputError {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let at = At { line: count(error.line()), column: count(error.column()).max(1) };
    let words = error.to_string();
    let message = words.split(" at line ").next().unwrap_or_default();
    problem("syntax", message, at)
}

/// Turns rising byte offsets into lines and columns.
struct Places<'a> {
    text: &'a str,
    offset: usize,
    at: At,
}

impl<'a> Places<'a> {
    fn new(text: &'a str) -> Self {
        Self { text, offset: 0, at: At { line: 1, column: 1 } }
    }

    fn at(&mut self, offset: usize) -> At {
        for character in self.text.get(self.offset..offset).unwrap_or_default().chars() {
            if character == '\n' {
                self.at = At { line: self.at.line.saturating_add(1), column: 1 };
            } else {
                self.at.column = self.at.column.saturating_add(1);
            }
        }
        self.offset = self.offset.max(offset);
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_places() {
        let node = parse("{\"é\": [1,\n  \"\\ud83d\\ude00\"]}").unwrap();
        let Kind::Map(entries) = node.kind else { panic!("a map") };
        assert_eq!((entries[0].0.name.as_str(), entries[0].0.at), ("é", At { line: 1, column: 2 }));
        let Kind::List(items) = &entries[0].1.kind else { panic!("a list") };
        assert_eq!(items[0].at, At { line: 1, column: 8 });
        assert_eq!((&items[1].kind, items[1].at), (&Kind::Text("😀".to_owned()), At { line: 2, column: 3 }));
    }

    #[test]
    fn nothing_but_json_is_json() {
        for text in [
            "",
            "{",
            "{a: 1}",
            "[1,]",
            "{'a': 1}",
            "[01]",
            "[.5]",
            "[+1]",
            "[0x1]",
            "[NaN]",
            "// c\n1",
            "1 2",
            "\"\\x41\"",
            "\"\u{1}\"",
            "[Infinity]",
            "\"\\ud83d\"",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!((error.code.as_str(), error.field.as_str()), ("syntax", ""), "{text}");
            assert!(error.line.is_some(), "{text}");
        }
        let error = parse(&("[".repeat(500) + &"]".repeat(500))).unwrap_err();
        assert_eq!(error.code, "too_large");
    }
}
