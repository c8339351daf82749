//! What a plain word is: the core schema of YAML 1.2.

use super::node::{Kind, Number};

/// Resolves a plain scalar. Everything that is not another type is text.
pub fn resolve(word: &str) -> Kind {
    match word {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        word => number(word).map_or_else(|| Kind::Text(word.to_owned()), |number| Kind::Number(Box::new(number))),
    }
}

/// A number of the core schema; JSON's numbers are among them.
pub fn number(word: &str) -> Option<Number> {
    let digits = word.strip_prefix(['+', '-']).unwrap_or(word);
    let negative = word.starts_with('-');
    let written = |whole, int, float| Some(Number { text: word.to_owned(), whole, int, float });
    if !word.is_empty() && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let float = word.parse().ok()?;
        return written(true, word.strip_prefix('+').unwrap_or(word).parse().ok(), float);
    }
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = word.strip_prefix(prefix) {
            let fits = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
            let int = i128::from_str_radix(digits, radix).ok().filter(|_| fits)?;
            #[expect(clippy::cast_precision_loss, reason = "the nearest is what a float64 holds")]
            return written(true, Some(int), int as f64);
        }
    }
    match digits {
        ".inf" | ".Inf" | ".INF" => {
            return written(false, None, if negative { f64::NEG_INFINITY } else { f64::INFINITY });
        }
        ".nan" | ".NaN" | ".NAN" if digits == word => return written(false, None, f64::NAN),
        _ => {}
    }
    is_float(digits).then(|| word.parse().ok()).flatten().and_then(|float| written(false, None, float))
}

/// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(word: &str) -> bool {
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['+', '-']).unwrap_or(exponent))),
        None => (word, None),
    };
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some((before, after)) => all_digits(before) && all_digits(after) && !(before.is_empty() && after.is_empty()),
        None => !mantissa.is_empty() && all_digits(mantissa),
    };
    mantissa_fits && exponent.is_none_or(|exponent| !exponent.is_empty() && all_digits(exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_knows_few_words() {
        for word in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(resolve(word), Kind::Null, "{word}");
        }
        assert_eq!(resolve("True"), Kind::Bool(true));
        for word in [
            "yes",
            "no",
            "on",
            "off",
            "y",
            "nULL",
            "tRUE",
            "1_000",
            "0b1",
            "1:30",
            "2026-01-01",
            "<<",
            "0o9",
            "0x",
            "+",
            ".",
            "e5",
            "1e",
            "--1",
            "+-5",
            "0x-1",
            "+.nan",
            "-.nan",
        ] {
            assert_eq!(resolve(word), Kind::Text(word.to_owned()), "{word}");
        }
    }

    #[test]
    fn numbers_are_read_with_what_they_were() {
        let read = |word| number(word).map(|number| (number.whole, number.int, number.float));
        assert_eq!(read("12"), Some((true, Some(12), 12.0)));
        assert_eq!(read("+12"), Some((true, Some(12), 12.0)));
        assert_eq!(read("007"), Some((true, Some(7), 7.0)));
        assert_eq!(read("0o17"), Some((true, Some(15), 15.0)));
        assert_eq!(read("0xfF"), Some((true, Some(255), 255.0)));
        assert_eq!(read("1."), Some((false, None, 1.0)));
        assert_eq!(read(".5e-1"), Some((false, None, 0.05)));
        assert_eq!(read("-.INF"), Some((false, None, f64::NEG_INFINITY)));
        assert_eq!(read("18446744073709551615"), Some((true, Some(u64::MAX.into()), 18_446_744_073_709_551_615.0)));
        assert!(number(&"9".repeat(60)).is_some_and(|number| number.whole && number.int.is_none()));
    }
}
