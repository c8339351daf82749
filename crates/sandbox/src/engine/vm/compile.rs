//! Modules as machine code: from this process's memory, from the disk, or made now.

use std::sync::{Mutex, PoisonError};

use super::machine;
use crate::Module;

/// Modules whose code stays in memory.
const KEPT: usize = 16;

/// The most recently used last.
static CODE: Mutex<Vec<(String, wasmtime::Module)>> = Mutex::new(Vec::new());

/// The code of a module.
///
/// # Errors
/// The engine's words for what it cannot compile.
pub(crate) fn module(module: &Module) -> Result<wasmtime::Module, String> {
    let engine = machine::engine()?;
    if let Some(code) = known(module.sha256()) {
        return Ok(code);
    }
    let cache = crate::engine::cache::shared();
    let code = match cache.as_ref().and_then(|cache| cache.load(engine, module.sha256())) {
        Some(code) => code,
        None => {
            let code = wasmtime::Module::new(engine, module.bytes()).map_err(|error| format!("{error:#}"))?;
            if let Some(cache) = cache {
                cache.store(engine, module.sha256(), &code);
            }
            code
        }
    };
    let mut kept = CODE.lock().unwrap_or_else(PoisonError::into_inner);
    if kept.len() >= KEPT {
        kept.remove(0);
    }
    kept.push((module.sha256().to_owned(), code.clone()));
    Ok(code)
}

fn known(sha256: &str) -> Option<wasmtime::Module> {
    let mut kept = CODE.lock().unwrap_or_else(PoisonError::into_inner);
    let at = kept.iter().position(|(known, _)| known == sha256)?;
    let entry = kept.remove(at);
    let code = entry.1.clone();
    kept.push(entry);
    Some(code)
}
