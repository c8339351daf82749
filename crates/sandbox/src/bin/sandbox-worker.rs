//! A worker alone, for the crate's tests and benches. The product's workers are its own binary, asked to be one.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cache = std::env::args_os().nth(1).map(PathBuf::from);
    match marketplace_sandbox::worker::serve(cache.as_deref().map(|folder| (folder, 1 << 30)), false) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(4)
        }
    }
}
