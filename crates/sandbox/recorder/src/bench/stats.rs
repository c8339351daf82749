//! Counters and gauges of plugins, before and after.

use std::collections::BTreeMap;
use std::io;

use marketplace_sandbox::report::MetricKind;

use crate::answer::Metric;
use crate::case::Case;
use crate::envoy::Envoy;

/// By name.
pub(super) type Stats = BTreeMap<String, (MetricKind, u64)>;

const PREFIX: &str = "wasmcustom.";

impl Envoy {
    /// A counter of Envoy's own.
    pub(super) async fn counter(&self, name: &str) -> io::Result<u64> {
        let page = self.admin("GET", &format!("/stats?filter=^{name}$")).await?;
        Ok(page.trim().rsplit(": ").next().and_then(|value| value.parse().ok()).unwrap_or(0))
    }

    /// What plugins have counted; nothing where the case's cannot count.
    pub(super) async fn stats(&self, case: &Case) -> io::Result<Stats> {
        const NEEDED: &[u8] = b"proxy_define_metric";
        let counts = |bytes: &[u8]| bytes.windows(NEEDED.len()).any(|window| window == NEEDED);
        let mut stats = Stats::new();
        if !case.modules.iter().any(|module| counts(module.bytes())) {
            return Ok(stats);
        }
        for (kind, word) in [(MetricKind::Counter, "Counters"), (MetricKind::Gauge, "Gauges")] {
            let page = self.admin("GET", &format!("/stats?filter=^{PREFIX}&type={word}")).await?;
            for line in page.lines() {
                let Some((name, value)) = line.rsplit_once(": ") else { continue };
                let Some(name) = name.strip_prefix(PREFIX) else { continue };
                stats.insert(name.to_owned(), (kind, value.parse().unwrap_or(0)));
            }
        }
        Ok(stats)
    }
}

/// What changed. A counter that was raised while plugins started was raised in each of several VMs: it is not known.
pub(super) fn since(earlier: &Stats, loaded: &Stats, now: &Stats) -> Vec<Metric> {
    let before = |stats: &Stats, name: &str| stats.get(name).map_or(0, |(_, value)| *value);
    now.iter()
        .filter(|(name, now)| !earlier.contains_key(*name) || earlier.get(*name) != Some(*now))
        .map(|(name, (kind, value))| {
            let moved_in_start = before(loaded, name) != before(earlier, name);
            let value = match kind {
                MetricKind::Counter => (!moved_in_start).then(|| value - before(loaded, name).min(*value)),
                _ => Some(*value),
            };
            Metric { name: name.clone(), kind: *kind, value }
        })
        .collect()
}
