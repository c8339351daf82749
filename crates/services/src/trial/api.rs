//! Exchanges of programs: one in, one report out, and nothing kept.

use marketplace_domain::{Digest, PluginName, catalogue::Address};
use marketplace_sandbox::{
    Limits, Module, Modules, Report,
    exchange::{self, Format, ModuleRef, Wanted},
    report::{ErrorReport, InputError},
};
use serde::Serialize;

use crate::{Services, error::Result};

/// What a program asks for.
pub struct Asked<'a> {
    /// The exchange.
    pub bytes: &'a [u8],
    /// Whether it may be YAML.
    pub yaml: bool,
    /// Whether the report has a trace.
    pub trace: bool,
}

/// What it is answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Tried {
    /// The exchange ran.
    Report(Box<Report>),
    /// It could not be read, or its modules not be had.
    Bad(ErrorReport),
}

impl Services {
    /// Runs an exchange whose modules are ours: `sha256:<digest>`, or a plugin's name, `name` or `name@version`.
    pub async fn try_exchange(&self, asked: Asked<'_>, who: &str) -> Result<Tried> {
        self.rates.take(who)?;
        let format = if asked.yaml { Format::Yaml } else { Format::Json };
        let mut reading = exchange::read(asked.bytes, format, &Limits::default(), false);
        let mut modules = Vec::new();
        let mut missing = Vec::new();
        for wanted in &reading.wanted {
            match self.wanted_module(wanted).await? {
                Ok(module) => modules.push(module),
                Err(error) => missing.push(error),
            }
        }
        reading.add(missing);
        match reading.exchange.filter(|_| reading.errors.is_empty()) {
            Some(exchange) => {
                let mut report = self.run_once(exchange, Modules::new(modules)).await?;
                if !asked.trace {
                    report.trace = None;
                }
                Ok(Tried::Report(Box::new(report)))
            }
            None => Ok(Tried::Bad(ErrorReport::of_try(0, None, reading.name, reading.errors))),
        }
    }

    async fn wanted_module(&self, wanted: &Wanted) -> Result<std::result::Result<Module, InputError>> {
        let digest = match &wanted.module {
            ModuleRef::Store(digits) => digits.parse::<Digest>().ok(),
            ModuleRef::Path(name) => match self.module_of_plugin(name).await? {
                Some(Address::Hosted(digest)) => Some(digest),
                Some(Address::Url(url)) => {
                    let message = format!("the module of `{name}` is elsewhere ({url}), and nothing is fetched here");
                    return Ok(Err(wanted.problem("module_fetch", message)));
                }
                None => None,
            },
            ModuleRef::Url(_) => {
                let message = "nothing is fetched here; give `sha256:…` or the name of a plugin of the marketplace";
                return Ok(Err(wanted.problem("module_fetch", message)));
            }
            ModuleRef::Own => None,
        };
        let bytes = match digest {
            Some(digest) => self.catalogue().module(&digest).await?,
            None => None,
        };
        let Some(bytes) = bytes else {
            let message = "the marketplace has no such module; give `sha256:…` or the name of one of its plugins";
            return Ok(Err(wanted.problem("module_not_found", message)));
        };
        let module = Module::new(bytes);
        Ok(match wanted.sha256() {
            Some(digest) if digest != module.sha256() => {
                Err(wanted.problem("module_digest", format!("the module's digest is {}", module.sha256())))
            }
            _ => Ok(module),
        })
    }

    /// Where the module of `name` or `name@version` is.
    async fn module_of_plugin(&self, text: &str) -> Result<Option<Address>> {
        let (name, version) = text.split_once('@').map_or((text, None), |(name, version)| (name, Some(version)));
        let Ok(name) = name.parse::<PluginName>() else { return Ok(None) };
        Ok(self.catalogue().release(&name, version).await?.map(|release| release.address))
    }
}
