//! The same sources give the same modules: their digests are in `plugins/digests.txt`.
//!
//! Needs modules built by `cargo run -p xtask -- plugins`, which takes this machine's paths out of them. `WRITE_DIGESTS=1` writes the
//! list anew.

#![allow(clippy::expect_used, clippy::panic)] // All of this file is a test.

use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

#[test]
fn modules_are_those_of_the_list() {
    let Some(built_in) = env::var_os("PLUGINS_WASM_DIR").map(PathBuf::from) else {
        assert_eq!(env::var("ALLOW_NO_ENVOY").as_deref(), Ok("1"), "PLUGINS_WASM_DIR is not set");
        return;
    };
    let line = |name: &String| {
        let module = fs::read(built_in.join(format!("{}.wasm", name.replace('-', "_")))).expect("a built module");
        let hex: String = Sha256::digest(&module).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{hex}  {name}\n")
    };
    let built: String = names().iter().map(line).collect();
    let list = folder().join("digests.txt");
    if env::var("WRITE_DIGESTS").as_deref() == Ok("1") {
        fs::write(&list, built).expect("a written list");
        return;
    }
    let listed = fs::read_to_string(&list).expect("digests.txt");
    assert!(listed == built, "the list says\n{listed}but built was\n{built}Write it anew with WRITE_DIGESTS=1.");
}

/// With an `rlib` beside it, cargo leaves out the optimisation over all crates, and the module has 40 to 50 KB more.
#[test]
fn modules_are_nothing_but_modules() {
    for name in names() {
        let manifest = fs::read_to_string(folder().join(&name).join("Cargo.toml")).expect("Cargo.toml");
        assert!(manifest.contains("crate-type = [\"cdylib\"]\n"), "{name}");
    }
}

fn folder() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of all plugins")
}

/// The folders that hold a plugin, sorted.
fn names() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder())
        .expect("the folder of all plugins")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().join("plugin.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}
