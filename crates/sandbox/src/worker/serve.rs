//! The life of a worker: a question from standard input, an answer to standard output, until there are no more.

use std::collections::VecDeque;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use super::message::{Answer, Request, Run};
use super::{confine, frame};
use crate::engine::{self, Cache};
use crate::report::LimitHit;
use crate::{Module, Modules, Report, check};

/// Bytes of modules that a worker remembers.
const REMEMBERED: usize = 64 << 20;
/// Bytes of a report. What a plugin may leave in it is bounded piece by piece, but there may be many pieces.
const REPORT_BYTES: usize = 64 << 20;

/// Answers until standard input ends. `cache` is the folder of compiled code with its size in bytes; `background` is
/// whether others on this machine go first.
///
/// # Errors
/// When the process cannot be confined, or its pipes break.
pub fn serve(cache: Option<(&Path, u64)>, background: bool) -> io::Result<()> {
    confine::for_good(background)?;
    if let Some((folder, bytes)) = cache {
        // Without one, code is made anew in each worker; that is slower and nothing else.
        match Cache::open(folder, bytes) {
            Ok(cache) => cache.share(),
            Err(error) => eprintln!("sandbox: no cache of compiled code in {}: {error}", folder.display()),
        }
    }
    let questions = questions();
    // While the first question is on its way.
    engine::warm();
    let mut out = io::stdout().lock();
    let mut modules = Remembered::default();
    for question in questions {
        let (request, body) = question?;
        confine::for_one_job()?;
        let (answer, body) = match request {
            Request::Module(sha256) => {
                modules.keep(Module::known(body, &sha256));
                continue;
            }
            Request::Compile(sha256) => match modules.find(&[sha256]) {
                Ok(found) => {
                    found.iter().for_each(engine::prepare);
                    (Answer::Done, Vec::new())
                }
                Err(missing) => (Answer::Missing(missing), Vec::new()),
            },
            Request::Run(run) => match modules.find(&run.modules) {
                Ok(found) => (Answer::Json, report(&run, &found)?),
                Err(missing) => (Answer::Missing(missing), Vec::new()),
            },
            Request::Check => (Answer::Json, serde_json::to_vec(&check::look(&body))?),
        };
        frame::send(&mut out, &answer, &body)?;
    }
    Ok(())
}

fn report(run: &Run, modules: &Modules) -> io::Result<Vec<u8>> {
    let mut report = engine::run(&run.exchange, modules, &run.limits);
    if !run.trace {
        report.trace = None;
    }
    let json = serde_json::to_vec(&report)?;
    if json.len() <= REPORT_BYTES {
        return Ok(json);
    }
    let hit = LimitHit { limit: "report_bytes".to_owned(), value: REPORT_BYTES.into(), plugin: None, phase: None };
    Ok(serde_json::to_vec(&Report::stopped(&run.exchange, modules, hit))?)
}

/// Read on a thread of its own: a worker whose master is gone ends at once, whatever it is at.
fn questions() -> Receiver<io::Result<(Request, Vec<u8>)>> {
    let (to, from) = sync_channel(1);
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        loop {
            match frame::receive(&mut input) {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => std::process::exit(0),
                received => {
                    let broken = received.is_err();
                    if to.send(received).is_err() || broken {
                        return;
                    }
                }
            }
        }
    });
    from
}

/// Modules by digest, the last used at the end.
#[derive(Default)]
struct Remembered(VecDeque<Module>);

impl Remembered {
    fn keep(&mut self, module: Module) {
        self.0.push_back(module);
        // What was just given stays, however large: it is about to be used.
        while self.0.len() > 8 && self.0.iter().map(|module| module.bytes().len()).sum::<usize>() > REMEMBERED {
            self.0.pop_front();
        }
    }

    /// The modules of these digests, or the digests of which there is none.
    fn find(&mut self, wanted: &[String]) -> Result<Modules, Vec<String>> {
        let mut missing = Vec::new();
        let mut found = Vec::new();
        for sha256 in wanted {
            match self.0.iter().position(|module| module.sha256() == sha256) {
                Some(at) => {
                    if let Some(module) = self.0.remove(at) {
                        found.push(module.clone());
                        self.0.push_back(module);
                    }
                }
                None if missing.contains(sha256) => {}
                None => missing.push(sha256.clone()),
            }
        }
        if missing.is_empty() { Ok(Modules::new(found)) } else { Err(missing) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_used_are_remembered_and_the_rest_is_asked_for() {
        let mut modules = Remembered::default();
        let digest = |n: u8| format!("{n:064x}");
        for n in 0..20 {
            modules.keep(Module::known(vec![n; 8 << 20], &digest(n)));
        }
        assert_eq!(modules.0.len(), 8);
        assert_eq!(modules.find(&[digest(0), digest(0), digest(19)]).unwrap_err(), [digest(0)]);
        let found = modules.find(&[digest(19), digest(12), digest(19)]).unwrap();
        assert_eq!(found.iter().map(|module| module.bytes()[0]).collect::<Vec<_>>(), [19, 12, 19]);
    }
}
