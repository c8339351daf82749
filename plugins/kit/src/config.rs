//! Strict reading of a plugin's JSON configuration.
//!
//! Every refusal names the field and says why, because the proxy itself never does.

use std::fmt;

use serde_json::{Map, Value};

/// Why a configuration is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    field: String,
    why: String,
}

impl Refusal {
    /// A refusal of `field` (a path such as `patterns[0].match`) for the reason `why`.
    pub fn new(field: impl Into<String>, why: impl Into<String>) -> Self {
        Self { field: field.into(), why: why.into() }
    }

    /// The path of the refused field; empty for the configuration as a whole.
    pub fn field(&self) -> &str {
        &self.field
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // One line, whatever the configuration held.
        let why: String = self.why.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        if self.field.is_empty() {
            write!(f, "configuration refused: {why}")
        } else {
            let field: String = self.field.chars().filter(|c| !c.is_control()).take(120).collect();
            write!(f, "configuration refused: field \"{field}\": {why}")
        }
    }
}

/// Parses the configuration's bytes. No bytes, or only blanks, mean an empty object.
pub fn parse(bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(other) => Err(Refusal::new("", format!("must be an object, got {}", kind(&other)))),
        Err(error) => Err(Refusal::new("", format!("not valid JSON: {error}"))),
    }
}

/// The fields of one JSON object, with the path that leads to it.
pub struct Fields<'a> {
    map: &'a Map<String, Value>,
    path: String,
}

impl<'a> Fields<'a> {
    /// The fields of the whole configuration. Refuses every field that is not in `known`.
    pub fn root(map: &'a Map<String, Value>, known: &[&str]) -> Result<Self, Refusal> {
        Self { map, path: String::new() }.check(known)
    }

    /// The fields of an object found at `path`.
    pub fn nested(value: &'a Value, path: String, known: &[&str]) -> Result<Self, Refusal> {
        match value {
            Value::Object(map) => Self { map, path }.check(known),
            other => Err(Refusal::new(path, format!("must be an object, got {}", kind(other)))),
        }
    }

    fn check(self, known: &[&str]) -> Result<Self, Refusal> {
        match self.map.keys().find(|name| !known.contains(&name.as_str())) {
            None => Ok(self),
            Some(name) => Err(Refusal::new(self.path_of(name), format!("unknown; known here: {}", known.join(", ")))),
        }
    }

    /// The full path of one of this object's fields.
    pub fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A refusal of one of this object's fields.
    pub fn refuse(&self, name: &str, why: impl Into<String>) -> Refusal {
        Refusal::new(self.path_of(name), why)
    }

    /// A field as it is written.
    pub fn value(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name)
    }

    /// A whole number from `min` to `max`.
    pub fn integer(&self, name: &str, min: u32, max: u32) -> Result<Option<u32>, Refusal> {
        let Some(value) = self.map.get(name) else {
            return Ok(None);
        };
        let got = match value {
            // Istio turns all numbers into floating point ones, so 5.0 is as good as 5.
            Value::Number(number) => match number.as_f64() {
                Some(n) if n.fract() == 0.0 && n >= f64::from(min) && n <= f64::from(max) => return Ok(Some(n as u32)),
                // As JSON writes it: the standard library's own way would bring 15 KB along.
                _ => number.to_string(),
            },
            other => kind(other).to_owned(),
        };
        Err(self.refuse(name, format!("must be a whole number from {min} to {max}, got {got}")))
    }

    /// True or false.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>, Refusal> {
        match self.map.get(name) {
            None => Ok(None),
            Some(Value::Bool(b)) => Ok(Some(*b)),
            Some(other) => Err(self.refuse(name, format!("must be true or false, got {}", kind(other)))),
        }
    }

    /// A string of at most `max` characters.
    pub fn string(&self, name: &str, max: usize) -> Result<Option<&'a str>, Refusal> {
        match self.map.get(name) {
            None => Ok(None),
            Some(value) => string(value, &self.path_of(name), max).map(Some),
        }
    }

    /// One of the named choices.
    pub fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Result<Option<T>, Refusal> {
        match self.map.get(name) {
            None => Ok(None),
            Some(value) => choice(value, &self.path_of(name), choices).map(Some),
        }
    }

    /// A list of at most `max` items; each is handed to `read` together with its path.
    pub fn list<T>(
        &self,
        name: &str,
        max: usize,
        mut read: impl FnMut(&'a Value, String) -> Result<T, Refusal>,
    ) -> Result<Option<Vec<T>>, Refusal> {
        let Some(items) = self.items(name, max)? else {
            return Ok(None);
        };
        let path = self.path_of(name);
        // A loop, because there are many lists, and what collects results is large.
        let mut list = Vec::with_capacity(items.len());
        for (i, item) in items.iter().enumerate() {
            list.push(read(item, format!("{path}[{i}]"))?);
        }
        Ok(Some(list))
    }

    fn items(&self, name: &str, max: usize) -> Result<Option<&'a [Value]>, Refusal> {
        match self.map.get(name) {
            None => Ok(None),
            Some(Value::Array(items)) if items.len() <= max => Ok(Some(items)),
            Some(Value::Array(items)) => Err(self.refuse(name, format!("at most {max} items, got {}", items.len()))),
            Some(other) => Err(self.refuse(name, format!("must be a list, got {}", kind(other)))),
        }
    }
}

/// Reads a string of at most `max` characters found at `path`.
pub fn string<'a>(value: &'a Value, path: &str, max: usize) -> Result<&'a str, Refusal> {
    match value {
        Value::String(text) => match text.chars().count() {
            n if n <= max => Ok(text),
            n => Err(Refusal::new(path, format!("at most {max} characters, got {n}"))),
        },
        other => Err(Refusal::new(path, format!("must be a string, got {}", kind(other)))),
    }
}

/// Reads one of the named choices found at `path`.
pub fn choice<T: Copy>(value: &Value, path: &str, choices: &[(&str, T)]) -> Result<T, Refusal> {
    let names = || {
        let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
        names.join(", ")
    };
    match value {
        Value::String(text) => match choices.iter().find(|(name, _)| name == text) {
            Some((_, choice)) => Ok(*choice),
            None => Err(Refusal::new(
                path,
                format!("must be one of {}; got \"{}\"", names(), text.chars().take(60).collect::<String>()),
            )),
        },
        other => Err(Refusal::new(path, format!("must be one of {}; got {}", names(), kind(other)))),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
