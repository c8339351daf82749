//! Looking: fetch, check, keep.

use std::time::Duration;

use chrono::Utc;
use marketplace_catalogue::{ModuleCheck, Probe, Probed};
use marketplace_domain::{
    Digest, ModuleUrl,
    catalogue::Address,
    fetch::{FetchProblem, Layout},
    verdict::Refusal,
    views::verdict::{ModuleView, Source},
};
use marketplace_registry::{Fetched, Order};
use marketplace_sandbox::{
    check::Checked,
    report::{Stage, Verdict},
};

use super::{bytes::digested, checker, view};
use crate::{
    Change, Services,
    error::{Result, ServiceError},
};

/// For so long the answer to one keystroke is good for the next.
const FRESH: Duration = Duration::from_secs(60);

impl Services {
    /// What is known of a release's module. Looks nowhere else than into the catalogue.
    pub(crate) async fn module_view(&self, address: &Address, pin: Option<&Digest>) -> Result<ModuleView> {
        let (source, module) = match self.own(address) {
            Some(digest) => (Source::Hosted, Some(digest)),
            None => match address {
                Address::Url(url) => view::source(self.catalogue().probe(url, pin).await?),
                Address::Hosted(_) => (Source::NotYet, None),
            },
        };
        let check = match module {
            Some(module) => self.catalogue().check(&module).await?,
            None => None,
        };
        Ok(view::module(source, check.as_ref()))
    }

    /// Looks at what is behind an address that somebody types, unless that was done a moment ago. `None` for what is no
    /// address, which the form says itself.
    pub async fn look(&self, url: &str, sha256: &str, again: bool) -> Result<Option<ModuleView>> {
        let Ok(url) = url.parse::<ModuleUrl>() else { return Ok(None) };
        let pin = match sha256.trim() {
            "" => url.image_digest(),
            typed => match typed.parse() {
                Ok(digest) => Some(digest),
                Err(_) => return Ok(None),
            },
        };
        let address = Address::Url(url.clone());
        let known = self.module_view(&address, pin.as_ref()).await?;
        if self.own(&address).is_some() && known.checked.is_some() || !again && is_fresh(&known) {
            return Ok(Some(known));
        }
        let Ok(_permit) = self.looking.fetches.try_acquire() else {
            let source = Source::Failed { problem: FetchProblem::Busy, at: Utc::now().timestamp() };
            return Ok(Some(view::module(source, None)));
        };
        self.look_at(&address, pin.as_ref()).await?;
        Ok(Some(self.module_view(&address, pin.as_ref()).await?))
    }

    /// Looks now, for a person who asked for it.
    pub(crate) async fn look_again_at(&self, address: &Address, pin: Option<&Digest>) -> Result<()> {
        // Too many at once: what was known stays, and can be asked for again.
        let Ok(_permit) = self.looking.fetches.try_acquire() else { return Ok(()) };
        self.look_at(address, pin).await?;
        let _ = self.changes.send(Change::Catalogue);
        Ok(())
    }

    /// Fetches and checks a module, and keeps what came of it.
    pub(super) async fn look_at(&self, address: &Address, pin: Option<&Digest>) -> Result<()> {
        // An address of ours without a module behind it is asked for like any other.
        if let Some(digest) = self.own(address)
            && let Some(bytes) = self.catalogue().module(&digest).await?
        {
            let check = self.check_module(bytes).await?;
            if let Address::Url(url) = address {
                let found =
                    Probed { digest: check.sha256.clone(), module: check.sha256, layout: Layout::Hosted, took_ms: 0 };
                self.keep_probe(url, pin, Ok(found)).await?;
            }
            return Ok(());
        }
        let Address::Url(url) = address else { return Ok(()) };
        let outcome = match self.fetched(url, pin).await {
            Ok(Fetched { bytes, digest, layout, took }) => {
                let check = self.check_module(bytes).await?;
                let took_ms = u32::try_from(took.as_millis()).unwrap_or(u32::MAX);
                Ok(Probed { module: check.sha256, digest, layout, took_ms })
            }
            Err(problem) => Err(problem),
        };
        self.keep_probe(url, pin, outcome).await
    }

    async fn keep_probe(
        &self,
        url: &ModuleUrl,
        pin: Option<&Digest>,
        outcome: std::result::Result<Probed, FetchProblem>,
    ) -> Result<()> {
        let probe = Probe { url: url.clone(), pin: pin.cloned(), outcome, at: Utc::now() };
        Ok(self.catalogue().put_probe(&probe).await?)
    }

    async fn fetched(&self, url: &ModuleUrl, pin: Option<&Digest>) -> std::result::Result<Fetched, FetchProblem> {
        // Which secret a cluster has for it is the cluster's own business: we neither know nor keep passwords.
        self.parts.fetcher.fetch(Order { url, sha256: pin, secret: None }).await
    }

    /// The answer about a module, made now unless this checker has made it before.
    pub(super) async fn check_module(&self, bytes: Vec<u8>) -> Result<ModuleCheck> {
        let module = digested(bytes).await?;
        let sha256: Digest = module.sha256().parse().map_err(internal)?;
        if let Some(known) = self.catalogue().check(&sha256).await?.filter(|known| known.checker == checker()) {
            return Ok(known);
        }
        let looker = self.parts.checker.clone();
        let looked_at = module.clone();
        let checked = tokio::task::spawn_blocking(move || looker.check(looked_at.bytes())).await.map_err(internal)?;
        let checked =
            checked.map_err(|error| ServiceError::Internal(format!("a module could not be checked: {error:?}")))?;
        let check = ModuleCheck {
            sha256,
            checker: checker(),
            refusal: refusal(&checked),
            settled: checked.is_settled(),
            report: serde_json::to_value(&checked).map_err(internal)?,
            at: Utc::now(),
        };
        self.catalogue().put_check(&check).await?;
        if check.refusal.is_none() {
            self.looking.readying.add(&self.parts.runner, module);
        }
        Ok(check)
    }

    /// The digest of a module that we serve, by its release or by the address under which proxies reach it.
    pub(super) fn own(&self, address: &Address) -> Option<Digest> {
        match address {
            Address::Hosted(digest) => Some(digest.clone()),
            Address::Url(url) => {
                let base = format!("{}/modules/", self.parts.module_base_url.trim_end_matches('/'));
                url.as_str().strip_prefix(&base)?.strip_suffix(".wasm")?.parse().ok()
            }
        }
    }
}

fn is_fresh(known: &ModuleView) -> bool {
    match known.source {
        Source::Fetched { at, .. } | Source::Failed { at, .. } => {
            Utc::now().timestamp() - at < FRESH.as_secs().cast_signed()
        }
        Source::NotYet | Source::Hosted => false,
    }
}

/// Where Envoy refuses a module, if it does.
fn refusal(checked: &Checked) -> Option<Refusal> {
    match (checked.verdict(), checked.stage()) {
        (Verdict::Loads, _) => None,
        (Verdict::NotWasm, _) | (_, None | Some(Stage::Header)) => Some(Refusal::Header),
        (_, Some(Stage::Abi)) => Some(Refusal::Abi),
        (_, Some(Stage::Compile)) => Some(Refusal::Compile),
        (_, Some(Stage::Imports)) => Some(Refusal::Imports),
        (_, Some(Stage::Allocator)) => Some(Refusal::Allocator),
        (_, Some(Stage::Exports)) => Some(Refusal::Exports),
        (_, Some(Stage::Instantiate | Stage::Start | Stage::VmStart | Stage::Configure)) => Some(Refusal::Instantiate),
    }
}

fn internal(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(error.to_string())
}
