//! Log lines and the last words of a panic, to the proxy's log.

use std::panic;

use log::{LevelFilter, Log, Metadata, Record};

use crate::abi;

/// The proxy's "critical".
const CRITICAL: u32 = 5;

struct Logger;

impl Log for Logger {
    fn enabled(&self, _metadata: &Metadata) -> bool {
        true
    }

    fn log(&self, record: &Record) {
        // The proxy counts from trace upwards, and has the same levels in between.
        let level = LevelFilter::Trace as u32 - record.level() as u32;
        abi::log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}

/// From now on, everything of level info and above is written.
pub fn start() {
    if log::set_logger(&Logger).is_ok() {
        log::set_max_level(LevelFilter::Info);
        panic::set_hook(Box::new(|panic| abi::log(CRITICAL, &panic.to_string())));
    }
}
