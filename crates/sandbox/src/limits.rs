//! What a run may use. An operator sets these for everybody; an exchange may only lower them.

use serde::{Deserialize, Serialize};

/// What one run may use at most. A limit that is hit is said in the report and is no verdict on the plugin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Milliseconds of real time for the whole run.
    pub wall_ms: u64,
    /// Milliseconds for one call of the start phase: start functions, `on_vm_start`, `on_configure`.
    pub start_ms: u64,
    /// Milliseconds for every other call into a module.
    pub callback_ms: u64,
    /// Fuel for one call of the start phase.
    pub fuel_start: u64,
    /// Fuel for every other call into a module.
    pub fuel_callback: u64,
    /// Bytes of linear memory of one VM.
    pub memory_bytes: u64,
    /// Host calls of the whole run.
    pub hostcalls: u64,
    /// Log lines of the whole run.
    pub log_lines: u64,
    /// Bytes of all log lines together.
    pub log_bytes: u64,
    /// Callouts of the whole run.
    pub callouts: u64,
    /// Ticks of the whole run.
    pub ticks: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall_ms: 10_000,
            start_ms: 5_000,
            callback_ms: 1_000,
            fuel_start: 20_000_000_000,
            fuel_callback: 2_000_000_000,
            memory_bytes: 256 << 20,
            hostcalls: 100_000,
            log_lines: 500,
            log_bytes: 64 << 10,
            callouts: 16,
            ticks: 10,
        }
    }
}

impl Limits {
    /// The names of the limits, as an exchange writes them, in the order of the contract.
    pub const NAMES: [&str; 11] = [
        "wall_ms",
        "start_ms",
        "callback_ms",
        "fuel_start",
        "fuel_callback",
        "memory_bytes",
        "hostcalls",
        "log_lines",
        "log_bytes",
        "callouts",
        "ticks",
    ];

    /// The limit of that name, to be read or lowered.
    pub fn by_name(&mut self, name: &str) -> Option<&mut u64> {
        match name {
            "wall_ms" => Some(&mut self.wall_ms),
            "start_ms" => Some(&mut self.start_ms),
            "callback_ms" => Some(&mut self.callback_ms),
            "fuel_start" => Some(&mut self.fuel_start),
            "fuel_callback" => Some(&mut self.fuel_callback),
            "memory_bytes" => Some(&mut self.memory_bytes),
            "hostcalls" => Some(&mut self.hostcalls),
            "log_lines" => Some(&mut self.log_lines),
            "log_bytes" => Some(&mut self.log_bytes),
            "callouts" => Some(&mut self.callouts),
            "ticks" => Some(&mut self.ticks),
            _ => None,
        }
    }

    /// The lower of both, limit by limit.
    #[must_use]
    pub fn lowered_to(mut self, mut other: Self) -> Self {
        for name in Self::NAMES {
            if let (Some(mine), Some(theirs)) = (self.by_name(name), other.by_name(name)) {
                *mine = (*mine).min(*theirs);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_a_limit() {
        let mut limits = Limits::default();
        for name in Limits::NAMES {
            assert!(limits.by_name(name).is_some(), "{name}");
        }
        assert!(limits.by_name("wall").is_none());
    }

    #[test]
    fn limits_only_go_down() {
        let low = Limits { ticks: 2, callouts: 99, ..Limits::default() };
        let both = Limits::default().lowered_to(low);
        assert_eq!((both.ticks, both.callouts), (2, 16));
    }
}
