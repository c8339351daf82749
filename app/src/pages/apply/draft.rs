//! Which fields of the draft a step shows as inputs, and which travel hidden: all are always there, so that steps can be
//! visited in any order and nothing is lost.

use std::collections::BTreeMap;

use marketplace_domain::{form::FormNode, views::apply::ApplyView};

use super::{loading::CONFIRM, target::Step};
use crate::components::form::input_fields;

/// Whether the configuration is typed as YAML.
pub fn by_yaml(view: &ApplyView) -> bool {
    view.form.is_none() || view.draft.get("mode") == "yaml"
}

/// The fields that are inputs on the step Place.
pub fn place_fields(view: &ApplyView) -> Vec<&'static str> {
    let mut fields = vec!["phase", "priority", "direction", "ports", "failStrategy"];
    if view.image {
        fields.extend(["pullPolicy", "pullSecret"]);
    }
    if !view.exists {
        fields.push("name");
    }
    if view.plugin.is_none() {
        fields.extend(["url", "sha256"]);
    }
    fields
}

/// The fields that a step does not show, with what was typed.
pub fn hidden(view: &ApplyView, step: Step) -> BTreeMap<String, String> {
    let mut fields = view.draft.fields.clone();
    // Without a schema there is nothing but YAML, whatever the mode says.
    if view.form.is_some() {
        fields.entry("mode".into()).or_insert_with(|| "form".into());
    }
    for (number, row) in view.env.iter().enumerate().filter(|(_, row)| !(row.name.is_empty() && row.value.is_empty())) {
        for (part, text) in [("name", &row.name), ("from", &row.from), ("value", &row.value)] {
            fields.entry(format!("env.{number}.{part}")).or_insert_with(|| text.clone());
        }
    }
    match step {
        Step::Configure => {
            fields.retain(|name, _| !name.starts_with("env.") && name != "toVersion");
            if by_yaml(view) {
                fields.remove("yaml");
            } else if let Some(form) = &view.form {
                let mut shown = Vec::new();
                input_fields(form, &mut shown);
                for field in shown {
                    fields.remove(&field);
                }
            }
        }
        Step::Place => {
            for field in place_fields(view) {
                fields.remove(field);
            }
        }
        Step::Try => {
            let typed = |name: &str| match view.trial.by_yaml {
                true => name == "try.yaml",
                false => name.starts_with("try.") && !matches!(name, "try.yaml" | "try.mode" | "try.name"),
            };
            fields.retain(|name, _| !typed(name) && (name != "try.sample" || view.trial.samples.is_empty()));
        }
        Step::Review => {
            fields.remove(CONFIRM);
        }
    }
    fields
}

/// The title of a configuration's field, for the list of problems.
pub fn node_title<'a>(node: &'a FormNode, field: &str, lang: marketplace_domain::Lang) -> Option<&'a str> {
    use marketplace_domain::form::FormKind;
    if node.field == field {
        let own = node.title.get(lang);
        if !own.is_empty() {
            return Some(own);
        }
    }
    match &node.kind {
        FormKind::Object { children } | FormKind::List { items: children } => {
            children.iter().find_map(|child| node_title(child, field, lang))
        }
        FormKind::Map { rows } => rows.iter().find_map(|(_, _, value)| node_title(value, field, lang)),
        FormKind::OneOf { child, .. } => node_title(child, field, lang),
        _ => None,
    }
}
