//! Imports, exports, memory and tables of a module, as the report has them.

use wasmparser::{ExternalKind, TypeRef};

use super::facts::{Facts, written};
use crate::abi::{self, ALLOCATORS, MAIN, MARKER_PREFIX, START, Version};
use crate::report::{CustomSection, Export, Import, Memory, Role, Table};

/// Items of one list; a module may have a hundred thousand, and nobody reads them.
pub(super) const MOST: usize = 5_000;
/// Characters of a name.
const LONGEST: usize = 1_000;

/// A module that says no version is looked at as if it were of the newest.
pub(super) fn imports(facts: &Facts<'_>, version: Option<Version>) -> Vec<Import> {
    let version = version.unwrap_or(Version::V0_2_1);
    let describe = |import: &wasmparser::Import<'_>| {
        let (kind, ty) = kind(facts, import.ty);
        let host = abi::host_function(version, import.module, import.name).filter(|_| kind == "func");
        let want = host.map(|host| host.ty.to_string()).filter(|want| *want != ty);
        let served = matches!(import.ty, TypeRef::Memory(_) | TypeRef::Table(_)) || host.is_some() && want.is_none();
        Import { module: clip(import.module), name: clip(import.name), kind: kind.to_owned(), ty, served, want }
    };
    facts.imports.iter().take(MOST).map(describe).collect()
}

fn kind(facts: &Facts<'_>, ty: TypeRef) -> (&'static str, String) {
    match ty {
        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => ("func", facts.type_at(ty).map(written).unwrap_or_default()),
        TypeRef::Memory(memory) => ("memory", memory_type(&memory)),
        TypeRef::Table(table) => ("table", table_type(&table)),
        TypeRef::Global(global) => ("global", global_type(&global)),
        TypeRef::Tag(tag) => ("tag", facts.type_at(tag.func_type_idx).map(written).unwrap_or_default()),
    }
}

pub(super) fn exports(facts: &Facts<'_>, version: Option<Version>) -> Vec<Export> {
    let describe = |export: &wasmparser::Export<'_>| {
        let (kind, ty) = match export.kind {
            ExternalKind::Func | ExternalKind::FuncExact => {
                ("func", facts.function_type(export.index).map(written).unwrap_or_default())
            }
            ExternalKind::Memory => {
                ("memory", facts.memories.get(export.index as usize).map(memory_type).unwrap_or_default())
            }
            ExternalKind::Table => {
                ("table", facts.tables.get(export.index as usize).map(table_type).unwrap_or_default())
            }
            ExternalKind::Global => {
                ("global", facts.globals.get(export.index as usize).map(global_type).unwrap_or_default())
            }
            ExternalKind::Tag => ("tag", String::new()),
        };
        let wanted = wanted(facts, export.name, version).filter(|_| kind == "func");
        let want = wanted.map(|function| function.ty.to_string()).filter(|want| *want != ty);
        Export { name: clip(export.name), kind: kind.to_owned(), ty, role: role(export), want }
    };
    facts.exports.iter().take(MOST).map(describe).collect()
}

/// The function that Envoy looks for under that name.
fn wanted(facts: &Facts<'_>, name: &str, version: Option<Version>) -> Option<&'static abi::Function> {
    let version = version?;
    let initialized = facts.exported_function("_initialize").is_some();
    let main: &[abi::Function] = if initialized { &MAIN } else { &[] };
    let early = START.iter().chain(main).chain(&ALLOCATORS).find(|function| function.name == name);
    early.or_else(|| abi::callbacks(version).find(|function| function.name == name))
}

fn role(export: &wasmparser::Export<'_>) -> Role {
    let name = export.name;
    match export.kind {
        _ if name.starts_with(MARKER_PREFIX) => Role::Marker,
        ExternalKind::Memory => Role::Memory,
        ExternalKind::Func if ALLOCATORS.iter().any(|function| function.name == name) => Role::Allocator,
        ExternalKind::Func if START.iter().chain(&MAIN).any(|function| function.name == name) => Role::Start,
        ExternalKind::Func if abi::CALLBACKS.iter().any(|function| function.name == name) => Role::Callback,
        _ => Role::Other,
    }
}

pub(super) fn memory(facts: &Facts<'_>) -> Option<Memory> {
    let memory = facts.memories.first()?;
    let exported = facts.exports.iter().any(|export| export.kind == ExternalKind::Memory && export.index == 0);
    Some(Memory { initial_pages: memory.initial, maximum_pages: memory.maximum, exported })
}

pub(super) fn tables(facts: &Facts<'_>) -> Vec<Table> {
    let tables = facts.tables.iter().take(MOST);
    tables.map(|table| Table { initial: table.initial, maximum: table.maximum }).collect()
}

pub(super) fn custom_sections(facts: &Facts<'_>) -> Vec<CustomSection> {
    let sections = facts.custom.iter().take(MOST);
    sections.map(|(name, content)| CustomSection { name: clip(name), size: content.len() as u64 }).collect()
}

fn range(initial: u64, maximum: Option<u64>) -> String {
    maximum.map_or_else(|| format!("{initial}.."), |maximum| format!("{initial}..{maximum}"))
}

fn memory_type(memory: &wasmparser::MemoryType) -> String {
    let shared = if memory.shared { " shared" } else { "" };
    let wide = if memory.memory64 { " 64-bit" } else { "" };
    format!("{} pages{shared}{wide}", range(memory.initial, memory.maximum))
}

fn table_type(table: &wasmparser::TableType) -> String {
    format!("{} {}", range(table.initial, table.maximum), table.element_type)
}

fn global_type(global: &wasmparser::GlobalType) -> String {
    format!("{}{}", if global.mutable { "mut " } else { "" }, global.content_type)
}

fn clip(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
