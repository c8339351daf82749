//! From a schema and the fields typed so far to the form that a page draws.

use marketplace_domain::{
    Localised, Problem, Reason,
    draft::Draft,
    form::{FormKind, FormNode},
};
use serde_json::Value;

use super::{
    read::{escape, indices},
    schema::{MAX_DEPTH, Schema, Shape, typed},
};

/// What the walk through a schema carries along.
pub struct Form<'a> {
    /// What was typed.
    pub draft: &'a Draft,
    /// What is wrong with it.
    pub problems: &'a [Problem],
}

impl Form<'_> {
    /// The form of a whole configuration.
    pub fn root(&self, schema: Schema<'_>) -> FormNode {
        self.node(schema, "config", Localised::default(), true, 0)
    }

    fn node(&self, schema: Schema<'_>, field: &str, title: Localised, required: bool, depth: usize) -> FormNode {
        FormNode {
            field: field.to_owned(),
            title,
            description: schema.description(),
            required,
            problems: self.problems_at(field),
            kind: self.kind(schema, field, depth),
        }
    }

    fn problems_at(&self, field: &str) -> Vec<Reason> {
        self.problems.iter().filter(|problem| problem.field == field).map(|problem| problem.reason.clone()).collect()
    }

    fn kind(&self, schema: Schema<'_>, field: &str, depth: usize) -> FormKind {
        let value = self.draft.get(field).to_owned();
        if depth > MAX_DEPTH {
            return FormKind::Raw { value };
        }
        let default = schema.default_text();
        let limit = |keyword: &str| schema.get(keyword).map(typed);
        match schema.shape() {
            Shape::Text => {
                let long = schema.get("maxLength").and_then(Value::as_u64).is_some_and(|most| most > 300);
                FormKind::Text { multiline: long || value.contains('\n'), value, default }
            }
            Shape::Number { integer } => {
                FormKind::Number { value, default, integer, minimum: limit("minimum"), maximum: limit("maximum") }
            }
            Shape::Bool => {
                let untouched = !self.draft.has(field) && !self.draft.has(&format!("{field}?"));
                let default = schema.get("default") == Some(&Value::Bool(true));
                FormKind::Bool { value: if untouched { default } else { self.draft.has(field) } }
            }
            Shape::Choice(options) => FormKind::Choice {
                value,
                options: options.iter().map(|option| (typed(option), schema.option_title(&typed(option)))).collect(),
                default,
            },
            Shape::Many(items, options) => FormKind::Many { options: self.many(schema, items, options, field) },
            Shape::Object => FormKind::Object {
                children: schema
                    .properties()
                    .map(|(name, property)| {
                        let inside = format!("{field}/{}", escape(name));
                        self.node(property, &inside, property.title(name), schema.requires(name), depth + 1)
                    })
                    .collect(),
            },
            Shape::List(items) => FormKind::List {
                items: indices(self.draft, field)
                    .into_iter()
                    .enumerate()
                    .map(|(position, n)| {
                        let title = items.title("");
                        let number = |text: &str| format!("{text} {}", position + 1).trim().to_owned();
                        let title = Localised::new(number(&title.en), number(title.get(marketplace_domain::Lang::Zh)));
                        self.node(items, &format!("{field}/{n}"), title, false, depth + 1)
                    })
                    .collect(),
            },
            Shape::Map(values) => FormKind::Map {
                rows: indices(self.draft, field)
                    .into_iter()
                    .map(|n| {
                        let key = format!("{field}/{n}:key");
                        let typed_key = self.draft.get(&key).to_owned();
                        let node = self.node(values, &format!("{field}/{n}"), values.title(""), false, depth + 1);
                        (key, typed_key, node)
                    })
                    .collect(),
            },
            Shape::OneOf(variants) => {
                let chosen = self.draft.get(&format!("{field}@variant")).parse::<usize>().unwrap_or(0);
                let chosen = chosen.min(variants.len() - 1);
                FormKind::OneOf {
                    chosen,
                    options: variants.iter().enumerate().map(|(n, of)| of.title(&(n + 1).to_string())).collect(),
                    child: Box::new(self.node(variants[chosen], field, Localised::default(), true, depth + 1)),
                }
            }
            Shape::Raw => FormKind::Raw { value },
        }
    }

    fn many(
        &self,
        schema: Schema<'_>,
        items: Schema<'_>,
        options: &[Value],
        field: &str,
    ) -> Vec<(String, Localised, bool)> {
        let default = schema.get("default").and_then(Value::as_array);
        let name = |option: &Value| format!("{field}#{}", typed(option));
        let untouched =
            !self.draft.has(&format!("{field}?")) && !options.iter().any(|option| self.draft.has(&name(option)));
        options
            .iter()
            .map(|option| {
                let checked =
                    if untouched { default.is_some_and(|d| d.contains(option)) } else { self.draft.has(&name(option)) };
                (typed(option), items.option_title(&typed(option)), checked)
            })
            .collect()
    }
}
