//! The phases: who sends this request, and waiting for keys where that cannot be told without them.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use log::warn;
use plugin_kit::access;
use plugin_kit::cache::Cache;
use plugin_kit::config::Refusal;
use plugin_kit::credentials::Presented;
use plugin_kit::plugin::{Answer, Call, Cx, Decision, Plugin, Proxy};
use plugin_kit::seldom::Seldom;
use sha2::{Digest, Sha256};

use crate::algorithm::Algorithm;
use crate::consumer::{Consumer, Source};
use crate::remote::Remote;
use crate::settings::Settings;
use crate::token::Token;

/// How often it is looked whether keys are to be fetched.
const TICK: Duration = Duration::from_secs(1);
/// For how many services one request may wait.
const MOST_CALLS: usize = 4;
/// How long it is remembered that a signature was good, in seconds. The claims are looked at each time.
const REMEMBERED: u64 = 600;

/// The plugin.
#[derive(Debug)]
pub struct JwtAuth {
    settings: Settings,
    /// Signatures that were good.
    good: RefCell<Cache<()>>,
    /// That there are no keys.
    said: Seldom,
    /// The service that the clock has asked. There is one question at a time, so the answer is known to be its own.
    asked: Cell<Option<usize>>,
}

/// What a stream remembers: which services it has waited for; the last one may still have to answer.
#[derive(Default)]
pub struct Stream(Vec<usize>);

/// Why a token is nobody's. The later, the more is known about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Issuer,
    Algorithm,
    Signature,
    NoKeys,
    Claims(&'static str),
}

impl Fault {
    fn text(self) -> &'static str {
        match self {
            Self::Issuer => "the issuer of the token is not known",
            Self::Algorithm => "the algorithm of the token is not accepted",
            Self::Signature => "the signature of the token is not valid",
            Self::NoKeys => "the keys are not available",
            Self::Claims(why) => why,
        }
    }
}

impl Plugin for JwtAuth {
    const NAME: &'static str = "jwt-auth";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        let settings = Settings::read(configuration)?;
        Ok(Self { settings, good: RefCell::default(), said: Seldom::default(), asked: Cell::default() })
    }

    fn warnings(&self) -> Vec<String> {
        self.settings.warnings.clone()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        self.decide(stream, cx)
    }

    fn on_answer(&self, stream: &mut Stream, cx: &Cx, answer: Option<Answer>) -> Decision {
        if let Some(&remote) = stream.0.last() {
            self.keep(remote, answer.as_ref(), cx.proxy);
        }
        self.decide(stream, cx)
    }

    fn tick(&self) -> Option<Duration> {
        (!self.settings.remotes.is_empty()).then_some(TICK)
    }

    fn on_tick(&self, proxy: &dyn Proxy) -> Option<Call> {
        if self.asked.get().is_some() {
            return None;
        }
        let now = proxy.seconds();
        let (i, remote) = self.settings.remotes.iter().enumerate().find(|(_, remote)| remote.is_due(now))?;
        self.asked.set(Some(i));
        Some(remote.call())
    }

    fn on_tick_answer(&self, proxy: &dyn Proxy, answer: Option<Answer>) {
        if let Some(remote) = self.asked.take() {
            self.keep(remote, answer.as_ref(), proxy);
        }
    }
}

impl JwtAuth {
    fn keep(&self, remote: usize, answer: Option<&Answer>, proxy: &dyn Proxy) {
        if let Some(remote) = self.settings.remotes.get(remote)
            && let Err(why) = remote.answered(answer, proxy.seconds())
        {
            proxy.count("jwks_errors", 1);
            if self.said.is_due(proxy) {
                warn!("{}: no keys from {}: {why}", Self::NAME, remote.service().host());
            }
        }
    }

    fn decide(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let Settings { access, places, claim_headers, .. } = &self.settings;
        let target = access.target(cx.headers);
        // Only this plugin may say these.
        claim_headers.iter().for_each(|name| cx.headers.remove(name));
        if access.is_exempt(cx.headers, &target) {
            return Decision::Skip;
        }
        let text = match places.find(cx.headers) {
            Presented::None => return access.challenge("Bearer", "no token"),
            Presented::Several => return self.invalid("there is more than one token"),
            Presented::One(text) => text,
        };
        let token = match Token::read(&text) {
            Ok(token) => token,
            Err(why) => return self.invalid(why),
        };
        match self.owner(&text, &token, cx.proxy.seconds()) {
            Ok(consumer) => {
                if access.hide_credentials {
                    places.hide(cx.headers);
                }
                let decision = access.admit(cx.headers, &target, &consumer.name);
                if decision == Decision::Pass {
                    for (claim, header) in &consumer.headers {
                        if let Some(value) = token.claims.header(claim) {
                            cx.headers.set(header, &value);
                        }
                    }
                }
                decision
            }
            Err((fault, lacking)) => match self.ask(stream, &lacking, cx.proxy.seconds()) {
                Some(call) => Decision::Ask(call),
                None if fault == Fault::NoKeys => {
                    cx.proxy.count("errors", 1);
                    Decision::Refuse(access::refusal(503, "unavailable", fault.text()).header("retry-after", "1"))
                }
                None => self.invalid(fault.text()),
            },
        }
    }

    /// Whose token this is. Or the best that can be said of why it is nobody's, and which services may have keys that
    /// would change that.
    fn owner(&self, text: &[u8], token: &Token, now: u64) -> Result<&Consumer, (Fault, Vec<usize>)> {
        let (mut fault, mut lacking) = (Fault::Issuer, Vec::new());
        for (i, consumer) in self.settings.consumers.iter().enumerate() {
            if !consumer.may_own(&token.claims) {
                continue;
            }
            let found = match self.check_signature(i, consumer, text, token, now) {
                Ok(()) => consumer.check(&token.claims, now).map_err(Fault::Claims),
                Err(fault) => Err(fault),
            };
            match found {
                Ok(()) => return Ok(consumer),
                Err(found) => fault = fault.max(found),
            }
            if let (Err(Fault::Signature | Fault::NoKeys), Source::Remote(remote)) = (found, &consumer.source)
                && self.lacks(*remote, token, now)
            {
                lacking.push(*remote);
            }
        }
        Err((fault, lacking))
    }

    fn check_signature(
        &self,
        number: usize,
        consumer: &Consumer,
        text: &[u8],
        token: &Token,
        now: u64,
    ) -> Result<(), Fault> {
        if !consumer.accepts(token.algorithm) {
            return Err(Fault::Algorithm);
        }
        let fetched;
        let (keys, digest) = match &consumer.source {
            Source::Inline(keys) => (keys, [0; 32]),
            Source::Remote(remote) => {
                fetched = self.settings.remotes.get(*remote).and_then(|r| r.keys(now)).ok_or(Fault::NoKeys)?;
                (&*fetched.0, fetched.1)
            }
        };
        let verify = || keys.verify(token.algorithm, token.key_id.as_deref(), token.message, &token.signature);
        // A secret's signature is checked as fast as it is looked up.
        if matches!(token.algorithm, Algorithm::Hs(_)) {
            return if verify() { Ok(()) } else { Err(Fault::Signature) };
        }
        let known = Sha256::new_with_prefix((number as u64).to_le_bytes()).chain_update(digest).chain_update(text);
        let known = known.finalize().into();
        if self.good.borrow().get(&known, now).is_some() {
            return Ok(());
        }
        if !verify() {
            return Err(Fault::Signature);
        }
        self.good.borrow_mut().put(known, (), now, REMEMBERED);
        Ok(())
    }

    /// Whether a service may have a key that is missing here. A key of the right name is there, or it is not.
    fn lacks(&self, remote: usize, token: &Token, now: u64) -> bool {
        let keys = self.settings.remotes.get(remote).and_then(|remote| remote.keys(now));
        match (keys, &token.key_id) {
            (Some((keys, _)), Some(id)) => !keys.has(id),
            _ => true,
        }
    }

    /// Asks the first of these services that may be asked and has not been.
    fn ask(&self, stream: &mut Stream, lacking: &[usize], now: u64) -> Option<Call> {
        if stream.0.len() >= MOST_CALLS {
            return None;
        }
        let may = |remote: &usize| {
            !stream.0.contains(remote) && self.settings.remotes.get(*remote).is_some_and(|r: &Remote| r.may_ask(now))
        };
        let remote = lacking.iter().copied().find(may)?;
        stream.0.push(remote);
        self.settings.remotes.get(remote).map(Remote::call)
    }

    fn invalid(&self, why: &str) -> Decision {
        let parameters = format!("error=\"invalid_token\", error_description=\"{why}\"");
        self.settings.access.challenge_with("Bearer", &parameters, why)
    }
}

#[cfg(test)]
mod tests;
