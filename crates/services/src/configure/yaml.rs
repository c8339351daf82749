//! YAML as people type it, with caps, and the place of an error.

use marketplace_domain::Reason;
use serde_json::Value;

/// Larger configurations than this are refused: a resource of Kubernetes holds 1.5 MiB at most, and each proxy gets it.
pub const MAX_BYTES: usize = 256 * 1024;

/// Parses one document. An empty one is an empty mapping.
pub fn parse(text: &str) -> Result<Value, Reason> {
    if text.len() > MAX_BYTES {
        return Err(Reason::ConfigTooLarge(MAX_BYTES as u32));
    }
    let parsed: Result<Value, _> = serde_yaml_ng::from_str(text);
    match parsed {
        Ok(Value::Null) => Ok(super::schema::empty()),
        Ok(value) => Ok(value),
        Err(error) => {
            let (line, column) = error.location().map_or((1, 1), |at| (at.line() as u32, at.column() as u32));
            let words = error.to_string();
            let message = words.split(" at line ").next().unwrap_or_default().to_owned();
            Err(Reason::YamlSyntax { line: line.max(1), column: column.max(1), message })
        }
    }
}

/// Writes a value; an empty mapping is nothing at all.
pub fn write(value: &Value) -> String {
    match value {
        Value::Object(map) if map.is_empty() => String::new(),
        value => serde_yaml_ng::to_string(value).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_where_it_breaks() {
        let Err(Reason::YamlSyntax { line, column, message }) = parse("a: 1\nb: [1,\nc: 2\n") else {
            panic!("should not parse")
        };
        assert!(line >= 2, "{line}:{column} {message}");
        assert!(!message.contains("line"), "{message}");
    }

    #[test]
    fn empty_is_an_empty_mapping() {
        assert_eq!(parse(""), Ok(serde_json::json!({})));
        assert_eq!(parse("# only a comment\n"), Ok(serde_json::json!({})));
        assert_eq!(write(&serde_json::json!({})), "");
    }

    #[test]
    fn aliases_do_not_explode() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..12 {
            let last = n - 1;
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{last}"); 10].join(","));
        }
        assert!(parse(&bomb).is_err());
    }
}
