//! A worker alone, for the crate's tests and benches: the folder of compiled code, or `--background`. The product's workers
//! are its own binary, asked to be one.

use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    let background = std::env::args_os().any(|argument| argument == "--background");
    let cache = std::env::args_os().skip(1).find(|argument| argument != "--background").map(PathBuf::from);
    match marketplace_sandbox::worker::serve(cache.as_deref().map(|folder| (folder, 1 << 30)), background) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(4)
        }
    }
}
