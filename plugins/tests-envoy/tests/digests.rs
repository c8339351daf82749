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
    let Some(folder) = env::var_os("PLUGINS_WASM_DIR").map(PathBuf::from) else {
        assert_eq!(env::var("ALLOW_NO_ENVOY").as_deref(), Ok("1"), "PLUGINS_WASM_DIR is not set");
        return;
    };
    let plugins = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the folder of all plugins");
    let mut names: Vec<String> = fs::read_dir(plugins)
        .expect("the folder of all plugins")
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.path().join("plugin.toml").is_file())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let line = |name: &String| {
        let module = fs::read(folder.join(format!("{}.wasm", name.replace('-', "_")))).expect("a built module");
        let hex: String = Sha256::digest(&module).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{hex}  {name}\n")
    };
    let built: String = names.iter().map(line).collect();
    let list = plugins.join("digests.txt");
    if env::var("WRITE_DIGESTS").as_deref() == Ok("1") {
        fs::write(&list, built).expect("a written list");
        return;
    }
    let listed = fs::read_to_string(&list).expect("digests.txt");
    assert!(listed == built, "the list says\n{listed}but built was\n{built}Write it anew with WRITE_DIGESTS=1.");
}
