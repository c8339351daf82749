//! A service that a plugin calls.

use std::time::Duration;

use crate::config::{Fields, Refusal};
use crate::http;
use crate::plugin::Call;

/// The fields of [`Service::read`].
pub const FIELDS: [&str; 5] = ["host", "port", "cluster", "path", "timeoutMs"];

/// Where a service is, and how long it may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    cluster: String,
    host: String,
    path: String,
    timeout: Duration,
}

impl Service {
    /// Reads `host`, `port` (80), `cluster` (`outbound|<port>||<host>`, as Istio calls it), `path` and `timeoutMs` (1000).
    pub fn read(fields: &Fields, default_path: &str) -> Result<Self, Refusal> {
        let host = fields.string("host", 253)?.ok_or_else(|| fields.refuse("host", "is missing"))?;
        let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        if host.is_empty() || !host.bytes().all(good) {
            return Err(fields.refuse("host", "must be the full name of a service"));
        }
        let port = fields.integer("port", 1, 65_535)?.unwrap_or(80);
        let path = fields.string("path", 1024)?.unwrap_or(default_path);
        if !path.starts_with('/') || !path.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(fields.refuse("path", "must begin with / and have no blanks"));
        }
        let cluster = match fields.string("cluster", 512)? {
            None => format!("outbound|{port}||{host}"),
            Some("") => return Err(fields.refuse("cluster", "must not be empty")),
            Some(cluster) => cluster.to_owned(),
        };
        let timeout = fields.integer("timeoutMs", 10, 60_000)?.unwrap_or(1000);
        Ok(Self {
            cluster,
            host: host.to_owned(),
            path: path.to_owned(),
            timeout: Duration::from_millis(timeout.into()),
        })
    }

    /// Reads the object `service`, which must be there.
    pub fn required(fields: &Fields, default_path: &str) -> Result<Self, Refusal> {
        let service = fields.value("service").ok_or_else(|| fields.refuse("service", "is missing"))?;
        Self::read(&Fields::nested(service, fields.path_of("service"), &FIELDS)?, default_path)
    }

    /// Its name.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// A request to it. Header values that are not UTF-8 arrive damaged, and so do not mean what they say.
    pub fn call(&self, method: &str, headers: &[(String, Vec<u8>)], body: Vec<u8>) -> Call {
        let text = |(name, value): &(String, Vec<u8>)| (name.clone(), String::from_utf8_lossy(value).into_owned());
        Call {
            cluster: self.cluster.clone(),
            method: method.to_owned(),
            host: self.host.clone(),
            path: self.path.clone(),
            headers: headers.iter().filter(|(_, value)| http::is_header_value(value)).map(text).collect(),
            body,
            timeout: self.timeout,
        }
    }
}
