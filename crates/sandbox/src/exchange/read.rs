//! From the text of an exchange to an [`Exchange`], or to all that is wrong with it at once.

mod body;
mod callout;
mod message;
mod near;
mod over;
mod plugin;
mod problems;
mod property;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
pub use over::read_over;

use super::node::{At, Builder, Kind, Node, Number, problem};
use super::{Exchange, Level, ModuleRef, Mtls, json, yaml};
use crate::limits::Limits;
use crate::report::InputError;
use problems::{Object, Path, Problems};

/// Most bytes of an exchange file, or of a line of a batch.
pub const MAX_FILE: usize = 16 << 20;
const MAX_PLUGINS: usize = 8;
const MAX_BEFORE: usize = 16;

/// How an exchange is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Nothing but JSON.
    Json,
    /// YAML 1.2, of which JSON is a part.
    Yaml,
}

/// What came of reading.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The exchange, when nothing is wrong.
    pub exchange: Option<Exchange>,
    /// Its name, where that could be read.
    pub name: String,
    /// What is wrong, in document order.
    pub errors: Vec<InputError>,
    /// The modules that are named, also when something else is wrong.
    pub wanted: Vec<Wanted>,
}

/// A module that a plugin wants.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Place in the chain.
    pub plugin: usize,
    /// Where it is.
    pub module: ModuleRef,
    place: Place,
    sha256: Option<(String, Place)>,
}

#[derive(Debug, Clone, Copy)]
struct Place(At);

impl Wanted {
    /// The digest it must have.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        self.sha256.as_ref().map(|(digest, _)| digest.as_str())
    }

    /// A problem with the module, at its field. `module_digest` is at the field `sha256`, where that is given.
    #[must_use]
    pub fn problem(&self, code: &str, message: impl Into<String>) -> InputError {
        let digest = self.sha256.as_ref().filter(|_| code == "module_digest");
        let (name, at) = digest.map_or(("module", self.place.0), |(_, place)| ("sha256", place.0));
        InputError { field: format!("plugins[{}].{name}", self.plugin), ..problem(code, message, at) }
    }
}

impl Reading {
    /// Adds problems found elsewhere, and brings all into document order.
    pub fn add(&mut self, errors: impl IntoIterator<Item = InputError>) {
        self.errors.extend(errors);
        sort(&mut self.errors);
    }
}

/// Reads an exchange. `own_module` is whether `module: self` means something: only in the samples of a plugin.
#[must_use]
pub fn read(bytes: &[u8], format: Format, operator_limits: &Limits, own_module: bool) -> Reading {
    match parse(bytes, format) {
        Ok(node) => read_node(&node, operator_limits, own_module),
        Err(error) => Reading { exchange: None, name: String::new(), errors: vec![error], wanted: Vec::new() },
    }
}

/// Reads an exchange that something else has parsed, such as a table of TOML. Nothing has a place then.
#[must_use]
pub fn read_value(value: &serde_json::Value, operator_limits: &Limits, own_module: bool) -> Reading {
    let mut builder = Builder::default();
    match from_value(value, &mut builder).map(|()| builder.finish()) {
        Ok(Some(node)) => read_node(&node, operator_limits, own_module),
        Ok(None) => read_node(&Node { kind: Kind::Null, at: At::default() }, operator_limits, own_module),
        Err(error) => Reading { exchange: None, name: String::new(), errors: vec![error], wanted: Vec::new() },
    }
}

fn parse(bytes: &[u8], format: Format) -> Result<Node, InputError> {
    if bytes.len() > MAX_FILE {
        return Err(problem("too_large", format!("{} bytes; at most {MAX_FILE}", bytes.len()), At::default()));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        problem("syntax", "a byte that is not UTF-8", At { line: count(line), column: count(column) })
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    match format {
        Format::Json => json::parse(text),
        // JSON as YAML would lose surrogate pairs, and YAML is slow to read.
        Format::Yaml if text.trim_start().starts_with('{') => json::parse(text).or_else(|_| yaml::parse(text)),
        Format::Yaml => yaml::parse(text),
    }
}

fn from_value(value: &serde_json::Value, builder: &mut Builder) -> Result<(), InputError> {
    use serde_json::Value;
    let at = At::default();
    let kind = match value {
        Value::Null => Kind::Null,
        Value::Bool(value) => Kind::Bool(*value),
        Value::Number(number) => {
            let text = number.to_string();
            Kind::Number(Box::new(super::scalar::number(&text).unwrap_or(Number {
                float: number.as_f64().unwrap_or(f64::NAN),
                whole: false,
                int: None,
                text,
            })))
        }
        Value::String(text) => Kind::Text(text.clone()),
        Value::Array(items) => {
            builder.open_list(at)?;
            items.iter().try_for_each(|item| from_value(item, builder))?;
            return builder.close().map(|_| ());
        }
        Value::Object(entries) => {
            builder.open_map(at)?;
            for (key, value) in entries {
                builder.value(Node { kind: Kind::Text(key.clone()), at })?;
                from_value(value, builder)?;
            }
            return builder.close().map(|_| ());
        }
    };
    builder.value(Node { kind, at }).map(|_| ())
}

fn read_node(node: &Node, operator_limits: &Limits, own_module: bool) -> Reading {
    let mut problems = Problems::default();
    let mut wanted = Vec::new();
    let mut name = String::new();
    let exchange = whole(&mut problems, node, operator_limits, own_module, &mut wanted, &mut name);
    let mut errors = problems.errors;
    sort(&mut errors);
    let exchange = exchange.filter(|_| errors.is_empty()).map(|mut exchange| {
        exchange.warnings = problems.warnings;
        exchange
    });
    Reading { exchange, name, errors, wanted }
}

/// Document order; what has no place stays where it is, in front.
fn sort(errors: &mut [InputError]) {
    errors.sort_by_key(|error| (error.line, error.column));
}

const KNOWN: [&str; 14] = [
    "version",
    "name",
    "plugins",
    "request",
    "upstream",
    "callouts",
    "before",
    "properties",
    "mtls",
    "log_level",
    "seed",
    "clock",
    "after_ms",
    "limits",
];

fn whole(
    problems: &mut Problems,
    node: &Node,
    operator_limits: &Limits,
    own_module: bool,
    wanted: &mut Vec<Wanted>,
    name: &mut String,
) -> Option<Exchange> {
    let root = Path::Root;
    let object = problems.object(node, &root, &KNOWN)?;
    if let Some(text) = object.get("name").and_then(|node| problems.text(node, &root.field("name"))) {
        text.clone_into(name);
    }
    version(problems, &object);
    let mtls = object.get("mtls").map(|node| mtls(problems, node, &root.field("mtls")));
    let callouts = callout::callouts(problems, object.get("callouts"), &root.field("callouts"));
    let plugins = plugins(problems, &object, own_module, wanted);
    let request = problems.required(&object, &root, "request");
    let request = request.and_then(|node| message::request(problems, node, &root.field("request"), mtls.is_some()));
    let upstream = message::upstream(problems, object.get("upstream"), &root.field("upstream"));
    let before = object.get("before").map_or(Vec::new(), |node| {
        let path = root.field("before");
        let items = problems.list(node, &path).unwrap_or_default();
        if items.len() > MAX_BEFORE {
            problems.say("bad_value", &path, node.at, format!("{} items; at most {MAX_BEFORE}", items.len()));
            return Vec::new();
        }
        let step = |(index, item)| message::step(problems, item, &path.item(index), mtls.is_some(), &callouts);
        items.iter().enumerate().filter_map(step).collect()
    });
    let properties = property::properties(problems, object.get("properties"), &root.field("properties"));
    let log_level = object.get("log_level").map_or(Some(Level::Info), |node| {
        problems.word(node, &root.field("log_level"), &Level::ALL.map(|level| (level.word(), level)))
    });
    let seed =
        object.get("seed").map_or(Some(0), |node| problems.int(node, &root.field("seed"), 0..=i128::from(u64::MAX)));
    let clock = match object.get("clock") {
        Some(node) => property::time(problems, node, &root.field("clock")),
        None => DateTime::<Utc>::from_timestamp(1_767_225_600, 0), // 2026-01-01T00:00:00Z
    };
    let after_ms =
        object.get("after_ms").map_or(Some(0), |node| problems.int(node, &root.field("after_ms"), 0..=60_000));
    let limits = limits(problems, object.get("limits"), operator_limits);
    Some(Exchange {
        name: name.clone(),
        plugins: plugins?,
        request: request?,
        upstream,
        callouts,
        before,
        properties,
        mtls: mtls.flatten(),
        log_level: log_level?,
        seed: seed?,
        clock: clock?,
        after_ms: after_ms?,
        limits,
        warnings: Vec::new(),
    })
}

fn version(problems: &mut Problems, object: &Object<'_>) {
    if let Some(node) = problems.required(object, &Path::Root, "version") {
        let one = matches!(&node.kind, Kind::Number(number) if number.int == Some(1));
        if !one {
            problems.say("version", &Path::Root.field("version"), node.at, "only version 1 is known: `version: 1`");
        }
    }
}

fn plugins(
    problems: &mut Problems,
    object: &Object<'_>,
    own_module: bool,
    wanted: &mut Vec<Wanted>,
) -> Option<Vec<super::Plugin>> {
    let path = Path::Root.field("plugins");
    let node = problems.required(object, &Path::Root, "plugins")?;
    let items = problems.list(node, &path)?;
    if items.is_empty() || items.len() > MAX_PLUGINS {
        let message = format!("{} plugins; a chain has 1 to {MAX_PLUGINS}", items.len());
        problems.say("bad_value", &path, node.at, message);
        return None;
    }
    let read = |(index, item)| plugin::plugin(problems, item, &path.item(index), index, own_module, wanted);
    // All are read, so that the problems of all are known, before one that failed ends it.
    let read: Vec<Option<super::Plugin>> = items.iter().enumerate().map(read).collect();
    read.into_iter().collect()
}

fn mtls(problems: &mut Problems, node: &Node, path: &Path<'_>) -> Option<Mtls> {
    let object = problems.object(node, path, &["peer", "local", "sni"])?;
    let peer = problems.required(&object, path, "peer");
    let peer = peer.and_then(|node| problems.text(node, &path.field("peer")));
    let mut text = |name: &str| object.get(name).map_or(Some(""), |node| problems.text(node, &path.field(name)));
    let (local, sni) = (text("local"), text("sni"));
    Some(Mtls { peer: peer?.to_owned(), local: local?.to_owned(), sni: sni?.to_owned() })
}

fn limits(problems: &mut Problems, node: Option<&Node>, operator: &Limits) -> Limits {
    let mut limits = *operator;
    let path = Path::Root.field("limits");
    let Some(object) = node.and_then(|node| problems.object(node, &path, &Limits::NAMES)) else { return limits };
    for name in Limits::NAMES {
        let Some(node) = object.get(name) else { continue };
        let path = path.field(name);
        let Some(wanted) = problems.int::<u64>(node, &path, 0..=i128::from(u64::MAX)) else { continue };
        let Some(limit) = limits.by_name(name) else { continue };
        if wanted > *limit {
            problems.say(
                "limit_too_high",
                &path,
                node.at,
                format!("{wanted} is more than the {limit} that is allowed here"),
            );
        } else {
            *limit = wanted;
        }
    }
    limits
}
