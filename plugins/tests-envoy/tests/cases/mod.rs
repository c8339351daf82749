//! The table of exchanges, a file for each plugin.

#![allow(dead_code, reason = "each file of cases looks at what it needs")]

use tests_envoy::client::{Payload, Response};
use tests_envoy::envoy::Plugin;
use tests_envoy::upstream::{Received, sized};

/// A file of cases on each line: it has `cases()` and `refused()`.
macro_rules! files {
    ($($file:ident,)*) => {
        $(mod $file;)*

        /// All exchanges.
        pub fn all() -> Vec<Case> {
            [$($file::cases()),*].into_iter().flatten().collect()
        }

        /// All refusals.
        pub fn refused() -> Vec<Refused> {
            [$($file::refused()),*].into_iter().flatten().collect()
        }
    };
}

files! {
    access_log,
    basic_auth,
    bot_detect,
    cache_control,
    chains,
    cors,
    custom_response,
    edges,
    ext_auth,
    hmac_auth,
    ip_restriction,
    jwt_auth,
    key_auth,
    masking,
    notice,
    opa,
    rate_limit,
    redirect_rewrite,
    request_block,
    request_validation,
    traffic_tag,
    transformer,
}

/// What came of an exchange.
pub struct Outcome {
    /// What the client got.
    pub response: Response,
    /// What the client got for the same request before, if it was repeated.
    pub earlier: Vec<Response>,
    /// The head of the request that the upstream got, in lower case; empty if it got none.
    pub request: String,
    /// The request that the upstream got.
    pub received: Option<Received>,
    /// What the called service got, in the order of the case's callouts.
    pub calls: Vec<Option<Received>>,
    /// The lines of Envoy's log that the case asked for.
    pub log: Vec<String>,
}

impl Outcome {
    /// The request that must have reached the upstream as a whole.
    pub fn upstream(&self) -> &Received {
        let received = self.received.as_ref().expect("the upstream got nothing");
        assert!(received.complete, "the upstream's request is not complete");
        received
    }

    /// The request was refused with this status, and the upstream has no complete one.
    pub fn is_refused(&self, status: u16) {
        assert_eq!(self.response.status, status, "{:?}", self.response);
        assert!(!self.received.as_ref().is_some_and(|r| r.complete), "it reached the upstream");
        assert!(self.response.complete);
    }
}

/// One exchange.
pub struct Case {
    /// What it shows.
    pub name: &'static str,
    /// The plugins, the outermost first.
    pub chain: Vec<Plugin>,
    /// The client speaks HTTP/2.
    pub http2: bool,
    /// The request's method.
    pub method: &'static str,
    /// The request's path; unique without its query.
    pub path: &'static str,
    /// The request's header lines. Each character is one byte.
    pub headers: Vec<&'static str>,
    /// The request's body.
    pub payload: Payload,
    /// How often it is sent; the last one counts.
    pub times: usize,
    /// What the upstream sends.
    pub answer: Vec<Vec<u8>>,
    /// Where the upstream gets it, if not at `path`. Without query, and unique.
    pub upstream_path: Option<&'static str>,
    /// What the service of callouts sends: path (without query, unique) and answer.
    pub callouts: Vec<(&'static str, Vec<Vec<u8>>)>,
    /// The service is called after the exchange, by a tick: its calls are waited for.
    pub calls_later: bool,
    /// The lines of Envoy's log with this in them are wanted, and waited for.
    pub logged: Option<&'static str>,
    /// The counters that rise with the last exchange, and by how much.
    pub counted: Vec<(&'static str, u64)>,
    /// What must be true of the outcome.
    pub check: fn(&Outcome),
}

impl Case {
    /// A GET for `path`, answered with 200 and `ok`.
    pub fn new(name: &'static str, chain: Vec<Plugin>, path: &'static str) -> Self {
        Self {
            name,
            chain,
            http2: false,
            method: "GET",
            path,
            headers: vec![],
            payload: Payload::None,
            times: 1,
            answer: sized(&["content-type: text/plain"], b"ok"),
            upstream_path: None,
            callouts: vec![],
            calls_later: false,
            logged: None,
            counted: vec![],
            check: |_| (),
        }
    }
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

/// Text that lives as long as the test.
pub fn leak(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
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
