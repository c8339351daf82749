//! The command line beside the server: `marketplace check`, `marketplace try`, and the worker that both run modules in.
//!
//! No runtime, no database, no log lines: standard output holds the result and nothing else, standard error the rest.
//! What is asked and answered is the sandbox's; here are arguments, files and exit codes.

mod arguments;
mod batch;
mod cases;
mod check;
mod exit;
mod fetch;
mod modules;
mod one;
mod output;
mod people;
mod workers;

pub use fetch::{Fetch, NoFetch, NotFetched};
pub use workers::server_pool;

use std::ffi::OsString;
use std::process::ExitCode;

use arguments::Command;

/// Whether these arguments (the program's name first) are one of the commands here, and not the server's options.
#[must_use]
pub fn is_command(args: &[OsString]) -> bool {
    args.get(1).is_some_and(|first| arguments::NAMES.iter().any(|name| first == name))
}

/// Carries out the command. `fetch` gets modules from addresses.
pub fn main(args: &[OsString], fetch: &dyn Fetch) -> ExitCode {
    match arguments::read(args) {
        Ok(Command::Check(options)) => check::run(&options, fetch),
        Ok(Command::Try(options)) if options.batch.is_some() => batch::run(&options, fetch),
        Ok(Command::Try(options)) => one::run(&options, fetch),
        Ok(Command::SandboxWorker(options)) => workers::serve(&options),
        Err(error) => {
            // Help goes to standard output and is no failure; clap knows which is which.
            let _ = error.print();
            let exit = if error.use_stderr() { exit::Exit::BadInput } else { exit::Exit::Good };
            exit.into()
        }
    }
}
