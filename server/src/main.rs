//! `marketplace`: reads the options, serves until told to stop. Or carries out one of the commands that need no server.

use std::process::ExitCode;

use clap::Parser;
use server::{fetch, logging, options::Options, run};

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    if marketplace_commands::is_command(&args) {
        return marketplace_commands::main(&args, &fetch::FromNetwork);
    }
    let options = Options::parse_from(args);
    logging::start(options.log);
    match serve(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn serve(options: Options) -> anyhow::Result<()> {
    run::run(options).await
}
