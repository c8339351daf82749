//! Binaryen's `wasm-opt`, where there is one: a third fewer bytes for a browser. Never required.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::cargo;

/// Older ones stop at what today's rustc emits.
const OLDEST_THAT_WORKS: u32 = 120;

/// What rustc may use in a module; `wasm-opt` refuses what is not named.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-sign-ext",
    "--enable-nontrapping-float-to-int",
    "--enable-mutable-globals",
    "--enable-reference-types",
    "--enable-multivalue",
];

/// A `wasm-opt` that is new enough.
pub struct WasmOpt {
    program: PathBuf,
    /// What it says about itself.
    pub version: String,
}

/// Looks in `WASM_OPT`, in the folders npm installs to, then on PATH.
pub fn find(root: &Path) -> Option<WasmOpt> {
    let given = std::env::var_os("WASM_OPT").map(PathBuf::from);
    let installed = ["node_modules", "end2end/node_modules"].map(|folder| root.join(folder).join(".bin/wasm-opt"));
    given
        .into_iter()
        .chain(installed.into_iter().filter(|path| path.exists()))
        .chain([PathBuf::from("wasm-opt")])
        .find_map(ask)
}

fn ask(program: PathBuf) -> Option<WasmOpt> {
    let output = Command::new(&program).arg("--version").output().ok()?;
    let version = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (number(&version)? >= OLDEST_THAT_WORKS).then_some(WasmOpt { program, version })
}

/// The number in `wasm-opt version 132 (…)`.
fn number(version: &str) -> Option<u32> {
    version.split_whitespace().find_map(|word| word.parse().ok())
}

impl WasmOpt {
    /// Makes a module smaller.
    pub fn run(&self, module: &[u8]) -> Result<Vec<u8>> {
        let name = |end: &str| std::env::temp_dir().join(format!("marketplace-{}-{end}.wasm", std::process::id()));
        let (before, after) = (name("before"), name("after"));
        fs::write(&before, module).context("cannot write a temporary file")?;
        let mut command = Command::new(&self.program);
        command.arg("-Oz").args(FEATURES).arg(&before).arg("-o").arg(&after);
        let result = cargo::run(&mut command).and_then(|()| Ok(fs::read(&after)?));
        for path in [&before, &after] {
            // Nothing depends on it: the folder is for temporary files.
            let _ = fs::remove_file(path);
        }
        let smaller = result?;
        if smaller.len() > module.len() {
            bail!("wasm-opt made the module larger: {} bytes from {}", smaller.len(), module.len());
        }
        Ok(smaller)
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn reads_the_version() {
        assert_eq!(number("wasm-opt version 132 (version_132)"), Some(132));
        assert_eq!(number("wasm-opt version 108"), Some(108));
        assert_eq!(number("command not found"), None);
    }
}
