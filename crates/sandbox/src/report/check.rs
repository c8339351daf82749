//! What the static check answers about a module.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The answer of the static check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// [`super::CHECK_FORMAT`].
    pub format: String,
    /// In one word.
    pub verdict: Verdict,
    /// Of the first refusal in Envoy's load order.
    pub stage: Option<Stage>,
    /// What Envoy writes then; `None` also where it writes nothing.
    pub envoy_text: Option<String>,
    /// One sentence for people.
    pub summary: String,
    /// Of all bytes.
    pub sha256: String,
    /// In bytes.
    pub size: u64,
    /// Which version, by which exports.
    pub abi: Abi,
    /// `higress`, or nobody's.
    pub vendor: Option<String>,
    /// `rust`, `go` and so on.
    pub language: Option<String>,
    /// What the plugin was written with.
    pub sdk: Option<Sdk>,
    /// The custom section of that name, one list of `name version` per field.
    pub producers: Producers,
    /// In module order, as far as they are listed.
    pub imports: Vec<Import>,
    /// In module order, as far as they are listed.
    pub exports: Vec<Export>,
    /// The first memory.
    pub memory: Option<Memory>,
    /// In module order.
    pub tables: Vec<Table>,
    /// In module order.
    pub custom_sections: Vec<CustomSection>,
    /// Refusals first, in Envoy's load order; then warnings, then notes.
    pub findings: Vec<Finding>,
    /// What would run it.
    pub engine: CheckEngine,
}

/// What would run the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckEngine {
    /// Of the library.
    pub name: String,
    /// Of the library.
    pub version: String,
}

/// The answer in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing that Envoy refuses was found.
    Loads,
    /// Envoy refuses it.
    Refused,
    /// Not a core module at all; Envoy refuses it too.
    NotWasm,
}

/// A step of Envoy's loading, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Is it Wasm, and whole?
    Header,
    /// The marker export.
    Abi,
    /// V8 compiles it.
    Compile,
    /// Imports, by name and type.
    Imports,
    /// Memories, segments, the start section.
    Instantiate,
    /// `malloc` or `proxy_on_memory_allocate`.
    Allocator,
    /// Types of the callbacks.
    Exports,
    /// Only in a run: `_initialize`, `main`, `_start`.
    Start,
    /// Only in a run: `proxy_on_vm_start`.
    VmStart,
    /// Only in a run: `proxy_on_configure`.
    Configure,
}

/// Which ABI a module speaks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Abi {
    /// `0.1.0`, `0.2.0`, `0.2.1`.
    pub version: Option<String>,
    /// Every `proxy_abi_version_*` export, in module order.
    pub markers: Vec<String>,
}

/// What a plugin was written with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sdk {
    /// Its package name.
    pub name: String,
    /// Where it is known.
    pub version: Option<String>,
}

/// Fields of the `producers` section.
pub type Producers = BTreeMap<String, Vec<String>>;

/// One import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    /// `env`
    pub module: String,
    /// `proxy_log`
    pub name: String,
    /// `func`, `table`, `memory`, `global`, `tag`
    pub kind: String,
    /// `i32 i32 -> i32`
    #[serde(rename = "type")]
    pub ty: String,
    /// Whether Envoy would link it.
    pub served: bool,
    /// The host's type, when only the type differs.
    pub want: Option<String>,
}

/// One export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// `proxy_on_request_headers`
    pub name: String,
    /// `func`, `table`, `memory`, `global`, `tag`
    pub kind: String,
    /// `i32 i32 i32 -> i32`
    #[serde(rename = "type")]
    pub ty: String,
    /// What the proxy does with it.
    pub role: Role,
    /// The type Envoy asks for, when it differs.
    pub want: Option<String>,
}

/// What the proxy does with an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Says the ABI version.
    Marker,
    /// Called on events.
    Callback,
    /// Called for room.
    Allocator,
    /// Called first.
    Start,
    /// The memory that it reads and writes.
    Memory,
    /// Nothing.
    Other,
}

/// The linear memory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    /// Of 64 KiB.
    pub initial_pages: u64,
    /// Of 64 KiB.
    pub maximum_pages: Option<u64>,
    /// Under any name.
    pub exported: bool,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// Elements.
    pub initial: u64,
    /// Elements.
    pub maximum: Option<u64>,
}

/// A custom section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomSection {
    /// Its name.
    pub name: String,
    /// Bytes behind the name.
    pub size: u64,
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Envoy refuses the module.
    Refuse,
    /// It loads, but something will surprise.
    Warn,
    /// Worth knowing.
    Note,
}

/// One thing found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable; a page may have words of its own for it.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where in Envoy's load order, where it has a place there.
    pub stage: Option<Stage>,
    /// What was found.
    pub text: String,
    /// What to do.
    pub advice: String,
    /// What Envoy writes, when it refuses.
    pub envoy_text: Option<String>,
    /// The import, export, section or feature it is about.
    pub subject: Option<String>,
}
