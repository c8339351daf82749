use super::*;

fn map(json: &str) -> Map<String, Value> {
    parse(json.as_bytes()).expect("an object")
}

fn message<T>(result: Result<T, Refusal>) -> String {
    match result {
        Ok(_) => panic!("accepted"),
        Err(refusal) => refusal.to_string(),
    }
}

#[test]
fn nothing_and_blanks_are_an_empty_object() {
    assert!(parse(b"").expect("empty").is_empty());
    assert!(parse(b" \n").expect("blank").is_empty());
    assert!(parse(b"{}").expect("object").is_empty());
}

#[test]
fn what_is_no_object_is_refused_in_one_line() {
    assert_eq!(message(parse(b"[1]")), "configuration refused: must be an object, got a list");
    assert!(message(parse(b"{\n\"a\":")).starts_with("configuration refused: not valid JSON: "));
    assert!(!message(parse(b"{\n\"a\":")).contains('\n'));
    assert!(parse(b"\"\xff\"").is_err());
    assert!(parse("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn unknown_fields_are_named_with_their_path() {
    let m = map(r#"{"list":[{"good":1,"bad":2}]}"#);
    assert_eq!(
        message(Fields::root(&m, &["other"])),
        "configuration refused: field \"list\": unknown; known here: other"
    );
    let root = Fields::root(&m, &["list"]).expect("known");
    let result = root.list("list", 3, |item, path| Fields::nested(item, path, &["good"]).map(|_| ()));
    assert_eq!(message(result), "configuration refused: field \"list[0].bad\": unknown; known here: good");
}

#[test]
fn numbers_must_be_whole_and_in_range() {
    let m = map(r#"{"a":5,"b":5.0,"c":5.5,"d":-1,"e":1e300,"f":"5","g":11}"#);
    let root = Fields::root(&m, &["a", "b", "c", "d", "e", "f", "g"]).expect("known");
    assert_eq!(root.integer("a", 1, 10), Ok(Some(5)));
    assert_eq!(root.integer("b", 1, 10), Ok(Some(5)));
    assert_eq!(root.integer("absent", 1, 10), Ok(None));
    for name in ["c", "d", "e", "f", "g"] {
        let text = message(root.integer(name, 1, 10));
        assert!(text.contains("must be a whole number from 1 to 10"), "{text}");
    }
}

#[test]
fn strings_choices_booleans_and_lists_say_what_they_want() {
    let m = map(r#"{"s":"abcd","n":1,"l":[1,2,3],"z":null}"#);
    let root = Fields::root(&m, &["s", "n", "l", "z"]).expect("known");
    assert!(message(root.string("s", 3)).ends_with("at most 3 characters, got 4"));
    assert!(message(root.string("n", 3)).ends_with("must be a string, got a number"));
    assert!(message(root.boolean("z")).ends_with("must be true or false, got null"));
    assert!(message(root.list("l", 2, |_, _| Ok(()))).ends_with("at most 2 items, got 3"));
    assert!(message(root.list("s", 2, |_, _| Ok(()))).ends_with("must be a list, got a string"));
    assert!(message(root.choice("s", &[("x", 1), ("y", 2)])).ends_with("must be one of x, y; got \"abcd\""));
}

#[test]
fn a_refusal_stays_on_one_line() {
    let refusal = Refusal::new("a\nb", "c\r\nd");
    assert!(!refusal.to_string().contains(['\n', '\r']));
    assert_eq!(refusal.field(), "a\nb");
}
