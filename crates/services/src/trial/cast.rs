//! Who takes part in a run: the plugins of the proxy with what was typed, and their modules.

use std::time::Duration;

use marketplace_domain::{Namespace, Problem, Reason, draft::Draft, fetch::FetchProblem, views::trial::LeftOut};
use marketplace_sandbox::{Exchange, Limits, Module, Modules};
use serde_json::Value;

use super::{chain::Member, fields};
use crate::{
    Services,
    error::Result,
    modules::{Missing, Place},
};

/// Somebody waits for the page, and the run itself takes its time as well.
const PATIENCE: Duration = Duration::from_secs(15);

/// The field of what is wrong with getting at the module.
pub const MODULE: &str = "try.module";

/// What was typed, for these plugins of the proxy.
pub struct Cast {
    /// What was typed.
    pub draft: Draft,
    /// The plugins of the proxy, in the order of a request.
    pub members: Vec<Member>,
    /// The address of the module that is tried, as the resource says it.
    pub url: String,
    /// The pull secret of the plugin that is tried: namespace and name.
    pub secret: Option<(Namespace, String)>,
    /// Environment variables that only the proxy's container knows.
    pub unknown_env: Vec<String>,
    /// What is wrong with the configuration: then nobody knows what the plugin would be given.
    pub configuration: Vec<Problem>,
}

/// All that a run needs, as far as nothing is wrong.
pub struct Trial {
    /// The exchange; `None` when something is wrong.
    pub exchange: Option<Exchange>,
    /// The same as a document.
    pub document: Option<Value>,
    /// The place of the plugin that is tried.
    pub this: usize,
    /// Plugins of the proxy that are left out.
    pub left_out: Vec<(String, LeftOut)>,
    /// Environment variables that only the proxy's container knows.
    pub unknown_env: Vec<String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

impl Cast {
    /// Reads what is typed.
    pub fn trial(&self) -> Trial {
        let running: Vec<&Member> = self.members.iter().filter(|member| member.left_out.is_none()).collect();
        let plugins = running.iter().map(|member| member.value()).collect();
        let (reading, document, mut problems) = fields::read(&self.draft, plugins, &Limits::default());
        if running.iter().any(|member| member.place.is_none()) {
            problems.push(Problem::at(MODULE, Reason::ModuleElsewhere(self.url.clone())));
        }
        problems.extend(self.configuration.iter().cloned());
        Trial {
            exchange: reading.exchange.filter(|_| problems.is_empty()),
            document,
            this: running.iter().position(|member| member.this).unwrap_or_default(),
            left_out: self.members.iter().filter_map(|member| Some((member.name.clone(), member.left_out?))).collect(),
            unknown_env: self.unknown_env.clone(),
            problems,
        }
    }
}

impl Services {
    /// The modules of all that take part, fetched where they lie elsewhere. Other plugins whose modules are not to be had
    /// are left out; inside, why that of the tried one is not.
    pub(crate) async fn gather(&self, cast: &mut Cast) -> Result<std::result::Result<Modules, Problem>> {
        let secret = match self.login(cast).await {
            Ok(secret) => secret,
            Err(reason) => return Ok(Err(Problem::at(MODULE, reason))),
        };
        let until = tokio::time::Instant::now() + PATIENCE;
        let mut modules = Vec::new();
        // The tried one first: without it there is no run, and nobody's time is to be spent on the others.
        let (this, others): (Vec<_>, Vec<_>) = (0..cast.members.len()).partition(|place| cast.members[*place].this);
        for number in this.into_iter().chain(others) {
            let member = &cast.members[number];
            let Some(place) = member.place.clone().filter(|_| member.left_out.is_none()) else { continue };
            let login = secret.as_deref().filter(|_| member.this);
            let found = match tokio::time::timeout_at(until, self.module_at(&place, login)).await {
                Ok(found) => found?,
                Err(_) => Err(Missing::NotFetched(FetchProblem::TimedOut { seconds: PATIENCE.as_secs() })),
            };
            let member = &mut cast.members[number];
            match found {
                Ok(module) => {
                    member.found = Some(module.sha256().to_owned());
                    modules.push((number, module));
                }
                Err(missing) if member.this => {
                    let reason = match missing {
                        Missing::Gone => Reason::ModuleElsewhere(cast.url.clone()),
                        Missing::NotFetched(problem) => Reason::ModuleNotFetched(problem),
                    };
                    return Ok(Err(Problem::at(MODULE, reason)));
                }
                Err(_) => member.left_out = Some(LeftOut::NotFetched),
            }
        }
        modules.sort_by_key(|(number, _)| *number);
        Ok(Ok(Modules::new(modules.into_iter().map(|(_, module): (usize, Module)| module).collect())))
    }

    /// The login that the tried plugin's pull secret holds, where it has one and its module is an image elsewhere.
    async fn login(&self, cast: &Cast) -> std::result::Result<Option<String>, Reason> {
        let image = cast
            .members
            .iter()
            .any(|member| matches!(&member.place, Some(Place::Elsewhere { url, .. }) if member.this && url.is_image()));
        let Some((namespace, typed)) = cast.secret.as_ref().filter(|_| image) else { return Ok(None) };
        let name = typed.parse().map_err(|_| Reason::SecretMalformed)?;
        let secret = self.cluster().pull_secret(namespace, &name).await;
        secret.map(Some).map_err(|why| Reason::PullSecret { name: typed.clone(), why })
    }
}
