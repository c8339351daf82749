//! `xtask plugins`: the built-in plugins, one folder each, as the server seeds its catalogue from them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::stamp::{Inputs, Stamp};
use crate::{cargo, publish};

/// Raise when this step would write something else from the same inputs.
const VERSION: u32 = 1;

/// What a plugin consists of besides its module.
const TEXTS: [&str; 5] = ["plugin.toml", "schema.json", "example.yaml", "README.md", "README.zh.md"];

/// `plugins-dist` in cargo's target folder.
pub fn default_out(root: &Path) -> Result<PathBuf> {
    Ok(cargo::target_dir(root)?.join("plugins-dist"))
}

/// Compiles all plugins and writes their folders, or finds that they are up to date.
pub fn build(root: &Path, out: &Path) -> Result<()> {
    let names = names(&root.join("plugins"))?;
    println!("plugins: compiling {}", names.join(", "));
    let compiled = compile(root)?;
    for name in &names {
        let from = root.join("plugins").join(name);
        let module = compiled.join(format!("{}.wasm", name.replace('-', "_")));
        write(name, &from, &module, &out.join(name))?;
    }
    remove_unknown(out, &names)
}

/// The folders under `plugins/` that describe a plugin.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        if entry.path().join("plugin.toml").is_file() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    ensure!(!names.is_empty(), "{} holds no plugin", folder.display());
    Ok(names.into_iter().collect())
}

/// Compiles them; the folder with the modules. A folder of its own below the target folder, because the flags differ.
fn compile(root: &Path) -> Result<PathBuf> {
    let target = cargo::target_dir(root)?.join("plugins");
    let mut command = cargo::command(root);
    command
        .args(["build", "--release", "--target", cargo::WASM, "--manifest-path", "plugins/Cargo.toml"])
        .env("CARGO_TARGET_DIR", &target)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", remap(root));
    cargo::run(&mut command)?;
    Ok(target.join(cargo::WASM).join("release"))
}

/// The catalogue knows a built-in by its digest: the same sources must give the same bytes wherever they lie, so no path
/// of this machine may get into a module.
fn remap(root: &Path) -> String {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let cargo_home = std::env::var_os("CARGO_HOME").map_or_else(|| home.join(".cargo"), PathBuf::from);
    format!("--remap-path-prefix={}=. --remap-path-prefix={}=cargo", root.display(), cargo_home.display())
}

fn write(name: &str, from: &Path, module: &Path, to: &Path) -> Result<()> {
    let mut inputs = Inputs::new(name, VERSION).file(module)?;
    for text in TEXTS {
        inputs = inputs.file(&from.join(text))?;
    }
    let digest = inputs.digest();
    let stamp = Stamp::at(to.join(".stamp"));
    if stamp.outputs_if_fresh(&digest).is_some() {
        println!("plugins: {name} is up to date");
        return Ok(());
    }
    let mut written = vec!["module.wasm".to_owned()];
    publish::replace(&to.join("module.wasm"), &fs::read(module)?)?;
    for text in TEXTS {
        publish::replace(&to.join(text), &fs::read(from.join(text))?)?;
        written.push(text.to_owned());
    }
    stamp.write(&digest, &written)?;
    println!("plugins: {name}, {} bytes", fs::metadata(module)?.len());
    Ok(())
}

/// A plugin that was renamed must not be seeded under its old name.
fn remove_unknown(out: &Path, names: &[String]) -> Result<()> {
    for entry in fs::read_dir(out)? {
        let entry = entry?;
        let known = names.iter().any(|name| entry.file_name() == name.as_str());
        if !known && entry.path().join(".stamp").is_file() {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}
