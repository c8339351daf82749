//! The configuration, read strictly.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::headers;
use plugin_kit::scope::Exempt;
use plugin_kit::service::Service;

const FIELDS: [&str; 11] = [
    "service",
    "method",
    "requestHeaders",
    "headersToAdd",
    "upstreamHeaders",
    "clientHeaders",
    "exempt",
    "cacheSeconds",
    "cacheAnyPath",
    "failureModeAllow",
    "statusOnError",
];
const MAX_HEADERS: usize = 64;

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who is asked.
    pub service: Service,
    /// With which method.
    pub method: String,
    /// Which headers of the client it sees.
    pub request_headers: Vec<String>,
    /// What else it is told.
    pub headers_to_add: Vec<(String, String)>,
    /// Which headers of an allowing answer the upstream sees.
    pub upstream_headers: Vec<String>,
    /// Which headers of a denying answer the client sees.
    pub client_headers: Vec<String>,
    /// What is not asked about.
    pub exempt: Exempt,
    /// How long answers are kept; 0: not at all.
    pub cache_seconds: u64,
    /// Answers hold for all paths.
    pub cache_any_path: bool,
    /// Requests pass while the service is away.
    pub failure_mode_allow: bool,
    /// The status while the service is away.
    pub status_on_error: u16,
}

impl Settings {
    /// Reads a configuration. Without a service there is nobody to ask.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let names = |name: &str, default: &[&str]| -> Result<Vec<String>, Refusal> {
            let names = headers::names(&fields, name, MAX_HEADERS)?;
            Ok(names.unwrap_or_else(|| default.iter().map(|&name| name.to_owned()).collect()))
        };
        let method = fields.choice("method", &[("GET", "GET"), ("POST", "POST"), ("HEAD", "HEAD")])?.unwrap_or("GET");
        Ok(Self {
            service: Service::required(&fields, "/")?,
            method: method.to_owned(),
            request_headers: names("requestHeaders", &["authorization", "cookie"])?,
            headers_to_add: headers::pairs(&fields, "headersToAdd", MAX_HEADERS)?,
            upstream_headers: names("upstreamHeaders", &[])?,
            client_headers: names("clientHeaders", &["content-type", "location", "set-cookie", "www-authenticate"])?,
            exempt: Exempt::read(&fields)?,
            cache_seconds: fields.integer("cacheSeconds", 0, 3600)?.unwrap_or(0).into(),
            cache_any_path: fields.boolean("cacheAnyPath")?.unwrap_or(false),
            failure_mode_allow: fields.boolean("failureModeAllow")?.unwrap_or(false),
            status_on_error: fields.integer("statusOnError", 400, 599)?.unwrap_or(403) as u16,
        })
    }
}
