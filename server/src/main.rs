//! `marketplace`: reads the options, serves until told to stop.

use clap::Parser;
use server::{logging, options::Options, run};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    logging::start(options.log);
    run::run(options).await
}
