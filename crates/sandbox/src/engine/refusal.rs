//! What Envoy refuses before it runs anything, in its order and words.

use super::load::Refusal;
use crate::abi::{self, START, Version};
use crate::check::compile::{Compiles, compiles};
use crate::check::facts::{Facts, written};
use crate::check::scan::{abi_version, names_and_frames};
use crate::report::Stage;
use wasmparser::{ExternalKind, TypeRef};

const CORRUPTED: &str = "Failed to parse corrupted Wasm module";
/// Pages of memory that V8 gives at most, by Envoy's settings.
const MAX_PAGES: u64 = 16_384;
/// Elements of a table that V8 gives at most.
const MAX_ELEMENTS: u64 = 10_000_000;

/// The version of the ABI, or the first refusal.
pub(crate) fn refusal(bytes: &[u8]) -> Result<Version, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal { stage: Stage::Header, text: None });
    }
    let version = abi_version(bytes)
        .map_err(|_| Refusal::new(Stage::Header, CORRUPTED))?
        .ok_or_else(|| Refusal::new(Stage::Abi, "Missing or unknown Proxy-Wasm ABI version"))?;
    names_and_frames(bytes).map_err(|_| Refusal::new(Stage::Header, CORRUPTED))?;
    let facts = Facts::read(bytes);
    let too_large = facts.tables.iter().any(|table| table.initial > MAX_ELEMENTS);
    if too_large || matches!(compiles(bytes), Compiles::FeatureOff(_) | Compiles::No(_)) {
        return Err(Refusal::new(Stage::Compile, "Failed to load Wasm bytecode"));
    }
    imports(&facts, version)?;
    if facts.memories.iter().any(|memory| memory.initial > MAX_PAGES) || facts.segment_outside.is_some() {
        return Err(Refusal::new(Stage::Instantiate, "Failed to create new Wasm instance"));
    }
    exports(&facts, version)?;
    Ok(version)
}

fn imports(facts: &Facts<'_>, version: Version) -> Result<(), Refusal> {
    const PREFIX: &str = "Failed to load Wasm module due to";
    for import in &facts.imports {
        let name = format!("{}.{}", import.module, import.name);
        let missing = || Refusal::new(Stage::Imports, format!("{PREFIX} a missing import: {name}"));
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                let host = abi::host_function(version, import.module, import.name).ok_or_else(missing)?;
                let wanted = facts.type_at(ty).map(written).unwrap_or_default();
                let has = host.ty.to_string();
                if wanted != has {
                    let text =
                        format!("{PREFIX} an import type mismatch: {name}, want: {wanted}, but host exports: {has}");
                    return Err(Refusal::new(Stage::Imports, text));
                }
            }
            TypeRef::Memory(_) | TypeRef::Table(_) => {}
            _ => return Err(missing()),
        }
    }
    Ok(())
}

fn exports(facts: &Facts<'_>, version: Version) -> Result<(), Refusal> {
    let wrong = |function: &abi::Function| {
        let has = facts.exported_function(function.name).map(written)?;
        let want = function.ty.to_string();
        (has != want).then(|| {
            let text =
                format!("Bad function signature for: {}, want: {want}, but the module exports: {has}", function.name);
            Refusal::new(Stage::Exports, text)
        })
    };
    let [initialize, start, main, main_void] = &START;
    let reactor = facts.exported_function(initialize.name).is_some();
    let with_args = facts.exported_function(main.name).is_some();
    let looked_for: &[_] = match (reactor, with_args) {
        (false, _) => &[start],
        (true, true) => &[initialize, main],
        (true, false) => &[initialize, main_void],
    };
    if let Some(refusal) = looked_for.iter().find_map(|function| wrong(function)) {
        return Err(refusal);
    }
    let [malloc, allocate] = &abi::ALLOCATORS;
    if let Some(refusal) = wrong(malloc) {
        return Err(refusal);
    }
    if facts.exported_function("malloc").is_none() {
        if let Some(refusal) = wrong(allocate) {
            return Err(refusal);
        }
        let exported = |export: &wasmparser::Export<'_>| {
            export.name == "proxy_on_memory_allocate" && matches!(export.kind, ExternalKind::Func)
        };
        if !facts.exports.iter().any(exported) {
            return Err(Refusal::new(Stage::Allocator, "Wasm module is missing malloc function."));
        }
    }
    abi::callbacks(version).find_map(wrong).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> (Stage, Option<String>) {
        let refusal = refusal(&wat::parse_str(text).unwrap()).unwrap_err();
        (refusal.stage, refusal.text)
    }

    const MARKER: &str = r#"(func (export "proxy_abi_version_0_2_1"))"#;
    const MALLOC: &str = r#"(func (export "malloc") (param i32) (result i32) i32.const 0)"#;

    #[test]
    fn refusals_come_in_envoys_order_and_words() {
        assert_eq!(of("(module)").0, Stage::Abi);
        let import = r#"(import "env" "proxy_redis_init" (func))"#;
        let (stage, text) = of(&format!("(module {import} {MARKER})"));
        assert_eq!(stage, Stage::Imports);
        assert_eq!(text.as_deref(), Some("Failed to load Wasm module due to a missing import: env.proxy_redis_init"));
        let import = r#"(import "env" "proxy_log" (func (param i64)))"#;
        assert_eq!(
            of(&format!("(module {import} {MARKER})")).1.as_deref(),
            Some(
                "Failed to load Wasm module due to an import type mismatch: env.proxy_log, want: i64 -> void, but host \
                 exports: i32 i32 i32 -> i32"
            )
        );
        assert_eq!(of(&format!("(module {MARKER})")).0, Stage::Allocator);
        let callback = r#"(func (export "proxy_on_request_headers") (param i32 i32) (result i32) i32.const 0)"#;
        assert_eq!(
            of(&format!("(module {MARKER} {MALLOC} {callback})")).1.as_deref(),
            Some(
                "Bad function signature for: proxy_on_request_headers, want: i32 i32 i32 -> i32, but the module exports: \
                 i32 i32 -> i32"
            )
        );
        assert_eq!(of(&format!("(module {MARKER} {MALLOC} (memory 16385))")).0, Stage::Instantiate);
    }
}
