//! The probe's cases, made from tables: every host call in every phase, every action, every edge that was thought of.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use marketplace_sandbox::exchange::Format;
use marketplace_sandbox::modules::sha256_hex;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::Case;
use crate::probe;

mod bodies;
mod callouts;
mod calls;
mod foreign;
mod pauses;
mod properties;
mod random;
mod replies;
mod shared;
mod traps;
mod versions;
mod waits;
mod wire;

pub use random::random;

/// A case of the probe: an exchange in whose plugins `probe` stands for a module.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct ProbeCase {
    /// Unique in its group.
    pub name: String,
    /// As an exchange file, but for the probes.
    pub exchange: Value,
}

/// All groups by name. Each has a golden file of its own.
#[must_use]
pub fn groups() -> BTreeMap<&'static str, Vec<ProbeCase>> {
    BTreeMap::from([
        ("bodies", bodies::cases()),
        ("callouts", callouts::cases()),
        ("calls", calls::cases()),
        ("foreign", foreign::cases()),
        ("pauses", pauses::cases()),
        ("properties", properties::cases()),
        ("replies", replies::cases()),
        ("shared", shared::cases()),
        ("traps", traps::cases()),
        ("versions", versions::cases()),
        ("waits", waits::cases()),
        ("wire", wire::cases()),
    ])
}

/// One plugin with this script, and `more` of the exchange.
fn case(name: impl Into<String>, script: &str, more: Value) -> ProbeCase {
    chain(name, &[script], more)
}

/// Every callback of a stream, in the order in which they come. The context of a stream is the second.
const CALLBACKS: [&str; 10] = [
    "context_create#2",
    "request_headers",
    "request_body",
    "request_trailers",
    "response_headers",
    "response_body",
    "response_trailers",
    "log",
    "done",
    "delete",
];

/// Several plugins, in request order.
fn chain(name: impl Into<String>, scripts: &[&str], more: Value) -> ProbeCase {
    let plugins: Vec<Value> = scripts.iter().map(|script| json!({"probe": script})).collect();
    let mut exchange = json!({"version": 1, "log_level": "trace", "plugins": plugins, "request": {}});
    merge(&mut exchange, more);
    ProbeCase { name: name.into(), exchange }
}

/// Fields of `more` replace those of `value`; objects are merged.
fn merge(value: &mut Value, more: Value) {
    match (value, more) {
        (Value::Object(value), Value::Object(more)) => {
            for (name, more) in more {
                merge(value.entry(name).or_insert(Value::Null), more);
            }
        }
        // A list of changes for a list that is there: `plugins`.
        (Value::Array(value), Value::Array(more)) if value.iter().any(|item| item.get("probe").is_some()) => {
            for (item, more) in value.iter_mut().zip(more) {
                merge(item, more);
            }
        }
        (value, more) => *value = more,
    }
}

impl ProbeCase {
    /// With its modules written to a folder.
    ///
    /// # Errors
    /// When the script or the exchange is wrong, or the folder cannot be written.
    pub fn build(&self, folder: &Path) -> Result<Case, String> {
        let mut exchange = self.exchange.clone();
        let plugins = exchange["plugins"].as_array_mut().ok_or("no plugins")?;
        for plugin in plugins {
            let Some(Value::String(script)) = plugin.as_object_mut().and_then(|plugin| plugin.remove("probe")) else {
                continue;
            };
            let module = probe::module(&script).map_err(|error| format!("{}: {error}", self.name))?;
            let file = format!("{}.wasm", &sha256_hex(&module)[..16]);
            write_once(&folder.join(&file), &module).map_err(|error| error.to_string())?;
            plugin["module"] = json!(file);
        }
        Case::read(&self.name, exchange.to_string().as_bytes(), Format::Json, folder)
    }
}

/// Others may have the same module, and read it meanwhile: it is there as a whole or not at all.
fn write_once(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let mut file = tempfile::NamedTempFile::new_in(path.parent().unwrap_or(Path::new(".")))?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

/// A request with a body in two chunks and trailers, an answer of the same kind: all phases of a stream.
fn full() -> Value {
    json!({
        "request": {
            "method": "POST",
            "path": "/probe?q=1",
            "headers": [["x-a", "1"], ["x-a", "2"], ["cookie", "c=1"], ["content-type", "text/plain"]],
            "body": {"chunks": ["hello ", "world"]},
            "trailers": [["t-a", "1"], ["t-b", "2"]],
        },
        "upstream": {
            "headers": [["x-r", "1"], ["x-r", "2"], ["set-cookie", "s=1"], ["content-type", "text/html"]],
            "body": {"chunks": ["good ", "bye"]},
            "trailers": [["u-a", "1"]],
        },
    })
}

/// With a cluster `svc` that answers.
fn svc() -> Value {
    json!([{"cluster": "svc", "status": 201, "headers": [["x-svc", "1"]], "body": "from svc"}])
}

/// A call to it.
const CALL_SVC: &str = r#"http_call "svc" {":method"="GET",":path"="/c",":authority"="svc","x-c"="1"} "" "" 1000 >"#;
