//! So many workers, and who waits for one.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::child::{Death, Worker};
use super::message::{Answer, Request, Run};
use crate::check::Checked;
use crate::report::LimitHit;
use crate::{Exchange, Limits, Module, Modules, Report, RunError, Runner};

/// Jobs after which a worker is replaced, so that nothing piles up in it.
const JOBS: u32 = 500;
/// Digests that are remembered as compiled.
const KNOWN: usize = 10_000;

/// What a pool is made of.
#[derive(Debug, Clone)]
pub struct Options {
    /// What a worker is: a program that calls [`super::serve`].
    pub program: PathBuf,
    /// With these arguments.
    pub args: Vec<OsString>,
    /// Workers at most; each may take a processor and [`super::ADDRESS_SPACE`].
    pub workers: usize,
    /// How many may wait for one. More are told that the pool is busy.
    pub queue: usize,
    /// Whether reports have their trace.
    pub trace: bool,
}

/// Workers, started when they are needed.
pub struct Pool {
    options: Options,
    state: Mutex<State>,
    freed: Condvar,
    compiled: Mutex<BTreeMap<String, Compiled>>,
    made: Condvar,
}

#[derive(Default)]
struct State {
    idle: Vec<Worker>,
    busy: usize,
    waiting: usize,
}

/// Whether the code of a module is in the cache of all workers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Compiled {
    Now,
    Yes,
}

impl Pool {
    /// A pool without any worker yet.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self {
            options,
            state: Mutex::default(),
            freed: Condvar::new(),
            compiled: Mutex::default(),
            made: Condvar::new(),
        }
    }

    /// Starts a worker before there is a question for it, if none is idle.
    pub fn warm(&self) {
        let mut state = lock(&self.state);
        if state.idle.is_empty() && state.busy < self.options.workers {
            // Failing is said by the question, which tries again.
            state.idle.extend(Worker::start(&self.options));
        }
    }

    /// Looks at a module without running it. Blocks.
    ///
    /// # Errors
    /// When the pool is busy, or a worker failed.
    pub fn check(&self, module: &[u8]) -> Result<Checked, RunError> {
        let job = Job { request: Request::Check, body: module, modules: &[] };
        match self.ask(&job)? {
            Ok(json) => serde_json::from_slice(&json).map_err(fault),
            Err(death) => Err(RunError::Fault(format!("the check of the module broke off: {death:?}"))),
        }
    }

    /// Makes machine code of a module that none of the workers has met, once.
    fn compile(&self, module: &Module) -> Result<Result<(), Death>, RunError> {
        let sha256 = module.sha256().to_owned();
        let mut compiled = lock(&self.compiled);
        loop {
            match compiled.get(&sha256) {
                Some(Compiled::Yes) => return Ok(Ok(())),
                Some(Compiled::Now) => compiled = self.made.wait(compiled).unwrap_or_else(PoisonError::into_inner),
                None => break,
            }
        }
        if compiled.len() >= KNOWN {
            compiled.retain(|_, state| *state == Compiled::Now);
        }
        compiled.insert(sha256.clone(), Compiled::Now);
        drop(compiled);
        // What cannot be compiled is said by the run.
        let job = Job { request: Request::Compile(sha256.clone()), body: &[], modules: std::slice::from_ref(module) };
        let asked = self.ask(&job);
        let mut compiled = lock(&self.compiled);
        match asked {
            Ok(Ok(_)) => compiled.insert(sha256, Compiled::Yes),
            _ => compiled.remove(&sha256),
        };
        self.made.notify_all();
        Ok(asked?.map(|_| ()))
    }

    /// One job for one worker. Inside, the worker's death by something that a guest can be at the bottom of.
    fn ask(&self, job: &Job<'_>) -> Result<Result<Vec<u8>, Death>, RunError> {
        let mut place = self.place()?;
        // A worker that others have used may be short of what a new one has.
        let mut used = place.worker.as_ref().is_some_and(|worker| worker.jobs > 0);
        loop {
            let mut worker = match place.worker.take() {
                Some(worker) => worker,
                None => Worker::start(&self.options).map_err(fault)?,
            };
            match job.on(&mut worker) {
                Ok(body) => {
                    place.worker = Some(worker).filter(|worker| worker.jobs < JOBS);
                    return Ok(Ok(body));
                }
                Err(Death::Memory | Death::Crash(_) | Death::Fault(_)) if used => used = false,
                Err(Death::Fault(text)) => return Err(RunError::Fault(text)),
                Err(death) => return Ok(Err(death)),
            }
        }
    }

    /// Waits until a worker may work.
    fn place(&self) -> Result<Place<'_>, RunError> {
        let mut state = lock(&self.state);
        if state.busy >= self.options.workers {
            if state.waiting >= self.options.queue {
                return Err(RunError::Busy);
            }
            state.waiting += 1;
            while state.busy >= self.options.workers {
                state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.waiting -= 1;
        }
        state.busy += 1;
        let worker = state.idle.pop();
        Ok(Place { pool: self, worker })
    }
}

impl Runner for Pool {
    fn run(&self, exchange: &Exchange, modules: &Modules, operator_limits: &Limits) -> Result<Report, RunError> {
        let mut all: Vec<Module> = Vec::new();
        for module in modules.iter() {
            if !all.iter().any(|known| known.sha256() == module.sha256()) {
                all.push(module.clone());
            }
        }
        // A worker alone compiles when it runs.
        if self.options.workers > 1 {
            for module in &all {
                if let Err(death) = self.compile(module)? {
                    return Ok(stopped(exchange, modules, &death));
                }
            }
        }
        let run = Run {
            exchange: exchange.clone(),
            modules: modules.iter().map(|module| module.sha256().to_owned()).collect(),
            limits: *operator_limits,
            trace: self.options.trace,
        };
        let job = Job { request: Request::Run(Box::new(run)), body: &[], modules: &all };
        match self.ask(&job)? {
            Ok(json) => serde_json::from_slice(&json).map_err(fault),
            Err(death) => Ok(stopped(exchange, modules, &death)),
        }
    }

    /// Makes its machine code, where there is a second worker for who runs meanwhile.
    fn make_ready(&self, module: &Module) {
        if self.options.workers > 1 {
            // What went wrong is said by the run that meets it.
            let _ = self.compile(module);
        }
    }
}

fn stopped(exchange: &Exchange, modules: &Modules, death: &Death) -> Report {
    let (limit, value) = death.limit();
    let hit = LimitHit { limit: limit.to_owned(), value, plugin: None, phase: None };
    Report::stopped(exchange, modules, hit)
}

/// A question with the modules that a worker may need for it.
struct Job<'a> {
    request: Request,
    body: &'a [u8],
    modules: &'a [Module],
}

impl Job<'_> {
    fn on(&self, worker: &mut Worker) -> Result<Vec<u8>, Death> {
        let mut asked = 0;
        loop {
            asked += 1;
            match worker.ask(&self.request, self.body)? {
                (Answer::Missing(wanted), _) => {
                    let given: Vec<&Module> =
                        self.modules.iter().filter(|module| wanted.iter().any(|one| one == module.sha256())).collect();
                    if given.len() < wanted.len() || asked > 2 {
                        return Err(Death::Crash("a worker asked for what is not its own".to_owned()));
                    }
                    for module in given {
                        worker.give(&Request::Module(module.sha256().to_owned()), module.bytes())?;
                    }
                }
                (Answer::Json | Answer::Done, body) => return Ok(body),
            }
        }
    }
}

/// The right to one worker, given back with the worker when it goes.
struct Place<'a> {
    pool: &'a Pool,
    worker: Option<Worker>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = lock(&self.pool.state);
        state.busy -= 1;
        state.idle.extend(self.worker.take());
        drop(state);
        self.pool.freed.notify_one();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fault(error: impl std::fmt::Display) -> RunError {
    RunError::Fault(format!("the sandbox failed: {error}"))
}
