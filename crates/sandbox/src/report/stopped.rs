//! The report of a run that was ended from outside, so that nothing is known of it but that.

use super::{FORMAT, LimitHit, Load, Outcome, Report};
use crate::check::scan::abi_version;
use crate::{Exchange, Modules, engine};

impl Report {
    /// A report without a verdict: this limit ended the run before it had anything to say.
    #[must_use]
    pub fn stopped(exchange: &Exchange, modules: &Modules, hit: LimitHit) -> Self {
        let load = exchange.plugins.iter().zip(modules.iter()).enumerate();
        Self {
            format: FORMAT.to_owned(),
            index: 0,
            file: None,
            name: exchange.name.clone(),
            outcome: Outcome::Limit,
            summary: format!("A limit of the sandbox was hit ({}): no verdict on the plugin.", hit.limit),
            load: load
                .map(|(plugin, (asked, module))| Load {
                    plugin,
                    name: asked.name.clone(),
                    accepted: None,
                    stage: None,
                    envoy_text: None,
                    sha256: module.sha256().to_owned(),
                    abi: abi_version(module.bytes()).ok().flatten().map(|version| version.dotted().to_owned()),
                })
                .collect(),
            client: None,
            upstream: None,
            code_details: None,
            local_reply: None,
            callouts: Vec::new(),
            before: Vec::new(),
            logs: Vec::new(),
            traps: Vec::new(),
            metrics: Vec::new(),
            shared_data: Vec::new(),
            trace: None,
            phases: Vec::new(),
            memory: Vec::new(),
            warnings: exchange.warnings.clone(),
            not_simulated: Vec::new(),
            limits_hit: vec![hit],
            engine: engine::engine(),
            seed: exchange.seed,
            clock: exchange.clock.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true),
        }
    }
}
