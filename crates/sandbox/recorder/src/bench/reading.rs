//! From Envoy's log of a case to the parts of its answer.

use marketplace_sandbox::report::{Outcome, Stage};

use super::all_loaded;
use crate::answer::{Answer, Exchanged, Loaded};
use crate::case::Case;
use crate::log::{self, Prefixes, Record};

/// What is needed to read the log of a case.
pub(super) struct Reading<'a> {
    case: &'a Case,
    prefixes: Prefixes,
}

impl<'a> Reading<'a> {
    pub(super) fn new(case: &'a Case, vm_ids: &[String]) -> Self {
        let plugins: Vec<(&str, &str, &str)> = case
            .exchange
            .plugins
            .iter()
            .zip(vm_ids)
            .map(|(plugin, vm_id)| (plugin.name.as_str(), plugin.root_id.as_str(), vm_id.as_str()))
            .collect();
        Self { case, prefixes: Prefixes::new(&plugins) }
    }

    /// The listener was refused: by the VM that is started on trial, in the main thread.
    pub(super) fn refused(&self, log: &[u8]) -> Answer {
        let records = log::records(log);
        let main = records.iter().find(|record| record.text.contains("config rejected")).map(|record| record.thread);
        let lines: Vec<&Record> = records.iter().filter(|record| Some(record.thread) == main).collect();
        let plugins = &self.case.exchange.plugins;
        let failed = lines.iter().find_map(|record| {
            let name = record.text.strip_prefix("Plugin ")?.strip_suffix(" failed to load")?;
            plugins.iter().position(|plugin| plugin.name == name)
        });
        let failed = failed.unwrap_or(0);
        // Earlier plugins of the chain have been through all of it, so what counts is the last refusal's.
        let error = lines.iter().find(|record| {
            record.logger == "wasm"
                && ["error", "critical"].contains(&record.level.as_str())
                && !record.text.starts_with("wasm log")
        });
        let text = error
            .map(|record| record.text.lines().next().unwrap_or_default())
            .map(|text| text.strip_prefix("Wasm VM failed ").unwrap_or(text).to_owned())
            .filter(|text| !text.starts_with("Plugin "));
        let stage = stage(text.as_deref());
        let loaded = |n: usize| {
            let accepted = if n < failed { Some(true) } else { (n == failed).then_some(false) };
            let refused = n == failed;
            Loaded { accepted, stage: stage.filter(|_| refused), text: text.clone().filter(|_| refused) }
        };
        Answer {
            outcome: Outcome::Refused,
            load: (0..plugins.len()).map(loaded).collect(),
            exchanges: Vec::new(),
            logs: lines.iter().filter_map(|record| self.prefixes.line(record)).collect(),
            traps: lines.iter().filter_map(|record| log::trap(record)).collect(),
            metrics: Vec::new(),
            trace: None,
        }
    }

    /// All went on in the worker's VM: `start` is the log while it started, `log` from the first exchange on.
    pub(super) fn exchanged(&self, start: &[u8], log: &[u8], trace: bool, exchanges: Vec<Exchanged>) -> Answer {
        let (start, log) = (log::records(start), log::records(log));
        // The main thread is the first to start one.
        let main = start.iter().find(|record| record.logger == "wasm").map(|record| record.thread);
        let of_worker = |record: &&Record| Some(record.thread) != main;
        let worker: Vec<Record> = log.iter().filter(of_worker).cloned().collect();
        let lines = start.iter().filter(of_worker).chain(&worker);
        Answer {
            outcome: exchanges.last().map_or(Outcome::Hung, |exchanged| exchanged.outcome),
            load: all_loaded(self.case),
            exchanges,
            logs: lines.filter_map(|record| self.prefixes.line(record)).collect(),
            traps: start.iter().filter(of_worker).chain(&worker).filter_map(log::trap).collect(),
            metrics: Vec::new(),
            trace: trace.then(|| log::calls(&worker)),
        }
    }
}

fn stage(text: Option<&str>) -> Option<Stage> {
    const FUNCTIONS: [(&str, Stage); 7] = [
        ("Function: _start failed", Stage::Start),
        ("Function: _initialize failed", Stage::Start),
        ("Function: main failed", Stage::Start),
        ("Function: __main_void failed", Stage::Start),
        // A trap there refuses nothing, but what is called next in the dead VM does.
        ("Function: proxy_on_context_create failed", Stage::VmStart),
        ("Function: proxy_on_vm_start failed", Stage::VmStart),
        ("Function: proxy_on_configure failed", Stage::Configure),
    ];
    const TEXTS: [(&str, Stage); 11] = [
        ("Failed to parse corrupted", Stage::Header),
        ("Missing or unknown Proxy-Wasm ABI", Stage::Abi),
        ("Failed to load Wasm bytecode", Stage::Compile),
        ("Failed to load Wasm module due to", Stage::Imports),
        ("Failed to create new Wasm instance", Stage::Instantiate),
        ("Wasm module is missing malloc", Stage::Allocator),
        ("Bad function signature", Stage::Exports),
        ("Failed to start base Wasm", Stage::VmStart),
        ("Failed to configure base Wasm", Stage::Configure),
        ("Failed to start thread-local Wasm", Stage::VmStart),
        ("Failed to configure thread-local Wasm", Stage::Configure),
    ];
    let Some(text) = text else { return Some(Stage::Header) };
    FUNCTIONS.iter().chain(&TEXTS).find(|(words, _)| text.starts_with(words)).map(|(_, stage)| *stage)
}
