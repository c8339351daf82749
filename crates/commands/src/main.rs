//! The commands alone, without server and without fetching.

use std::process::ExitCode;

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    marketplace_commands::main(&args, &marketplace_commands::NoFetch)
}
