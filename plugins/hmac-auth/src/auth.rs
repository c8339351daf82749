//! The phases: the headers at once, the body when it is complete.

use log::warn;
use plugin_kit::access;
use plugin_kit::body::Expected;
use plugin_kit::config::Refusal;
use plugin_kit::plugin::{Body, Cx, Decision, Plugin, Side, Uncollected};
use plugin_kit::seldom::Seldom;

use crate::credentials::Credentials;
use crate::date;
use crate::digest::{self, Announced};
use crate::replay::{self, Seen};
use crate::settings::{Key, Settings};
use crate::signing::{self, Algorithm};

/// The plugin.
#[derive(Debug)]
pub struct HmacAuth {
    settings: Settings,
    /// That there is no more room.
    said: Seldom,
}

/// What a stream remembers: what its body must digest to.
#[derive(Default)]
pub struct Stream(Vec<Announced>);

/// A request whose signature is good.
struct Signed<'a> {
    key: &'a Key,
    digests: Vec<Announced>,
}

/// Why a request is not let in.
enum Fault {
    /// Its own fault.
    Wrong(&'static str),
    /// There is no room to remember its nonce.
    Full,
}

impl Plugin for HmacAuth {
    const NAME: &'static str = "hmac-auth";
    type Stream = Stream;

    fn read(configuration: &[u8]) -> Result<Self, Refusal> {
        Ok(Self { settings: Settings::read(configuration)?, said: Seldom::default() })
    }

    fn warnings(&self) -> Vec<String> {
        self.settings.warnings.clone()
    }

    fn on_request(&self, stream: &mut Stream, cx: &Cx) -> Decision {
        let access = &self.settings.access;
        let target = access.target(cx.headers);
        if access.is_exempt(cx.headers, &target) {
            return Decision::Skip;
        }
        let Some(header) = cx.headers.only("authorization") else {
            return self.challenge("no signature");
        };
        let signed = match Credentials::read(&header) {
            None => return self.challenge("malformed credentials"),
            Some(credentials) => match self.check(&credentials, cx) {
                Ok(signed) => signed,
                Err(Fault::Wrong(why)) => return self.challenge(why),
                Err(Fault::Full) => return full(),
            },
        };
        let expected = Expected::of(cx.headers, self.settings.max_body);
        if access.hide_credentials {
            cx.headers.remove("authorization");
        }
        let decision = access.admit(cx.headers, &target, &signed.key.consumer);
        if decision != Decision::Pass || (cx.end && signed.digests.is_empty()) {
            return decision;
        }
        if signed.digests.is_empty() && !self.settings.needs_digest {
            return Decision::Pass;
        }
        if expected.length.is_some_and(|length| length > self.settings.max_body as u64) {
            return too_large();
        }
        stream.0 = signed.digests;
        Decision::Collect(expected)
    }

    fn on_request_body(&self, stream: &mut Stream, _cx: &Cx, body: Body) -> Decision {
        match !stream.0.is_empty() && stream.0.iter().all(|digest| digest.is_of(&body.bytes)) {
            true => Decision::Pass,
            false => self.challenge("the body has another digest"),
        }
    }

    fn on_uncollected(&self, _stream: &mut Stream, _cx: &Cx, _side: Side, why: Uncollected) -> Decision {
        match why {
            Uncollected::TooLarge => too_large(),
            Uncollected::Unreadable => self.challenge("the body could not be read"),
        }
    }
}

impl HmacAuth {
    /// Everything about the signature, the cheap things first.
    fn check(&self, credentials: &Credentials, cx: &Cx) -> Result<Signed<'_>, Fault> {
        let settings = &self.settings;
        let refuse = |why| Err(Fault::Wrong(why));
        let is_signed = |name: &str| credentials.headers.iter().any(|signed| signed.eq_ignore_ascii_case(name));
        let Some(algorithm) = Algorithm::named(credentials.algorithm).filter(|a| settings.algorithms.contains(a))
        else {
            return refuse("the algorithm is not accepted");
        };
        if !credentials.headers.iter().any(|name| signing::is_target(name)) {
            return refuse("@request-target is not signed");
        }
        let Some((date, signed_at)) = date::of(cx.headers).filter(|(name, _)| is_signed(name)) else {
            return refuse("no date is signed");
        };
        if cx.proxy.seconds().abs_diff(signed_at) > settings.skew {
            return refuse("the date is too far from now");
        }
        let other =
            |name: &&String| !signing::is_target(name) && !(date::NAMES.contains(&name.as_str()) && is_signed(date));
        if !settings.signed.iter().filter(other).all(|name| is_signed(name)) {
            return refuse("a header that must be signed is not");
        }
        let has_nonce = cx.headers.get(&settings.nonce).is_some();
        if has_nonce != is_signed(&settings.nonce) || (settings.needs_nonce && !has_nonce) {
            return refuse("no nonce is signed");
        }
        let signed_digests: Vec<_> = digest::NAMES.into_iter().filter(|name| is_signed(name)).collect();
        let digests: Vec<_> = signed_digests.iter().filter_map(|name| Announced::of(cx.headers, name)).collect();
        if digests.len() != signed_digests.len() || (settings.needs_digest && digests.is_empty() && !cx.end) {
            return refuse("no digest of the body is signed");
        }
        let Some(text) = signing::text(credentials, cx.headers) else {
            return refuse("a signed header is missing, or there twice");
        };
        // An unknown key takes as long as a known one.
        let key = settings.key(credentials.key);
        let good = algorithm.verifies(key.map_or(b"no such key", |key| &key.secret), &text, &credentials.signature);
        let Some(key) = key.filter(|_| good) else {
            return refuse("unknown key or wrong signature");
        };
        if has_nonce {
            self.note(credentials, signed_at, cx)?;
        }
        Ok(Signed { key, digests })
    }

    /// Lets a signature in once.
    fn note(&self, credentials: &Credentials, signed_at: u64, cx: &Cx) -> Result<(), Fault> {
        let scope = cx.proxy.property(&["plugin_name"]).unwrap_or_default();
        let signature = [credentials.key.as_bytes(), &credentials.signature];
        let until = signed_at.saturating_add(self.settings.skew);
        match replay::note(cx.proxy, &scope, &signature, until, self.settings.entries) {
            Seen::First => Ok(()),
            Seen::Again => Err(Fault::Wrong("this request came before")),
            Seen::Full => {
                if self.said.is_due(cx.proxy) {
                    warn!("{}: no room for more nonces: raise nonceCapacity", Self::NAME);
                }
                cx.proxy.count("errors", 1);
                Err(Fault::Full)
            }
        }
    }

    fn challenge(&self, why: &str) -> Decision {
        self.settings.access.challenge_with("Signature", "headers=\"@request-target date\"", why)
    }
}

fn full() -> Decision {
    let reply = access::refusal(503, "unavailable", "too many requests with a nonce");
    Decision::Refuse(reply.header("retry-after", "1"))
}

fn too_large() -> Decision {
    Decision::Refuse(access::refusal(413, "too large", "the body is too large to be checked"))
}

#[cfg(test)]
mod tests;
