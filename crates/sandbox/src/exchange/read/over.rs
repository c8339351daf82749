//! An exchange of which a program gives one part and a person types the other: each keeps its places.

use serde_json::Value;

use super::super::node::{At, Builder, Kind, Node, problem};
use super::{Format, Problems, Reading, from_value, parse, problems, read_node, sort};
use crate::limits::Limits;

/// Reads what is typed, with the fields that are given added to it. A field that is both given and typed is a conflict, at
/// the place where it is typed; `version: 1` goes without saying. Beside the reading comes the whole document, once
/// nothing is wrong with it.
#[must_use]
pub fn read_over(
    given: &Value,
    typed: &[u8],
    format: Format,
    operator_limits: &Limits,
    own_module: bool,
) -> (Reading, Option<Value>) {
    let failed =
        |error| (Reading { exchange: None, name: String::new(), errors: vec![error], wanted: Vec::new() }, None);
    let mut document = match parse(typed, format) {
        Ok(Node { kind: Kind::Null, at }) => Node { kind: Kind::Map(Vec::new()), at },
        Ok(node) => node,
        Err(error) => return failed(error),
    };
    let mut builder = Builder::default();
    let given = match from_value(given, &mut builder).map(|()| builder.finish()) {
        Ok(Some(Node { kind: Kind::Map(entries), .. })) => entries,
        Ok(_) => Vec::new(),
        Err(error) => return failed(error),
    };
    let mut conflicts = Problems::default();
    if let Kind::Map(typed) = &mut document.kind {
        for (key, _) in typed.iter().filter(|(key, _)| given.iter().any(|(known, _)| known.name == key.name)) {
            let path = problems::Path::Root.field(&key.name);
            conflicts.say("conflict", &path, key.at, format!("`{}` is said elsewhere; leave it out here", key.name));
        }
        typed.retain(|(key, _)| !given.iter().any(|(known, _)| known.name == key.name));
        if !typed.iter().chain(&given).any(|(key, _)| key.name == "version") {
            let (at, one) = (At::default(), super::super::scalar::number("1"));
            let key = super::super::node::Key { name: "version".to_owned(), at };
            typed.insert(0, (key, Node { kind: one.map_or(Kind::Null, |one| Kind::Number(Box::new(one))), at }));
        }
        typed.extend(given);
    }
    let mut reading = read_node(&document, operator_limits, own_module);
    reading.errors.extend(conflicts.errors);
    sort(&mut reading.errors);
    if !reading.errors.is_empty() {
        reading.exchange = None;
        return (reading, None);
    }
    match value(&document) {
        Some(value) => (reading, Some(value)),
        None => failed(problem("bad_value", "a number that JSON cannot say", At::default())),
    }
}

/// A tree as JSON; `None` for numbers that JSON cannot say.
fn value(node: &Node) -> Option<Value> {
    Some(match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(*value),
        Kind::Number(number) => match number.int {
            Some(int) => match (u64::try_from(int), i64::try_from(int)) {
                (Ok(int), _) => int.into(),
                (_, Ok(int)) => int.into(),
                _ => serde_json::Number::from_f64(number.float)?.into(),
            },
            None => serde_json::Number::from_f64(number.float)?.into(),
        },
        Kind::Text(text) => Value::String(text.clone()),
        Kind::List(items) => Value::Array(items.iter().map(value).collect::<Option<_>>()?),
        Kind::Map(entries) => {
            let entry = |(key, node): &(super::super::node::Key, Node)| Some((key.name.clone(), value(node)?));
            Value::Object(entries.iter().map(entry).collect::<Option<_>>()?)
        }
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn over(given: &Value, typed: &str) -> (Reading, Option<Value>) {
        read_over(given, typed.as_bytes(), Format::Yaml, &Limits::default(), true)
    }

    fn given() -> Value {
        json!({"plugins": [{"module": "self", "config": {"a": 1}}]})
    }

    #[test]
    fn both_parts_make_one_exchange() {
        let (reading, document) = over(&given(), "name: x\nrequest: {path: /a}\nseed: 7\n");
        assert_eq!(reading.errors, []);
        let exchange = reading.exchange.unwrap();
        assert_eq!(
            (exchange.name.as_str(), exchange.seed, exchange.plugins[0].config.as_slice()),
            ("x", 7, &b"{\"a\":1}"[..])
        );
        let whole =
            json!({"version": 1, "name": "x", "request": {"path": "/a"}, "seed": 7, "plugins": given()["plugins"]});
        assert_eq!(document, Some(whole));
    }

    #[test]
    fn problems_keep_the_places_of_what_was_typed() {
        let (reading, document) = over(&given(), "request: {}\nplugins: []\nsede: 1\nupstream: {status: 99}\n");
        let found: Vec<_> = reading.errors.iter().map(|e| (e.code.as_str(), e.field.as_str(), e.line)).collect();
        let wanted = [
            ("conflict", "plugins", Some(2)),
            ("unknown_field", "sede", Some(3)),
            ("bad_value", "upstream.status", Some(4)),
        ];
        assert_eq!((found.as_slice(), document), (&wanted[..], None));
    }

    #[test]
    fn nothing_typed_is_nothing_added() {
        let whole = json!({"plugins": given()["plugins"], "request": {}});
        for typed in ["", "# a comment\n", "{}", "null"] {
            assert_eq!(over(&whole, typed).0.errors, [], "{typed:?}");
        }
        let found = over(&whole, "- a list\n").0.errors;
        assert_eq!(found.first().map(|e| e.code.as_str()), Some("wrong_type"), "{found:?}");
        assert_eq!(over(&whole, "a: [\n").0.errors[0].code, "syntax");
    }
}
