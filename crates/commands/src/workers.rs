//! The processes in which modules run: this same program, asked to be one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use marketplace_sandbox::engine::Cache;
use marketplace_sandbox::worker::{self, Options, Pool};
use tempfile::TempDir;

use crate::arguments::{self, Places, SandboxWorker};
use crate::output;

/// Bytes of compiled code on the disk.
const CACHE_BYTES: u64 = 2 << 30;
/// How many wait for a worker of the server; more are told that it is busy.
const QUEUE: usize = 16;

/// Workers, and where their compiled code lies.
pub(crate) struct Workers {
    pub(crate) pool: Pool,
    /// Of this command alone, where there is no better place; gone with it.
    _folder: Option<TempDir>,
}

/// So many workers, none of them started yet.
pub(crate) fn start(places: &Places, workers: usize, trace: bool) -> Workers {
    let kept = places.data_dir().as_deref().and_then(code_folder);
    let own = if kept.is_none() { tempfile::tempdir().ok() } else { None };
    let folder = kept.as_deref().or(own.as_ref().map(TempDir::path));
    let (program, args) = command(folder, false);
    let pool = Pool::new(Options { program, args, workers, queue: usize::MAX, trace });
    Workers { pool, _folder: own }
}

/// A pool for the server: a worker per processor, behind everything else, with the code they compile below the data folder.
#[must_use]
pub fn server_pool(data_dir: &Path) -> Pool {
    let (program, args) = command(code_folder(data_dir).as_deref(), true);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    Pool::new(Options { program, args, workers, queue: QUEUE, trace: true })
}

/// The folder of compiled code, where it can be used.
fn code_folder(data_dir: &Path) -> Option<PathBuf> {
    let folder = data_dir.join("sandbox");
    Cache::open(&folder, CACHE_BYTES).is_ok().then_some(folder)
}

fn command(cache: Option<&Path>, background: bool) -> (PathBuf, Vec<OsString>) {
    let mut args: Vec<OsString> = vec![arguments::WORKER.into()];
    if let Some(folder) = cache {
        args.extend(["--cache".into(), folder.into()]);
    }
    if background {
        args.push("--background".into());
    }
    (program(), args)
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
