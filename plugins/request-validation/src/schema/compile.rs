//! From JSON to a compiled schema. A keyword that is not known is refused: a misspelt one would let everything through.

use std::collections::BTreeMap;

use plugin_kit::config::Refusal;
use plugin_kit::query;
use serde_json::{Map, Number, Value};

use super::format::Format;
use super::pattern::Pattern;
use super::value::KINDS;
use super::{Id, Limit, Node, Rules, Schema};

/// The most schemas in a document.
const MAX_NODES: usize = 4096;
/// How deep they may be nested.
const MAX_DEPTH: usize = 64;
/// The longest own message, in characters.
const MAX_MESSAGE: usize = 512;

/// Keywords that say nothing about whether a value is valid.
const ANNOTATIONS: [&str; 16] = [
    "$schema",
    "$comment",
    "$defs",
    "definitions",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "if",
    "errorMessage",
];

/// Compiles a schema found at `path` of the configuration. `formats`: what `format` says must hold.
pub fn compile(root: &Value, path: &str, formats: bool) -> Result<Schema, Refusal> {
    let anchors = BTreeMap::new();
    let mut compiler = Compiler { root, path, formats, nodes: Vec::new(), known: BTreeMap::new(), anchors, depth: 0 };
    compiler.note_anchors(String::new(), root, MAX_DEPTH)?;
    compiler.node(String::new(), root)?;
    let schema = Schema(compiler.nodes);
    match first_circle(&schema) {
        None => Ok(schema),
        Some(_) => Err(Refusal::new(path, "references lead round in a circle at the same value")),
    }
}

struct Compiler<'a> {
    root: &'a Value,
    path: &'a str,
    formats: bool,
    nodes: Vec<Node>,
    /// By their pointers, so that references meet what is compiled already, or being compiled.
    known: BTreeMap<String, Id>,
    /// The pointers of what has a name of its own.
    anchors: BTreeMap<&'a str, String>,
    depth: usize,
}

impl<'a> Compiler<'a> {
    fn refuse(&self, pointer: &str, why: impl Into<String>) -> Refusal {
        Refusal::new(format!("{}{}", self.path, pointer), why)
    }

    fn node(&mut self, pointer: String, value: &'a Value) -> Result<Id, Refusal> {
        if let Some(id) = self.known.get(&pointer) {
            return Ok(*id);
        }
        if self.nodes.len() >= MAX_NODES || self.depth >= MAX_DEPTH {
            return Err(self.refuse(&pointer, format!("at most {MAX_NODES} schemas, nested {MAX_DEPTH} deep")));
        }
        let id = self.nodes.len();
        self.nodes.push(Node::Always(false));
        self.known.insert(pointer.clone(), id);
        self.depth += 1;
        let node = match value {
            Value::Bool(always) => Node::Always(*always),
            Value::Object(map) => Node::Rules(Box::new(self.rules(&pointer, map)?)),
            _ => return Err(self.refuse(&pointer, "must be a schema: an object, true or false")),
        };
        self.depth -= 1;
        if let Some(place) = self.nodes.get_mut(id) {
            *place = node;
        }
        Ok(id)
    }

    /// Takes note of all anchors, wherever a schema may be.
    fn note_anchors(&mut self, pointer: String, schema: &'a Value, depth: usize) -> Result<(), Refusal> {
        let (Value::Object(map), Some(depth)) = (schema, depth.checked_sub(1)) else {
            return Ok(());
        };
        for (keyword, value) in map {
            let at = format!("{pointer}/{}", escape(keyword));
            match keyword.as_str() {
                "$anchor" | "$dynamicAnchor" => {
                    let name = self.text(&at, value)?;
                    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
                    if !name.bytes().all(good) || !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
                        return Err(self.refuse(&at, "must be a name of letters, digits, -, _ and ."));
                    }
                    if self.anchors.insert(name, pointer.clone()).is_some_and(|known| known != pointer) {
                        return Err(self.refuse(&at, "is the name of another schema, too"));
                    }
                }
                "$defs" | "definitions" | "properties" | "patternProperties" | "dependentSchemas" => {
                    for (name, schema) in value.as_object().into_iter().flatten() {
                        self.note_anchors(format!("{at}/{}", escape(name)), schema, depth)?;
                    }
                }
                "prefixItems" | "allOf" | "anyOf" | "oneOf" => {
                    for (i, schema) in value.as_array().into_iter().flatten().enumerate() {
                        self.note_anchors(format!("{at}/{i}"), schema, depth)?;
                    }
                }
                // What is data and no schema has no anchors, whatever it looks like.
                "const" | "enum" | "default" | "examples" => {}
                _ => self.note_anchors(at, value, depth)?,
            }
        }
        Ok(())
    }

    fn rules(&mut self, pointer: &str, map: &'a Map<String, Value>) -> Result<Rules, Refusal> {
        let mut rules = Rules::default();
        for (keyword, value) in map {
            let at = format!("{pointer}/{}", escape(keyword));
            match keyword.as_str() {
                "type" => rules.types = Some(self.types(&at, value)?),
                "const" => rules.constant = Some(value.clone()),
                "enum" => rules.choices = Some(self.array(&at, value)?.clone()),
                "minimum" => self.limit(&at, "minimum", value, &mut rules)?,
                "maximum" => self.limit(&at, "maximum", value, &mut rules)?,
                "exclusiveMinimum" => self.limit(&at, "exclusiveMinimum", value, &mut rules)?,
                "exclusiveMaximum" => self.limit(&at, "exclusiveMaximum", value, &mut rules)?,
                "multipleOf" => rules.multiple_of = Some(self.divisor(&at, value)?),
                "minLength" => rules.min_length = Some(self.count(&at, value)?),
                "maxLength" => rules.max_length = Some(self.count(&at, value)?),
                "minItems" => rules.min_items = Some(self.count(&at, value)?),
                "maxItems" => rules.max_items = Some(self.count(&at, value)?),
                "minContains" => rules.min_contains = Some(self.count(&at, value)?),
                "maxContains" => rules.max_contains = Some(self.count(&at, value)?),
                "minProperties" => rules.min_properties = Some(self.count(&at, value)?),
                "maxProperties" => rules.max_properties = Some(self.count(&at, value)?),
                "pattern" => rules.pattern = Some(self.pattern(&at, self.text(&at, value)?)?),
                "uniqueItems" => rules.unique = self.boolean(&at, value)?,
                "required" => rules.required = self.texts(&at, value)?,
                "dependentRequired" => {
                    for (name, value) in self.object(&at, value)? {
                        let at = format!("{at}/{}", escape(name));
                        rules.dependent_required.push((name.clone(), self.texts(&at, value)?));
                    }
                }
                "prefixItems" => rules.prefix = self.nodes(&at, value)?,
                "items" if value.is_array() => return Err(self.refuse(&at, "is called prefixItems in draft 2020-12")),
                "items" => rules.items = Some(self.node(at, value)?),
                "contains" => rules.contains = Some(self.node(at, value)?),
                "properties" => rules.properties = self.named(&at, value)?,
                "patternProperties" => {
                    for (expression, value) in self.object(&at, value)? {
                        let at = format!("{at}/{}", escape(expression));
                        rules.pattern_properties.push((self.pattern(&at, expression)?, self.node(at, value)?));
                    }
                }
                "additionalProperties" => rules.additional = Some(self.node(at, value)?),
                "propertyNames" => rules.names = Some(self.node(at, value)?),
                "$ref" => rules.reference = Some(self.reference(&at, value)?),
                // A schema is one resource here, so there is no other one in which a dynamic anchor could be looked for.
                "$dynamicRef" => rules.dynamic_reference = Some(self.reference(&at, value)?),
                // Noted before.
                "$anchor" | "$dynamicAnchor" => {}
                "unevaluatedItems" => rules.unevaluated_items = Some(self.node(at, value)?),
                "unevaluatedProperties" => rules.unevaluated_properties = Some(self.node(at, value)?),
                "format" => rules.format = Format::named(self.text(&at, value)?).filter(|_| self.formats),
                "allOf" => rules.all_of = self.nodes(&at, value)?,
                "anyOf" => rules.any_of = Some(self.nodes(&at, value)?),
                "oneOf" => rules.one_of = Some(self.nodes(&at, value)?),
                "not" => rules.not = Some(self.node(at, value)?),
                "then" if map.contains_key("if") => rules.then = Some(self.node(at, value)?),
                "else" if map.contains_key("if") => rules.otherwise = Some(self.node(at, value)?),
                "then" | "else" => {}
                "dependentSchemas" => rules.dependent = self.named(&at, value)?,
                "$id" if pointer.is_empty() => {}
                _ if ANNOTATIONS.contains(&keyword.as_str()) || keyword.starts_with("x-") => {}
                "$id" | "$vocabulary" => return Err(self.refuse(&at, "is not supported")),
                "dependencies" => {
                    return Err(self.refuse(&at, "is called dependentRequired or dependentSchemas in draft 2020-12"));
                }
                _ => return Err(self.refuse(&at, "is no keyword of JSON Schema")),
            }
        }
        if let Some(condition) = map.get("if") {
            rules.condition = Some(self.node(format!("{pointer}/if"), condition)?);
        }
        if let Some(message) = map.get("errorMessage") {
            let at = format!("{pointer}/errorMessage");
            let text = self.text(&at, message)?;
            if text.chars().count() > MAX_MESSAGE {
                return Err(self.refuse(&at, format!("at most {MAX_MESSAGE} characters")));
            }
            rules.message = Some(text.to_owned());
        }
        Ok(rules)
    }

    fn types(&self, at: &str, value: &Value) -> Result<u8, Refusal> {
        let single = std::slice::from_ref(value);
        let names = value.as_array().map_or(single, |names| &names[..]);
        let mut types = 0;
        for name in names {
            let found = KINDS.iter().position(|kind| name == kind);
            types |= 1 << found.ok_or_else(|| self.refuse(at, format!("must be of {}", KINDS.join(", "))))?;
        }
        Ok(types)
    }

    fn limit(&self, at: &str, keyword: &'static str, value: &Value, rules: &mut Rules) -> Result<(), Refusal> {
        rules.limits.push(Limit { keyword, number: self.number(at, value)? });
        Ok(())
    }

    fn number(&self, at: &str, value: &Value) -> Result<Number, Refusal> {
        match value {
            Value::Number(number) => Ok(number.clone()),
            _ => Err(self.refuse(at, "must be a number")),
        }
    }

    fn divisor(&self, at: &str, value: &Value) -> Result<Number, Refusal> {
        let number = self.number(at, value)?;
        match number.as_f64() {
            Some(n) if n > 0.0 => Ok(number),
            _ => Err(self.refuse(at, "must be greater than 0")),
        }
    }

    fn count(&self, at: &str, value: &Value) -> Result<usize, Refusal> {
        // Istio turns all numbers into floating point ones, so 5.0 is as good as 5.
        match value.as_f64() {
            Some(n) if n >= 0.0 && n.fract() == 0.0 && n <= f64::from(u32::MAX) => Ok(n as usize),
            _ => Err(self.refuse(at, "must be a whole number from 0")),
        }
    }

    fn boolean(&self, at: &str, value: &Value) -> Result<bool, Refusal> {
        value.as_bool().ok_or_else(|| self.refuse(at, "must be true or false"))
    }

    fn text<'b>(&self, at: &str, value: &'b Value) -> Result<&'b str, Refusal> {
        value.as_str().ok_or_else(|| self.refuse(at, "must be a string"))
    }

    fn texts(&self, at: &str, value: &Value) -> Result<Vec<String>, Refusal> {
        let mut texts = Vec::new();
        for value in self.array(at, value)? {
            texts.push(self.text(at, value)?.to_owned());
        }
        Ok(texts)
    }

    fn array<'b>(&self, at: &str, value: &'b Value) -> Result<&'b Vec<Value>, Refusal> {
        value.as_array().ok_or_else(|| self.refuse(at, "must be a list"))
    }

    fn object<'b>(&self, at: &str, value: &'b Value) -> Result<&'b Map<String, Value>, Refusal> {
        value.as_object().ok_or_else(|| self.refuse(at, "must be an object"))
    }

    fn pattern(&self, at: &str, expression: &str) -> Result<Pattern, Refusal> {
        Pattern::new(expression).map_err(|why| self.refuse(at, why))
    }

    fn nodes(&mut self, at: &str, value: &'a Value) -> Result<Vec<Id>, Refusal> {
        let items = self.array(at, value)?;
        if items.is_empty() {
            return Err(self.refuse(at, "must not be empty"));
        }
        let mut ids = Vec::new();
        for (i, item) in items.iter().enumerate() {
            ids.push(self.node(format!("{at}/{i}"), item)?);
        }
        Ok(ids)
    }

    fn named(&mut self, at: &str, value: &'a Value) -> Result<Vec<(String, Id)>, Refusal> {
        let mut named = Vec::new();
        for (name, value) in self.object(at, value)? {
            named.push((name.clone(), self.node(format!("{at}/{}", escape(name)), value)?));
        }
        Ok(named)
    }

    fn reference(&mut self, at: &str, value: &Value) -> Result<Id, Refusal> {
        let text = self.text(at, value)?;
        // What leads to the schema by its own name leads within it.
        let own = self.root.get("$id").and_then(Value::as_str).map(|id| id.trim_end_matches('#')).unwrap_or_default();
        let fragment = match text.strip_prefix(own) {
            Some("") if !own.is_empty() => Some(""),
            Some(rest) => rest.strip_prefix('#'),
            None => text.strip_prefix('#'),
        };
        let fragment =
            fragment.ok_or_else(|| self.refuse(at, "must lead within this schema: #/$defs/name or #anchor"))?;
        let mut pointer = String::from_utf8_lossy(&query::decode(fragment.as_bytes(), false)).into_owned();
        if !pointer.is_empty() && !pointer.starts_with('/') {
            let anchored = self.anchors.get(pointer.as_str()).cloned();
            pointer = anchored.ok_or_else(|| self.refuse(at, "leads nowhere: there is no such anchor"))?;
        }
        let target = self.root.pointer(&pointer).ok_or_else(|| self.refuse(at, "leads nowhere"))?;
        self.node(pointer, target)
    }
}

fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// A schema that is applied to a value again while it is applied to it.
fn first_circle(schema: &Schema) -> Option<Id> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; schema.0.len()];
    for start in 0..schema.0.len() {
        // A stack of our own: true closes a node.
        let mut stack = vec![(start, false)];
        while let Some((id, close)) = stack.pop() {
            match (close, marks[id]) {
                (true, _) => marks[id] = Mark::Done,
                (false, Mark::Done) => {}
                (false, Mark::Open) => return Some(id),
                (false, Mark::New) => {
                    marks[id] = Mark::Open;
                    stack.push((id, true));
                    if let Node::Rules(rules) = &schema.0[id] {
                        stack.extend(
                            rules.in_place().filter(|next| marks[*next] != Mark::Done).map(|next| (next, false)),
                        );
                    }
                }
            }
        }
    }
    None
}
