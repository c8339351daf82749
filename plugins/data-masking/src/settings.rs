//! The configuration, read strictly and compiled once.

use plugin_kit::config::{self, Fields, Refusal};
use regex_lite::{Regex, RegexBuilder};

use crate::path::{self, Act, Paths};
use crate::rules::{Keep, Pattern, Rules};

const KIB: usize = 1024;
const DEFAULT_MAX_BODY_KIB: u32 = 512;
const MAX_BODY_KIB: u32 = 1024;
const MAX_KEEP: u32 = 64;
const MAX_PATTERNS: usize = 16;
const MAX_PATTERN_CHARS: usize = 512;
const MAX_CONTENT_TYPES: usize = 32;
const MAX_PATHS: usize = 32;

/// Bounds of one expression. Matching takes time in proportion to text and program, and a proxy's worker waits for it.
const PROGRAM_BYTES: usize = 64 * KIB;
const NESTING: u32 = 32;

/// Prose and data, but not style sheets and scripts: digits in those are hardly ever personal.
const DEFAULT_CONTENT_TYPES: [&str; 7] =
    ["application/json", "application/*+json", "application/xml", "text/plain", "text/html", "text/xml", "text/csv"];

const FIELDS: [&str; 12] = [
    "detectors",
    "patterns",
    "jsonPaths",
    "mask",
    "keepFirst",
    "keepLast",
    "maskRequests",
    "maskResponses",
    "contentTypes",
    "maxBodyKiB",
    "largeBodies",
    "plainAnswers",
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Detector {
    Phone,
    IdCard,
    BankCard,
    Email,
    Ipv4,
}

const DETECTORS: [(&str, Detector); 5] = [
    ("phone", Detector::Phone),
    ("id-card", Detector::IdCard),
    ("bank-card", Detector::BankCard),
    ("email", Detector::Email),
    ("ipv4", Detector::Ipv4),
];

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// What is hidden wherever it is.
    pub rules: Rules,
    /// What is hidden or left alone by its place in a JSON text.
    pub paths: Paths,
    /// What comes instead of a hidden character.
    pub mask: char,
    /// Request bodies are masked.
    pub requests: bool,
    /// Response bodies are masked.
    pub responses: bool,
    /// The largest body that is held and masked as a whole, in bytes.
    pub max_body: usize,
    /// Larger ones are masked piece by piece.
    pub streams: bool,
    /// Ask the upstream for whole and uncompressed answers.
    pub plain_answers: bool,
    content_types: Vec<String>,
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let paths = paths(&fields)?;
        let rules = rules(&fields)?;
        if rules.is_empty() && !paths.hide() {
            return Err(fields.refuse("detectors", "empty, and there are no patterns: nothing would be masked"));
        }
        let requests = fields.boolean("maskRequests")?.unwrap_or(false);
        let responses = fields.boolean("maskResponses")?.unwrap_or(true);
        if !requests && !responses {
            return Err(fields.refuse("maskResponses", "false, and maskRequests is not true: nothing would be masked"));
        }
        Ok(Self {
            rules,
            paths,
            requests,
            responses,
            streams: fields.choice("largeBodies", &[("stream", true), ("pass", false)])?.unwrap_or(true),
            mask: mask(&fields)?,
            max_body: fields.integer("maxBodyKiB", 1, MAX_BODY_KIB)?.unwrap_or(DEFAULT_MAX_BODY_KIB) as usize * KIB,
            plain_answers: fields.boolean("plainAnswers")?.unwrap_or(true),
            content_types: content_types(&fields)?,
        })
    }

    /// Whether bodies of this media type (lower case, without parameters) are looked at.
    pub fn wants(&self, media_type: &str) -> bool {
        self.content_types.iter().any(|wanted| match wanted.split_once('*') {
            None => wanted == media_type,
            Some((front, back)) => {
                media_type.strip_prefix(front).is_some_and(|rest| rest.len() > back.len() && rest.ends_with(back))
            }
        })
    }
}

fn rules(fields: &Fields) -> Result<Rules, Refusal> {
    let first = fields.integer("keepFirst", 0, MAX_KEEP)?;
    let last = fields.integer("keepLast", 0, MAX_KEEP)?;
    let keep = |default_first: usize, default_last: usize| {
        Some(Keep {
            first: first.map_or(default_first, |n| n as usize),
            last: last.map_or(default_last, |n| n as usize),
        })
    };
    let detectors = fields
        .list("detectors", DETECTORS.len(), |value, path| config::choice(value, &path, &DETECTORS))?
        .unwrap_or(vec![Detector::Phone, Detector::IdCard, Detector::BankCard, Detector::Email]);
    let mut rules = Rules::default();
    for detector in detectors {
        match detector {
            Detector::Phone => rules.phone = keep(3, 4),
            Detector::IdCard => rules.id_card = keep(3, 4),
            Detector::BankCard => rules.bank_card = keep(4, 4),
            Detector::Email => rules.email = keep(1, 0),
            Detector::Ipv4 => rules.ipv4 = keep(2, 0),
        }
    }
    rules.patterns = fields
        .list("patterns", MAX_PATTERNS, |value, path| {
            let fields = Fields::nested(value, path, &["match", "keepFirst", "keepLast"])?;
            let own = |name| fields.integer(name, 0, MAX_KEEP);
            Ok(Pattern {
                keep: Keep {
                    first: own("keepFirst")?.or(first).unwrap_or(0) as usize,
                    last: own("keepLast")?.or(last).unwrap_or(0) as usize,
                },
                regex: regex(&fields)?,
            })
        })?
        .unwrap_or_default();
    Ok(rules)
}

fn paths(fields: &Fields) -> Result<Paths, Refusal> {
    #[derive(Clone, Copy)]
    enum Kind {
        Mask,
        Detect,
        Skip,
    }
    let mut paths = Paths::default();
    let general = |name| fields.integer(name, 0, MAX_KEEP);
    let (first, last) = (general("keepFirst")?, general("keepLast")?);
    fields.list("jsonPaths", MAX_PATHS, |value, path| {
        let fields = Fields::nested(value, path, &["path", "action", "keepFirst", "keepLast"])?;
        let text = fields.string("path", path::LONGEST)?.ok_or_else(|| fields.refuse("path", "is missing"))?;
        let own = |name| fields.integer(name, 0, MAX_KEEP);
        let keep = Keep {
            first: own("keepFirst")?.or(first).unwrap_or(0) as usize,
            last: own("keepLast")?.or(last).unwrap_or(0) as usize,
        };
        let kinds = [("mask", Kind::Mask), ("detect", Kind::Detect), ("skip", Kind::Skip)];
        let act = match fields.choice("action", &kinds)?.unwrap_or(Kind::Mask) {
            Kind::Mask => Act::Mask(keep),
            Kind::Detect => Act::Detect,
            Kind::Skip => Act::Skip,
        };
        paths.add(text, act, &fields.path_of("path"))
    })?;
    Ok(paths)
}

fn regex(fields: &Fields) -> Result<Regex, Refusal> {
    let text = fields.string("match", MAX_PATTERN_CHARS)?.unwrap_or_default();
    if text.is_empty() {
        return Err(fields.refuse("match", "missing or empty"));
    }
    let regex = RegexBuilder::new(text)
        .size_limit(PROGRAM_BYTES)
        .nest_limit(NESTING)
        .build()
        .map_err(|error| fields.refuse("match", error.to_string()))?;
    if regex.is_match("") {
        return Err(fields.refuse("match", "matches the empty text, so it would match everywhere"));
    }
    Ok(regex)
}

fn mask(fields: &Fields) -> Result<char, Refusal> {
    let Some(text) = fields.string("mask", 1)? else {
        return Ok('*');
    };
    match text.chars().next() {
        Some(c) if c.is_control() || c.is_whitespace() || "\"\\<>&'".contains(c) => {
            Err(fields.refuse("mask", "must not be a blank or control character nor one of \" \\ < > & '"))
        }
        Some(c) => Ok(c),
        None => Err(fields.refuse("mask", "must be one character, got none")),
    }
}

fn content_types(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let given = fields.list("contentTypes", MAX_CONTENT_TYPES, |value, path| {
        let text = config::string(value, &path, 100)?.to_ascii_lowercase();
        if is_content_type(&text) {
            Ok(text)
        } else {
            Err(Refusal::new(path, "must look like application/json, text/* or application/*+json"))
        }
    })?;
    match given {
        None => Ok(DEFAULT_CONTENT_TYPES.map(str::to_owned).to_vec()),
        Some(list) if list.is_empty() => Err(fields.refuse("contentTypes", "empty: nothing would be masked")),
        Some(list) => Ok(list),
    }
}

fn is_content_type(text: &str) -> bool {
    let word =
        |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b));
    match text.split_once('/') {
        None => false,
        Some((kind, subtype)) => {
            word(kind)
                && match subtype.strip_prefix('*') {
                    None => word(subtype),
                    Some(rest) => rest.is_empty() || rest.strip_prefix('+').is_some_and(word),
                }
        }
    }
}

#[cfg(test)]
mod tests;
