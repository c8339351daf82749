//! `marketplace`: reads the options, serves until told to stop.

use std::process::ExitCode;

use clap::Parser;
use server::{logging, options::Options, run};

#[tokio::main]
async fn main() -> ExitCode {
    let options = Options::parse();
    logging::start(options.log);
    match run::run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}
