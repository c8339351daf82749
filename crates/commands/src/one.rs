//! `marketplace try FILE`: one exchange.

use std::path::Path;
use std::process::ExitCode;

use crate::arguments::Try;
use crate::cases::{Answer, Case};
use crate::exit::Exit;
use crate::fetch::Fetch;
use crate::modules::Finder;
use crate::{output, people, workers};

pub(crate) fn run(options: &Try, fetch: &dyn Fetch) -> ExitCode {
    let workers = workers::start(&options.places, 1, options.trace);
    // It begins while exchange and modules are read.
    workers.pool.warm();
    let case = match &options.path {
        Some(path) if path.as_os_str() != "-" => case_of(path),
        _ => Case::standard_input(),
    };
    let finder = Finder::new(&options.places, fetch);
    let answer = match case.carry_out(&finder, &workers.pool) {
        Ok(answer) => answer,
        Err(error) => return output::failed(&error),
    };
    let (exit, written) = match &answer {
        Answer::Report(report) if options.json => (report.outcome.into(), output::json(report)),
        Answer::Report(report) => (report.outcome.into(), output::text(&people::report(report))),
        Answer::Error(error) if options.json => (Exit::BadInput, output::json(error)),
        Answer::Error(error) => {
            output::complain(&people::errors(error));
            (Exit::BadInput, Ok(()))
        }
    };
    match written {
        Ok(()) => exit.into(),
        Err(error) => output::failed(&error),
    }
}

fn case_of(path: &Path) -> Case {
    Case::file(0, path.to_string_lossy().into_owned(), path)
}
