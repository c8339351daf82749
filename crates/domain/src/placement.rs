//! Where and how a plugin runs: phase, priority, direction, what happens when it fails, when it is pulled.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Where in the chain of filters a plugin stands (`spec.phase`), in the order they run on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub enum Phase {
    /// Before Istio's authentication filters.
    #[serde(rename = "AUTHN")]
    Authn,
    /// Between Istio's authentication and authorization.
    #[serde(rename = "AUTHZ")]
    Authz,
    /// After authorization, before the plugins of no phase.
    #[serde(rename = "STATS")]
    Stats,
    /// After authorization and statistics plugins, in front of the router.
    #[default]
    #[serde(rename = "UNSPECIFIED_PHASE", alias = "UNSPECIFIED")]
    Default,
}

impl Phase {
    /// All phases, in the order in which they run on a request.
    pub const ALL: [Phase; 4] = [Phase::Authn, Phase::Authz, Phase::Stats, Phase::Default];

    /// The word of Istio's API.
    pub fn as_str(self) -> &'static str {
        match self {
            Phase::Authn => "AUTHN",
            Phase::Authz => "AUTHZ",
            Phase::Stats => "STATS",
            Phase::Default => "UNSPECIFIED_PHASE",
        }
    }
}

/// What a plugin does to traffic when it cannot run (`spec.failStrategy`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum FailStrategy {
    /// Refuse traffic (403 when it cannot be fetched, 503 after a crash).
    #[default]
    #[serde(rename = "FAIL_CLOSE")]
    Close,
    /// Let traffic pass without the plugin.
    #[serde(rename = "FAIL_OPEN")]
    Open,
    /// Start the plugin anew after a crash; otherwise as `Close` (Istio 1.27).
    #[serde(rename = "FAIL_RELOAD")]
    Reload,
}

impl FailStrategy {
    /// All strategies.
    pub const ALL: [FailStrategy; 3] = [FailStrategy::Close, FailStrategy::Open, FailStrategy::Reload];

    /// The word of Istio's API.
    pub fn as_str(self) -> &'static str {
        match self {
            FailStrategy::Close => "FAIL_CLOSE",
            FailStrategy::Open => "FAIL_OPEN",
            FailStrategy::Reload => "FAIL_RELOAD",
        }
    }
}

/// When a proxy asks the registry again (`spec.imagePullPolicy`); images only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum PullPolicy {
    /// As Istio decides: always for `:latest`, else if not present.
    #[default]
    #[serde(rename = "UNSPECIFIED_POLICY")]
    Unspecified,
    /// Once for each address.
    IfNotPresent,
    /// Whenever the resource changes.
    Always,
}

impl PullPolicy {
    /// All policies.
    pub const ALL: [PullPolicy; 3] = [PullPolicy::Unspecified, PullPolicy::IfNotPresent, PullPolicy::Always];

    /// The word of Istio's API.
    pub fn as_str(self) -> &'static str {
        match self {
            PullPolicy::Unspecified => "UNSPECIFIED_POLICY",
            PullPolicy::IfNotPresent => "IfNotPresent",
            PullPolicy::Always => "Always",
        }
    }
}

/// Which side of a proxy a plugin sees (`spec.match[].mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub enum Direction {
    /// Requests that arrive (inbound listeners of sidecars; waypoints).
    #[default]
    #[serde(rename = "SERVER")]
    Server,
    /// Requests that leave (outbound listeners of sidecars; gateways).
    #[serde(rename = "CLIENT")]
    Client,
    /// Both.
    #[serde(rename = "CLIENT_AND_SERVER", alias = "UNDEFINED")]
    Both,
}

impl Direction {
    /// All directions.
    pub const ALL: [Direction; 3] = [Direction::Server, Direction::Client, Direction::Both];

    /// The word of Istio's API.
    pub fn as_str(self) -> &'static str {
        match self {
            Direction::Server => "SERVER",
            Direction::Client => "CLIENT",
            Direction::Both => "CLIENT_AND_SERVER",
        }
    }
}

macro_rules! words {
    ($($type:ident),*) => {$(
        impl FromStr for $type {
            type Err = BadWord;

            fn from_str(text: &str) -> Result<Self, BadWord> {
                Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
words!(Phase, FailStrategy, PullPolicy, Direction);

/// The text is none of the words of Istio's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("none of the known words")]
pub struct BadWord;

/// Order inside a phase: higher runs first. We write 1 to 1000 only; Istio takes any 32-bit number, and sorts an unset
/// one below all others, so we never leave it unset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "i64")]
pub struct Priority(u16);

/// The text is no priority of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a priority is a whole number from 1 to 1000")]
pub struct BadPriority;

impl Priority {
    /// The number, 1 to 1000.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i64> for Priority {
    type Error = BadPriority;

    fn try_from(number: i64) -> Result<Self, BadPriority> {
        match u16::try_from(number) {
            Ok(small @ 1..=1000) => Ok(Self(small)),
            _ => Err(BadPriority),
        }
    }
}

impl From<Priority> for i64 {
    fn from(priority: Priority) -> Self {
        priority.0.into()
    }
}

impl FromStr for Priority {
    type Err = BadPriority;

    fn from_str(text: &str) -> Result<Self, BadPriority> {
        text.trim().parse::<i64>().map_err(|_| BadPriority)?.try_into()
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priorities_from_1_to_1000() {
        assert_eq!("1".parse::<Priority>().unwrap().get(), 1);
        assert_eq!(" 1000 ".parse::<Priority>().unwrap().get(), 1000);
        for bad in ["0", "1001", "ten", "", "1.5", "-1", "99999999999999999999"] {
            assert_eq!(bad.parse::<Priority>(), Err(BadPriority), "{bad}");
        }
    }

    #[test]
    fn words_round_trip() {
        for phase in Phase::ALL {
            assert_eq!(phase.as_str().parse(), Ok(phase));
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.as_str());
        }
        for strategy in FailStrategy::ALL {
            assert_eq!(serde_json::to_value(strategy).unwrap(), strategy.as_str());
        }
        for policy in PullPolicy::ALL {
            assert_eq!(serde_json::to_value(policy).unwrap(), policy.as_str());
        }
        for direction in Direction::ALL {
            assert_eq!(serde_json::to_value(direction).unwrap(), direction.as_str());
        }
    }
}
