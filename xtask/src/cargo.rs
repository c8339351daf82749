//! Calling cargo.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// The target that browsers and proxies run.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The folder of the root `Cargo.toml`: the first at or above the current folder that holds `xtask` too. Found when we
/// run, not when we are compiled: two clones that share a target folder share this program.
pub fn workspace_root() -> Result<PathBuf> {
    let here = std::env::current_dir().context("the current folder is gone")?;
    let found = here.ancestors().find(|folder| folder.join("Cargo.toml").is_file() && folder.join("xtask").is_dir());
    found.map(Path::to_path_buf).with_context(|| format!("{} lies in no clone of this project", here.display()))
}

/// Where cargo writes: `CARGO_TARGET_DIR` as cargo itself reads it, else `target/`.
pub fn target_dir(root: &Path) -> Result<PathBuf> {
    let given = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from).unwrap_or_else(|| PathBuf::from("target"));
    Ok(root.join(given))
}

/// The cargo that runs us, so that a toolchain chosen on the command line holds for what we start.
pub fn command(root: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    // `cargo run` sets these for us, of our own package; a build script that reads them would be built again and again.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}

/// Runs a command, whose output people see, and fails when it fails.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {:?}", command.get_program()))?;
    if !status.success() {
        bail!("{:?} ended with {status}", command.get_program());
    }
    Ok(())
}

/// `cargo metadata` of the workspace, as JSON.
pub fn metadata(root: &Path, more: &[&str]) -> Result<serde_json::Value> {
    let output = command(root)
        .args(["metadata", "--format-version", "1"])
        .args(more)
        .output()
        .context("cannot start cargo metadata")?;
    if !output.status.success() {
        bail!("cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
