//! What loads and will surprise, and what is only worth knowing.

use wasmparser::{ExternalKind, TypeRef};

use super::compile::Compiles;
use super::facts::Facts;
use super::found::{Found, What};
use super::refuse::markers;
use crate::abi::{self, Version, WASI_MODULES};

/// A module is worth a word about its size from here on: every proxy that runs it fetches, compiles and keeps it.
const LARGE: u64 = 1 << 20;
/// Pages of memory that the sandbox gives at most.
const SANDBOX_PAGES: u64 = 256 << 20 >> 16;
/// Elements of a table that the sandbox gives at most.
const SANDBOX_ELEMENTS: u64 = 100_000;
/// Tables that the sandbox gives at most.
const SANDBOX_TABLES: usize = 4;

/// Functions of WASI that do something in Envoy; the others return a number and nothing else.
const WASI_REAL: [&str; 10] = [
    "args_get",
    "args_sizes_get",
    "clock_time_get",
    "environ_get",
    "environ_sizes_get",
    "fd_fdstat_get",
    "fd_write",
    "proc_exit",
    "random_get",
    "sched_yield",
];

/// The callbacks by which a plugin takes part in HTTP.
const HTTP: [&str; 6] = [
    "proxy_on_request_headers",
    "proxy_on_request_body",
    "proxy_on_request_trailers",
    "proxy_on_response_headers",
    "proxy_on_response_body",
    "proxy_on_response_trailers",
];

/// Warnings, then notes, of a module; none but the first where it was not read.
pub(super) fn all(
    bytes: &[u8],
    facts: Option<&Facts<'_>>,
    version: Option<Version>,
    compiled: &Compiles,
) -> Vec<Found> {
    let mut found = Vec::new();
    if *compiled == Compiles::TooMuch {
        found.push(What::NotSettled);
    }
    if let Some(facts) = facts {
        warnings(facts, version, compiled, &mut found);
        notes(bytes, facts, &mut found);
    }
    found.into_iter().map(|what| Found { what, stage: None, envoy_text: None }).collect()
}

fn warnings(facts: &Facts<'_>, version: Option<Version>, compiled: &Compiles, found: &mut Vec<What>) {
    if version == Some(Version::V0_1_0) {
        found.push(What::AbiOld("proxy_abi_version_0_1_0".to_owned()));
    }
    let markers = markers(facts);
    if markers.len() > 1 {
        found.push(What::SeveralMarkers(markers.iter().map(|(name, _)| (*name).to_owned()).take(20).collect()));
    }
    let exported = facts.exports.iter().any(|export| export.kind == ExternalKind::Memory);
    let imported = facts.imports.iter().any(|import| matches!(import.ty, TypeRef::Memory(_)));
    if !exported && !imported {
        found.push(What::NoMemory);
    }
    if !HTTP.iter().any(|name| facts.exported_function(name).is_some()) {
        found.push(What::NoHttpCallbacks);
    }
    if !facts.custom.iter().any(|(name, content)| *name == "name" && !content.is_empty()) {
        found.push(What::NoNameSection);
    }
    let imports = |name: &str| facts.imports.iter().any(|import| import.module == "env" && import.name == name);
    if let Some(name) = ["proxy_grpc_call", "proxy_grpc_stream"].into_iter().find(|name| imports(name)) {
        found.push(What::Grpc(format!("env.{name}")));
    }
    if imports("proxy_call_foreign_function") {
        found.push(What::ForeignFunction);
    }
    if let Compiles::NotHere(words) = compiled {
        found.push(What::SandboxFeature(words.clone()));
    }
    if let Some(memory) = facts.memories.iter().find(|memory| memory.initial > SANDBOX_PAGES) {
        found.push(What::SandboxMemory(memory.initial));
    }
    let large = facts.tables.iter().map(|table| table.initial).find(|initial| *initial > SANDBOX_ELEMENTS);
    let many = (facts.tables.len() > SANDBOX_TABLES).then_some(0);
    found.extend(large.or(many).map(What::SandboxTable));
}

fn notes(bytes: &[u8], facts: &Facts<'_>, found: &mut Vec<What>) {
    let stub = |import: &&wasmparser::Import<'_>| {
        let served = abi::served_by_any(import.module, import.name);
        served && WASI_MODULES.contains(&import.module) && !WASI_REAL.contains(&import.name)
    };
    let stubs: Vec<String> =
        facts.imports.iter().filter(stub).map(|import| import.name.to_owned()).take(abi::WASI.len()).collect();
    if !stubs.is_empty() {
        found.push(What::WasiStub(stubs));
    }
    let size = bytes.len() as u64;
    if size >= LARGE {
        found.push(What::Size(size));
    }
    let debug = facts.custom.iter().filter(|(name, _)| name.starts_with(".debug_"));
    let debug: u64 = debug.map(|(_, content)| content.len() as u64).sum();
    if debug > 0 {
        found.push(What::DebugSections(debug));
    }
}
