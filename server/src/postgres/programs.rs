//! PostgreSQL's programs on this machine.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// What we need; they lie side by side.
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// The folder with the programs.
#[derive(Debug)]
pub struct Programs(PathBuf);

impl Programs {
    /// Looks on PATH, then where Debian keeps them, the newest version first.
    pub fn find() -> Result<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let on_path = std::env::split_paths(&path);
        on_path.chain(debian()).find(|dir| complete(dir)).map(Self).context(
            "PostgreSQL's server programs (initdb, pg_ctl, postgres) are not on this machine. Install them (Debian: \
             `apt-get install postgresql`), or give a database by --database-url.",
        )
    }

    /// One of the programs.
    pub fn path(&self, program: &str) -> PathBuf {
        self.0.join(program)
    }
}

fn complete(folder: &Path) -> bool {
    NEEDED.iter().all(|program| folder.join(program).is_file())
}

fn debian() -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir("/usr/lib/postgresql") else { return Vec::new() };
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let mut found: Vec<(u32, PathBuf)> =
        entries.flatten().filter_map(|entry| Some((version(&entry.path())?, entry.path().join("bin")))).collect();
    found.sort();
    found.into_iter().rev().map(|(_, folder)| folder).collect()
}
