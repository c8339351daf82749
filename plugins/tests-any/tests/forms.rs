//! The schemas are good enough to make a form from, and say what the plugins say.

#![allow(clippy::expect_used, clippy::panic)] // All of this file is a test.

use serde_json::{Map, Value, json};
use tests_any::{SUBJECTS, Subject};

fn schema(subject: &Subject) -> Value {
    let path = format!("{}/../{}/schema.json", env!("CARGO_MANIFEST_DIR"), subject.name);
    let text = std::fs::read_to_string(path).expect("schema.json");
    serde_json::from_str(&text).expect("JSON")
}

fn example(subject: &Subject) -> Value {
    serde_json::from_slice(&subject.example_json().expect("YAML")).expect("JSON")
}

/// A field of a form: how it is reached (`*` for the items of a list), and its schema.
struct Field {
    path: Vec<String>,
    schema: Value,
    /// It is a member of an object, and not an item of a list.
    named: bool,
}

impl Field {
    /// As refusals write it.
    fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.path {
            match part.as_str() {
                "*" => text.push_str("[0]"),
                name if text.is_empty() => text.push_str(name),
                name => text.push_str(&format!(".{name}")),
            }
        }
        text
    }
}

/// What is another schema and not a part of the form.
fn is_free(field: &Field) -> bool {
    field.schema["type"] == "object"
        && field.schema.get("properties").is_none()
        && field.schema.get("additionalProperties").is_none()
}

fn fields(schema: &Value) -> Vec<Field> {
    fn walk(schema: &Value, path: &[String], named: bool, out: &mut Vec<Field>) {
        out.push(Field { path: path.to_vec(), schema: schema.clone(), named });
        let below = |name: &str| [path, &[name.to_owned()]].concat();
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            walk(schema, &below(name), true, out);
        }
        if let Some(items) = schema.get("items") {
            walk(items, &below("*"), false, out);
        }
    }
    let mut out = Vec::new();
    walk(schema, &[], true, &mut out);
    out
}

fn has_text(schema: &Value, name: &str) -> bool {
    schema[name].as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_chinese(schema: &Value, name: &str) -> bool {
    // Names such as "HTTP" are the same in both languages, sentences are not.
    schema[name].as_str().is_some_and(|text| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)))
}

#[test]
fn every_field_says_what_it_is_in_both_languages() {
    for subject in SUBJECTS {
        for field in fields(&schema(subject)) {
            let (name, schema) = (format!("{} {}", subject.name, field.text()), &field.schema);
            if field.named {
                for words in ["title", "x-title-zh", "description", "x-description-zh"] {
                    assert!(has_text(schema, words), "{name}: no {words}");
                }
                assert!(is_chinese(schema, "x-description-zh"), "{name}: x-description-zh is no Chinese");
            }
            if let Some(choices) = schema["enum"].as_array() {
                for titles in ["x-enum-titles", "x-enum-titles-zh"] {
                    let titles = &schema[titles];
                    let each = titles.as_array().map(Vec::len) == Some(choices.len())
                        || titles.as_object().is_some_and(|titles| {
                            choices.iter().all(|c| c.as_str().is_some_and(|c| titles.contains_key(c)))
                        });
                    let plain = choices.iter().all(|c| c.as_str().is_none_or(|c| c.len() <= 14 && !c.contains('_')));
                    assert!(each || titles.is_null() && plain, "{name}: titles of choices: {titles}");
                }
            }
        }
    }
}

#[test]
fn every_field_has_its_bounds() {
    for subject in SUBJECTS {
        for field in fields(&schema(subject)) {
            let (name, schema) = (format!("{} {}", subject.name, field.text()), &field.schema);
            let has = |keyword: &str| schema.get(keyword).is_some();
            let is_bounded = match schema["type"].as_str() {
                Some("integer" | "number") => has("enum") || has("minimum") && has("maximum"),
                // A number or a word.
                None if schema["type"].is_array() => has("pattern") && has("minimum") && has("maximum"),
                Some("string") => has("maxLength") || has("enum"),
                Some("array") => has("maxItems") && has("items"),
                Some("object") => {
                    has("properties") && schema["additionalProperties"] == false
                        || has("maxProperties")
                        || is_free(&field)
                }
                Some("boolean") => has("default"),
                other => panic!("{name}: type {other:?}"),
            };
            assert!(is_bounded, "{name}: without bounds: {schema}");
        }
    }
}

/// Puts a value at a field's place. Lists get one item, and what is not there yet is made.
fn put(place: &mut Value, path: &[String], value: Value) {
    let Some((first, rest)) = path.split_first() else {
        *place = value;
        return;
    };
    if first == "*" {
        let mut items = place.as_array().cloned().unwrap_or_default();
        items.resize(1, Value::Null);
        put(&mut items[0], rest, value);
        *place = Value::Array(items);
    } else {
        if !place.is_object() {
            *place = Value::Object(Map::new());
        }
        put(&mut place[first.as_str()], rest, value);
    }
}

/// Configurations in the place of the example's for some fields: for those that exclude what the example has, or need what it
/// does not have.
const AROUND: &[(&str, &str)] = &[
    ("access-log service.headers[0].", r#"{"output":"service","service":{"host":"a","headers":[{"name":"x"}]}}"#),
    ("access-log service", r#"{"output":"service","service":{"host":"a"}}"#),
    (
        "custom-response rules[0].bypass",
        r#"{"rules":[{"body":"x","bypass_header":"x-staff","bypass_value":"let me in"}]}"#,
    ),
    ("custom-response rules[0]", r#"{"rules":[{"body":"x","bodies":[{"language":"zh"}]}]}"#),
    ("custom-response bypass", r#"{"body":"x","bypass_header":"x-staff","bypass_value":"let me in"}"#),
    ("custom-response", r#"{"body":"x","bodies":[{"language":"zh"}]}"#),
    ("ext-auth headersToAdd", r#"{"service":{"host":"a"},"headersToAdd":[{"name":"x"}]}"#),
    ("jwt-auth consumers[0].jwks", r#"{"consumers":[{"name":"a"}]}"#),
    (
        "jwt-auth consumers[0].requiredClaims",
        r#"{"consumers":[{"name":"a","remoteJwks":{"host":"a"},"requiredClaims":[{"values":["a"]}]}]}"#,
    ),
    ("jwt-auth fromHeaders", r#"{"fromHeaders":[{"name":"a"}]}"#),
    ("local-rate-limit global_threshold", r#"{"global_threshold":{"query_per_second":1}}"#),
    ("opa service.path", r#"{"service":{"host":"a"}}"#),
    ("traffic-tag weightGroups", r#"{"weightGroups":[{"weight":1,"headerName":"x","headerValue":"a"}]}"#),
    ("traffic-tag weightKey", r#"{"weightKey":{"conditionType":"cookie"}}"#),
    ("transformer respRules[0].body[0].", r#"{"respRules":[{"operate":"add","body":[{"key":"a","value":"b"}]}]}"#),
    ("transformer respRules", r#"{"respRules":[{"operate":"add","headers":[{"key":"a","value":"b"}]}]}"#),
];

/// What the field's value is put into.
fn around(subject: &Subject, field: &Field) -> Value {
    let name = format!("{} {}", subject.name, field.text());
    match AROUND.iter().find(|(start, _)| name.starts_with(start)) {
        Some((_, configuration)) => serde_json::from_str(configuration).expect("JSON"),
        None => example(subject),
    }
}

/// What a plugin says to a value, if it refuses it because of this field.
fn refusal(subject: &Subject, field: &Field, value: Value) -> Option<String> {
    let mut configuration = around(subject, field);
    put(&mut configuration, &field.path, value);
    let refusal = (subject.read)(configuration.to_string().as_bytes()).err()?;
    let is_it = refusal.field().starts_with(&field.text());
    is_it.then(|| refusal.to_string())
}

#[test]
fn the_fields_are_those_that_the_plugin_knows() {
    let (mut compared, mut faults) = (0, Vec::new());
    for subject in SUBJECTS {
        for field in fields(&schema(subject)).iter().filter(|field| field.schema.get("properties").is_some()) {
            let name = format!("{} {}", subject.name, field.text());
            let Some(said) = refusal(subject, field, json!({"__": 1})) else {
                faults.push(format!("{name}: an unknown field is not refused"));
                continue;
            };
            // Some objects must have something first; their parts are looked at all the same.
            let Some((_, known)) = said.split_once("known here: ") else { continue };
            let mut known: Vec<_> = known.split(", ").collect();
            known.sort_unstable();
            let mut said: Vec<_> =
                field.schema["properties"].as_object().expect("an object").keys().map(String::as_str).collect();
            said.sort_unstable();
            // What a step of transformer may have depends on what it does; the form shows all.
            if said != known && !name.starts_with("transformer re") {
                faults.push(format!("{name}: {said:?} instead of {known:?}"));
            }
            compared += 1;
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(compared > 50, "only {compared} objects were compared");
}

/// Values that a form lets nobody enter.
fn forbidden(schema: &Value) -> Vec<Value> {
    let mut values = vec![Value::Null];
    match schema["type"].as_str() {
        Some("integer") if schema.get("enum").is_some() => values.extend([json!("1"), json!(0)]),
        Some(kind @ ("integer" | "number")) => {
            let bound = |keyword: &str| schema[keyword].as_f64().expect("a bound");
            values.extend([json!("1"), json!(bound("minimum") - 1.0), json!(bound("maximum") + 1.0)]);
            if kind == "integer" {
                values.push(json!(bound("minimum") + 0.5));
            }
        }
        Some("string") => {
            values.push(json!(true));
            if let Some(most) = schema["maxLength"].as_u64() {
                values.push(json!("a".repeat(most as usize + 1)));
            }
            if schema.get("enum").is_some() {
                values.push(json!("__"));
            }
            if schema["minLength"].as_u64().is_some_and(|least| least > 0) {
                values.push(json!(""));
            }
        }
        Some("array") => {
            values.extend([json!({}), json!("a")]);
            let most = schema["maxItems"].as_u64().expect("a bound") as usize;
            values.push(Value::Array(vec![json!("a"); most + 1]));
        }
        Some("boolean") => values.extend([json!("true"), json!(1)]),
        None => values.extend([json!("__"), json!(-1), json!([])]),
        _ => values.push(json!([])),
    }
    values
}

#[test]
fn what_a_form_forbids_the_plugin_refuses() {
    let (mut refused, mut faults) = (0, Vec::new());
    for subject in SUBJECTS {
        for field in fields(&schema(subject)).iter().filter(|field| !field.path.is_empty()) {
            for value in forbidden(&field.schema) {
                let short: String = value.to_string().chars().take(60).collect();
                let name = format!("{} {}: {short}", subject.name, field.text());
                match refusal(subject, field, value) {
                    Some(_) => refused += 1,
                    None => faults.push(name),
                }
            }
        }
    }
    assert!(faults.is_empty(), "not refused: {faults:#?}");
    assert!(refused > 1000, "only {refused} values were tried");
}

#[test]
fn examples_and_defaults_are_good() {
    for subject in SUBJECTS {
        let schema = schema(subject);
        let validator = jsonschema::draft202012::new(&schema).expect("a good schema");
        let faults: Vec<String> = validator.iter_errors(&example(subject)).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{}: {faults:?}", subject.name);
        let mut defaults = example(subject);
        for field in fields(&schema).iter().filter(|field| field.path.len() == 1) {
            let Some(default) = field.schema.get("default") else { continue };
            let name = field.path[0].as_str();
            assert!(jsonschema::draft202012::is_valid(&field.schema, default), "{} {name}: {default}", subject.name);
            if defaults.get(name).is_none() {
                defaults[name] = default.clone();
            }
        }
        let read = (subject.read)(defaults.to_string().as_bytes());
        assert!(read.is_ok(), "{}: {read:?}", subject.name);
    }
}

/// What a form shows in an empty field is what an empty field means.
#[test]
fn the_defaults_are_those_that_the_plugin_has() {
    let (mut compared, mut faults) = (0, Vec::new());
    for subject in SUBJECTS {
        for field in fields(&schema(subject)).iter().filter(|field| field.named && !field.path.is_empty()) {
            let name = format!("{} {}", subject.name, field.text());
            let Some(default) = field.schema.get("default") else { continue };
            let mut with = around(subject, field);
            put(&mut with, &field.path, default.clone());
            let mut without = with.clone();
            take(&mut without, &field.path);
            let show = |configuration: &Value| (subject.show)(configuration.to_string().as_bytes());
            match (show(&without), show(&with)) {
                (Ok(without), Ok(with)) if without == with => compared += 1,
                (Ok(_), Ok(_)) => faults.push(format!("{name}: {default} is not what is meant without it")),
                // What the field is part of may need more than is there.
                (without, with) => assert!(without.is_err(), "{name}: {with:?}"),
            }
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    assert!(compared > 100, "only {compared} defaults were compared");
}

/// Takes a field out again.
fn take(place: &mut Value, path: &[String]) {
    match path {
        [] => {}
        [last] => drop(place.as_object_mut().expect("an object").remove(last)),
        [first, rest @ ..] => take(if first == "*" { &mut place[0] } else { &mut place[first.as_str()] }, rest),
    }
}
