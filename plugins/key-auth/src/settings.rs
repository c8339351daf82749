//! The configuration, read strictly.

use plugin_kit::access::{self, Access, MAX_CONSUMERS};
use plugin_kit::config::{self, Fields, Refusal};
use plugin_kit::credentials::{Header, Places};
use plugin_kit::http;

use crate::keys::{self, Keys};

const FIELDS: [&str; 5] = ["consumers", "keyNames", "inHeader", "inQuery", "inCookie"];
const MAX_NAMES: usize = 8;
const MAX_KEY: usize = 1024;
const MAX_KEYS: usize = 16;
/// A shorter key can be guessed, and its digest be undone.
const SHORT: usize = 16;

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// Who may do what.
    pub access: Access,
    /// Where keys are.
    pub places: Places,
    /// Whose they are.
    pub keys: Keys,
    /// What the administrator should know.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Reads a configuration. Without consumers, nobody has a key.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &[&FIELDS[..], &access::FIELDS].concat())?;
        let places = places(&fields)?;
        let (mut keys, mut plain, mut short) = (Keys::default(), 0, 0);
        fields.list("consumers", MAX_CONSUMERS, |value, path| {
            let fields = Fields::nested(value, path, &["name", "credentials"])?;
            let name = access::consumer_name(&fields, "name")?;
            if keys.names().contains(&name) {
                return Err(fields.refuse("name", "is the name of another consumer, too"));
            }
            let digests = fields.list("credentials", MAX_KEYS, |value, path| {
                let text = config::string(value, &path, MAX_KEY)?;
                if let Some(digest) = text.strip_prefix("sha256:") {
                    return hex(digest)
                        .ok_or_else(|| Refusal::new(path, "must be 64 hexadecimal digits behind sha256:"));
                }
                if text.is_empty() || !text.bytes().all(|b| b.is_ascii_graphic()) {
                    return Err(Refusal::new(path, "must be printable ASCII without blanks"));
                }
                plain += 1;
                short += usize::from(text.len() < SHORT);
                Ok(keys::hash(text.as_bytes()))
            })?;
            let digests =
                digests.filter(|d| !d.is_empty()).ok_or_else(|| fields.refuse("credentials", "is missing"))?;
            keys.add(name, &digests).map_err(|i| {
                fields.refuse(&format!("credentials[{i}]"), "is a key of another consumer, or there twice")
            })
        })?;
        let mut warnings = Vec::new();
        if keys.names().is_empty() {
            warnings.push("no consumers: every request that is not exempted is refused".to_owned());
        }
        if plain > 0 {
            warnings.push(format!("{plain} keys are in the configuration as plain text: prefer sha256:<digest>"));
        }
        if short > 0 {
            warnings.push(format!("{short} keys are shorter than {SHORT} characters and can be guessed"));
        }
        Ok(Self { access: Access::read(&fields, &keys.names())?, places, keys, warnings })
    }
}

fn places(fields: &Fields) -> Result<Places, Refusal> {
    let names = fields.list("keyNames", MAX_NAMES, |value, path| {
        let name = config::string(value, &path, 64)?;
        match http::is_token(name) && http::is_header_name(&name.to_ascii_lowercase()) {
            true => Ok(name.to_owned()),
            false => Err(Refusal::new(path, "must be a name of letters, digits and dashes")),
        }
    })?;
    let names = names.unwrap_or_else(|| vec!["apikey".to_owned(), "x-api-key".to_owned()]);
    let are_in = |field, default| Ok::<_, Refusal>(fields.boolean(field)?.unwrap_or(default));
    let (header, query, cookie) = (are_in("inHeader", true)?, are_in("inQuery", false)?, are_in("inCookie", false)?);
    if names.is_empty() {
        return Err(fields.refuse("keyNames", "must not be empty"));
    }
    if !(header || query || cookie) {
        return Err(fields.refuse("inHeader", "one of inHeader, inQuery and inCookie must be true"));
    }
    let chosen = |chosen: bool| if chosen { names.clone() } else { Vec::new() };
    let in_header =
        |name: String| Header { name: name.to_ascii_lowercase(), prefix: "Bearer ".to_owned(), optional: true };
    Ok(Places {
        headers: chosen(header).into_iter().map(in_header).collect(),
        parameters: chosen(query),
        cookies: chosen(cookie),
    })
}

fn hex(text: &str) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, pair) in out.iter_mut().zip(text.as_bytes().chunks(2)) {
        let digit = |b: u8| (b as char).to_digit(16);
        *byte = (digit(pair[0])? * 16 + digit(pair[1])?) as u8;
    }
    Some(out)
}
