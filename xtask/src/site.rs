//! `xtask site`: the files that browsers load.
//!
//! Leptos reads the hashes of the files' names from `hash.txt` (lines `js: …`, `wasm: …`, `css: …`). cargo-leptos puts it
//! beside the binary; ours lies in `site/`, and the server names it by its whole path, so that a release stays one binary
//! and one folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::publish::{self, Compression};
use crate::stamp::{Inputs, Stamp};
use crate::{css, frontend};

/// The stem of the files' names; the server's `LeptosOptions::output_name`.
pub const OUTPUT_NAME: &str = "marketplace";

/// Raise when this step would write something else from the same inputs.
const VERSION: u32 = 1;

/// How much work goes into small files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// For people: small, compressed in advance.
    Release,
    /// For who changes the front end all the time.
    Dev,
}

impl Kind {
    /// The profile of the root `Cargo.toml` the front end is compiled with.
    pub fn cargo_profile(self) -> &'static str {
        match self {
            Self::Release => "wasm-release",
            Self::Dev => "dev",
        }
    }
}

/// Builds `site/`, or finds that it is up to date.
pub fn build(root: &Path, kind: Kind, out: &Path) -> Result<()> {
    let pkg = out.join("pkg");
    fs::create_dir_all(&pkg).with_context(|| format!("cannot make {}", pkg.display()))?;

    println!("front end: compiling");
    let compiled = frontend::compile(root, kind)?;
    let style = css::bundle(&root.join("style/main.css"))?;

    let digest = Inputs::new(kind.cargo_profile(), VERSION).file(&compiled)?.text(&style).digest();
    let stamp = Stamp::at(pkg.join(".stamp"));
    if stamp.outputs_if_fresh(&digest).is_some() && out.join("hash.txt").is_file() {
        println!("front end: up to date");
        return Ok(());
    }

    println!("front end: bindings for the browser");
    // No wasm-opt after it: `-Oz` of Binaryen 132 made 2.85 MB into 2.49 MB, but the 597 KB that brotli makes of it into
    // 654 KB, in a minute or more. What counts is what goes over the wire.
    let built = frontend::bind(&compiled, kind)?;

    println!("front end: writing files");
    let compression = if kind == Kind::Release { Compression::Best } else { Compression::None };
    let mut files = publish::Files::new(&pkg, compression);
    let js = files.hashed(OUTPUT_NAME, "js", built.js.as_bytes())?;
    let wasm = files.hashed(OUTPUT_NAME, "wasm", &built.wasm)?;
    let css = files.hashed(OUTPUT_NAME, "css", style.as_bytes())?;
    for (path, text) in &built.snippets {
        files.named(path, text.as_bytes())?;
    }
    let written = files.into_written();

    // First the new files, then the names that lead to them, then the old files go: a server that runs meanwhile never
    // names a file that is not there.
    let names = out.join("hash.txt");
    let text = format!("js: {js}\nwasm: {wasm}\ncss: {css}\n");
    publish::replace(&names, text.as_bytes())?;
    publish::remove_others(&pkg, &written.iter().cloned().collect::<BTreeSet<_>>())?;
    stamp.write(&digest, &written)?;
    publish::report(&pkg, &written)
}
