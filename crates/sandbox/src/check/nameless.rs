//! Imports and exports over which Envoy 1.40 dies: it lists all of them when it links, and stops the process at a type that
//! its view of V8 has no name for.

use wasmparser::{AbstractHeapType, ExternalKind, FuncType, HeapType, RefType, TableType, TypeRef, ValType};

use super::facts::{Facts, written};

/// Tables that may grow to so many elements have no name either.
const TABLE_MAXIMUM: u64 = 1 << 31;

/// Name and type of an import that kills Envoy.
pub(super) fn nameless_import(facts: &Facts<'_>, import: &wasmparser::Import<'_>) -> Option<(String, String)> {
    let ty = match import.ty {
        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => function(facts.type_at(ty)?),
        TypeRef::Global(global) => value(global.content_type),
        TypeRef::Table(of) => table(&of),
        TypeRef::Tag(_) => Some("tag".to_owned()),
        TypeRef::Memory(_) => None,
    };
    Some((format!("{}.{}", import.module, import.name), ty?))
}

/// Name and type of an export that kills Envoy.
pub(super) fn nameless_export(facts: &Facts<'_>, export: &wasmparser::Export<'_>) -> Option<(String, String)> {
    let at = export.index as usize;
    let ty = match export.kind {
        ExternalKind::Func | ExternalKind::FuncExact => function(facts.function_type(export.index)?),
        ExternalKind::Global => value(facts.globals.get(at)?.content_type),
        ExternalKind::Table => table(facts.tables.get(at)?),
        ExternalKind::Tag => Some("tag".to_owned()),
        ExternalKind::Memory => None,
    };
    Some((export.name.to_owned(), ty?))
}

fn function(ty: &FuncType) -> Option<String> {
    let nameless = |ty: &ValType| value(*ty).is_some();
    ty.params().iter().chain(ty.results()).any(nameless).then(|| written(ty))
}

fn value(ty: ValType) -> Option<String> {
    let named = match ty {
        ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64 => true,
        ValType::V128 => false,
        ValType::Ref(ty) => reference(ty),
    };
    (!named).then(|| ty.to_string())
}

fn reference(ty: RefType) -> bool {
    let plain = [AbstractHeapType::Func, AbstractHeapType::Extern];
    matches!(ty.heap_type(), HeapType::Abstract { shared: false, ty } if plain.contains(&ty))
}

fn table(ty: &TableType) -> Option<String> {
    let named = reference(ty.element_type) && ty.maximum.is_none_or(|maximum| maximum < TABLE_MAXIMUM);
    (!named).then(|| ty.element_type.to_string())
}
