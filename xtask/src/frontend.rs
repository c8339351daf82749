//! The front end: compiled for wasm32, then given its JavaScript side.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

use crate::cargo;
use crate::site::{Kind, OUTPUT_NAME};

/// What the browser needs, not yet named and not yet compressed.
pub struct Built {
    /// The module script.
    pub js: String,
    /// The WebAssembly module.
    pub wasm: Vec<u8>,
    /// Scripts that crates carry along, by the path that `js` imports them from.
    pub snippets: BTreeMap<String, String>,
}

/// Compiles `frontend`; the path of the module that rustc made.
pub fn compile(root: &Path, kind: Kind) -> Result<PathBuf> {
    let profile = kind.cargo_profile();
    let mut command = cargo::command(root);
    command.args(["build", "--package", "frontend", "--lib", "--target", cargo::WASM, "--profile", profile]);
    cargo::run(&mut command)?;
    let folder = if kind == Kind::Dev { "debug" } else { profile };
    Ok(cargo::target_dir(root)?.join(cargo::WASM).join(folder).join("frontend.wasm"))
}

/// Makes the bindings.
pub fn bind(compiled: &Path, kind: Kind) -> Result<Built> {
    let module = fs::read(compiled).with_context(|| format!("cannot read {}", compiled.display()))?;
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(OUTPUT_NAME, module)
        .out_name(OUTPUT_NAME)
        .web(true)?
        .typescript(false)
        // The page tells the script where the module is, because its name holds a hash.
        .omit_default_module_path(true)
        .debug(kind == Kind::Dev)
        .keep_debug(kind == Kind::Dev)
        .remove_name_section(kind == Kind::Release)
        .remove_producers_section(kind == Kind::Release);
    let mut output = bindgen.generate_output()?;

    let mut snippets = BTreeMap::new();
    for (id, texts) in output.snippets() {
        for (number, text) in texts.iter().enumerate() {
            snippets.insert(format!("snippets/{id}/inline{number}.js"), text.clone());
        }
    }
    for (path, text) in output.local_modules() {
        snippets.insert(format!("snippets/{path}"), text.clone());
    }
    let js = output.js().to_owned();
    let wasm = output.wasm_mut().emit_wasm();
    Ok(Built { js, wasm, snippets })
}
