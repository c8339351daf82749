//! `marketplace check`: would Envoy load this module?

use std::fs::File;
use std::io;
use std::process::ExitCode;

use bytes::Bytes;
use marketplace_domain::Lang;
use marketplace_sandbox::Module;
use marketplace_sandbox::check::look;
use marketplace_sandbox::report::{ErrorReport, InputError};

use crate::arguments::{Check, Places};
use crate::exit::Exit;
use crate::fetch::Fetch;
use crate::modules::{self, Finder, NotFound};
use crate::{output, people};

pub(crate) fn run(options: &Check, fetch: &dyn Fetch) -> ExitCode {
    let name = options.module.to_string_lossy().into_owned();
    let module = if name == "-" {
        modules::read_bytes(io::stdin().lock(), "standard input").map(Bytes::from)
    } else if ["oci://", "https://", "http://"].iter().any(|scheme| name.starts_with(scheme)) {
        let places = Places { data_dir: None, plugins_dir: None };
        Finder::new(&places, fetch).address(&name).map(Module::into_bytes)
    } else {
        match File::open(&options.module) {
            Ok(file) => modules::read_file(&file, &name).map(Bytes::from),
            Err(error) => {
                Err(NotFound { code: "module_not_found", message: format!("{name} cannot be read: {error}") })
            }
        }
    };
    let (exit, written) = match module {
        Ok(module) => {
            let report = look(&module).report(Lang::En);
            let written = if options.json { output::json(&report) } else { output::text(&people::check(&report)) };
            (report.verdict.into(), written)
        }
        Err(NotFound { code, message }) => {
            let error = InputError { code: code.to_owned(), field: String::new(), message, line: None, column: None };
            let error = ErrorReport::of_check(Some(name).filter(|name| name != "-"), vec![error]);
            let written = if options.json {
                output::json(&error)
            } else {
                output::complain(&people::errors(&error));
                Ok(())
            };
            (Exit::BadInput, written)
        }
    };
    match written {
        Ok(()) => exit.into(),
        Err(error) => output::failed(&error),
    }
}
