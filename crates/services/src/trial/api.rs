//! Exchanges and modules of programs: one in, one report out, and nothing kept.

use bytes::Bytes;
use marketplace_domain::Lang;
use marketplace_sandbox::{
    Limits, Module, Modules, Report, RunError,
    exchange::{self, Format, ModuleRef, Wanted},
    report::{CheckReport, ErrorReport, InputError},
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Services,
    error::{Result, ServiceError},
};

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
    /// Runs an exchange whose modules are those of the marketplace: `sha256:<digest>`, or a plugin's name, `name` or
    /// `name@version`.
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
        let module = match self.module_named(&wanted.module).await? {
            Ok(module) => module,
            Err((code, message)) => return Ok(Err(wanted.problem(code, message))),
        };
        Ok(match wanted.sha256() {
            Some(digest) if digest != module.sha256() => {
                Err(wanted.problem("module_digest", format!("the module's digest is {}", module.sha256())))
            }
            _ => Ok(module),
        })
    }

    /// What is in a module, as the command line says it. Nothing is run.
    pub async fn check_for_program(&self, asked: ToCheck<'_>, who: &str) -> Result<Checked> {
        self.rates.take(who)?;
        let found = match asked {
            ToCheck::Bytes(bytes) => Ok(bytes),
            ToCheck::Named(body) => match named(body) {
                Ok(name) => match self.module_named(&reference(name)).await? {
                    Ok(module) => Ok(module.into_bytes()),
                    Err((code, message)) => Err(problem(code, "module", message)),
                },
                Err(error) => Err(error),
            },
        };
        let bytes = match found {
            Ok(bytes) => bytes,
            Err(error) => return Ok(Checked::bad(error)),
        };
        let checker = self.parts.checker.clone();
        let checked = tokio::task::spawn_blocking(move || checker.check(&bytes)).await;
        match checked.map_err(|error| ServiceError::Internal(error.to_string()))? {
            Ok(checked) => Ok(Checked::Report(Box::new(checked.report(Lang::En)))),
            Err(RunError::Busy) => Err(ServiceError::Busy { seconds: 5 }),
            Err(RunError::Fault(words)) => Err(ServiceError::Internal(words)),
        }
    }
}

/// What a program wants to know about.
pub enum ToCheck<'a> {
    /// This module.
    Bytes(Bytes),
    /// The one that this JSON names: `{"module": "…"}`.
    Named(&'a [u8]),
}

/// What it is answered.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub enum Checked {
    /// What is in the module.
    Report(Box<CheckReport>),
    /// There is no such module.
    Bad(ErrorReport),
}

impl Checked {
    /// A module of more than so many bytes, which nobody reads.
    pub fn too_large(most: usize) -> Self {
        Self::bad(problem("module_too_large", "", format!("a module has at most {most} bytes")))
    }

    fn bad(error: InputError) -> Self {
        Self::Bad(ErrorReport::of_check(None, vec![error]))
    }
}

fn problem(code: &str, field: &str, message: impl Into<String>) -> InputError {
    InputError { code: code.to_owned(), field: field.to_owned(), message: message.into(), line: None, column: None }
}

/// A name as in an exchange.
fn reference(name: String) -> ModuleRef {
    match name.strip_prefix("sha256:") {
        Some(digits) => ModuleRef::Store(digits.to_owned()),
        None if name == "self" => ModuleRef::Own,
        None if name.contains("://") => ModuleRef::Url(name),
        None => ModuleRef::Path(name),
    }
}

/// The one field of the body.
fn named(body: &[u8]) -> std::result::Result<String, InputError> {
    let value: Value = serde_json::from_slice(body).map_err(|error| InputError {
        line: u32::try_from(error.line()).ok(),
        column: u32::try_from(error.column()).ok(),
        ..problem("syntax", "", error.to_string())
    })?;
    let Value::Object(fields) = value else { return Err(problem("wrong_type", "", "an object is needed")) };
    if let Some(field) = fields.keys().find(|field| *field != "module") {
        return Err(problem("unknown_field", field, format!("unknown field `{field}`; the only one is `module`")));
    }
    match fields.get("module") {
        Some(Value::String(name)) => Ok(name.clone()),
        Some(_) => Err(problem("wrong_type", "module", "`module` is a string")),
        None => Err(problem("missing_field", "module", "`module` is missing")),
    }
}
