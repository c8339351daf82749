//! Exit codes, as the contract has them.

use std::process::ExitCode;

use marketplace_sandbox::report::{Outcome, Verdict};

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All well.
    Good,
    /// There is an answer, and it is not good.
    NotGood,
    /// Wrong arguments, something that cannot be read, or an error object.
    BadInput,
    /// A limit of the sandbox: no verdict.
    Limit,
    /// A fault of ours.
    Internal,
}

impl Exit {
    /// As the shell sees it.
    pub(crate) fn number(self) -> i32 {
        match self {
            Self::Good => 0,
            Self::NotGood => 1,
            Self::BadInput => 2,
            Self::Limit => 3,
            Self::Internal => 4,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(u8::try_from(exit.number()).unwrap_or(4))
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Responded => Self::Good,
            Outcome::Refused | Outcome::Hung | Outcome::Reset | Outcome::CrashedEnvoy => Self::NotGood,
            Outcome::Limit => Self::Limit,
            Outcome::Error => Self::BadInput,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Loads => Self::Good,
            Verdict::Refused | Verdict::NotWasm => Self::NotGood,
        }
    }
}
