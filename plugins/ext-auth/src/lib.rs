//! Asks a service whether a request may go on.
//!
//! ```text
//! ExtAuth (the phases) -> settings  configuration
//!                      -> question  what the service is told, and the key of its answer
//!                      -> verdict   what its answer means
//! ```

mod question;
mod settings;
mod verdict;

use std::cell::RefCell;

use log::warn;
use plugin_kit::access;
use plugin_kit::cache::{Cache, Key};
use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Answer, Cx, Decision, Plugin};
use plugin_kit::seldom::Seldom;

use settings::Settings;
use verdict::Verdict;

plugin_kit::start!(ExtAuth: calls);

/// The plugin.
#[derive(Debug)]
pub struct ExtAuth {
    settings: Settings,
    cache: RefCell<Cache<Verdict>>,
    /// That there was no decision.
    said: Seldom,
}

/// What a stream remembers: under which key the answer is kept.
#[derive(Default)]
pub struct Stream(Option<Key>);

impl Plugin for ExtAuth {
    const NAME: &'static str = "ext-auth";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, cache: RefCell::default(), said: Seldom::default() })
    }

    fn warnings(&self) -> Vec<String> {
        match self.settings.failure_mode_allow {
            true => vec!["failureModeAllow is on: requests pass unasked while the service is away".to_owned()],
            false => Vec::new(),
        }
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let settings = &self.settings;
        // Only the service may say these.
        settings.upstream_headers.iter().for_each(|name| cx.headers.remove(name));
        if settings.exempt.meets(cx.headers) {
            return Decision::Skip;
        }
        let question = question::ask(cx.headers, settings);
        if settings.cache_seconds > 0 {
            let key = question::key(&question, settings);
            if let Some(verdict) = self.cache.borrow().get(&key, cx.proxy.seconds()) {
                cx.proxy.count("cache_hits", 1);
                return verdict.clone().carry_out(cx.headers);
            }
            stream.0 = Some(key);
        }
        Decision::Ask(settings.service.call(&settings.method, &question, Vec::new()))
    }

    fn on_answer(&self, stream: &mut Stream, cx: &Cx, answer: Option<Answer>) -> Decision {
        let settings = &self.settings;
        let Some(verdict) = answer.as_ref().and_then(|answer| Verdict::of(answer, settings)) else {
            let status = answer.map_or(0, |answer| answer.status);
            if self.said.is_due(cx.proxy) {
                warn!("{}: no decision from the service (status {status})", Self::NAME);
            }
            if settings.failure_mode_allow {
                return Decision::Failed;
            }
            cx.proxy.count("errors", 1);
            return Decision::Refuse(access::refusal(
                settings.status_on_error,
                "forbidden",
                "authorization is not available",
            ));
        };
        if let Some(key) = stream.0.take()
            && verdict.may_be_kept()
        {
            let (now, seconds) = (cx.proxy.seconds(), settings.cache_seconds);
            self.cache.borrow_mut().put(key, verdict.clone(), now, seconds);
        }
        verdict.carry_out(cx.headers)
    }
}

#[cfg(test)]
mod tests;
