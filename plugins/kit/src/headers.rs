//! Names and values of headers in a configuration.

use crate::config::{self, Fields, Refusal};
use crate::http;

const WANTED: &str = "must be a header's name, and none that frames the message";
/// The longest name, in characters.
const MAX_NAME: usize = 64;

/// A header's name, in lower case. `path`: where it was found.
pub fn checked_name(text: &str, path: impl Into<String>) -> Result<String, Refusal> {
    let name = text.to_ascii_lowercase();
    if http::is_header_name(&name) { Ok(name) } else { Err(Refusal::new(path, WANTED)) }
}

/// The header's name in a field, in lower case; `default` if the field is absent. An empty default: there is none.
pub fn name(fields: &Fields, field: &str, default: &str) -> Result<String, Refusal> {
    checked_name(fields.string(field, MAX_NAME)?.unwrap_or(default), fields.path_of(field))
}

/// A list of headers' names, in lower case. None if the field is absent.
pub fn names(fields: &Fields, field: &str, most: usize) -> Result<Option<Vec<String>>, Refusal> {
    fields.list(field, most, |value, path| checked_name(config::string(value, &path, MAX_NAME)?, path))
}

/// A list of objects with `name` and `value`.
pub fn pairs(fields: &Fields, field: &str, most: usize) -> Result<Vec<(String, String)>, Refusal> {
    let pairs = fields.list(field, most, |value, path| {
        let fields = Fields::nested(value, path, &["name", "value"])?;
        let name = name(&fields, "name", "")?;
        let value = fields.string("value", 1024)?.unwrap_or_default();
        match http::is_header_value(value.as_bytes()) {
            true => Ok((name, value.to_owned())),
            false => Err(fields.refuse("value", "must not have line ends or control characters")),
        }
    })?;
    Ok(pairs.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::parse;

    #[test]
    fn names_are_lower_case_and_frame_nothing() {
        let map = parse(br#"{"a":"X-A","b":"host","c":["X-C","y"],"d":["a b"],"e":[{"name":"X","value":"1"}],"f":[{"value":"1"}],"g":[{"name":"x","value":"a\nb"}],"h":":path"}"#).expect("JSON");
        let fields = Fields::root(&map, &["a", "b", "c", "d", "e", "f", "g", "h"]).expect("known");
        assert_eq!(name(&fields, "a", "x"), Ok("x-a".to_owned()));
        assert_eq!(name(&fields, "absent", "x"), Ok("x".to_owned()));
        assert_eq!(names(&fields, "c", 2), Ok(Some(vec!["x-c".to_owned(), "y".to_owned()])));
        assert_eq!((names(&fields, "absent", 2), pairs(&fields, "absent", 2)), (Ok(None), Ok(vec![])));
        assert_eq!(pairs(&fields, "e", 2), Ok(vec![("x".to_owned(), "1".to_owned())]));
        for (refusal, field) in [
            (name(&fields, "b", "x").err(), "b"),
            (name(&fields, "h", "x").err(), "h"),
            (name(&fields, "absent", "").err(), "absent"),
            (names(&fields, "c", 1).err(), "c"),
            (names(&fields, "d", 2).err(), "d[0]"),
            (pairs(&fields, "f", 2).err(), "f[0].name"),
            (pairs(&fields, "g", 2).err(), "g[0].value"),
        ] {
            assert_eq!(refusal.expect("refused").field(), field);
        }
    }
}
