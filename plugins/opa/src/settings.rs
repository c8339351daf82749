//! The configuration, read strictly.

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::headers;
use plugin_kit::scope::Exempt;
use plugin_kit::service::Service;

const FIELDS: [&str; 9] = [
    "service",
    "policy",
    "requestHeaders",
    "upstreamHeaders",
    "clientHeaders",
    "exempt",
    "cacheSeconds",
    "rejectedCode",
    "statusOnError",
];
const MAX_HEADERS: usize = 64;

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who is asked.
    pub service: Service,
    /// Which headers of the client the policy sees. None: all.
    request_headers: Option<Vec<String>>,
    /// Which headers of an allowing result the upstream sees.
    pub upstream_headers: Vec<String>,
    /// Which headers of a denying result the client sees.
    pub client_headers: Vec<String>,
    /// What is not asked about.
    pub exempt: Exempt,
    /// How long verdicts are kept; 0: not at all.
    pub cache_seconds: u64,
    /// The status of what the policy denies.
    pub rejected_code: u16,
    /// The status while there is no decision.
    pub status_on_error: u16,
}

impl Settings {
    /// Reads a configuration. Without a service there is nobody to ask.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let path = path(&fields)?;
        let own_path = fields.value("service").and_then(|service| service.get("path"));
        match (own_path, &path) {
            (Some(_), Some(_)) => return Err(fields.refuse("policy", "there is service.path already")),
            (None, None) if fields.value("service").is_some() => return Err(fields.refuse("policy", "is missing")),
            _ => {}
        }
        let service = Service::required(&fields, path.as_deref().unwrap_or_default())?;
        let names = |name: &str| headers::names(&fields, name, MAX_HEADERS);
        let usual = || ["content-type", "location", "www-authenticate"].map(str::to_owned).to_vec();
        let request_headers = names("requestHeaders")?;
        let cache_seconds = fields.integer("cacheSeconds", 0, 3600)?.unwrap_or(0).into();
        if cache_seconds > 0 && request_headers.is_none() {
            return Err(
                fields.refuse("cacheSeconds", "needs requestHeaders: with all headers, no two requests are alike")
            );
        }
        Ok(Self {
            service,
            request_headers,
            upstream_headers: names("upstreamHeaders")?.unwrap_or_default(),
            client_headers: names("clientHeaders")?.unwrap_or_else(usual),
            exempt: Exempt::read(&fields)?,
            cache_seconds,
            rejected_code: fields.integer("rejectedCode", 400, 599)?.unwrap_or(403) as u16,
            status_on_error: fields.integer("statusOnError", 400, 599)?.unwrap_or(403) as u16,
        })
    }

    /// Whether the policy sees a header.
    pub fn sees(&self, name: &str) -> bool {
        self.request_headers.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
    }
}

/// Where OPA answers for a policy: `a.b` is the package, its rule is `allow`.
fn path(fields: &Fields) -> Result<Option<String>, Refusal> {
    let Some(policy) = fields.string("policy", 256)? else {
        return Ok(None);
    };
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    let parts: Vec<_> = policy.split(['.', '/']).collect();
    if parts.iter().any(|part| part.is_empty() || !part.bytes().all(good)) {
        return Err(fields.refuse("policy", "must be the name of a package, such as http.authz"));
    }
    Ok(Some(format!("/v1/data/{}/allow", parts.join("/"))))
}
