//! A configuration as bytes: what Go's `encoding/json` writes for the object, with every number a float64. This is how
//! it comes out of Istio.

use std::collections::BTreeMap;

use super::node::{Kind, Node, Number};

/// Writes a value. Of entries with the same key, the first counts.
///
/// # Errors
/// The first number that JSON cannot hold (infinite or not a number).
pub fn write(node: &Node) -> Result<Vec<u8>, &Node> {
    let mut out = String::new();
    value(node, &mut out)?;
    Ok(out.into_bytes())
}

/// Whether a number is whole as written and another one as a float64.
#[must_use]
pub fn changes(number: &Number) -> bool {
    #[expect(clippy::cast_possible_truncation, reason = "a float64 of a whole number that fits is whole and fits")]
    let back = number.float as i128;
    number.whole && number.int != Some(back)
}

fn value<'a>(node: &'a Node, out: &mut String) -> Result<(), &'a Node> {
    match &node.kind {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Kind::Number(number) if number.float.is_finite() => out.push_str(&float(number.float)),
        Kind::Number(_) => return Err(node),
        Kind::Text(text) => string(text, out),
        Kind::List(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                value(item, out)?;
            }
            out.push(']');
        }
        Kind::Map(entries) => {
            let mut sorted: BTreeMap<&str, &Node> = BTreeMap::new();
            for (key, node) in entries {
                sorted.entry(&key.name).or_insert(node);
            }
            out.push('{');
            for (index, (key, node)) in sorted.into_iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                string(key, out);
                out.push(':');
                value(node, out)?;
            }
            out.push('}');
        }
    }
    Ok(())
}

/// The shortest form that reads back; with an exponent below 1e-6 and from 1e21 on.
fn float(number: f64) -> String {
    let size = number.abs();
    if size == 0.0 || (1e-6..1e21).contains(&size) {
        return format!("{number}");
    }
    // Rust leaves out the plus sign of an exponent, Go does not.
    let written = format!("{number:e}");
    match written.split_once('e') {
        Some((digits, exponent)) if !exponent.starts_with('-') => format!("{digits}e+{exponent}"),
        _ => written,
    }
}

fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '<' | '>' | '&' | '\u{0}'..='\u{1f}' | '\u{2028}' | '\u{2029}' => {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            }
            character => out.push(character),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::{json, yaml};
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        let node = json::parse(json).unwrap();
        assert_eq!(String::from_utf8(write(&node).unwrap()).unwrap(), expected);
    }

    #[test]
    fn keys_are_sorted_by_bytes_and_nothing_is_blank() {
        check(
            r#"{"b": 1, "a": {"z": [], "": {}}, "B": null, "é": true, "~": false}"#,
            r#"{"B":null,"a":{"":{},"z":[]},"b":1,"~":false,"é":true}"#,
        );
    }

    #[test]
    fn texts_are_safe_in_html() {
        check(r#"["a<b>&c"]"#, r#"["a\u003cb\u003e\u0026c"]"#);
        check("[\"\u{2028}\u{2029}\"]", r#"["\u2028\u2029"]"#);
        check(
            r#"["\u0000\u0007\b\f\n\r\t\u001f\u007f/\"\\é😀"]"#,
            "[\"\\u0000\\u0007\\b\\f\\n\\r\\t\\u001f\u{7f}/\\\"\\\\é😀\"]",
        );
    }

    #[test]
    fn numbers_are_float64() {
        for (written, expected) in [
            ("1", "1"),
            ("1.0", "1"),
            ("-0", "-0"),
            ("0.1", "0.1"),
            ("100000000000000000000", "100000000000000000000"),
            ("999999999999999999999", "1e+21"),
            ("1e21", "1e+21"),
            ("1.5e300", "1.5e+300"),
            ("0.000001", "0.000001"),
            ("1e-7", "1e-7"),
            ("-1.25e-10", "-1.25e-10"),
            ("9007199254740993", "9007199254740992"),
            ("123456789012345678", "123456789012345680"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("0.30000000000000004", "0.30000000000000004"),
        ] {
            check(&format!("[{written}]"), &format!("[{expected}]"));
        }
    }

    #[test]
    fn whole_numbers_that_change_are_known() {
        let changed = |word: &str| changes(&super::super::scalar::number(word).unwrap());
        assert!(changed("9007199254740993") && changed("18446744073709551615") && changed(&"9".repeat(60)));
        assert!(!changed("9007199254740992") && !changed("-5") && !changed("0.1") && !changed("1e300"));
    }

    #[test]
    fn what_json_cannot_hold_is_said() {
        let node = yaml::parse("a: [1, .nan]").unwrap();
        assert_eq!(write(&node).unwrap_err().at.column, 8);
    }
}
