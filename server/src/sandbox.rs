//! Where plugins run: in processes of this same program, never in the one that serves pages.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use marketplace_sandbox::worker::{Options as Workers, Pool};

use crate::options::Options;

/// So many may wait for a worker; more are told to come back.
const QUEUE: usize = 16;

/// One worker for each processor.
pub fn pool(options: &Options) -> Arc<Pool> {
    let mut args: Vec<OsString> = vec!["sandbox-worker".into(), "--background".into()];
    args.extend(["--cache".into(), options.data_dir().join("sandbox").into()]);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    Arc::new(Pool::new(Workers { program: program(), args, workers, queue: QUEUE, trace: true }))
}

/// What runs now, also when another file lies at its path meanwhile.
fn program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}
