//! A case: an exchange with its modules, from a file.

use std::path::{Path, PathBuf};
use std::{fs, io};

use marketplace_sandbox::exchange::{self, Format, ModuleRef};
use marketplace_sandbox::{Exchange, Limits, Module, Modules, Report};
use memchr::memmem;

/// An exchange with its modules.
#[derive(Debug, Clone)]
pub struct Case {
    /// Where it came from, and its name.
    pub name: String,
    /// What is asked.
    pub exchange: Exchange,
    /// In the order of the chain.
    pub modules: Vec<Module>,
    /// The same as files, for Envoy.
    pub files: Vec<PathBuf>,
}

impl Case {
    /// Reads one exchange. Paths of modules are relative to `folder`.
    ///
    /// # Errors
    /// What is wrong with the text or with a module, for people.
    pub fn read(name: &str, text: &[u8], format: Format, folder: &Path) -> Result<Self, String> {
        let reading = exchange::read(text, format, &Limits::default(), false);
        let Some(exchange) = reading.exchange else {
            let errors: Vec<String> =
                reading.errors.iter().map(|error| format!("{}: {}", error.field, error.message)).collect();
            return Err(format!("{name}: {}", errors.join("; ")));
        };
        let mut files = Vec::new();
        let mut modules = Vec::new();
        for plugin in &exchange.plugins {
            let ModuleRef::Path(path) = &plugin.module else {
                return Err(format!("{name}: only modules in files can be recorded"));
            };
            let path = folder.join(path);
            let module = fs::read(&path).map_err(|error| format!("{name}: {}: {error}", path.display()))?;
            modules.push(Module::new(module));
            files.push(path.canonicalize().unwrap_or(path));
        }
        let name = if exchange.name.is_empty() { name.to_owned() } else { format!("{name} ({})", exchange.name) };
        Ok(Self { name, exchange, modules, files })
    }

    /// Whether one of its modules can call a function of that name.
    #[must_use]
    pub fn may_call(&self, function: &str) -> bool {
        self.modules.iter().any(|module| memmem::find(module.bytes(), function.as_bytes()).is_some())
    }

    /// All cases of a file or folder: `.yaml`, `.yml`, `.json`, or `.jsonl` with one case a line.
    ///
    /// # Errors
    /// When a folder cannot be read. A bad case is an error of its own.
    pub fn find(path: &Path) -> io::Result<Vec<Result<Self, String>>> {
        let mut files = Vec::new();
        collect(path, &mut files)?;
        files.sort();
        let mut cases = Vec::new();
        for file in files {
            let folder = file.parent().unwrap_or(Path::new("."));
            let name = file.display().to_string();
            let text = fs::read(&file)?;
            match file.extension().and_then(|extension| extension.to_str()) {
                Some("jsonl") => {
                    let lines = text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty());
                    cases.extend(
                        lines.map(|(n, line)| Self::read(&format!("{name}:{}", n + 1), line, Format::Json, folder)),
                    );
                }
                Some("json") => cases.push(Self::read(&name, &text, Format::Json, folder)),
                _ => cases.push(Self::read(&name, &text, Format::Yaml, folder)),
            }
        }
        Ok(cases)
    }

    /// The sandbox's own answer.
    #[must_use]
    pub fn run(&self) -> Report {
        marketplace_sandbox::engine::run(&self.exchange, &Modules::new(self.modules.clone()), &Limits::default())
    }
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let path = entry?.path();
        let known =
            path.extension().and_then(|e| e.to_str()).is_some_and(|e| ["yaml", "yml", "json", "jsonl"].contains(&e));
        if path.is_dir() || known {
            collect(&path, files)?;
        }
    }
    Ok(())
}
