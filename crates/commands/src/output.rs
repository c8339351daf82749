//! Standard output and standard error.

use std::fmt::Display;
use std::io::{self, Write};
use std::process::ExitCode;

use serde::Serialize;

use crate::exit::Exit;

/// The result as JSON, for one case.
pub(crate) fn json(result: &impl Serialize) -> io::Result<()> {
    let mut json = serde_json::to_string_pretty(result)?;
    json.push('\n');
    text(&json)
}

/// The result as text.
pub(crate) fn text(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// What is no result.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}

/// A fault of ours, said.
pub(crate) fn failed(error: &impl Display) -> ExitCode {
    complain(&error.to_string());
    Exit::Internal.into()
}
