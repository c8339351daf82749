//! Asks an OPA server whether a request may go on.
//!
//! ```text
//! Opa (the phases) -> settings  configuration
//!                  -> question  the input of the policy
//!                  -> verdict   what its result means
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
use sha2::{Digest, Sha256};

use settings::Settings;
use verdict::Verdict;

plugin_kit::start!(Opa: calls);

/// The plugin.
#[derive(Debug)]
pub struct Opa {
    settings: Settings,
    cache: RefCell<Cache<Verdict>>,
    /// That there was no decision.
    said: Seldom,
}

/// What a stream remembers: under which key the verdict is kept.
#[derive(Default)]
pub struct Stream(Option<Key>);

impl Plugin for Opa {
    const NAME: &'static str = "opa";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, cache: RefCell::default(), said: Seldom::default() })
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let settings = &self.settings;
        // Only the policy may say these.
        settings.upstream_headers.iter().for_each(|name| cx.headers.remove(name));
        if settings.exempt.meets(cx.headers) {
            return Decision::Skip;
        }
        let question = question::ask(cx.headers, cx.proxy, settings);
        if settings.cache_seconds > 0 {
            let key = Sha256::digest(&question).into();
            if let Some(verdict) = self.cache.borrow().get(&key, cx.proxy.seconds()) {
                cx.proxy.count("cache_hits", 1);
                return verdict.clone().carry_out(cx.headers);
            }
            stream.0 = Some(key);
        }
        let json = ("content-type".to_owned(), b"application/json".to_vec());
        Decision::Ask(settings.service.call("POST", &[json], question))
    }

    fn on_answer(&self, stream: &mut Stream, cx: &Cx, answer: Option<Answer>) -> Decision {
        let settings = &self.settings;
        match Verdict::of(answer.as_ref(), settings) {
            Ok(verdict) => {
                if let Some(key) = stream.0.take() {
                    let (now, seconds) = (cx.proxy.seconds(), settings.cache_seconds);
                    self.cache.borrow_mut().put(key, verdict.clone(), now, seconds);
                }
                verdict.carry_out(cx.headers)
            }
            Err(why) => {
                if self.said.is_due(cx.proxy) {
                    warn!("{}: no decision: {why}", Self::NAME);
                }
                cx.proxy.count("errors", 1);
                let reply = access::refusal(settings.status_on_error, "forbidden", "authorization is not available");
                Decision::Refuse(reply)
            }
        }
    }
}

#[cfg(test)]
mod tests;
