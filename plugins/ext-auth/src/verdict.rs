//! What the service's answer means.

use plugin_kit::http;
use plugin_kit::plugin::{Answer, Decision, Headers, Reply};

use crate::settings::Settings;

/// The longest refusal that is kept for others, in bytes.
const MAX_KEPT: usize = 8 * 1024;
/// The longest refusal that is handed on, in bytes.
const MAX_BODY: usize = 64 * 1024;

/// A decision about a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It may go on, with these headers.
    Allow(Vec<(String, Vec<u8>)>),
    /// It may not.
    Deny(Reply),
}

impl Verdict {
    /// Reads an answer: 2xx allows, 3xx and 4xx deny, anything else is no decision.
    pub fn of(answer: &Answer, settings: &Settings) -> Option<Self> {
        let chosen = |names: &[String]| {
            let mut headers = Vec::new();
            for name in names {
                let values = answer.all(name).filter(|value| http::is_header_value(value));
                headers.extend(values.map(|value| (name.clone(), value.to_vec())));
            }
            headers
        };
        match answer.status {
            200..=299 => Some(Self::Allow(chosen(&settings.upstream_headers))),
            300..=499 => {
                let text = |(name, value): (String, Vec<u8>)| Some((name, String::from_utf8(value).ok()?));
                let headers = chosen(&settings.client_headers).into_iter().filter_map(text).collect();
                // Half a body would be worse than none.
                let body = Some(&answer.body).filter(|body| body.len() <= MAX_BODY).cloned().unwrap_or_default();
                let body = String::from_utf8(body).unwrap_or_default();
                Some(Self::Deny(Reply { status: answer.status, headers, body }))
            }
            _ => None,
        }
    }

    /// Whether it may be used for the next one who asks the same: not with a cookie for the first one.
    pub fn may_be_kept(&self) -> bool {
        match self {
            Self::Allow(headers) => !headers.iter().any(|(name, _)| name == "set-cookie"),
            Self::Deny(reply) => {
                reply.body.len() <= MAX_KEPT
                    && matches!(reply.status, 401 | 403)
                    && !reply.headers.iter().any(|(name, _)| name == "set-cookie")
            }
        }
    }

    /// Lets the request go on, or not.
    pub fn carry_out(self, request: &dyn Headers) -> Decision {
        match self {
            Self::Allow(headers) => {
                headers.iter().for_each(|(name, value)| request.add(name, value));
                Decision::Pass
            }
            Self::Deny(reply) => Decision::Refuse(reply),
        }
    }
}
