//! Whose token it is.

use crate::algorithm::Algorithm;
use crate::claims::Claims;
use crate::keys::Keys;

/// Where a consumer's keys are.
#[derive(Debug)]
pub enum Source {
    /// In the configuration.
    Inline(Keys),
    /// Fetched, by the number of the service.
    Remote(usize),
}

/// A consumer: tokens of one issuer, or of anybody who has the key.
#[derive(Debug)]
pub struct Consumer {
    /// Its name.
    pub name: String,
    /// Who issues its tokens.
    pub issuer: Option<String>,
    /// For whom its tokens are; empty: for anybody.
    pub audiences: Vec<String>,
    /// How they are signed; empty: as its keys allow.
    pub algorithms: Vec<Algorithm>,
    /// Claims and the values of which each must have one.
    pub claims: Vec<(String, Vec<String>)>,
    /// Which claims the upstream learns: the claim, and its header.
    pub headers: Vec<(String, String)>,
    /// How far clocks may differ, in seconds.
    pub leeway: u64,
    /// Tokens without `exp` are refused.
    pub needs_expiry: bool,
    /// Its keys.
    pub source: Source,
}

impl Consumer {
    /// Whether a token may be one of this consumer's, going by its issuer.
    pub fn may_own(&self, claims: &Claims) -> bool {
        self.issuer.as_deref().is_none_or(|issuer| claims.issuer() == Some(issuer))
    }

    /// Whether tokens of this consumer may be signed in this way.
    pub fn accepts(&self, algorithm: Algorithm) -> bool {
        self.algorithms.is_empty() || self.algorithms.contains(&algorithm)
    }

    /// Whether a token whose signature is good is one of this consumer's, now. The error says what is wrong.
    pub fn check(&self, claims: &Claims, now: u64) -> Result<(), &'static str> {
        if !self.audiences.is_empty() && !claims.is_meant_for(&self.audiences) {
            return Err("the token is for another audience");
        }
        if !self.claims.iter().all(|(name, values)| claims.has(name, values)) {
            return Err("the token lacks a claim");
        }
        claims.check_time(now, self.leeway, self.needs_expiry)
    }
}
