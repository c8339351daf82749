//! What Envoy refuses before it runs anything, in its order and words.

use wasmparser::{ExternalKind, TypeRef};

use super::compile::{Compiles, compiles};
use super::facts::{Facts, written};
use super::found::{Found, Looks, What};
use super::looks::looks;
use super::nameless::{nameless_export, nameless_import};
use super::scan::{abi_version, names_and_frames};
use crate::abi::{self, MARKER_PREFIX, START, Version};
use crate::report::Stage;

const CORRUPTED: &str = "Failed to parse corrupted Wasm module";
const NO_ABI: &str = "Missing or unknown Proxy-Wasm ABI version";
const NO_INSTANCE: &str = "Failed to create new Wasm instance";
const NO_CODE: &str = "Failed to initialize Wasm code";
/// Pages of memory that V8 gives at most, by Envoy's settings.
const MAX_PAGES: u64 = 16_384;
/// Elements of a table that V8 gives at most.
const MAX_ELEMENTS: u64 = 10_000_000;
/// More refusals are not looked for: a module may have as many imports as it likes.
const MOST: usize = 100;

/// The marker of Higress' own ABI.
pub(super) const HIGRESS_MARKER: &str = "proxy_abi_version_0_2_100";
/// Functions of `env` that only Higress' host has.
pub(super) const HIGRESS_IMPORTS: [&str; 4] =
    ["proxy_get_upstream_hosts", "proxy_redis_call", "proxy_redis_init", "proxy_set_upstream_override_host"];

/// Everything that Envoy refuses, found one by one.
pub(crate) struct Refusals<'a> {
    bytes: &'a [u8],
    all: Vec<Found>,
    /// Whether the first is all that is wanted.
    first: bool,
}

/// Whether there is something, and nothing more needs to be looked for.
type Next = Result<(), Enough>;
struct Enough;

/// The version of the ABI, or the first refusal: what the engine needs to know.
pub(crate) fn first(bytes: &[u8]) -> Result<Version, Found> {
    first_of(bytes, compiles)
}

/// The same of a module that compiles: whether it does takes long to find out.
pub(crate) fn first_but_code(bytes: &[u8]) -> Result<Version, Found> {
    first_of(bytes, |_| Compiles::Yes)
}

fn first_of(bytes: &[u8], compiles: impl FnOnce(&[u8]) -> Compiles) -> Result<Version, Found> {
    let mut refusals = Refusals { bytes, all: Vec::new(), first: true };
    let version = refusals.before_compiling(|| markers(&Facts::read(bytes)));
    let compiled = version.as_ref().ok().copied().flatten().map(|_| compiles(bytes));
    if let (Ok(Some(version)), Some(compiled)) = (version, compiled) {
        let _ = refusals.compiling_and_on(&Facts::read(bytes), Some(version), &compiled);
        if refusals.all.is_empty() {
            return Ok(version);
        }
    }
    // Without a version there is a refusal.
    Err(refusals.all.into_iter().next().unwrap_or_else(|| Found::refused(What::Truncated, Stage::Header, CORRUPTED)))
}

/// All refusals of a module that has been looked at.
pub(super) fn all(bytes: &[u8], facts: &Facts<'_>, compiled: &Compiles) -> Vec<Found> {
    let mut refusals = Refusals { bytes, all: Vec::new(), first: false };
    if let Ok(version) = refusals.before_compiling(|| markers(facts))
        && bytes.starts_with(b"\0asm")
        && bytes.len() > 8
    {
        let _ = refusals.compiling_and_on(facts, version, compiled);
    }
    refusals.all
}

/// What Envoy refuses before it compiles.
pub(super) fn before_reading(bytes: &[u8]) -> Vec<Found> {
    let mut refusals = Refusals { bytes, all: Vec::new(), first: true };
    let _ = refusals.before_compiling(Vec::new);
    refusals.all
}

impl Found {
    fn refused(what: What, stage: Stage, text: impl Into<String>) -> Self {
        Self { what, stage: Some(stage), envoy_text: Some(text.into()) }
    }
}

impl Refusals<'_> {
    fn say(&mut self, what: What, stage: Stage, text: impl Into<String>) -> Next {
        self.all.push(Found::refused(what, stage, text));
        if self.first || self.all.len() >= MOST { Err(Enough) } else { Ok(()) }
    }

    /// Header and marker. `None`: there is no version, but more can be said of the module.
    fn before_compiling<'f>(
        &mut self,
        markers: impl FnOnce() -> Vec<(&'f str, bool)>,
    ) -> Result<Option<Version>, Enough> {
        let bytes = self.bytes;
        if bytes.is_empty() {
            self.all.push(Found { what: What::NotWasm(Looks::Empty), stage: Some(Stage::Header), envoy_text: None });
            return Err(Enough);
        }
        let module = b"\0asm".starts_with(bytes.get(..bytes.len().min(4)).unwrap_or_default());
        let what = || match () {
            () if !module => What::NotWasm(looks(bytes)),
            () if super::is_component(bytes) => What::Component,
            () => What::Truncated,
        };
        let version = match abi_version(bytes) {
            Err(_) => {
                self.say(what(), Stage::Header, CORRUPTED)?;
                return Err(Enough);
            }
            Ok(version) => version,
        };
        let Some(version) = version else {
            if !module || bytes.len() < 8 || super::is_component(bytes) {
                self.say(what(), Stage::Abi, NO_ABI)?;
            } else {
                self.say(no_version(&markers()), Stage::Abi, NO_ABI)?;
            }
            // What else is wrong is worth knowing only of a plugin.
            return Ok(None);
        };
        if names_and_frames(bytes).is_err() {
            self.say(What::Truncated, Stage::Header, CORRUPTED)?;
            return Err(Enough);
        }
        Ok(Some(version))
    }

    fn compiling_and_on(&mut self, facts: &Facts<'_>, version: Option<Version>, compiled: &Compiles) -> Next {
        let text = "Failed to load Wasm bytecode";
        if super::is_component(self.bytes) {
            // With a marker, Envoy gets as far as to compile it; without one, it has been said already.
            return if version.is_some() { self.say(What::Component, Stage::Compile, text) } else { Ok(()) };
        }
        match compiled {
            Compiles::No(words) => self.say(What::Invalid(words.clone()), Stage::Compile, text)?,
            Compiles::FeatureOff(words) => self.say(What::FeatureOff(words.clone()), Stage::Compile, text)?,
            Compiles::Yes | Compiles::NotHere(_) | Compiles::TooMuch => {}
        }
        if let Some(table) = facts.tables.iter().find(|table| table.initial > MAX_ELEMENTS) {
            self.say(What::TableLimit(table.initial), Stage::Compile, text)?;
        }
        // Of a module that is no plugin at all, this is all there is to say; one of another version is looked at as if
        // it were of the newest.
        if version.is_none() && markers(facts).is_empty() {
            return Ok(());
        }
        let version = version.unwrap_or(Version::V0_2_1);
        if let Some((name, ty)) = facts.imports.iter().find_map(|import| nameless_import(facts, import)) {
            self.crash(name, ty, Stage::Imports)?;
        }
        self.imports(facts, version)?;
        self.instance(facts)?;
        if let Some((name, ty)) = facts.exports.iter().find_map(|export| nameless_export(facts, export)) {
            self.crash(name, ty, Stage::Exports)?;
        }
        self.exports(facts, version)
    }

    /// Envoy lists imports before it links the first, and exports before it looks at the first.
    fn crash(&mut self, name: String, ty: String, stage: Stage) -> Next {
        self.all.push(Found { what: What::CrashesEnvoy(name, ty), stage: Some(stage), envoy_text: None });
        if self.first { Err(Enough) } else { Ok(()) }
    }

    fn instance(&mut self, facts: &Facts<'_>) -> Next {
        let imported = facts.imported_memories();
        let plain = |memory: &wasmparser::MemoryType| !memory.shared && !memory.memory64;
        // Envoy makes one plain memory and hands it to whatever imports one.
        if imported.len() > 1 || !imported.iter().all(plain) {
            self.say(What::MemoryImport, Stage::Instantiate, NO_INSTANCE)?;
        }
        let own = facts.memories.get(imported.len()..).unwrap_or_default();
        if let Some(memory) = own.iter().find(|memory| memory.initial > MAX_PAGES) {
            self.say(What::MemoryLimit(memory.initial), Stage::Instantiate, NO_INSTANCE)?;
        }
        if let Some(words) = &facts.segment_outside {
            self.say(What::SegmentOutside(words.clone()), Stage::Instantiate, NO_INSTANCE)?;
        }
        Ok(())
    }

    fn imports(&mut self, facts: &Facts<'_>, version: Version) -> Next {
        const PREFIX: &str = "Failed to load Wasm module due to";
        for import in &facts.imports {
            let name = format!("{}.{}", import.module, import.name);
            let host = match import.ty {
                TypeRef::Memory(memory) => {
                    if memory.initial > MAX_PAGES {
                        self.say(What::MemoryLimit(memory.initial), Stage::Imports, NO_CODE)?;
                    }
                    continue;
                }
                TypeRef::Table(table) => {
                    if let Some(elements) = table.maximum.filter(|elements| *elements > MAX_ELEMENTS) {
                        self.say(What::TableLimit(elements), Stage::Imports, NO_CODE)?;
                    }
                    continue;
                }
                TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                    abi::host_function(version, import.module, import.name).map(|host| (host, facts.type_at(ty)))
                }
                _ => None,
            };
            match host {
                None => {
                    let text = format!("{PREFIX} a missing import: {name}");
                    self.say(missing(import.module, import.name, name), Stage::Imports, text)?;
                }
                Some((host, ty)) => {
                    let (module, host) = (ty.map(written).unwrap_or_default(), host.ty.to_string());
                    if module != host {
                        let text = format!(
                            "{PREFIX} an import type mismatch: {name}, want: {module}, but host exports: {host}"
                        );
                        self.say(What::ImportType { name, module, host }, Stage::Imports, text)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Start functions, the allocator, then the callbacks.
    fn exports(&mut self, facts: &Facts<'_>, version: Version) -> Next {
        let [initialize, start] = &START;
        self.export(facts, initialize)?;
        if facts.exported_function("_initialize").is_none() {
            self.export(facts, start)?;
        }
        if facts.exported_function("_initialize").is_some() {
            abi::MAIN.iter().try_for_each(|main| self.export(facts, main))?;
        }
        let [malloc, allocate] = &abi::ALLOCATORS;
        self.export(facts, malloc)?;
        if facts.exported_function("malloc").is_none() {
            self.export(facts, allocate)?;
            let exported = |export: &wasmparser::Export<'_>| {
                export.name == "proxy_on_memory_allocate" && matches!(export.kind, ExternalKind::Func)
            };
            if !facts.exports.iter().any(exported) {
                self.say(What::NoAllocator, Stage::Allocator, "Wasm module is missing malloc function.")?;
            }
        }
        abi::callbacks(version).try_for_each(|callback| self.export(facts, callback))
    }

    fn export(&mut self, facts: &Facts<'_>, function: &abi::Function) -> Next {
        let Some(module) = facts.exported_function(function.name).map(written) else { return Ok(()) };
        let (name, want) = (function.name.to_owned(), function.ty.to_string());
        if module == want {
            return Ok(());
        }
        let text = format!("Bad function signature for: {name}, want: {want}, but the module exports: {module}");
        self.say(What::ExportType { name, module, want }, Stage::Exports, text)
    }
}

/// Every export that says a version, in order, and whether it is a function.
pub(super) fn markers<'a>(facts: &Facts<'a>) -> Vec<(&'a str, bool)> {
    let marker = |export: &&wasmparser::Export<'_>| export.name.starts_with(MARKER_PREFIX);
    facts.exports.iter().filter(marker).map(|export| (export.name, export.kind == ExternalKind::Func)).collect()
}

fn no_version(markers: &[(&str, bool)]) -> What {
    let vendor = markers.iter().any(|(name, _)| *name == HIGRESS_MARKER);
    match markers.first() {
        _ if vendor => What::AbiVendor(HIGRESS_MARKER.to_owned()),
        None => What::AbiMissing(None),
        Some((name, false)) if Version::of_marker(name).is_some() => What::AbiMissing(Some((*name).to_owned())),
        Some((name, _)) => What::AbiUnknown((*name).to_owned()),
    }
}

fn missing(module: &str, function: &str, name: String) -> What {
    if module == "env" && HIGRESS_IMPORTS.contains(&function) {
        return What::ImportVendor(name);
    }
    let other = Version::ALL.into_iter().rev().find(|version| abi::host_function(*version, module, function).is_some());
    What::ImportMissing(name, other.map(|version| version.dotted().to_owned()))
}
