//! Modules as machine code: from this process's memory, from the disk, or made now.

use std::sync::{Mutex, PoisonError};

use super::machine;
use crate::Module;
use crate::abi::Version;
use crate::check::found::Found;
use crate::check::refuse;
use crate::check::scan::abi_version;
use crate::engine::cache;

/// Bytes of machine code that stay in memory.
const KEPT: usize = 128 << 20;

/// A module that Envoy would load, as machine code.
#[derive(Clone)]
pub(crate) struct Code {
    pub(crate) version: Version,
    pub(crate) module: wasmtime::Module,
}

/// The most recently used last.
static CODE: Mutex<Vec<(String, Code)>> = Mutex::new(Vec::new());

/// The code of a module, or Envoy's refusal of it.
///
/// # Errors
/// The engine's words for what it cannot compile.
pub(crate) fn module(module: &Module) -> Result<Result<Code, Found>, String> {
    let engine = machine::engine()?;
    if let Some(code) = known(module.sha256()) {
        return Ok(Ok(code));
    }
    let cache = cache::shared();
    // Only what was not refused is ever kept on the disk.
    let version = abi_version(module.bytes()).ok().flatten();
    let code = cache.zip(version).and_then(|(cache, version)| {
        let module = cache.load(engine, module.sha256())?;
        Some(Code { version, module })
    });
    let code = match code {
        Some(code) => code,
        None => {
            let made = refuse::first_but_code(module.bytes())
                .map(|version| machine::compile(engine, module.bytes()).map(|code| (version, code)));
            let (version, code) = match made {
                Ok(Ok(made)) => made,
                // What does not compile here may be refused for it, and earlier than for anything else.
                Ok(Err(text)) => {
                    return refuse::first(module.bytes()).map_or_else(|found| Ok(Err(found)), |_| Err(text));
                }
                Err(found) => return Ok(Err(refuse::first(module.bytes()).err().unwrap_or(found))),
            };
            if let Some(cache) = cache {
                cache.store(engine, module.sha256(), &code);
            }
            Code { version, module: code }
        }
    };
    let mut kept = CODE.lock().unwrap_or_else(PoisonError::into_inner);
    kept.push((module.sha256().to_owned(), code.clone()));
    while kept.len() > 1 && kept.iter().map(|(_, code)| size(code)).sum::<usize>() > KEPT {
        kept.remove(0);
    }
    Ok(Ok(code))
}

fn size(code: &Code) -> usize {
    let image = code.module.image_range();
    (image.end as usize).saturating_sub(image.start as usize)
}

fn known(sha256: &str) -> Option<Code> {
    let mut kept = CODE.lock().unwrap_or_else(PoisonError::into_inner);
    let at = kept.iter().position(|(known, _)| known == sha256)?;
    let entry = kept.remove(at);
    let code = entry.1.clone();
    kept.push(entry);
    Some(code)
}
