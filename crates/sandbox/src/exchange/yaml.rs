//! YAML 1.2 text, core schema, one document, as a tree with places.

use std::collections::HashMap;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::node::{At, Builder, Kind, Node, problem};
use super::scalar;
use crate::report::InputError;

/// Reads one document. An empty text is `null`.
///
/// # Errors
/// `syntax` or `too_large`, at its place.
pub fn parse(text: &str) -> Result<Node, InputError> {
    let mut builder = Builder::default();
    // Complete values with an anchor. An alias within its own anchor finds nothing.
    let mut anchors: HashMap<usize, Node> = HashMap::new();
    let mut open: Vec<usize> = Vec::new();
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| problem("syntax", error.info(), place(*error.marker())))?;
        let at = place(span.start);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Err(problem("syntax", "one document is expected, here begins a second", at));
                }
            }
            Event::Alias(anchor) => match anchors.get(&anchor) {
                Some(node) => builder.again(node.clone(), at)?,
                None => return Err(problem("syntax", "an alias within what it stands for", at)),
            },
            Event::Scalar(word, style, anchor, tag) => {
                let kind = tagged(&word, style, tag.as_deref(), at)?;
                keep(&mut anchors, anchor, builder.value(Node { kind, at })?);
            }
            Event::SequenceStart(anchor, tag) => {
                expect_tag(tag.as_deref(), "seq", at)?;
                builder.open_list(at)?;
                open.push(anchor);
            }
            Event::MappingStart(anchor, tag) => {
                expect_tag(tag.as_deref(), "map", at)?;
                builder.open_map(at)?;
                open.push(anchor);
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let anchor = open.pop().unwrap_or_default();
                keep(&mut anchors, anchor, builder.close()?);
            }
        }
    }
    Ok(builder.finish().unwrap_or(Node { kind: Kind::Null, at: At { line: 1, column: 1 } }))
}

fn keep(anchors: &mut HashMap<usize, Node>, anchor: usize, node: Option<&Node>) {
    if let Some(node) = node.filter(|_| anchor > 0) {
        anchors.insert(anchor, node.clone());
    }
}

fn place(marker: Marker) -> At {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    At { line: count(marker.line()).max(1), column: count(marker.col()).saturating_add(1) }
}

/// The value of a scalar by its tag, or, where it has none, by its style and the core schema.
fn tagged(word: &str, style: ScalarStyle, tag: Option<&Tag>, at: At) -> Result<Kind, InputError> {
    let Some(tag) = tag else {
        return Ok(match style {
            ScalarStyle::Plain => scalar::resolve(word),
            _ => Kind::Text(word.to_owned()),
        });
    };
    let wrong = || problem("syntax", format!("not a value of the tag `{}{}`", tag.handle, tag.suffix), at);
    if tag.handle.is_empty() && tag.suffix == "!" || tag.handle == "!" && tag.suffix.is_empty() {
        return Ok(Kind::Text(word.to_owned()));
    }
    if !tag.is_yaml_core_schema() {
        return Err(problem("syntax", format!("unknown tag `{}{}`", tag.handle, tag.suffix), at));
    }
    let kind = scalar::resolve(word);
    match (tag.suffix.as_str(), kind) {
        ("str", _) => Ok(Kind::Text(word.to_owned())),
        ("null", kind @ Kind::Null) | ("bool", kind @ Kind::Bool(_)) | ("float", kind @ Kind::Number(_)) => Ok(kind),
        ("int", Kind::Number(number)) if number.whole => Ok(Kind::Number(number)),
        _ => Err(wrong()),
    }
}

fn expect_tag(tag: Option<&Tag>, suffix: &str, at: At) -> Result<(), InputError> {
    match tag {
        None => Ok(()),
        Some(tag) if tag.is_yaml_core_schema() && tag.suffix == suffix => Ok(()),
        Some(tag) => Err(problem("syntax", format!("unknown tag `{}{}`", tag.handle, tag.suffix), at)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> Vec<(String, Kind)> {
        let Kind::Map(entries) = parse(text).unwrap().kind else { panic!("a map") };
        entries.into_iter().map(|(key, node)| (key.name, node.kind)).collect()
    }

    #[test]
    fn values_know_their_places() {
        let node = parse("a: 1\nb:\n  - é\n  - {c: \"d\"}\n").unwrap();
        let Kind::Map(entries) = node.kind else { panic!("a map") };
        assert_eq!(entries[1].0.at, At { line: 2, column: 1 });
        assert_eq!(entries[0].1.at, At { line: 1, column: 4 });
        let Kind::List(items) = &entries[1].1.kind else { panic!("a list") };
        assert_eq!(items[0].at, At { line: 3, column: 5 });
        let Kind::Map(inner) = &items[1].kind else { panic!("a map") };
        assert_eq!(inner[0].0.at, At { line: 4, column: 6 });
    }

    #[test]
    fn the_core_schema_is_not_that_of_yaml_1_1() {
        let text = |word: &str| Kind::Text(word.to_owned());
        let read = map("a: yes\nb: '1'\nc: !!str 1\nd: ! 2\ne: 2026-01-01\n<<: x\n1: y\n");
        let expected = [("a", "yes"), ("b", "1"), ("c", "1"), ("d", "2"), ("e", "2026-01-01"), ("<<", "x"), ("1", "y")];
        assert_eq!(read, expected.map(|(key, word)| (key.to_owned(), text(word))));
        assert_eq!(parse("").unwrap().kind, Kind::Null);
        assert_eq!(parse("# nothing\n").unwrap().kind, Kind::Null);
    }

    #[test]
    fn aliases_are_what_they_stand_for() {
        let read = map("a: &x [1, 2]\nb: *x\n");
        assert!(matches!((&read[0].1, &read[1].1), (Kind::List(a), Kind::List(b)) if a.len() == b.len()));
    }

    #[test]
    fn what_is_no_single_document_is_refused() {
        for text in [
            "a: 1\n---\nb: 2\n",
            "a: [1",
            "a: !!binary aa",
            "a: !x 1",
            "a: !!int x",
            "? [1]\n: 2",
            "a: *b",
            "a: &b [*b]",
            "a: 'x",
            "a: b: c",
            "a: \"\\q\"",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.code, "syntax", "{text}");
            assert!(error.line.is_some() && error.column.is_some(), "{text}");
        }
    }

    #[test]
    fn bombs_stay_small() {
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..20 {
            let last = n - 1;
            bomb += &format!("a{n}: &a{n} [{}]\n", vec![format!("*a{last}"); 10].join(","));
        }
        assert_eq!(parse(&bomb).unwrap_err().code, "too_large");
        assert_eq!(parse(&"[".repeat(200)).unwrap_err().code, "too_large");
    }
}
