//! Envoy's log, cut into records and read: lines of plugins, traps, calls between proxy and module.

use marketplace_sandbox::exchange::Level;

use crate::answer::{self, Line};
use crate::normal;

/// How Envoy writes a record; a text may have line ends of its own.
pub(crate) const FORMAT: &str = "\u{1e}%l\u{1f}%n\u{1f}%t\u{1f}%v";

/// One record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) level: String,
    pub(crate) logger: String,
    pub(crate) thread: u64,
    pub(crate) text: String,
}

/// All whole records of a piece of the log.
pub(crate) fn records(log: &[u8]) -> Vec<Record> {
    log.split(|byte| *byte == 0x1e)
        .filter_map(|record| {
            let record = String::from_utf8_lossy(record);
            let record = record.strip_suffix('\n').unwrap_or(&record);
            let mut parts = record.splitn(4, '\u{1f}');
            let (level, logger, thread) = (parts.next()?, parts.next()?, parts.next()?);
            Some(Record {
                level: level.to_owned(),
                logger: logger.to_owned(),
                thread: thread.parse().ok()?,
                text: parts.next()?.to_owned(),
            })
        })
        .collect()
}

/// How a plugin's lines begin, in its streams and elsewhere.
pub(crate) struct Prefixes {
    /// With the plugin's place in the chain.
    known: Vec<(String, Option<usize>)>,
}

impl Prefixes {
    /// `plugins`: name, root id and VM id of each.
    pub(crate) fn new(plugins: &[(&str, &str, &str)]) -> Self {
        let mut known: Vec<(String, Option<usize>)> = Vec::new();
        for (n, (name, root, vm)) in plugins.iter().enumerate() {
            for parts in [&[*name, *root, *vm][..], &[*root, *vm]] {
                let words: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
                let prefix = format!("wasm log {}: ", words.join(" "));
                match known.iter_mut().find(|(other, _)| *other == prefix) {
                    Some((_, plugin)) => *plugin = plugin.filter(|plugin| *plugin == n),
                    None => known.push((prefix, Some(n))),
                }
            }
        }
        // Start functions know no plugin yet.
        known.push(("wasm log: ".to_owned(), (plugins.len() == 1).then_some(0)));
        Self { known }
    }

    /// The line of a plugin, if that is what the record is.
    pub(crate) fn line(&self, record: &Record) -> Option<Line> {
        if record.logger != "wasm" {
            return None;
        }
        let level = match record.level.as_str() {
            "warning" => Level::Warn,
            word => Level::ALL.into_iter().find(|level| level.word() == word)?,
        };
        let text_behind = |(prefix, plugin): &(String, Option<usize>)| {
            // A text that is empty: the blank behind the colon may be gone.
            let text = record.text.strip_prefix(prefix.as_str());
            let text = text.or_else(|| (record.text == prefix.trim_end()).then_some(""));
            text.map(|text| (text.to_owned(), *plugin))
        };
        let (text, plugin) = self.known.iter().find_map(text_behind)?;
        Some(Line { plugin, level, text: normal::text(&text) })
    }
}

/// Function and text of a trap.
pub(crate) fn trap(record: &Record) -> Option<(String, String)> {
    let text = record.text.strip_prefix("Function: ").filter(|_| record.logger == "wasm")?;
    let (function, rest) = text.split_once(" failed: ")?;
    Some((function.to_owned(), rest.lines().next().unwrap_or_default().to_owned()))
}

/// The calls, one string each as the answer writes them, without the allocator's and those of VMs that go away.
pub(crate) fn calls(records: &[Record]) -> Vec<String> {
    struct Open {
        at: Option<usize>,
        name: String,
    }
    let mut calls: Vec<(char, String, Vec<i128>, Option<i128>)> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for record in records.iter().filter(|record| record.logger == "wasm") {
        if let Some((function, _)) = trap(record) {
            while open.pop().is_some_and(|inner| inner.name != function) {}
            continue;
        }
        let (arrow, call) = match (record.text.strip_prefix("[host->vm] "), record.text.strip_prefix("[vm->host] ")) {
            (Some(call), _) => ('>', call),
            (_, Some(call)) => ('<', call),
            _ => {
                returned(&record.text, &mut calls, &mut open, |open| (open.name.clone(), open.at));
                continue;
            }
        };
        let Some((name, args)) = call.split_once('(') else { continue };
        let args: Vec<i128> = args.trim_end_matches(')').split(", ").filter_map(|arg| arg.parse().ok()).collect();
        let hidden = ["malloc", "proxy_on_memory_allocate"].contains(&name) && arrow == '>'
            || open.last().is_some_and(|outer| outer.at.is_none())
            || is_farewell(arrow, name, &args);
        let at = (!hidden).then_some(calls.len());
        if !hidden {
            calls.push((arrow, name.to_owned(), args, None));
        }
        open.push(Open { at, name: name.to_owned() });
    }
    // A plugin that is made anew starts before the first stream; what is compared begins with that.
    let first = calls.iter().position(|(arrow, name, args, _)| *arrow == '>' && !is_start(name, args));
    let calls = calls.into_iter().skip(first.unwrap_or(usize::MAX));
    calls.map(|(arrow, name, args, ret)| answer::call(arrow, &name, &args, ret)).collect()
}

/// Of a VM or a root context.
fn is_start(name: &str, args: &[i128]) -> bool {
    const STARTS: [&str; 6] =
        ["_initialize", "_start", "main", "__main_void", "proxy_on_vm_start", "proxy_on_configure"];
    STARTS.contains(&name) || name == "proxy_on_context_create" && args.get(1) == Some(&0)
}

/// The end of a root context: of a VM that is shut down.
fn is_farewell(arrow: char, name: &str, args: &[i128]) -> bool {
    arrow == '>' && ["proxy_on_done", "proxy_on_log", "proxy_on_delete"].contains(&name) && args == [1]
}

fn returned<T>(
    text: &str,
    calls: &mut [(char, String, Vec<i128>, Option<i128>)],
    open: &mut Vec<T>,
    of: impl Fn(&T) -> (String, Option<usize>),
) {
    let Some(rest) = text.strip_prefix("[host<-vm] ").or_else(|| text.strip_prefix("[vm<-host] ")) else { return };
    let Some((name, value)) = rest.split_once(" return: ") else { return };
    while let Some(inner) = open.pop() {
        let (inner, at) = of(&inner);
        if inner == name {
            if let Some(call) = at.and_then(|at| calls.get_mut(at)) {
                call.3 = value.parse().ok();
            }
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(lines: &[&str]) -> Vec<Record> {
        let text: String = lines.iter().map(|line| format!("\u{1e}trace\u{1f}wasm\u{1f}7\u{1f}{line}\n")).collect();
        records(text.as_bytes())
    }

    #[test]
    fn a_text_may_have_lines() {
        let records = log(&["wasm log a r v: one\ntwo", "wasm log r v:"]);
        let prefixes = Prefixes::new(&[("a", "r", "v")]);
        let lines: Vec<_> = records.iter().filter_map(|record| prefixes.line(record)).collect();
        assert_eq!(lines[0], Line { plugin: Some(0), level: Level::Trace, text: "one\ntwo".to_owned() });
        assert_eq!(lines[1].text, "");
    }

    #[test]
    fn calls_nest_and_the_allocator_is_left_out() {
        let records = log(&[
            "[host->vm] proxy_on_context_create(1, 0)",
            "[host<-vm] proxy_on_context_create return: void",
            "[host->vm] proxy_on_request_headers(2, 8, 1)",
            "[vm->host] env.proxy_get_header_map_value(0, -1, 5, 100, 104)",
            "[host->vm] malloc(4)",
            "[host<-vm] malloc return: 4096",
            "[vm<-host] env.proxy_get_header_map_value return: 0",
            "Function: proxy_on_request_headers failed: Uncaught RuntimeError: unreachable\nbacktrace",
            "[host->vm] proxy_on_log(2)",
            "[host<-vm] proxy_on_log return: void",
        ]);
        assert_eq!(
            calls(&records),
            [
                ">proxy_on_request_headers(2,8,1)",
                "<env.proxy_get_header_map_value(0,4294967295,5,100,104)=0",
                ">proxy_on_log(2)",
            ]
        );
        assert_eq!(trap(&records[7]).unwrap().1, "Uncaught RuntimeError: unreachable");
    }
}
