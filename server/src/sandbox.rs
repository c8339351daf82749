//! Who fetches modules and who looks into them, as the options say.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use marketplace_registry as registry;
use marketplace_registry::Fetcher;
use marketplace_sandbox::worker::{Options as Workers, Pool};

use crate::options::Options;

/// Fetches for people who wait: fewer attempts than a proxy makes, and less patience.
pub fn fetcher(options: &Options) -> Result<Fetcher> {
    let options = registry::Options {
        networks: options.allow_fetch_from.clone(),
        attempts: 2,
        pause: Duration::from_millis(250),
        request: Duration::from_secs(10),
        total: Duration::from_secs(20),
        ..registry::Options::default()
    };
    Fetcher::new(options).map_err(|error| anyhow::anyhow!("modules cannot be fetched: {error}"))
}

/// Processes of this same program, one for each processor, in which modules are read.
pub fn pool(options: &Options) -> Arc<Pool> {
    let mut args: Vec<OsString> = vec!["sandbox-worker".into(), "--background".into()];
    args.extend(["--cache".into(), options.data_dir().join("sandbox").into()]);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    Arc::new(Pool::new(Workers { program: program(), args, workers, queue: 16, trace: true }))
}

/// What runs now, also when another file lies at its path meanwhile.
fn program() -> PathBuf {
    let running = Path::new("/proc/self/exe");
    if running.exists() { running.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}
