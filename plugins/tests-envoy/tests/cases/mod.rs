//! The table of exchanges.

mod chains;
mod masking;
mod notice;

use tests_envoy::client::Response;
use tests_envoy::envoy::Plugin;

/// What came of an exchange.
pub struct Outcome {
    /// What the client got.
    pub response: Response,
    /// The head of the request that the upstream got, in lower case.
    pub request: String,
}

/// One exchange.
pub struct Case {
    /// What it shows.
    pub name: &'static str,
    /// The plugins, the outermost first.
    pub chain: Vec<Plugin>,
    /// The request's method.
    pub method: &'static str,
    /// The request's path; unique.
    pub path: &'static str,
    /// The request's header lines.
    pub headers: Vec<&'static str>,
    /// What the upstream sends.
    pub answer: Vec<Vec<u8>>,
    /// The counters that rise, and by how much.
    pub counted: Vec<(&'static str, u64)>,
    /// What must be true of the outcome.
    pub check: fn(&Outcome),
}

/// A configuration that must be refused.
pub struct Refused {
    /// The plugin.
    pub module: &'static str,
    /// Its configuration.
    pub configuration: &'static str,
    /// What must be in Envoy's log.
    pub log: &'static str,
}

/// All exchanges.
pub fn all() -> Vec<Case> {
    [masking::cases(), notice::cases(), chains::cases()].into_iter().flatten().collect()
}

/// All refusals.
pub fn refused() -> Vec<Refused> {
    [masking::refused(), notice::refused()].into_iter().flatten().collect()
}

/// The body is exactly this, and came whole.
pub fn body_is(outcome: &Outcome, body: impl AsRef<[u8]>) {
    let response = &outcome.response;
    let (got, wanted) = (&response.body[..], body.as_ref());
    if got != wanted {
        let short = |bytes: &[u8]| {
            let text = String::from_utf8_lossy(bytes);
            text.chars().take(600).collect::<String>()
        };
        panic!(
            "{} bytes instead of {}:\n{}\ninstead of\n{}\n{:?}",
            got.len(),
            wanted.len(),
            short(got),
            short(wanted),
            response.headers
        );
    }
    assert!(response.complete, "the body was cut: {:?}", response.headers);
}

/// The body may have changed: no length is announced.
pub fn has_no_length(outcome: &Outcome) {
    assert_eq!(outcome.response.header("content-length"), None);
}
