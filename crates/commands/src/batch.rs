//! `marketplace try --batch`: many exchanges, a line of JSON for each, in their order however many are run at once.

use std::collections::BTreeMap;
use std::io::{self, BufRead, BufReader, Write};
use std::process::ExitCode;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use marketplace_sandbox::{RunError, Runner};

use crate::arguments::Try;
use crate::cases::{Answer, Cases};
use crate::exit::Exit;
use crate::fetch::Fetch;
use crate::modules::Finder;
use crate::{output, workers};

/// How many cases may wait for an earlier one to be written, for each that is run.
const AHEAD: usize = 16;

pub(crate) fn run(options: &Try, fetch: &dyn Fetch) -> ExitCode {
    let cases = match options.folder() {
        Some(folder) => match Cases::below(folder) {
            Ok(cases) => cases,
            Err(error) => {
                output::complain(&format!("{} cannot be read: {error}", folder.display()));
                return Exit::BadInput.into();
            }
        },
        None => Cases::lines(BufReader::new(io::stdin())),
    };
    let jobs = options.jobs.map_or_else(|| thread::available_parallelism().map_or(1, usize::from), usize::from);
    let workers = workers::start(&options.places, jobs, options.trace);
    let finder = Finder::new(&options.places, fetch);
    let bad = Batch::new(cases, io::stdout(), jobs).run(&finder, &workers.pool);
    if bad { Exit::BadInput.into() } else { Exit::Good.into() }
}

struct Batch<R, W> {
    cases: Mutex<Cases<R>>,
    output: Mutex<Output<W>>,
    written: Condvar,
    jobs: usize,
}

struct Output<W> {
    to: W,
    /// Lines whose turn has not come.
    ready: BTreeMap<usize, Result<Line, RunError>>,
    /// The case that is written next.
    next: usize,
    bad: bool,
}

struct Line {
    json: Vec<u8>,
    bad: bool,
}

impl<R: BufRead, W: Write> Batch<R, W> {
    fn new(cases: Cases<R>, to: W, jobs: usize) -> Self {
        let output = Output { to, ready: BTreeMap::new(), next: 0, bad: false };
        Self { cases: Mutex::new(cases), output: Mutex::new(output), written: Condvar::new(), jobs }
    }
}

impl<R: BufRead + Send, W: Write + Send> Batch<R, W> {
    /// Whether a case was bad input. A fault of ours ends the process, once all lines before it are written.
    fn run(self, finder: &Finder<'_>, runner: &dyn Runner) -> bool {
        thread::scope(|scope| {
            for _ in 0..self.jobs {
                scope.spawn(|| self.job(finder, runner));
            }
        });
        self.output.into_inner().unwrap_or_else(PoisonError::into_inner).bad
    }

    fn job(&self, finder: &Finder<'_>, runner: &dyn Runner) {
        loop {
            // One reads, the others wait for it; those that have something to run do not.
            let mut cases = lock(&self.cases);
            self.not_too_far_ahead(cases.position());
            let case = match cases.next() {
                Ok(Some(case)) => case,
                Ok(None) => return,
                Err(error) => give_up(&format!("standard input cannot be read: {error}")),
            };
            drop(cases);
            let index = case.index;
            self.write(index, case.carry_out(finder, runner).and_then(|answer| line(&answer)));
        }
    }

    /// Waits while too many cases are ahead of the one that is written next.
    fn not_too_far_ahead(&self, position: usize) {
        let mut output = lock(&self.output);
        while position >= output.next + AHEAD * self.jobs {
            output = self.written.wait(output).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn write(&self, index: usize, line: Result<Line, RunError>) {
        let mut output = lock(&self.output);
        output.ready.insert(index, line);
        loop {
            let next = output.next;
            let line = match output.ready.remove(&next) {
                None => break,
                Some(Ok(line)) => line,
                Some(Err(error)) => give_up(&error.to_string()),
            };
            output.bad |= line.bad;
            if let Err(error) = output.to.write_all(&line.json).and_then(|()| output.to.flush()) {
                give_up(&format!("standard output cannot be written: {error}"));
            }
            output.next += 1;
        }
        drop(output);
        self.written.notify_all();
    }
}

/// At once: another thread may be waiting for input that never comes.
fn give_up(text: &str) -> ! {
    output::complain(text);
    std::process::exit(Exit::Internal.number())
}

fn line(answer: &Answer) -> Result<Line, RunError> {
    let (json, bad) = match answer {
        Answer::Report(report) => (serde_json::to_vec(report), false),
        Answer::Error(error) => (serde_json::to_vec(error), true),
    };
    let mut json = json.map_err(|error| RunError::Fault(error.to_string()))?;
    json.push(b'\n');
    Ok(Line { json, bad })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
