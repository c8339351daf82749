//! The configuration, read strictly.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::http;
use plugin_kit::scope::{MAX_RULES, RULE_FIELDS, Rule};
use plugin_kit::service::{self, Service};

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
    pub exempt: Vec<Rule>,
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
        let service = map.get("service").ok_or_else(|| fields.refuse("service", "is missing"))?;
        let service = Service::read(&Fields::nested(service, "service".to_owned(), &service::FIELDS)?, "/")?;
        let exempt = fields.list("exempt", MAX_RULES, |value, path| {
            let rule = Rule::read(&Fields::nested(value, path.clone(), &RULE_FIELDS)?)?;
            match rule.is_for_all() {
                true => Err(Refusal::new(path, "must name paths, methods or hosts: an empty one exempts everything")),
                false => Ok(rule),
            }
        })?;
        let names = |name: &str, default: &[&str]| -> Result<Vec<String>, Refusal> {
            let names =
                fields.list(name, MAX_HEADERS, |value, path| header_name(config::string(value, &path, 64)?, path))?;
            Ok(names.unwrap_or_else(|| default.iter().map(|&name| name.to_owned()).collect()))
        };
        let headers_to_add = fields.list("headersToAdd", MAX_HEADERS, |value, path| {
            let fields = Fields::nested(value, path, &["name", "value"])?;
            let name = header_name(fields.string("name", 64)?.unwrap_or_default(), fields.path_of("name"))?;
            let value = fields.string("value", 1024)?.unwrap_or_default();
            match http::is_header_value(value.as_bytes()) {
                true => Ok((name, value.to_owned())),
                false => Err(fields.refuse("value", "must not have control characters")),
            }
        })?;
        let method = fields.choice("method", &[("GET", "GET"), ("POST", "POST"), ("HEAD", "HEAD")])?.unwrap_or("GET");
        Ok(Self {
            service,
            method: method.to_owned(),
            request_headers: names("requestHeaders", &["authorization", "cookie"])?,
            headers_to_add: headers_to_add.unwrap_or_default(),
            upstream_headers: names("upstreamHeaders", &[])?,
            client_headers: names("clientHeaders", &["content-type", "location", "set-cookie", "www-authenticate"])?,
            exempt: exempt.unwrap_or_default(),
            cache_seconds: fields.integer("cacheSeconds", 0, 3600)?.unwrap_or(0).into(),
            cache_any_path: fields.boolean("cacheAnyPath")?.unwrap_or(false),
            failure_mode_allow: fields.boolean("failureModeAllow")?.unwrap_or(false),
            status_on_error: fields.integer("statusOnError", 400, 599)?.unwrap_or(403) as u16,
        })
    }
}

fn header_name(text: &str, path: String) -> Result<String, Refusal> {
    let name = text.to_ascii_lowercase();
    if http::is_header_name(&name) { Ok(name) } else { Err(Refusal::new(path, "must be a header's name")) }
}
