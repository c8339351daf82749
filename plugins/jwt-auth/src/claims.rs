//! Claims: what is asked of them, and what becomes of them.

use plugin_kit::http;
use serde_json::{Map, Value};

/// The longest value that is written into a header.
const MAX_HEADER: usize = 8 * 1024;

/// The claims of a token.
#[derive(Debug)]
pub struct Claims(Map<String, Value>);

impl Claims {
    /// Of a token's payload.
    pub fn new(map: Map<String, Value>) -> Self {
        Self(map)
    }

    /// `iss`, if it is text.
    pub fn issuer(&self) -> Option<&str> {
        self.0.get("iss").and_then(Value::as_str)
    }

    /// Whether `aud` names one of these.
    pub fn is_meant_for(&self, audiences: &[String]) -> bool {
        let wanted = |value: &Value| value.as_str().is_some_and(|text| audiences.iter().any(|a| a == text));
        match self.0.get("aud") {
            Some(Value::Array(several)) => several.iter().any(wanted),
            Some(one) => wanted(one),
            None => false,
        }
    }

    /// Whether the time (in seconds) is one at which the token is good. The error says what is wrong.
    pub fn check_time(&self, now: u64, leeway: u64, needs_expiry: bool) -> Result<(), &'static str> {
        let (now, leeway) = (now as f64, leeway as f64);
        match self.date("exp")? {
            None if needs_expiry => return Err("the token never expires"),
            Some(end) if now >= end + leeway => return Err("the token has expired"),
            _ => {}
        }
        match self.date("nbf")? {
            Some(start) if now + leeway < start => Err("the token is not valid yet"),
            _ => Ok(()),
        }
    }

    fn date(&self, name: &str) -> Result<Option<f64>, &'static str> {
        match self.0.get(name) {
            None => Ok(None),
            Some(value) => match value.as_f64().filter(|seconds| seconds.is_finite()) {
                Some(seconds) => Ok(Some(seconds)),
                None => Err("a date of the token is not a number"),
            },
        }
    }

    /// Whether a claim is one of these, or a list with one of them.
    pub fn has(&self, name: &str, values: &[String]) -> bool {
        let wanted = |value: &Value| scalar(value).is_some_and(|text| values.contains(&text));
        match self.find(name) {
            Some(Value::Array(several)) => several.iter().any(wanted),
            Some(one) => wanted(one),
            None => false,
        }
    }

    /// A claim as the value of a header: lists with commas between. None where that cannot be told apart from something
    /// else.
    pub fn header(&self, name: &str) -> Option<Vec<u8>> {
        let text = match self.find(name)? {
            Value::Array(several) => {
                let items: Vec<_> = several.iter().map(scalar).collect::<Option<_>>()?;
                if items.iter().any(|item| item.contains(',')) {
                    return None;
                }
                items.join(",")
            }
            one => scalar(one)?,
        };
        let good = text.len() <= MAX_HEADER && text.trim() == text && http::is_header_value(text.as_bytes());
        good.then(|| text.into_bytes())
    }

    /// By its name; if there is no such claim, by the path through objects that dots make of the name.
    fn find(&self, name: &str) -> Option<&Value> {
        if let Some(value) = self.0.get(name) {
            return Some(value);
        }
        let mut names = name.split('.');
        let first = self.0.get(names.next()?)?;
        names.try_fold(first, |value, name| value.as_object()?.get(name))
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(yes) => Some(yes.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
