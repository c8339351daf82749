//! Looking into a JSON Schema: just what a form needs. Whether a value is right is the validator's business.

use marketplace_domain::{Localised, views::market::SchemaRow};
use serde_json::{Map, Value};

/// A schema inside its document, with references followed.
#[derive(Clone, Copy)]
pub struct Schema<'a> {
    root: &'a Value,
    node: &'a Value,
}

/// What kind of input a schema asks for.
pub enum Shape<'a> {
    Text,
    Number { integer: bool },
    Bool,
    Choice(&'a [Value]),
    Many(Schema<'a>, &'a [Value]),
    Object,
    Map(Schema<'a>),
    List(Schema<'a>),
    OneOf(Vec<Schema<'a>>),
    Raw,
}

/// Deeper than this a schema that contains itself is edited as YAML.
pub const MAX_DEPTH: usize = 8;

impl<'a> Schema<'a> {
    /// The whole document.
    pub fn new(root: &'a Value) -> Self {
        Self { root, node: root }
    }

    fn at(self, node: &'a Value) -> Self {
        let mut node = node;
        // A reference may point to a reference; a circle ends after a few steps.
        for _ in 0..MAX_DEPTH {
            match node.get("$ref").and_then(Value::as_str).and_then(|r| r.strip_prefix('#')) {
                Some(pointer) => match self.root.pointer(pointer) {
                    Some(target) => node = target,
                    None => break,
                },
                None => break,
            }
        }
        Self { root: self.root, node }
    }

    /// A keyword's value.
    pub fn get(self, keyword: &str) -> Option<&'a Value> {
        self.node.get(keyword)
    }

    /// A keyword's text, or nothing.
    fn text(self, keyword: &str) -> &'a str {
        self.get(keyword).and_then(Value::as_str).unwrap_or_default()
    }

    /// What it is called; `fallback` (the property's name) where it says nothing.
    pub fn title(self, fallback: &str) -> Localised {
        let en = self.text("title");
        Localised::new(if en.is_empty() { fallback } else { en }, self.text("x-title-zh"))
    }

    /// What it does.
    pub fn description(self) -> Localised {
        Localised::new(self.text("description"), self.text("x-description-zh"))
    }

    /// What a value of an `enum` is called.
    pub fn option_title(self, value: &str) -> Localised {
        let of = |keyword| {
            self.get(keyword).and_then(|titles| titles.get(value)).and_then(Value::as_str).unwrap_or_default()
        };
        let en = of("x-enum-titles");
        Localised::new(if en.is_empty() { value } else { en }, of("x-enum-titles-zh"))
    }

    /// The default, as a person would type it.
    pub fn default_text(self) -> String {
        self.get("default").map(typed).unwrap_or_default()
    }

    /// Named properties in the schema's order.
    pub fn properties(self) -> impl Iterator<Item = (&'a str, Schema<'a>)> {
        let properties = self.get("properties").and_then(Value::as_object);
        properties.into_iter().flatten().map(move |(name, node)| (name.as_str(), self.at(node)))
    }

    /// Whether the schema needs a property.
    pub fn requires(self, name: &str) -> bool {
        self.get("required").and_then(Value::as_array).is_some_and(|names| names.iter().any(|n| n == name))
    }

    fn kind(self) -> Option<&'a str> {
        match self.get("type") {
            Some(Value::String(kind)) => Some(kind),
            Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null"),
            _ => None,
        }
    }

    /// Which input fits.
    pub fn shape(self) -> Shape<'a> {
        let variants = self.get("oneOf").or_else(|| self.get("anyOf")).and_then(Value::as_array);
        if let Some(variants) = variants
            && self.get("properties").is_none()
            && !variants.is_empty()
        {
            return Shape::OneOf(variants.iter().map(|node| self.at(node)).collect());
        }
        if let Some(options) = self.get("enum").and_then(Value::as_array) {
            return Shape::Choice(options);
        }
        match self.kind() {
            Some("string") => Shape::Text,
            Some("integer") => Shape::Number { integer: true },
            Some("number") => Shape::Number { integer: false },
            Some("boolean") => Shape::Bool,
            Some("array") => match self.get("items") {
                Some(items) if items.is_object() => {
                    let items = self.at(items);
                    let unique = self.get("uniqueItems") == Some(&Value::Bool(true));
                    match items.get("enum").and_then(Value::as_array) {
                        Some(options) if unique => Shape::Many(items, options),
                        _ => Shape::List(items),
                    }
                }
                _ => Shape::Raw,
            },
            Some("object") | None
                if self.get("properties").is_some_and(|p| p.as_object().is_some_and(|p| !p.is_empty())) =>
            {
                Shape::Object
            }
            Some("object") => match self.get("additionalProperties") {
                Some(node @ Value::Object(_)) => Shape::Map(self.at(node)),
                _ => Shape::Raw,
            },
            _ => Shape::Raw,
        }
    }

    /// Limits in short, for the table.
    fn limits(self) -> String {
        let mut parts = Vec::new();
        let range = |low: &str, high: &str, unit: &str| {
            let (low, high) = (self.get(low).map(typed), self.get(high).map(typed));
            match (low, high) {
                (Some(low), Some(high)) => Some(format!("{low} … {high}{unit}")),
                (Some(low), None) => Some(format!("≥ {low}{unit}")),
                (None, Some(high)) => Some(format!("≤ {high}{unit}")),
                (None, None) => None,
            }
        };
        parts.extend(range("minimum", "maximum", ""));
        parts.extend(range("minLength", "maxLength", " ⌶"));
        parts.extend(range("minItems", "maxItems", " ×"));
        let options = match self.shape() {
            Shape::Choice(options) | Shape::Many(_, options) => options,
            _ => &[],
        };
        if !options.is_empty() {
            parts.push(options.iter().map(typed).collect::<Vec<_>>().join(", "));
        }
        if let Some(pattern) = self.get("pattern").and_then(Value::as_str) {
            parts.push(format!("/{pattern}/"));
        }
        parts.join("; ")
    }

    fn kind_words(self) -> String {
        match self.shape() {
            Shape::Text => "string".to_owned(),
            Shape::Number { integer: true } => "integer".to_owned(),
            Shape::Number { integer: false } => "number".to_owned(),
            Shape::Bool => "boolean".to_owned(),
            Shape::Choice(_) => "enum".to_owned(),
            Shape::Many(..) => "array of enum".to_owned(),
            Shape::Object => "object".to_owned(),
            Shape::Map(of) => format!("map of {}", of.kind().unwrap_or("any")),
            Shape::List(of) => format!("array of {}", of.kind().unwrap_or("any")),
            Shape::OneOf(_) => "one of".to_owned(),
            Shape::Raw => self.kind().unwrap_or("any").to_owned(),
        }
    }
}

/// A value as a person would type it: text bare, everything else as JSON.
pub fn typed(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The table of a configuration's fields, nested ones with their path.
pub fn rows(root: &Value) -> Vec<SchemaRow> {
    let mut rows = Vec::new();
    walk(Schema::new(root), "", 0, &mut rows);
    rows
}

fn walk(schema: Schema<'_>, prefix: &str, depth: usize, rows: &mut Vec<SchemaRow>) {
    if depth >= MAX_DEPTH || rows.len() >= 500 {
        return;
    }
    for (name, property) in schema.properties() {
        let path = if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") };
        rows.push(SchemaRow {
            path: path.clone(),
            title: property.title(name),
            description: property.description(),
            kind: property.kind_words(),
            default: property.get("default").map(Value::to_string),
            required: schema.requires(name),
            limits: property.limits(),
        });
        match property.shape() {
            Shape::Object => walk(property, &path, depth + 1, rows),
            Shape::List(items) => walk(items, &format!("{path}[]"), depth + 1, rows),
            Shape::Map(values) => walk(values, &format!("{path}.*"), depth + 1, rows),
            Shape::OneOf(variants) => variants.into_iter().for_each(|variant| walk(variant, &path, depth + 1, rows)),
            _ => {}
        }
    }
}

/// An empty map, for schemas without an example.
pub fn empty() -> Value {
    Value::Object(Map::new())
}
