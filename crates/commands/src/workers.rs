//! The processes in which modules run: this same program, asked to be one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use marketplace_sandbox::engine::Cache;
use marketplace_sandbox::worker::{self, Options, Pool};
use tempfile::TempDir;

use crate::arguments::{Places, SandboxWorker};
use crate::output;

/// Bytes of compiled code on the disk.
const CACHE_BYTES: u64 = 2 << 30;

/// Workers, and where their compiled code lies.
pub(crate) struct Workers {
    pub(crate) pool: Pool,
    /// Of this command alone, where there is no better place; gone with it.
    _folder: Option<TempDir>,
}

/// So many workers, none of them started yet.
pub(crate) fn start(places: &Places, workers: usize, trace: bool) -> Workers {
    let mut args: Vec<OsString> = vec!["sandbox-worker".into()];
    let kept = places.data_dir().map(|folder| folder.join("sandbox"));
    let kept = kept.filter(|folder| Cache::open(folder, CACHE_BYTES).is_ok());
    let own = if kept.is_none() { tempfile::tempdir().ok() } else { None };
    if let Some(folder) = kept.as_deref().or(own.as_ref().map(TempDir::path)) {
        args.extend(["--cache".into(), folder.into()]);
    }
    let pool = Pool::new(Options { program: program(), args, workers, queue: usize::MAX, trace });
    Workers { pool, _folder: own }
}

/// What runs now, also when another file lies at its path meanwhile.
fn program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

/// Is a worker.
pub(crate) fn serve(options: &SandboxWorker) -> ExitCode {
    match worker::serve(options.cache.as_deref().map(|folder| (folder, CACHE_BYTES)), options.background) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => output::failed(&error),
    }
}
