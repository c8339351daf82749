//! What can be written behind the program's name.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// The commands, as the server must know them from its own options.
pub(crate) const NAMES: [&str; 3] = ["check", "try", WORKER];

/// What makes this program a worker.
pub(crate) const WORKER: &str = "sandbox-worker";

#[derive(Debug, Parser)]
#[command(name = "marketplace", version, disable_help_subcommand = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Say whether Envoy would load a module, without running it.
    Check(Check),
    /// Run plugins on a sample exchange, and report what Envoy would have done.
    Try(Try),
    /// Run modules for another process.
    #[command(hide = true)]
    SandboxWorker(SandboxWorker),
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// A path, `-` for standard input, or an address: `oci://`, `https://`, `http://`.
    pub(crate) module: OsString,
    /// Write JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Try {
    /// An exchange file (YAML or JSON), or `-` for standard input. With `--batch`, a folder of them; without one, standard
    /// input has an exchange on each line.
    #[arg(value_name = "EXCHANGE", required_unless_present = "batch")]
    pub(crate) path: Option<PathBuf>,
    /// Run many exchanges and write a line of JSON for each.
    #[arg(long, value_name = "DIR", num_args = 0..=1)]
    pub(crate) batch: Option<Option<PathBuf>>,
    /// How many exchanges are run at once. By default, one per processor.
    #[arg(long, requires = "batch", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) jobs: Option<u16>,
    /// Write JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// Report every call between proxy and plugin.
    #[arg(long)]
    pub(crate) trace: bool,
    #[command(flatten)]
    pub(crate) places: Places,
}

/// Where things lie.
#[derive(Debug, Clone, Args)]
pub(crate) struct Places {
    /// The data folder: modules by digest in `modules/<sha256>.wasm`, compiled code in `sandbox`. By default
    /// `plugin-marketplace` under `$XDG_DATA_HOME`.
    #[arg(long, env = "DATA_DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// The built-in plugins, whose modules are in the store too. By default `site/plugins` beside the program.
    #[arg(long, env = "PLUGINS_DIR")]
    pub(crate) plugins_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SandboxWorker {
    /// The folder of compiled code.
    #[arg(long)]
    pub(crate) cache: Option<PathBuf>,
    /// Let everything else on this machine go first.
    #[arg(long)]
    pub(crate) background: bool,
}

/// Reads all arguments, the program's name among them.
pub(crate) fn read(args: &[OsString]) -> Result<Command, clap::Error> {
    let arguments = Arguments::try_parse_from(args)?;
    if let Command::Try(options) = &arguments.command
        && options.path.is_some()
        && matches!(options.batch, Some(Some(_)))
    {
        use clap::CommandFactory;
        let text = "--batch takes one folder";
        return Err(Arguments::command().error(clap::error::ErrorKind::TooManyValues, text));
    }
    Ok(arguments.command)
}

impl Try {
    /// The folder of a batch; none when it is read from standard input.
    pub(crate) fn folder(&self) -> Option<&PathBuf> {
        let given = self.batch.as_ref().and_then(Option::as_ref).or(self.path.as_ref());
        given.filter(|path| path.as_os_str() != "-")
    }
}

impl Places {
    /// The data folder, where there is a home to have it in.
    pub(crate) fn data_dir(&self) -> Option<PathBuf> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let shared = || variable("XDG_DATA_HOME").or_else(|| Some(variable("HOME")?.join(".local/share")));
        self.data_dir.clone().or_else(|| Some(shared()?.join("plugin-marketplace")))
    }

    /// The folder of the built-in plugins, where there is one.
    pub(crate) fn plugins_dir(&self) -> Option<PathBuf> {
        let beside = || Some(std::env::current_exe().ok()?.parent()?.join("site/plugins"));
        let here = || Some(PathBuf::from("site/plugins"));
        let folder = |path: &PathBuf| path.is_dir();
        self.plugins_dir.clone().or_else(|| beside().filter(folder).or_else(|| here().filter(folder)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Result<Command, clap::Error> {
        let args: Vec<OsString> = text.split(' ').map(OsString::from).collect();
        read(&args)
    }

    fn folder(text: &str) -> Option<PathBuf> {
        match read_all(text).unwrap() {
            Command::Try(options) => options.folder().cloned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_batch_is_a_folder_or_standard_input() {
        for text in
            ["m try --batch d --jobs 2", "m try --batch=d", "m try --batch --jobs 2 d", "m try --trace d --batch"]
        {
            assert_eq!(folder(text), Some("d".into()), "{text}");
        }
        for text in ["m try --batch", "m try --batch --jobs 4 --trace", "m try --batch -"] {
            assert_eq!(folder(text), None, "{text}");
        }
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for text in ["m try", "m try a --jobs 2", "m try --batch --jobs 0", "m try --batch a b", "m check", "m try a b"]
        {
            assert!(read_all(text).is_err(), "{text}");
        }
    }
}
