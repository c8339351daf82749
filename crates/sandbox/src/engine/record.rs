//! What a run leaves behind for its report: lines, traps, warnings, the trace, what each phase took. All of it bounded.

use serde_json::{Map, Value, json};

use crate::exchange::Level;
use crate::limits::Limits;
use crate::report::{Direction, LimitHit, LogLine, NotSimulated, Phase, PhaseUse, TraceEntry, Trap, Warning};

/// The longest log line, in bytes; the rest is cut.
const LINE_BYTES: usize = 8 << 10;
/// Entries of the trace; the host call limit of an operator may be higher.
const TRACE_ENTRIES: usize = 200_000;
/// Bytes of decoded values that one trace keeps.
const TRACE_BYTES: usize = 8 << 20;
/// Warnings and traps of one run.
const NOTES: usize = 200;
/// How much of a value the trace shows, in bytes.
const SHOWN: usize = 256;

/// Where a host call or callback stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) plugin: usize,
    pub(crate) phase: Phase,
    pub(crate) context: u32,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Recorder {
    pub(crate) logs: Vec<LogLine>,
    pub(crate) traps: Vec<Trap>,
    pub(crate) warnings: Vec<Warning>,
    pub(crate) not_simulated: Vec<NotSimulated>,
    pub(crate) limits_hit: Vec<LimitHit>,
    pub(crate) phases: Vec<PhaseUse>,
    pub(crate) trace: Vec<TraceEntry>,
    trace_bytes: usize,
    log_bytes: u64,
    limits: Limits,
}

impl Recorder {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            logs: Vec::new(),
            traps: Vec::new(),
            warnings: Vec::new(),
            not_simulated: Vec::new(),
            limits_hit: Vec::new(),
            phases: Vec::new(),
            trace: Vec::new(),
            trace_bytes: 0,
            log_bytes: 0,
            limits,
        }
    }

    /// A line of a plugin. What is over a limit is cut or left out, and the report says so.
    pub(crate) fn log(&mut self, at: Place, level: Level, text: &[u8]) {
        let left = self.limits.log_bytes.saturating_sub(self.log_bytes);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        if self.logs.len() as u64 >= self.limits.log_lines {
            return self.limit("log_lines", self.limits.log_lines, Some(at));
        }
        if left == 0 && !text.is_empty() {
            return self.limit("log_bytes", self.limits.log_bytes, Some(at));
        }
        let kept = text.len().min(LINE_BYTES).min(left);
        if kept < text.len() {
            let (name, value) =
                if kept == left { ("log_bytes", self.limits.log_bytes) } else { ("log_line_bytes", LINE_BYTES as u64) };
            self.limit(name, value, Some(at));
        }
        self.log_bytes += kept as u64;
        let text = String::from_utf8_lossy(&text[..kept]).into_owned();
        self.logs.push(LogLine { plugin: at.plugin, phase: at.phase, level, text });
    }

    /// Each limit is reported once.
    pub(crate) fn limit(&mut self, limit: &str, value: u64, at: Option<Place>) {
        if self.limits_hit.iter().any(|hit| hit.limit == limit) {
            return;
        }
        self.limits_hit.push(LimitHit {
            limit: limit.to_owned(),
            value: json!(value),
            plugin: at.map(|at| at.plugin),
            phase: at.map(|at| at.phase),
        });
    }

    /// Each code is raised once per plugin and phase.
    pub(crate) fn warn(&mut self, code: &str, at: Option<Place>, text: &str) {
        let (plugin, phase) = (at.map(|at| at.plugin), at.map(|at| at.phase));
        let known = |w: &Warning| w.code == code && w.plugin == plugin && w.phase == phase;
        if self.warnings.len() >= NOTES || self.warnings.iter().any(known) {
            return;
        }
        let advice = super::warnings::advice(code).to_owned();
        self.warnings.push(Warning { code: code.to_owned(), plugin, phase, text: text.to_owned(), advice });
    }

    /// A warning about a plugin that belongs to no phase.
    pub(crate) fn warn_about(&mut self, code: &str, plugin: usize, text: &str) {
        if self.warnings.len() >= NOTES || self.warnings.iter().any(|w| w.code == code && w.plugin == Some(plugin)) {
            return;
        }
        let (code, text, advice) = (code.to_owned(), text.to_owned(), super::warnings::advice(code).to_owned());
        self.warnings.push(Warning { code, plugin: Some(plugin), phase: None, text, advice });
    }

    /// Something was touched whose answer is not Envoy's.
    pub(crate) fn not_simulated(&mut self, what: &str, text: &str) {
        if self.not_simulated.len() < NOTES && !self.not_simulated.iter().any(|known| known.what == what) {
            self.not_simulated.push(NotSimulated { what: what.to_owned(), text: text.to_owned() });
        }
    }

    pub(crate) fn trap(&mut self, trap: Trap) {
        if self.traps.len() < NOTES {
            self.traps.push(trap);
        }
    }

    /// The place of the new entry, for what is known of it only later.
    pub(crate) fn enter(&mut self, at: Place, dir: Direction, name: String, args: Vec<i128>) -> Option<usize> {
        if self.trace.len() >= TRACE_ENTRIES {
            self.limit("trace_entries", TRACE_ENTRIES as u64, Some(at));
            return None;
        }
        let n = self.trace.len();
        let (plugin, phase, context) = (at.plugin, at.phase, at.context);
        let decoded = Value::Object(Map::new());
        self.trace.push(TraceEntry { n: n as u64, plugin, phase, context, dir, name, args, ret: None, decoded });
        Some(n)
    }

    pub(crate) fn leave(&mut self, entry: Option<usize>, ret: Option<i128>) {
        if let Some(entry) = entry.and_then(|n| self.trace.get_mut(n)) {
            entry.ret = ret;
        }
    }

    /// Adds a field to an entry's `decoded`.
    pub(crate) fn decode(&mut self, entry: Option<usize>, key: &str, value: Value) {
        let size = key.len() + value.as_str().map_or(8, str::len);
        if self.trace_bytes + size > TRACE_BYTES {
            return;
        }
        if let Some(Value::Object(map)) = entry.and_then(|n| self.trace.get_mut(n)).map(|entry| &mut entry.decoded) {
            self.trace_bytes += size;
            map.insert(key.to_owned(), value);
        }
    }

    /// What was recorded elsewhere, as if it had been here, and no more of it than there is room for.
    pub(crate) fn append(&mut self, other: Self) {
        for line in other.logs {
            let at = Place { plugin: line.plugin, phase: line.phase, context: 0 };
            self.log(at, line.level, line.text.as_bytes());
        }
        other.traps.into_iter().for_each(|trap| self.trap(trap));
        self.warnings.extend(other.warnings);
        self.warnings.truncate(NOTES);
        other.not_simulated.iter().for_each(|known| self.not_simulated(&known.what, &known.text));
        for hit in other.limits_hit {
            if self.limits_hit.iter().all(|known| known.limit != hit.limit) {
                self.limits_hit.push(hit);
            }
        }
        for used in other.phases {
            self.spent(used.plugin, used.phase, used.ns, used.fuel);
        }
        let entries = self.trace.len();
        if entries + other.trace.len() > TRACE_ENTRIES {
            self.limit("trace_entries", TRACE_ENTRIES as u64, None);
        }
        let more = other.trace.into_iter().map(|entry| TraceEntry { n: entries as u64 + entry.n, ..entry });
        self.trace.extend(more.take(TRACE_ENTRIES - entries));
        self.trace_bytes += other.trace_bytes;
    }

    /// One call more in a phase.
    pub(crate) fn spent(&mut self, plugin: usize, phase: Phase, ns: u64, fuel: u64) {
        match self.phases.iter_mut().find(|used| used.plugin == plugin && used.phase == phase) {
            Some(used) => {
                used.calls += 1;
                used.ns += ns;
                used.fuel += fuel;
            }
            None => self.phases.push(PhaseUse { plugin, phase, calls: 1, ns, fuel }),
        }
    }
}

/// A value as the trace shows it: text, cut where it is long.
pub(crate) fn shown(bytes: &[u8]) -> Value {
    let cut = &bytes[..bytes.len().min(SHOWN)];
    let mut text = String::from_utf8_lossy(cut).into_owned();
    if cut.len() < bytes.len() {
        text.push('…');
    }
    Value::String(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: Place = Place { plugin: 0, phase: Phase::Log, context: 2 };

    #[test]
    fn lines_over_a_limit_are_cut_and_reported_once() {
        let limits = Limits { log_lines: 3, log_bytes: 10, ..Limits::default() };
        let mut record = Recorder::new(limits);
        for _ in 0..9 {
            record.log(AT, Level::Info, b"123456");
        }
        let texts: Vec<_> = record.logs.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["123456", "1234"]);
        let hits: Vec<_> = record.limits_hit.iter().map(|hit| hit.limit.as_str()).collect();
        assert_eq!(hits, ["log_bytes"]);
    }

    #[test]
    fn the_same_warning_is_given_once_per_phase() {
        let mut record = Recorder::new(Limits::default());
        record.warn("proc_exit", Some(AT), "x");
        record.warn("proc_exit", Some(AT), "x");
        record.warn("proc_exit", None, "x");
        assert_eq!(record.warnings.len(), 2);
        assert!(!record.warnings[0].advice.is_empty());
    }
}
