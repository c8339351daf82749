//! A plugin's configuration, as a form and as YAML: two views of one value.
//!
//! `mode` says which of the two was typed last and so is the truth. Switching from YAML to the form happens only when the
//! form can say the whole value, so that nothing is lost; comments of the YAML stay as long as the form says the same.

mod check;
mod node;
mod read;
pub mod schema;
pub mod yaml;

use marketplace_domain::{Problem, Reason, draft::Draft, form::FormNode};
use schema::Schema;
use serde_json::Value;

pub use check::validator;

/// What a configuration says, and how it is shown.
pub struct Configured {
    /// The value; `None` when the YAML does not parse.
    pub value: Option<Value>,
    /// As YAML.
    pub yaml: String,
    /// As a form; `None` without a schema.
    pub form: Option<FormNode>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Reads the configuration out of a draft.
pub fn configured(schema: Option<&Value>, draft: &Draft) -> Configured {
    let by_form = schema.filter(|_| draft.get("mode") != "yaml");
    let (value, mut problems) = match by_form {
        Some(schema) => (said_by_form(schema, draft), Vec::new()),
        None => match yaml::parse(draft.get("yaml")) {
            Ok(value @ Value::Object(_)) => (Some(value), Vec::new()),
            Ok(_) => (None, vec![Problem::at("yaml", Reason::ConfigNotAnObject)]),
            Err(reason) => (None, vec![Problem::at("yaml", reason)]),
        },
    };
    if let (Some(schema), Some(value)) = (schema, &value) {
        problems.extend(check::problems(schema, value));
    }
    let yaml = match (&value, by_form) {
        // What was typed as YAML stays, comments and all, as long as the form says the same.
        (Some(value), Some(_)) => match yaml::parse(draft.get("yaml")) {
            Ok(typed) if typed == *value => draft.get("yaml").to_owned(),
            _ => yaml::write(value),
        },
        _ => draft.get("yaml").to_owned(),
    };
    let form = by_form.map(|schema| form(schema, draft, &value, &problems));
    Configured { value, yaml, form, problems }
}

/// What the form says, without what stands in it only as a default of the schema: a box that is checked by default, where
/// the YAML behind the form says nothing of it and nobody touched it.
fn said_by_form(schema: &Value, draft: &Draft) -> Option<Value> {
    let mut said = read::value(Schema::new(schema), draft, "config", true, 0)?;
    if let Ok(typed) = yaml::parse(draft.get("yaml")) {
        let mut untouched = Draft::default();
        read::fill(Schema::new(schema), &typed, &mut untouched, "config", 0);
        if let Some(untouched) = read::value(Schema::new(schema), &untouched, "config", true, 0) {
            drop_unsaid(&mut said, &untouched, &typed);
        }
    }
    Some(said)
}

fn drop_unsaid(said: &mut Value, untouched: &Value, typed: &Value) {
    let (Value::Object(said), Value::Object(untouched), Value::Object(typed)) = (said, untouched, typed) else {
        return;
    };
    said.retain(|name, value| typed.contains_key(name) || untouched.get(name) != Some(value));
    for (name, value) in said {
        if let (Some(untouched), Some(typed)) = (untouched.get(name), typed.get(name)) {
            drop_unsaid(value, untouched, typed);
        }
    }
}

/// Draws the form. Problems name places of the value, whose lists count without gaps; the fields of a list may have gaps
/// after an item was removed, so problems move to the field that holds the place.
fn form(schema: &Value, draft: &Draft, _value: &Option<Value>, problems: &[Problem]) -> FormNode {
    node::Form { draft, problems }.root(Schema::new(schema))
}

/// Writes a value into a draft: the fields of the form, and the YAML. Returns whether the form can say it all.
pub fn fill(schema: Option<&Value>, value: &Value, draft: &mut Draft) -> bool {
    draft.fields.retain(|name, _| !is_config(name));
    let Some(schema) = schema else { return false };
    read::fill(Schema::new(schema), value, draft, "config", 0);
    let said = read::value(Schema::new(schema), draft, "config", true, 0);
    let same = said.as_ref() == Some(value) || says_defaults_only(said.as_ref(), value);
    if !same {
        draft.fields.retain(|name, _| !is_config(name));
    }
    same
}

/// Whether two values differ only by members that one leaves out: the form says defaults of boxes that YAML leaves out.
fn says_defaults_only(said: Option<&Value>, value: &Value) -> bool {
    match (said, value) {
        (Some(Value::Object(said)), Value::Object(value)) => {
            value.iter().all(|(name, inner)| said.get(name) == Some(inner) || says_defaults_only(said.get(name), inner))
        }
        _ => false,
    }
}

fn is_config(name: &str) -> bool {
    name.strip_prefix("config").is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '#', '@', '?', ':']))
}

/// Carries out `add:<field>` and `remove:<field>/N` on a draft's lists, and `form` and `yaml`, the switches of the mode.
pub fn edit(schema: Option<&Value>, draft: &mut Draft, what: &str) {
    if let Some(field) = what.strip_prefix("add:") {
        let next = read::indices(draft, field).last().map_or(0, |last| last + 1);
        draft.set(format!("{field}/{next}?"), "1");
    } else if let Some(item) = what.strip_prefix("remove:") {
        remove(draft, item);
    } else if what == "yaml" {
        let now = configured(schema, draft);
        draft.set("yaml", now.yaml);
        draft.set("mode", "yaml");
    } else if what == "form"
        && let Ok(value @ Value::Object(_)) = yaml::parse(draft.get("yaml"))
    {
        let mut trial = draft.clone();
        if fill(schema, &value, &mut trial) {
            *draft = trial;
            draft.set("mode", "form");
        }
    }
}

/// Takes an item out of a list and moves the later ones up, so that places of the value and names of fields agree.
fn remove(draft: &mut Draft, item: &str) {
    let Some((list, number)) = item.rsplit_once('/') else { return };
    let Ok(gone) = number.parse::<usize>() else { return };
    let prefix = format!("{list}/");
    let fields = std::mem::take(&mut draft.fields);
    for (name, text) in fields {
        let place = name.strip_prefix(&prefix).and_then(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            Some((rest[..end].parse::<usize>().ok()?, rest[end..].to_owned()))
        });
        match place {
            Some((n, _)) if n == gone => {}
            Some((n, rest)) if n > gone => draft.set(format!("{prefix}{}{rest}", n - 1), text),
            _ => draft.set(name, text),
        }
    }
}

#[cfg(test)]
mod tests {
    use marketplace_domain::form::FormKind;
    use serde_json::json;

    use super::*;

    fn schema() -> Value {
        json!({
            "type": "object", "additionalProperties": false, "required": ["mode"],
            "properties": {
                "mode": {"type": "string", "enum": ["fast", "safe"], "title": "Mode", "x-title-zh": "模式"},
                "detectors": {"type": "array", "uniqueItems": true, "items": {"enum": ["phone", "email"]}, "default": ["phone"]},
                "patterns": {"type": "array", "items": {"type": "object", "required": ["match"], "properties": {
                    "match": {"type": "string", "minLength": 1}, "keepLast": {"type": "integer", "minimum": 0}}}},
                "limit": {"type": "integer", "minimum": 1, "maximum": 10240},
                "dry": {"type": "boolean"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "when": {"oneOf": [{"type": "object", "title": "Never", "additionalProperties": false, "properties": {"never": {"type": "boolean"}}},
                                   {"type": "object", "title": "Until", "required": ["until"], "properties": {"until": {"type": "string"}}}]}
            }
        })
    }

    fn draft(fields: &[(&str, &str)]) -> Draft {
        Draft { fields: fields.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect() }
    }

    #[test]
    fn a_value_goes_into_the_form_and_comes_back() {
        let value = json!({"mode": "safe", "detectors": ["email"], "patterns": [{"match": "a"}, {"match": "b", "keepLast": 2}],
            "limit": 7, "dry": true, "labels": {"x": "1", "y": "2"}, "when": {"until": "noon"}});
        let mut draft = Draft::default();
        assert!(fill(Some(&schema()), &value, &mut draft));
        let now = configured(Some(&schema()), &draft);
        assert_eq!(now.value, Some(value));
        assert_eq!(now.problems, []);
    }

    #[test]
    fn what_the_form_cannot_say_stays_yaml() {
        let mut typed = draft(&[("mode", "yaml"), ("yaml", "mode: safe\nstranger: 1\n")]);
        edit(Some(&schema()), &mut typed, "form");
        assert_eq!(typed.get("mode"), "yaml");
        assert_eq!(
            configured(Some(&schema()), &typed).problems,
            [Problem::at("config", Reason::SchemaUnknown("stranger".into()))]
        );
    }

    #[test]
    fn comments_stay_while_the_form_says_the_same() {
        let mut typed = draft(&[("mode", "yaml"), ("yaml", "# why\nmode: safe\ndetectors: [phone]\n")]);
        edit(Some(&schema()), &mut typed, "form");
        assert_eq!(typed.get("mode"), "form");
        assert!(configured(Some(&schema()), &typed).yaml.starts_with("# why"));
        typed.set("config/limit", "9");
        assert_eq!(configured(Some(&schema()), &typed).yaml, "mode: safe\ndetectors:\n- phone\nlimit: 9\n");
    }

    #[test]
    fn problems_stand_at_their_fields() {
        let typed =
            draft(&[("config/limit", "999999"), ("config/patterns/0/match", ""), ("config/patterns/0/keepLast", "x")]);
        let now = configured(Some(&schema()), &typed);
        let mut fields: Vec<_> = now.problems.iter().map(|p| p.field.as_str()).collect();
        fields.sort_unstable();
        assert_eq!(fields, ["config/limit", "config/mode", "config/patterns/0/keepLast", "config/patterns/0/match"]);
        let Some(FormNode { kind: FormKind::Object { children }, .. }) = now.form else { panic!("an object") };
        let limit = children.iter().find(|child| child.field == "config/limit").expect("limit");
        assert_eq!(limit.problems, [Reason::SchemaMaximum("10240".into())]);
    }

    #[test]
    fn items_are_added_and_removed() {
        let mut typed = draft(&[("config/patterns/0/match", "a"), ("config/patterns/1/match", "b")]);
        edit(Some(&schema()), &mut typed, "add:config/patterns");
        edit(Some(&schema()), &mut typed, "remove:config/patterns/0");
        let now = configured(Some(&schema()), &typed);
        let patterns = &now.value.expect("a value")["patterns"];
        assert_eq!(patterns[0], json!({"match": "b"}));
        assert_eq!(patterns.as_array().map(Vec::len), Some(2));
    }

    #[test]
    fn yaml_errors_have_a_place() {
        let now = configured(Some(&schema()), &draft(&[("mode", "yaml"), ("yaml", "a: [")]));
        assert!(matches!(now.problems[..], [Problem { reason: Reason::YamlSyntax { .. }, .. }]), "{:?}", now.problems);
        assert!(matches!(
            configured(None, &draft(&[("yaml", "- 1")])).problems[..],
            [Problem { reason: Reason::ConfigNotAnObject, .. }]
        ));
    }
}
