//! `xtask bundle`: a release, one binary and its `site/` folder.
//!
//! The built-in plugins go to `site/plugins/`, not into the binary: the server would have to be compiled again for each
//! change of a module, and a person can look at what a release brings. The server hands out `site/pkg/` only, so they
//! reach nobody but through the catalogue.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

use crate::{cargo, plugins, publish, site};

/// Builds everything and writes the folder.
pub fn build(root: &Path, out: &Path) -> Result<()> {
    let site = out.join("site");
    site::build(root, site::Kind::Release, &site)?;
    plugins::build(root, &site.join("plugins"))?;

    println!("server: compiling");
    let mut command = cargo::command(root);
    command.args(["build", "--package", "server", "--release"]);
    cargo::run(&mut command)?;
    let binary = cargo::target_dir(root)?.join("release/marketplace");
    let to = out.join("marketplace");
    fs::copy(&binary, &to).with_context(|| format!("cannot copy {}", binary.display()))?;
    publish::replace(&out.join("LICENSES.txt"), crate::licences::list(root)?.as_bytes())?;
    println!("bundle: {}", out.display());
    Ok(())
}
