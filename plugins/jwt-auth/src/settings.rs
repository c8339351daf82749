//! The configuration, read strictly.

use plugin_kit::access::{self, Access};
use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::credentials::{Header, Places};
use plugin_kit::headers;
use plugin_kit::http;
use plugin_kit::service::{self, Service};
use serde_json::Value;

use crate::algorithm;
use crate::consumer::{Consumer, Source};
use crate::keys::Keys;
use crate::remote::Remote;

const FIELDS: [&str; 4] = ["consumers", "fromHeaders", "fromParams", "fromCookies"];
const CONSUMER_FIELDS: [&str; 10] = [
    "name",
    "issuer",
    "audiences",
    "jwks",
    "remoteJwks",
    "algorithms",
    "requiredClaims",
    "claimsToHeaders",
    "clockSkewSeconds",
    "requireExpiry",
];
const MAX_CONSUMERS: usize = 256;
const MAX_REMOTES: usize = 16;
const MAX_JWKS: usize = 256 * 1024;
const MAX_ITEMS: usize = 32;
const MAX_PLACES: usize = 8;
const MAX_TEXT: usize = 512;

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who may do what.
    pub access: Access,
    /// Where tokens are.
    pub places: Places,
    /// Whose they are; the first one that fits.
    pub consumers: Vec<Consumer>,
    /// Services that have keys.
    pub remotes: Vec<Remote>,
    /// The headers that only claims may fill.
    pub claim_headers: Vec<String>,
    /// What the administrator should know.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads a configuration. Without consumers, nobody's token is good.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &[&FIELDS[..], &access::FIELDS].concat())?;
        let places = places(&fields)?;
        let (mut remotes, mut names) = (Vec::new(), Vec::<String>::new());
        let consumers = fields.list("consumers", MAX_CONSUMERS, |value, path| {
            let fields = Fields::nested(value, path, &CONSUMER_FIELDS)?;
            let consumer = consumer(&fields, value, &mut remotes)?;
            if names.contains(&consumer.name) {
                return Err(fields.refuse("name", "is the name of another consumer, too"));
            }
            names.push(consumer.name.clone());
            Ok(consumer)
        })?;
        let consumers = consumers.unwrap_or_default();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut access = Access::read(&fields, &names)?;
        // Unlike keys and passwords, a token is often read by the upstream, too.
        access.hide_credentials = fields.boolean("hideCredentials")?.unwrap_or(false);
        let mut claim_headers = Vec::new();
        for (_, header) in consumers.iter().flat_map(|consumer| &consumer.headers) {
            if !claim_headers.contains(header) {
                claim_headers.push(header.clone());
            }
        }
        if claim_headers.iter().any(|header| header == access.consumer_header()) {
            return Err(fields.refuse("consumerHeader", "is the header of a claim, too"));
        }
        let warnings = warnings(&consumers);
        Ok(Self { access, places, consumers, remotes, claim_headers, warnings })
    }
}

fn warnings(consumers: &[Consumer]) -> Vec<String> {
    let mut warnings = Vec::new();
    if consumers.is_empty() {
        warnings.push("no consumers: every request that is not exempted is refused".to_owned());
    }
    let anybody = consumers.iter().filter(|consumer| consumer.audiences.is_empty()).count();
    if anybody > 0 {
        warnings.push(format!("{anybody} consumers without audiences: tokens for other services are good here, too"));
    }
    let for_ever = consumers.iter().filter(|consumer| !consumer.needs_expiry).count();
    if for_ever > 0 {
        warnings.push(format!("{for_ever} consumers whose tokens need not expire"));
    }
    warnings
}

fn places(fields: &Fields) -> Result<Places, Refusal> {
    let headers = fields.list("fromHeaders", MAX_PLACES, |value, path| {
        let fields = Fields::nested(value, path, &["name", "valuePrefix"])?;
        let name = headers::name(&fields, "name", "")?;
        let prefix = fields.string("valuePrefix", 32)?.unwrap_or_default();
        match prefix.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && prefix.trim_start() == prefix {
            true => Ok(Header { name, prefix: prefix.to_owned(), optional: false }),
            false => Err(fields.refuse("valuePrefix", "must be printable ASCII")),
        }
    })?;
    let names = |name: &str| {
        let names = fields.list(name, MAX_PLACES, |value, path| {
            let name = config::string(value, &path, 64)?;
            if http::is_token(name) { Ok(name.to_owned()) } else { Err(Refusal::new(path, "must be a plain name")) }
        })?;
        Ok::<_, Refusal>(names.unwrap_or_default())
    };
    let usual = || vec![Header { name: "authorization".to_owned(), prefix: "Bearer ".to_owned(), optional: false }];
    let places = Places {
        headers: headers.unwrap_or_else(usual),
        parameters: names("fromParams")?,
        cookies: names("fromCookies")?,
    };
    match places.headers.is_empty() && places.parameters.is_empty() && places.cookies.is_empty() {
        true => Err(fields.refuse("fromHeaders", "tokens must be somewhere")),
        false => Ok(places),
    }
}

fn consumer(fields: &Fields, value: &Value, remotes: &mut Vec<Remote>) -> Result<Consumer, Refusal> {
    let texts = |name: &str| {
        let texts = fields.list(name, MAX_ITEMS, |value, path| match config::string(value, &path, MAX_TEXT)? {
            "" => Err(Refusal::new(path, "must not be empty")),
            text => Ok(text.to_owned()),
        })?;
        Ok::<_, Refusal>(texts.unwrap_or_default())
    };
    let issuer = match fields.string("issuer", MAX_TEXT)? {
        Some("") => return Err(fields.refuse("issuer", "must not be empty")),
        issuer => issuer.map(str::to_owned),
    };
    let algorithms =
        fields.list("algorithms", MAX_ITEMS, |value, path| config::choice(value, &path, &algorithm::NAMES))?;
    let claims = fields.list("requiredClaims", MAX_ITEMS, |value, path| {
        let fields = Fields::nested(value, path, &["claim", "values"])?;
        let values = fields
            .list("values", MAX_ITEMS, |value, path| config::string(value, &path, MAX_TEXT).map(str::to_owned))?;
        let values = values.filter(|values| !values.is_empty()).ok_or_else(|| fields.refuse("values", "is missing"))?;
        Ok((claim_name(&fields)?, values))
    })?;
    let headers = fields.list("claimsToHeaders", MAX_ITEMS, |value, path| {
        let fields = Fields::nested(value, path, &["claim", "header"])?;
        Ok((claim_name(&fields)?, headers::name(&fields, "header", "")?))
    })?;
    Ok(Consumer {
        name: access::consumer_name(fields, "name")?.to_owned(),
        issuer,
        audiences: texts("audiences")?,
        algorithms: algorithms.unwrap_or_default(),
        claims: claims.unwrap_or_default(),
        headers: headers.unwrap_or_default(),
        leeway: fields.integer("clockSkewSeconds", 0, 600)?.unwrap_or(60).into(),
        needs_expiry: fields.boolean("requireExpiry")?.unwrap_or(true),
        source: source(fields, value, remotes)?,
    })
}

fn source(fields: &Fields, value: &Value, remotes: &mut Vec<Remote>) -> Result<Source, Refusal> {
    match (fields.string("jwks", MAX_JWKS)?, value.get("remoteJwks")) {
        (Some(_), Some(_)) => Err(fields.refuse("remoteJwks", "there is jwks already")),
        (None, None) => Err(fields.refuse("jwks", "is missing, and so is remoteJwks")),
        (Some(text), None) => Ok(Source::Inline(Keys::read(text).map_err(|why| fields.refuse("jwks", why))?)),
        (None, Some(remote)) => {
            let path = fields.path_of("remoteJwks");
            let known = [&service::FIELDS[..], &["refreshSeconds"]].concat();
            let remote = Fields::nested(remote, path, &known)?;
            let service = Service::read(&remote, "/.well-known/jwks.json")?;
            let refresh = remote.integer("refreshSeconds", 10, 86_400)?.unwrap_or(300);
            if let Some(same) = remotes.iter().position(|known| *known.service() == service) {
                return Ok(Source::Remote(same));
            }
            if remotes.len() >= MAX_REMOTES {
                return Err(fields.refuse("remoteJwks", format!("at most {MAX_REMOTES} services")));
            }
            remotes.push(Remote::new(service, refresh.into()));
            Ok(Source::Remote(remotes.len() - 1))
        }
    }
}

fn claim_name(fields: &Fields) -> Result<String, Refusal> {
    match fields.string("claim", MAX_TEXT)? {
        None | Some("") => Err(fields.refuse("claim", "is missing")),
        Some(name) => Ok(name.to_owned()),
    }
}

#[cfg(test)]
mod tests;
