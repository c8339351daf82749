//! Trying a plugin: an exchange is run through the plugins that a proxy would run, in the sandbox, and what came of it is
//! kept under an address for a while. Nothing reaches the cluster.

mod api;
pub mod cast;
pub mod chain;
pub mod fields;
mod message;
mod rate;
mod report;
pub mod samples;

use std::sync::Arc;

use chrono::Duration;
use marketplace_catalogue::{CatalogueError, RUN_LIMIT, RunsKept, StoredRun};
use marketplace_domain::{
    Problem, Reason,
    draft::Draft,
    views::{
        apply::ApplyTarget,
        run::{KEPT_BYTES, KEPT_DAYS, KEPT_RUNS, RunView},
    },
};
use marketplace_sandbox::{
    Exchange, Limits, Modules, Report, RunError, Runner,
    exchange::{self, ModuleRef},
    modules,
};
use serde_json::Value;
use uuid::Uuid;

pub use api::{Asked, Checked, ToCheck, Tried};
pub use rate::Rates;
use report::About;

use crate::{
    Services, apply,
    error::{Result, ServiceError},
};

/// Calls of the trace that are kept at most.
const KEPT_CALLS: usize = 10_000;
/// Room in a kept run for what is not its report.
const ROOM: usize = 1024 * 1024;

/// Carries out runs.
pub type AnyRunner = Arc<dyn Runner + Send + Sync>;

impl Services {
    /// Runs the exchange that is typed, and keeps what came of it; where. What was typed is kept when something is wrong.
    pub async fn try_apply(&self, target: &ApplyTarget, draft: &Draft, kept: Option<Uuid>, who: &str) -> Result<Uuid> {
        self.rates.take(who)?;
        let mut cast = apply::cast(self, target, draft).await?;
        let trial = cast.trial();
        if trial.exchange.is_none() {
            return Err(self.keep_draft(apply::KIND, draft, kept, trial.problems).await);
        }
        // Nobody could find these out again by looking at the draft.
        let remember = async |problems| Err(self.keep_refused(draft.clone(), kept, problems).await);
        let modules = match self.gather(&mut cast).await? {
            Ok(modules) => modules,
            Err(problem) => return remember(vec![problem]).await,
        };
        // Once more: only now is it known who runs, and with which digest.
        let trial = cast.trial();
        let (Some(exchange), Some(document)) = (trial.exchange, trial.document) else {
            return Err(self.keep_draft(apply::KIND, draft, kept, trial.problems).await);
        };
        let (mut report, alone) = self.run_compared(exchange, modules).await?;
        let about = About {
            target: target.clone(),
            form: draft.clone(),
            this: trial.this,
            left_out: trial.left_out,
            unknown_env: trial.unknown_env,
            alone_upstream: alone.upstream,
            alone_client: alone.client,
            calls: report.trace.as_ref().map_or(0, Vec::len),
        };
        let run = StoredRun {
            who: who.to_owned(),
            about: json(&about)?,
            exchange: json(&document)?,
            report: fitting(&mut report)?,
        };
        let id = Uuid::new_v4();
        match self.catalogue().put_run(id, &run).await {
            Ok(()) => Ok(id),
            Err(CatalogueError::TooLarge(most)) => {
                let most = u32::try_from(most).unwrap_or(u32::MAX);
                remember(vec![Problem::at("", Reason::RunTooLarge(most))]).await
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Runs an exchange, and once more without its plugins: the difference is what they did.
    async fn run_compared(&self, exchange: Exchange, modules: Modules) -> Result<(Report, Report)> {
        let idle = modules::idle();
        let mut bare = Exchange { before: Vec::new(), warnings: Vec::new(), ..exchange.clone() };
        bare.plugins.truncate(1);
        for plugin in &mut bare.plugins {
            plugin.module = ModuleRef::Store(idle.sha256().to_owned());
            plugin.sha256 = None;
            plugin.config = Vec::new();
            plugin.env = Vec::new();
        }
        let report = self.run_once(exchange, modules).await?;
        let alone = self.run_once(bare, Modules::new(vec![idle])).await?;
        Ok((report, alone))
    }

    async fn run_once(&self, exchange: Exchange, modules: Modules) -> Result<Report> {
        let runner = self.parts.runner.clone();
        let run = move || runner.run(&exchange, &modules, &Limits::default());
        match tokio::task::spawn_blocking(run).await {
            Ok(Ok(report)) => Ok(report),
            // A run takes a second or so; that many wait already.
            Ok(Err(RunError::Busy)) => Err(ServiceError::Busy { seconds: 5 }),
            Ok(Err(RunError::Fault(words))) => Err(ServiceError::Internal(words)),
            Err(error) => Err(ServiceError::Internal(error.to_string())),
        }
    }

    /// A run that is kept, with a page of its trace.
    pub async fn run_view(&self, id: Uuid, page: usize) -> Result<RunView> {
        let (created, run) = self.catalogue().run(id).await?.ok_or(ServiceError::NotFound)?;
        let (about, report) = (parsed::<About>(&run.about)?, parsed::<Report>(&run.report)?);
        Ok(report::view(id, created, run.who, about, report, page))
    }

    /// The exchange of a run that is kept, or its report, in the form of the command line.
    pub async fn run_file(&self, id: Uuid, report: bool) -> Result<String> {
        let (_, run) = self.catalogue().run(id).await?.ok_or(ServiceError::NotFound)?;
        Ok(if report { run.report } else { run.exchange })
    }

    /// What was typed for a run, to be typed on; `None` when the run is not kept or was about something else.
    pub(crate) async fn typed_for(&self, run: Uuid, target: &ApplyTarget) -> Result<Option<Draft>> {
        let Some((_, run)) = self.catalogue().run(run).await? else { return Ok(None) };
        let about = parsed::<About>(&run.about)?;
        Ok((about.target == *target).then_some(about.form))
    }

    /// Forgets runs beyond what is kept.
    pub(crate) async fn purge_runs(&self) {
        let kept = RunsKept { age: Duration::days(KEPT_DAYS), runs: KEPT_RUNS, bytes: KEPT_BYTES };
        if let Err(error) = self.parts.catalogue.purge_runs(kept).await {
            tracing::warn!(%error, "old runs could not be forgotten");
        }
    }
}

fn json(value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value).map_err(|error| ServiceError::Internal(error.to_string()))
}

fn parsed<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| ServiceError::Internal(format!("a kept run cannot be read: {error}")))
}

/// The report as text, its trace cut where it would not fit.
fn fitting(report: &mut Report) -> Result<String> {
    let mut most = KEPT_CALLS;
    loop {
        if let Some(trace) = &mut report.trace {
            trace.truncate(most);
        }
        let text = json(report)?;
        if text.len() + ROOM <= RUN_LIMIT || most == 0 {
            return Ok(text);
        }
        most /= 10;
    }
}

/// Whether a text is an exchange that a plugin can bring as a sample.
pub fn check_sample(exchange: &Value) -> std::result::Result<(), String> {
    let reading = exchange::read_value(exchange, &Limits::default(), true);
    if !reading.wanted.iter().any(|wanted| wanted.module == ModuleRef::Own) {
        return Err("a sample without this plugin (module = \"self\")".to_owned());
    }
    let first = reading.errors.first();
    first.map_or(Ok(()), |error| Err(format!("a sample: {}: {}", error.field, error.message)))
}
