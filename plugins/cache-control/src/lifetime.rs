//! How long something may be kept, as headers say it.

use plugin_kit::plugin::Headers;
use plugin_kit::time;

/// The most seconds, as nginx has it.
pub const MAX_SECONDS: u32 = 315_360_000;

/// How long an answer may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// So many seconds.
    Seconds(u32),
    /// Not without asking again (`epoch`).
    Epoch,
    /// As long as anybody can say (`max`).
    Max,
}

impl Lifetime {
    /// Reads `epoch`, `max` or seconds.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "epoch" => Some(Self::Epoch),
            "max" => Some(Self::Max),
            digits if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().ok().filter(|seconds| *seconds <= MAX_SECONDS).map(Self::Seconds)
            }
            _ => None,
        }
    }

    /// `cache-control`'s value.
    pub fn directive(self) -> String {
        match self {
            Self::Seconds(seconds) => format!("max-age={seconds}"),
            Self::Epoch => "no-cache".to_owned(),
            Self::Max => format!("max-age={MAX_SECONDS}"),
        }
    }

    /// `expires`' value, at this time in seconds.
    pub fn expires(self, now: u64) -> String {
        match self {
            Self::Seconds(seconds) => time::http_date(now + u64::from(seconds)),
            Self::Epoch => "Thu, 01 Jan 1970 00:00:01 GMT".to_owned(),
            Self::Max => "Thu, 31 Dec 2037 23:55:55 GMT".to_owned(),
        }
    }
}

/// What an answer's headers are to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saying {
    /// For `cache-control`; what `lifetime` means if it is not given.
    pub directives: Option<String>,
    /// For `expires`.
    pub lifetime: Option<Lifetime>,
}

impl Saying {
    /// Writes it over whatever was there.
    pub fn write(&self, answer: &dyn Headers, now: u64) {
        let directives = self.directives.clone().or_else(|| self.lifetime.map(Lifetime::directive));
        if let Some(directives) = directives {
            answer.set("cache-control", directives.as_bytes());
        }
        match self.lifetime {
            Some(lifetime) => answer.set("expires", lifetime.expires(now).as_bytes()),
            None => answer.remove("expires"),
        }
        answer.remove("pragma");
    }
}

/// Whether an answer says itself how long it may be kept.
pub fn says_it_itself(answer: &dyn Headers) -> bool {
    ["cache-control", "expires", "pragma"].iter().any(|name| answer.get(name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lifetimes_are_read() {
        for (text, lifetime) in [
            ("0", Some(Lifetime::Seconds(0))),
            ("3600", Some(Lifetime::Seconds(3600))),
            ("max", Some(Lifetime::Max)),
            ("epoch", Some(Lifetime::Epoch)),
            ("315360000", Some(Lifetime::Seconds(MAX_SECONDS))),
            ("315360001", None),
            ("", None),
            ("+1", None),
            ("1h", None),
            ("-1", None),
            ("99999999999", None),
        ] {
            assert_eq!(Lifetime::parse(text), lifetime, "{text}");
        }
    }
}
