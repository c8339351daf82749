//! One exchange as a line of JSON.

use plugin_kit::plugin::{Headers, Proxy};
use plugin_kit::time;
use serde_json::{Map, Value};

use crate::secrets::Secrets;
use crate::settings::{Message, Settings};

/// The longest value of a header, in bytes.
const MAX_HEADER: usize = 2048;
/// The longest path, in bytes.
const MAX_PATH: usize = 4096;

/// What was seen of a body.
#[derive(Debug, Default)]
pub struct Seen {
    /// Its first bytes. None: it was not looked at.
    pub bytes: Option<Vec<u8>>,
    /// How it is written.
    pub format: Format,
}

/// How a body is written, as far as secrets in it can be found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json,
    /// A form.
    Form,
    /// Something else.
    #[default]
    Other,
}

impl Format {
    /// Of a media type in lower case.
    pub fn of(kind: &str) -> Self {
        let subtype = kind.split('/').nth(1).unwrap_or_default();
        match kind {
            "application/x-www-form-urlencoded" => Self::Form,
            _ if subtype.ends_with("json") || matches!(subtype, "jsonl" | "json-seq") => Self::Json,
            _ => Self::Other,
        }
    }
}

/// An exchange that is over.
pub struct Exchange<'a> {
    /// The request's headers, one by one.
    pub request: &'a dyn Headers,
    /// The response's headers, one by one.
    pub response: &'a dyn Headers,
    /// Everything else.
    pub proxy: &'a dyn Proxy,
    /// The bodies of both.
    pub bodies: [&'a Seen; 2],
}

impl Exchange<'_> {
    /// As a line.
    pub fn line(&self, settings: &Settings) -> Vec<u8> {
        let secrets = &settings.secrets;
        let mut line = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                line.insert(name.to_owned(), value);
            }
        };
        put(
            "time",
            Some(Value::from(time::rfc3339(self.number(&["request", "time"]).unwrap_or_else(|| self.proxy.now())))),
        );
        put("request_id", self.request.get("x-request-id").map(|id| text(&id, MAX_HEADER)));
        put("method", self.request.get(":method").map(|method| text(&method, 64)));
        put("host", self.request.get(":authority").map(|host| text(&host, 512)));
        put("path", self.request.get(":path").map(|path| text(&secrets.path(&path), MAX_PATH)));
        put("protocol", self.string(&["request", "protocol"]));
        put("client", self.string(&["source", "address"]));
        put("upstream", self.string(&["upstream", "address"]));
        put("status", Some(Value::from(self.status())));
        put("flags", self.number(&["response", "flags"]).filter(|flags| *flags > 0).map(Value::from));
        put("details", self.string(&["response", "code_details"]));
        put("duration_ms", self.number(&["request", "duration"]).map(|ns| Value::from(ns / 1_000_000)));
        put("request_bytes", self.number(&["request", "size"]).map(Value::from));
        put("response_bytes", self.number(&["response", "size"]).map(Value::from));
        let sides = [("request", self.request, &settings.request), ("response", self.response, &settings.response)];
        for ((name, headers, message), seen) in sides.into_iter().zip(self.bodies) {
            put(&format!("{name}_headers"), chosen(headers, message, secrets));
            let size = self.number(&[name, "size"]);
            put(&format!("{name}_body"), seen.bytes.as_ref().map(|bytes| body(bytes, seen.format, secrets)));
            let is_cut = seen.bytes.as_ref().is_some_and(|bytes| size.is_some_and(|size| size > bytes.len() as u64));
            put(&format!("{name}_body_cut"), is_cut.then_some(Value::Bool(true)));
        }
        Value::Object(line).to_string().into_bytes()
    }

    /// The response's status; 0 if there was none.
    pub fn status(&self) -> u64 {
        let written = self.response.get(":status").and_then(|status| plugin_kit::http::length(&status));
        written.or_else(|| self.number(&["response", "code"])).unwrap_or(0)
    }

    fn number(&self, path: &[&str]) -> Option<u64> {
        let bytes = self.proxy.property(path)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    fn string(&self, path: &[&str]) -> Option<Value> {
        self.proxy.property(path).filter(|value| !value.is_empty()).map(|value| text(&value, MAX_HEADER))
    }
}

fn chosen(headers: &dyn Headers, message: &Message, secrets: &Secrets) -> Option<Value> {
    let one = |name: &String| Some((name.clone(), text(&secrets.header(name, &headers.get(name)?), MAX_HEADER)));
    let chosen: Map<String, Value> = message.headers.iter().filter_map(one).collect();
    (!chosen.is_empty()).then_some(Value::Object(chosen))
}

fn body(bytes: &[u8], format: Format, secrets: &Secrets) -> Value {
    let hidden = match format {
        Format::Json => secrets.json(bytes),
        Format::Form => secrets.form(bytes),
        Format::Other => bytes.to_vec(),
    };
    Value::from(String::from_utf8_lossy(&hidden))
}

fn text(bytes: &[u8], most: usize) -> Value {
    Value::from(String::from_utf8_lossy(&bytes[..bytes.len().min(most)]))
}
