//! Cases by keyword, and random schemas held against a validator that many use.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn schema(value: &Value) -> Schema {
    compile(value, "schema", true).unwrap_or_else(|refusal| panic!("{refusal}: {value}"))
}

fn fails(schema: &Schema, value: &Value) -> Option<(String, &'static str)> {
    schema.check(value).err().map(|failure| (failure.at, failure.keyword))
}

#[test]
fn each_keyword_finds_what_is_wrong() {
    for (rules, good, bad, at, keyword) in [
        (json!({"type": "integer"}), json!(2.0), json!(2.5), "", "type"),
        (json!({"type": ["string", "null"]}), json!(null), json!(0), "", "type"),
        (json!({"const": {"a": [1, 2]}}), json!({"a": [1.0, 2]}), json!({"a": [2, 1]}), "", "const"),
        (json!({"enum": [1, "a", null]}), json!(null), json!("b"), "", "enum"),
        (json!({"enum": []}), json!(1), json!(1), "", "enum"),
        (json!({"minimum": 3}), json!(3), json!(2.9), "", "minimum"),
        (json!({"maximum": 3}), json!("x"), json!(4), "", "maximum"),
        (json!({"exclusiveMinimum": 3}), json!(3.1), json!(3.0), "", "exclusiveMinimum"),
        (
            json!({"exclusiveMaximum": 18446744073709551615u64}),
            json!(18446744073709551614u64),
            json!(18446744073709551615u64),
            "",
            "exclusiveMaximum",
        ),
        (json!({"multipleOf": 0.01}), json!(19.99), json!(19.995), "", "multipleOf"),
        (json!({"multipleOf": 3}), json!(-9), json!(10), "", "multipleOf"),
        (json!({"minLength": 2}), json!("äö"), json!("ä"), "", "minLength"),
        (json!({"maxLength": 1}), json!("\u{1f600}"), json!("ab"), "", "maxLength"),
        (json!({"pattern": "^a\\d+$"}), json!("a12"), json!("a12b"), "", "pattern"),
        (json!({"minItems": 1}), json!([0]), json!([]), "", "minItems"),
        (json!({"maxItems": 1.0}), json!([0]), json!([0, 0]), "", "maxItems"),
        (json!({"uniqueItems": true}), json!([1, "1", [1], true, {"a": 1}]), json!([1, 1.0]), "", "uniqueItems"),
        (json!({"uniqueItems": true}), json!([0, [0]]), json!([{"a": 1, "b": 2}, {"b": 2, "a": 1}]), "", "uniqueItems"),
        (
            json!({"prefixItems": [{"type": "string"}], "items": {"type": "null"}}),
            json!(["a", null]),
            json!(["a", 1]),
            "/1",
            "type",
        ),
        (json!({"contains": {"const": 1}}), json!([0, 1]), json!([0]), "", "contains"),
        (
            json!({"contains": {"const": 1}, "minContains": 0, "maxContains": 1}),
            json!([0]),
            json!([1, 1]),
            "",
            "maxContains",
        ),
        (json!({"minProperties": 1}), json!({"a": 1}), json!({}), "", "minProperties"),
        (json!({"maxProperties": 1}), json!({"a": 1}), json!({"a": 1, "b": 1}), "", "maxProperties"),
        (json!({"required": ["a/b"]}), json!({"a/b": 1}), json!({}), "/a~1b", "required"),
        (json!({"dependentRequired": {"a": ["b"]}}), json!({"b": 1}), json!({"a": 1}), "/b", "dependentRequired"),
        (
            json!({"properties": {"a": {"items": {"maximum": 1}}}}),
            json!({"a": [1]}),
            json!({"a": [1, 2]}),
            "/a/1",
            "maximum",
        ),
        (json!({"properties": {"b": false, "a": true}}), json!({"a": 1}), json!({"b": 1}), "/b", "false"),
        (
            json!({"patternProperties": {"^x-": {"type": "string"}}}),
            json!({"x-a": "1", "y": 1}),
            json!({"x-a": 1}),
            "/x-a",
            "type",
        ),
        (
            json!({"properties": {"a": true}, "patternProperties": {"^x": true}, "additionalProperties": false}),
            json!({"a": 1, "x1": 1}),
            json!({"b": 1}),
            "/b",
            "additionalProperties",
        ),
        (json!({"propertyNames": {"maxLength": 1}}), json!({"a": 1}), json!({"ab": 1}), "/ab", "maxLength"),
        (json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}), json!(1), json!(3), "", "maximum"),
        (json!({"anyOf": [{"minimum": 3}, {"maximum": 1}]}), json!(1), json!(2), "", "anyOf"),
        (json!({"oneOf": [{"minimum": 3}, {"maximum": 4}]}), json!(1), json!(3), "", "oneOf"),
        (json!({"not": {"type": "null"}}), json!(1), json!(null), "", "not"),
        (
            json!({"if": {"minimum": 10}, "then": {"multipleOf": 10}, "else": {"multipleOf": 2}}),
            json!(20),
            json!(15),
            "",
            "multipleOf",
        ),
        (json!({"if": {"minimum": 10}, "else": {"multipleOf": 2}}), json!(15), json!(3), "", "multipleOf"),
        (json!({"dependentSchemas": {"a": {"required": ["b"]}}}), json!({"c": 1}), json!({"a": 1}), "/b", "required"),
        (json!({"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "null"}}}), json!(null), json!(1), "", "type"),
        (
            json!({"$ref": "#/$defs/a%25b", "$defs": {"a%b": {"type": "null"}}, "minimum": 0}),
            json!(null),
            json!(1),
            "",
            "type",
        ),
        (
            json!({"properties": {"next": {"$ref": "#"}, "n": {"type": "integer"}}}),
            json!({"next": {"n": 1}}),
            json!({"next": {"next": {"n": "x"}}}),
            "/next/next/n",
            "type",
        ),
        (json!({"format": "ipv4"}), json!("10.0.0.1"), json!("10.0.0.256"), "", "format"),
        (
            json!({"allOf": [{"properties": {"a": true}}], "properties": {"b": true}, "unevaluatedProperties": false}),
            json!({"a": 1, "b": 2}),
            json!({"a": 1, "c": 2}),
            "/c",
            "unevaluatedProperties",
        ),
        (
            json!({"prefixItems": [true], "contains": {"type": "string"}, "unevaluatedItems": {"type": "null"}}),
            json!([1, "a", null]),
            json!([1, "a", 2]),
            "/2",
            "type",
        ),
        (
            json!({"items": {"$ref": "#n"}, "$defs": {"x": {"$anchor": "n", "type": "null"}}}),
            json!([null]),
            json!([1]),
            "/0",
            "type",
        ),
        (
            json!({"$id": "https://a.test/b", "items": {"$ref": "https://a.test/b#/$defs/n"}, "prefixItems": [{"$ref": "https://a.test/b"}], "$defs": {"n": {"type": "null"}}}),
            json!([1, null]),
            json!([[1], 1]),
            "/1",
            "type",
        ),
        (
            json!({"$dynamicAnchor": "node", "properties": {"next": {"$dynamicRef": "#node"}, "n": {"type": "integer"}}}),
            json!({"next": {"n": 1}}),
            json!({"next": {"n": "x"}}),
            "/next/n",
            "type",
        ),
    ] {
        let schema = schema(&rules);
        if rules != json!({"enum": []}) {
            assert_eq!(fails(&schema, &good), None, "{rules} {good}");
        }
        assert_eq!(fails(&schema, &bad), Some((at.to_owned(), keyword)), "{rules} {bad}");
    }
}

/// What counts as looked at, by example: schemas that hold, in the same place, and none beside.
#[test]
fn unevaluated_is_what_no_schema_that_holds_has_looked_at() {
    let rest = |keyword: &str, more: Value| {
        let mut rules = json!({keyword: false});
        rules.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        schema(&rules)
    };
    let members = |more| rest("unevaluatedProperties", more);
    let items = |more| rest("unevaluatedItems", more);
    for (schema, good, bad) in [
        // Of several that hold each counts, of one that fails nothing does.
        (
            members(
                json!({"anyOf": [{"properties": {"a": {"const": 1}}, "required": ["a"]}, {"properties": {"b": true}}]}),
            ),
            vec![json!({"a": 1, "b": 2}), json!({"b": 2})],
            vec![json!({"a": 2}), json!({"c": 1})],
        ),
        (
            members(
                json!({"oneOf": [{"properties": {"a": true}, "required": ["a"]}, {"properties": {"b": true}, "required": ["b"]}]}),
            ),
            vec![json!({"a": 1}), json!({"b": 1})],
            vec![json!({"a": 1, "c": 1}), json!({})],
        ),
        (
            members(
                json!({"if": {"properties": {"kind": {"const": "x"}}, "required": ["kind"]}, "then": {"properties": {"x": true}}, "else": {"properties": {"y": true}}}),
            ),
            vec![json!({"kind": "x", "x": 1}), json!({"y": 1})],
            vec![json!({"kind": "x", "y": 1}), json!({"kind": "y", "y": 1})],
        ),
        (members(json!({"not": {"not": {"properties": {"a": true}}}})), vec![json!({})], vec![json!({"a": 1})]),
        (
            members(json!({"dependentSchemas": {"a": {"properties": {"a": true, "b": true}}}})),
            vec![json!({"a": 1, "b": 2})],
            vec![json!({"b": 2})],
        ),
        (
            members(json!({"$ref": "#/$defs/d", "$defs": {"d": {"patternProperties": {"^x-": true}}}})),
            vec![json!({"x-a": 1})],
            vec![json!({"y": 1})],
        ),
        // What a schema beside it has looked at does not count.
        (
            schema(&json!({"allOf": [{"properties": {"a": true}}, {"unevaluatedProperties": false}]})),
            vec![json!({})],
            vec![json!({"a": 1})],
        ),
        // What an inner one has looked at does.
        (members(json!({"allOf": [{"unevaluatedProperties": true}]})), vec![json!({"a": 1})], vec![]),
        (members(json!({"additionalProperties": true})), vec![json!({"a": 1})], vec![]),
        // Only this place: what is below has rules of its own.
        (
            members(json!({"properties": {"a": {"properties": {"b": true}}}})),
            vec![json!({"a": {"c": 1}})],
            vec![json!({"b": 1})],
        ),
        (items(json!({"prefixItems": [true, true]})), vec![json!([1, 2]), json!("text")], vec![json!([1, 2, 3])]),
        (items(json!({"items": true})), vec![json!([1, 2, 3])], vec![]),
        (items(json!({"contains": {"const": 1}})), vec![json!([1, 1])], vec![json!([1, 2])]),
        (
            items(json!({"anyOf": [{"prefixItems": [{"const": 1}]}, {"prefixItems": [true, {"const": 2}]}]})),
            vec![json!([1]), json!([0, 2])],
            vec![json!([1, 3]), json!([0, 2, 0])],
        ),
    ] {
        for value in good {
            assert_eq!(fails(&schema, &value), None, "{value}");
        }
        for value in bad {
            assert!(fails(&schema, &value).is_some(), "{value}");
        }
    }
}

#[test]
fn formats_that_are_not_known_or_not_wanted_say_nothing() {
    assert_eq!(fails(&schema(&json!({"format": "phone"})), &json!("x")), None);
    assert_eq!(fails(&schema(&json!({"format": "date"})), &json!(7)), None);
    let unasked = compile(&json!({"format": "date"}), "schema", false).expect("good");
    assert_eq!(fails(&unasked, &json!("x")), None);
}

#[test]
fn the_innermost_message_is_told() {
    let schema = schema(
        &json!({"errorMessage": "outer", "properties": {"a": {"type": "string", "errorMessage": "inner"}, "b": {"type": "string"}}}),
    );
    let message = |value: Value| schema.check(&value).expect_err("bad").message;
    assert_eq!(message(json!({"a": 1})).as_deref(), Some("inner"));
    assert_eq!(message(json!({"b": 1})).as_deref(), Some("outer"));
}

#[test]
fn what_costs_too_much_is_not_valid() {
    // 2 to the power of 20 ways, of which each fails at the end.
    let mut rules = json!({"type": "null"});
    for _ in 0..20 {
        rules = json!({"anyOf": [rules.clone(), rules]});
    }
    assert!(compile(&rules, "schema", false).is_err(), "too many schemas");
    let mut defs = serde_json::Map::new();
    defs.insert("d0".to_owned(), json!({"type": "null"}));
    for i in 1..30 {
        let below = json!({"$ref": format!("#/$defs/d{}", i - 1)});
        defs.insert(format!("d{i}"), json!({"anyOf": [below, below]}));
    }
    let doubling = schema(&json!({"$ref": "#/$defs/d29", "$defs": defs}));
    assert_eq!(fails(&doubling, &json!(1)).map(|(_, keyword)| keyword), Some("limit"));
    let negated = schema(&json!({"not": {"$ref": "#/$defs/d29"}, "$defs": defs}));
    assert_eq!(fails(&negated, &json!(1)).map(|(_, keyword)| keyword), Some("limit"), "a not does not turn it");
    let searched = schema(&json!({"contains": {"pattern": "b$"}}));
    let long = json!(vec!["a".repeat(100_000); 100]);
    assert_eq!(fails(&searched, &long).map(|(_, keyword)| keyword), Some("limit"));
    let unique = schema(&json!({"uniqueItems": true}));
    assert_eq!(fails(&unique, &json!((0..100_000).collect::<Vec<_>>())), None);
    let chain: serde_json::Map<_, _> = (0..1000)
        .map(|i| (format!("d{i}"), json!({"$ref": format!("#/$defs/d{}", i + 1)})))
        .chain([("d1000".to_owned(), json!(true))])
        .collect();
    let long_way = compile(&json!({"$ref": "#/$defs/d0", "$defs": chain}), "schema", true);
    assert!(long_way.is_err() || long_way.is_ok_and(|schema| fails(&schema, &json!(1)).is_some()));
}

/// Values in which small things repeat.
fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-4i64..9).prop_map(Value::from),
        (-8i64..18).prop_map(|n| Value::from(n as f64 / 2.0)),
        Just(json!(18446744073709551615u64)),
        Just(json!(1e300)),
        "[ab1ä]{0,4}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[abc]{1,2}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Two schemas in one place, so that there is something to be looked at.
fn both(inner: impl Strategy<Value = Value> + Clone) -> impl Strategy<Value = Value> {
    let members = proptest::collection::btree_map("[abc]{1,2}", inner.clone(), 0..3);
    let list = proptest::collection::vec(inner.clone(), 1..3);
    (members, list, inner, 0..4u8).prop_map(|(members, list, one, how)| match how {
        0 => json!({"properties": members, "anyOf": list}),
        1 => json!({"allOf": [{"properties": members}, one]}),
        2 => json!({"prefixItems": list, "contains": one}),
        _ => json!({"if": {"properties": members}, "then": one, "oneOf": list}),
    })
}

fn with(mut node: Value, keyword: &str, one: Value) -> Value {
    node[keyword] = one;
    node
}

fn schemas() -> impl Strategy<Value = Value> {
    let names = || proptest::collection::btree_set("[abc]{1,2}", 0..3).prop_map(|names| json!(names));
    let pattern = || prop_oneof![Just("^a"), Just("b$"), Just("[0-9]+"), Just("^[ab]{2,3}$"), Just("a|1"), Just(".")];
    let types = || {
        prop_oneof![
            Just("null"),
            Just("boolean"),
            Just("object"),
            Just("array"),
            Just("number"),
            Just("string"),
            Just("integer")
        ]
    };
    let keyword = prop_oneof![
        types().prop_map(|kind| json!({"type": kind})),
        proptest::collection::btree_set(types(), 1..4)
            .prop_map(|kinds| json!({"type": kinds.into_iter().collect::<Vec<_>>()})),
        values().prop_map(|value| json!({"const": value})),
        proptest::collection::vec(values(), 1..4).prop_map(|values| json!({"enum": values})),
        (-4i64..9).prop_map(|n| json!({"minimum": n})),
        (-8i64..18).prop_map(|n| json!({"maximum": n as f64 / 2.0})),
        (-4i64..9).prop_map(|n| json!({"exclusiveMinimum": n})),
        (-4i64..9).prop_map(|n| json!({"exclusiveMaximum": n})),
        prop_oneof![Just(1.0), Just(2.0), Just(0.5), Just(3.0)].prop_map(|n| json!({"multipleOf": n})),
        (0..4u32, 0..4u32).prop_map(|(a, b)| json!({"minLength": a, "maxLength": b})),
        pattern().prop_map(|p| json!({"pattern": p})),
        (0..3u32, 1..4u32).prop_map(|(a, b)| json!({"minItems": a, "maxItems": b})),
        any::<bool>().prop_map(|unique| json!({"uniqueItems": unique})),
        (0..3u32, 1..4u32).prop_map(|(a, b)| json!({"minProperties": a, "maxProperties": b})),
        names().prop_map(|names| json!({"required": names})),
        ("[abc]", names()).prop_map(|(name, names)| json!({"dependentRequired": {name: names}})),
        Just(json!({"$ref": "#/$defs/d"})),
        Just(json!({"$ref": "#named"})),
        Just(json!({"$dynamicRef": "#named"})),
        any::<bool>().prop_map(Value::from),
    ];
    let node = keyword.prop_recursive(3, 24, 3, move |inner| {
        let list = || proptest::collection::vec(inner.clone(), 1..3);
        let map = || proptest::collection::btree_map("[abc]{1,2}", inner.clone(), 0..3);
        prop_oneof![
            list().prop_map(|list| json!({"allOf": list})),
            list().prop_map(|list| json!({"anyOf": list})),
            list().prop_map(|list| json!({"oneOf": list})),
            inner.clone().prop_map(|one| json!({"not": one})),
            (inner.clone(), inner.clone(), inner.clone()).prop_map(|(a, b, c)| json!({"if": a, "then": b, "else": c})),
            map().prop_map(|map| json!({"dependentSchemas": map})),
            (list(), inner.clone()).prop_map(|(list, one)| json!({"prefixItems": list, "items": one})),
            inner.clone().prop_map(|one| json!({"items": one})),
            (inner.clone(), 0..3u32, 0..3u32).prop_map(|(one, a, b)| json!({"contains": one, "minContains": a, "maxContains": b})),
            inner.clone().prop_map(|one| json!({"contains": one})),
            (map(), pattern(), inner.clone(), inner.clone()).prop_map(|(map, pattern, one, two)| json!({"properties": map, "patternProperties": {pattern: one}, "additionalProperties": two})),
            map().prop_map(|map| json!({"properties": map, "additionalProperties": false})),
            inner.clone().prop_map(|one| json!({"propertyNames": one})),
            (both(inner.clone()), inner.clone()).prop_map(|(node, one)| with(node, "unevaluatedProperties", one)),
            (both(inner.clone()), inner.clone()).prop_map(|(node, one)| with(node, "unevaluatedItems", one)),
        ]
    });
    // What a reference leads to does not lead on.
    (
        node,
        prop_oneof![
            Just(json!({"type": "string"})),
            Just(json!({"minimum": 2})),
            Just(json!(false)),
            Just(json!({"items": {"$ref": "#/$defs/d"}}))
        ],
    )
        .prop_map(|(node, definition)| match node {
            Value::Object(mut map) => {
                let mut named = definition.clone();
                if named.is_object() {
                    named["$dynamicAnchor"] = "named".into();
                } else {
                    named = json!({"$dynamicAnchor": "named", "not": {}});
                }
                map.insert("$defs".to_owned(), json!({"d": definition, "n": named}));
                Value::Object(map)
            }
            other => other,
        })
}

proptest! {
    #[test]
    fn verdicts_are_those_of_another_validator(rules in schemas(), values in proptest::collection::vec(values(), 1..6)) {
        let theirs = jsonschema::draft202012::new(&rules).expect("a good schema");
        let ours = compile(&rules, "schema", false).expect("a good schema");
        for value in values {
            prop_assert_eq!(ours.check(&value).is_ok(), theirs.is_valid(&value), "{} {}", rules, value);
        }
    }

    #[test]
    fn nothing_panics(rules in values(), value in values(), keyword in "[a-zA-Z$]{1,12}") {
        let _ = compile(&rules, "schema", false);
        if let Ok(schema) = compile(&json!({keyword: rules}), "schema", true) {
            let _ = schema.check(&value);
        }
    }
}
