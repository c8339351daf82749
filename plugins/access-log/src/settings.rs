//! The configuration, read strictly and compiled once.

use std::time::Duration;

use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::headers;
use plugin_kit::http;
use plugin_kit::scope::Exempt;
use plugin_kit::service::{self, Service};
use plugin_kit::share::WHOLE;

use crate::queue::Limits;
use crate::secrets::Secrets;

const FIELDS: [&str; 12] = [
    "request",
    "response",
    "maskHeaders",
    "maskFields",
    "maskDefaults",
    "samplePercent",
    "alwaysFromStatus",
    "exempt",
    "requestIdHeader",
    "output",
    "level",
    "service",
];

const MAX_HEADERS: usize = 64;
const MAX_NAMES: usize = 128;
/// What waits for the service, per worker.
const QUEUE_BYTES: usize = 8 * 1024 * 1024;

/// Which bodies of one direction are logged.
#[derive(Debug, Default)]
pub struct Bodies {
    /// The most bytes of each; 0: none are.
    pub most: usize,
    kinds: Vec<String>,
}

impl Bodies {
    /// Whether bodies of a media type (in lower case) are logged.
    pub fn wants(&self, kind: &str) -> bool {
        self.most > 0
            && self.kinds.iter().any(|known| match known.strip_suffix('*') {
                Some(start) => kind.starts_with(start),
                None => kind == known,
            })
    }
}

/// What of one direction is logged.
#[derive(Debug, Default)]
pub struct Message {
    /// In lower case.
    pub headers: Vec<String>,
    /// Bodies.
    pub bodies: Bodies,
}

/// Where lines go.
#[derive(Debug)]
pub enum Output {
    /// Into the proxy's log, as a warning or as an information.
    Log {
        /// As a warning.
        warning: bool,
    },
    /// To a service, in batches.
    Service {
        /// Who gets them.
        service: Service,
        /// More headers of the calls.
        headers: Vec<(String, Vec<u8>)>,
        /// How much waits.
        limits: Limits,
    },
}

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Of requests.
    pub request: Message,
    /// Of responses.
    pub response: Message,
    /// What must not be seen.
    pub secrets: Secrets,
    /// Which share of the exchanges is logged, of [`WHOLE`].
    pub sample: u64,
    /// From this status on, all are logged.
    pub always_from: u16,
    /// Requests that are never logged.
    pub exempt: Exempt,
    /// Clients are told the request's id in this header.
    pub request_id_header: Option<String>,
    /// Where lines go.
    pub output: Output,
    /// What an administrator should know.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: every exchange is logged, without headers and bodies.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let names = |name: &str| {
            fields.list(name, MAX_NAMES, |value, path| match config::string(value, &path, 128)? {
                "" => Err(Refusal::new(path, "must not be empty")),
                text => Ok(text.to_owned()),
            })
        };
        let defaults = fields.boolean("maskDefaults")?.unwrap_or(true);
        let masked_headers =
            fields.list("maskHeaders", MAX_NAMES, |value, path| match config::string(value, &path, 64)? {
                text if http::is_token(text) => Ok(text.to_owned()),
                _ => Err(Refusal::new(path, "must be a header's name")),
            })?;
        let secrets =
            Secrets::new(&masked_headers.unwrap_or_default(), &names("maskFields")?.unwrap_or_default(), defaults);
        let request_id_header = match fields.string("requestIdHeader", 64)? {
            None | Some("") => None,
            Some(_) => Some(headers::name(&fields, "requestIdHeader", "")?),
        };
        let warnings = (!defaults).then(|| "maskDefaults is off: secrets are logged unless they are named".to_owned());
        Ok(Self {
            request: message(&fields, "request")?,
            response: message(&fields, "response")?,
            secrets,
            sample: sample(&fields)?,
            always_from: fields.integer("alwaysFromStatus", 100, 600)?.unwrap_or(500) as u16,
            exempt: Exempt::read(&fields)?,
            request_id_header,
            output: output(&fields)?,
            warnings: warnings.into_iter().collect(),
        })
    }

    /// How often to look whether a batch is due.
    pub fn tick(&self) -> Option<Duration> {
        match &self.output {
            Output::Log { .. } => None,
            Output::Service { limits, .. } => Some(Duration::from_nanos(limits.wait.clamp(50_000_000, 200_000_000))),
        }
    }
}

fn sample(fields: &Fields) -> Result<u64, Refusal> {
    match fields.value("samplePercent").map(|value| value.as_f64()) {
        None => Ok(WHOLE),
        Some(Some(percent)) if (0.0..=100.0).contains(&percent) => Ok((percent * WHOLE as f64 / 100.0).round() as u64),
        Some(_) => Err(fields.refuse("samplePercent", "must be a number from 0 to 100")),
    }
}

fn message(fields: &Fields, name: &str) -> Result<Message, Refusal> {
    let Some(value) = fields.value(name) else {
        return Ok(Message::default());
    };
    let fields = Fields::nested(value, fields.path_of(name), &["headers", "body"])?;
    let headers = fields.list("headers", MAX_HEADERS, |value, path| {
        let name = config::string(value, &path, 64)?.to_ascii_lowercase();
        if http::is_token(&name) { Ok(name) } else { Err(Refusal::new(path, "must be a header's name")) }
    })?;
    let bodies = match fields.value("body") {
        None => Bodies::default(),
        Some(value) => {
            bodies(&Fields::nested(value, fields.path_of("body"), &["enabled", "maxSize", "contentTypes"])?)?
        }
    };
    Ok(Message { headers: headers.unwrap_or_default(), bodies })
}

/// Those in which secrets are found by name.
const KINDS: [&str; 3] = ["application/json", "application/problem+json", "application/x-www-form-urlencoded"];

fn bodies(fields: &Fields) -> Result<Bodies, Refusal> {
    let kinds = fields.list("contentTypes", MAX_NAMES, |value, path| {
        let text = config::string(value, &path, 128)?.to_ascii_lowercase();
        match text.split_once('/') {
            Some((kind, subtype)) if http::is_token(kind) && http::is_token(subtype) && kind != "*" => Ok(text),
            _ => Err(Refusal::new(path, "must be a media type such as text/plain or text/*")),
        }
    })?;
    let most = fields.integer("maxSize", 1, 65_536)?.unwrap_or(4096) as usize;
    Ok(Bodies {
        most: if fields.boolean("enabled")?.unwrap_or(false) { most } else { 0 },
        kinds: kinds.unwrap_or_else(|| KINDS.iter().map(|kind| (*kind).to_owned()).collect()),
    })
}

fn output(fields: &Fields) -> Result<Output, Refusal> {
    let warning = fields.choice("level", &[("warn", true), ("info", false)])?.unwrap_or(true);
    let to_service = fields.choice("output", &[("log", false), ("service", true)])?.unwrap_or(false);
    let Some(value) = fields.value("service") else {
        return match to_service {
            true => Err(fields.refuse("service", "missing; output: service needs it")),
            false => Ok(Output::Log { warning }),
        };
    };
    let known = [&service::FIELDS[..], &["headers", "maxBatch", "maxWaitMs", "maxQueue"]].concat();
    let inside = Fields::nested(value, fields.path_of("service"), &known)?;
    let service = Service::read(&inside, "/")?;
    let headers = headers::pairs(&inside, "headers", 16)?.into_iter();
    let headers = headers.map(|(name, value)| (name, value.into_bytes())).collect();
    let limits = Limits {
        batch: inside.integer("maxBatch", 1, 1000)?.unwrap_or(100) as usize,
        lines: inside.integer("maxQueue", 1, 10_000)?.unwrap_or(1000) as usize,
        bytes: QUEUE_BYTES,
        wait: u64::from(inside.integer("maxWaitMs", 50, 60_000)?.unwrap_or(1000)) * 1_000_000,
    };
    if !to_service {
        return Ok(Output::Log { warning });
    }
    Ok(Output::Service { service, headers, limits })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_name_the_field() {
        let service = |more: &str| format!(r#"{{"output":"service","service":{{"host":"a"{more}}}}}"#);
        for (json, field) in [
            (r#"{"headers":[]}"#.to_owned(), "headers"),
            (r#"{"request":{"header":[]}}"#.to_owned(), "request.header"),
            (r#"{"request":{"headers":["a b"]}}"#.to_owned(), "request.headers[0]"),
            (r#"{"request":{"headers":{"enabled":true}}}"#.to_owned(), "request.headers"),
            (r#"{"response":{"body":{"maxSize":70000}}}"#.to_owned(), "response.body.maxSize"),
            (r#"{"response":{"body":{"contentTypes":["json"]}}}"#.to_owned(), "response.body.contentTypes[0]"),
            (r#"{"maskHeaders":["a b"]}"#.to_owned(), "maskHeaders[0]"),
            (r#"{"maskFields":[""]}"#.to_owned(), "maskFields[0]"),
            (r#"{"samplePercent":101}"#.to_owned(), "samplePercent"),
            (r#"{"samplePercent":"1"}"#.to_owned(), "samplePercent"),
            (r#"{"alwaysFromStatus":601}"#.to_owned(), "alwaysFromStatus"),
            (r#"{"exempt":[{}]}"#.to_owned(), "exempt[0]"),
            (r#"{"requestIdHeader":"host"}"#.to_owned(), "requestIdHeader"),
            (r#"{"output":"file"}"#.to_owned(), "output"),
            (r#"{"output":"service"}"#.to_owned(), "service"),
            (r#"{"level":"debug"}"#.to_owned(), "level"),
            (service(r#","maxBatch":0"#), "service.maxBatch"),
            (service(r#","maxWaitMs":10"#), "service.maxWaitMs"),
            (service(r#","headers":[{"name":"host","value":"x"}]"#), "service.headers[0].name"),
            (service(r#","headers":[{"name":"x","value":"a\nb"}]"#), "service.headers[0].value"),
        ] {
            assert_eq!(Settings::read(json.as_bytes()).expect_err(&json).field(), field, "{json}");
        }
    }

    #[test]
    fn bodies_are_those_with_names_inside_unless_told() {
        let of = |json: &str| {
            Settings::read(format!(r#"{{"request":{{"body":{json}}}}}"#).as_bytes()).expect("good").request.bodies
        };
        assert!(!of("{}").wants("application/json"));
        assert!(of(r#"{"enabled":true}"#).wants("application/json") && !of(r#"{"enabled":true}"#).wants("text/plain"));
        assert!(of(r#"{"enabled":true,"contentTypes":["text/*"]}"#).wants("text/plain"));
    }
}
