//! Builds what cargo alone does not: the browser's files, the built-in plugins, a release folder.
//!
//! Every command is quick when nothing changed: cargo decides whether code is fresh, and the steps after it are skipped
//! when the digest of what goes in is the one written down next to what came out (see [`stamp`]).

// A program for the terminal: printing is what it is for.
#![allow(clippy::print_stdout)]

mod bundle;
mod cargo;
mod css;
mod frontend;
mod licences;
mod plugins;
mod publish;
mod site;
mod stamp;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Builds what cargo alone does not")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Builds the front end and the style sheet into `site/`.
    Site {
        /// The small module that is served to people (the default).
        #[arg(long, conflicts_with = "dev")]
        release: bool,
        /// A module that builds faster: no optimisation, no compressed copies.
        #[arg(long)]
        dev: bool,
        /// Where to write.
        #[arg(long, default_value = "site")]
        out: PathBuf,
    },
    /// Builds the built-in plugins into a folder that the server seeds its catalogue from.
    Plugins {
        /// Where to write; `plugins-dist` in cargo's target folder if not given.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Writes a release: one binary and its `site/` folder.
    Bundle {
        /// Where to write.
        #[arg(long, default_value = "dist")]
        out: PathBuf,
    },
    /// Checks the licences and the forbidden crates of `deny.toml` against the lock file.
    Licences,
    /// Prints cargo's target folder.
    TargetDir,
}

fn main() -> ExitCode {
    match run(Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        // In one line: where in our code it was found helps nobody.
        Err(error) => {
            println!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<()> {
    let root = cargo::workspace_root()?;
    match command {
        Command::Site { dev, out, .. } => {
            let kind = if dev { site::Kind::Dev } else { site::Kind::Release };
            site::build(&root, kind, &root.join(out))
        }
        Command::Plugins { out } => {
            let out = out.map_or_else(|| plugins::default_out(&root), Ok)?;
            plugins::build(&root, &root.join(out))
        }
        Command::Bundle { out } => bundle::build(&root, &root.join(out)),
        Command::Licences => licences::check(&root),
        Command::TargetDir => {
            println!("{}", cargo::target_dir(&root)?.display());
            Ok(())
        }
    }
}
