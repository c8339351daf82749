//! The configuration, read strictly, with the banners rendered once.

use plugin_kit::config::{self, Fields, Refusal};

use crate::banner::{self, Level, Link, Look, Position};
use crate::dismissal::Dismissal;
use crate::language::Language;
use crate::time;

const KIB: usize = 1024;
const DEFAULT_MAX_BODY_KIB: u32 = 512;
const MAX_BODY_KIB: u32 = 1024;
const MAX_TEXT: usize = 1000;
const MAX_LINK_TEXT: usize = 100;
const MAX_LINK: usize = 2000;
const MAX_PATHS: usize = 64;
const MAX_PATH: usize = 256;

const FIELDS: [&str; 15] = [
    "textEn",
    "textZh",
    "defaultLanguage",
    "level",
    "position",
    "link",
    "linkTextEn",
    "linkTextZh",
    "dismissible",
    "dismissDays",
    "paths",
    "start",
    "end",
    "maxBodyKiB",
    "plainAnswers",
];

/// The compiled configuration.
#[derive(Debug)]
pub struct Settings {
    /// What is put in; none without a text.
    pub banners: Option<Banners>,
    /// How visitors put it away, if they may.
    pub dismissal: Option<Dismissal>,
    /// Where it goes.
    pub position: Position,
    /// The largest page that is changed, in bytes.
    pub max_body: usize,
    /// Ask the upstream for whole and uncompressed pages.
    pub plain_answers: bool,
    paths: Vec<String>,
    start: Option<i64>,
    end: Option<i64>,
}

/// The rendered notice, in one or both languages.
#[derive(Debug)]
pub struct Banners {
    /// In English.
    pub en: Option<String>,
    /// In Chinese.
    pub zh: Option<String>,
    /// For those who read neither.
    pub default: Language,
}

impl Banners {
    /// The banner for a reader of this language, or in the language there is.
    pub fn get(&self, language: Language) -> &str {
        let (wanted, other) = match language {
            Language::En => (&self.en, &self.zh),
            Language::Zh => (&self.zh, &self.en),
        };
        wanted.as_deref().or(other.as_deref()).unwrap_or_default()
    }

    /// Whether the reader's language makes a difference.
    pub fn differ(&self) -> bool {
        self.en.is_some() && self.zh.is_some()
    }
}

impl Settings {
    /// Reads and compiles a configuration. No bytes mean the defaults: no text, so nothing is shown.
    pub fn read(bytes: &[u8]) -> Result<Self, Refusal> {
        let map = config::parse(bytes)?;
        let fields = Fields::root(&map, &FIELDS)?;
        let dismissal = dismissal(&fields)?;
        let position = fields
            .choice("position", &[("top", Position::Top), ("bottom", Position::Bottom)])?
            .unwrap_or(Position::Top);
        let start = moment(&fields, "start")?;
        let end = moment(&fields, "end")?;
        if let (Some(start), Some(end)) = (start, end)
            && end <= start
        {
            return Err(fields.refuse("end", "must be later than start"));
        }
        Ok(Self {
            banners: banners(&fields, position, dismissal.as_ref())?,
            dismissal,
            position,
            max_body: fields.integer("maxBodyKiB", 1, MAX_BODY_KIB)?.unwrap_or(DEFAULT_MAX_BODY_KIB) as usize * KIB,
            plain_answers: fields.boolean("plainAnswers")?.unwrap_or(true),
            paths: fields.list("paths", MAX_PATHS, path)?.unwrap_or_default(),
            start,
            end,
        })
    }

    /// Whether the time matters at all.
    pub fn has_window(&self) -> bool {
        self.start.is_some() || self.end.is_some()
    }

    /// Whether the notice is shown at this time (nanoseconds since 1970): from `start` on, until just before `end`.
    pub fn is_shown_at(&self, now: i64) -> bool {
        self.start.is_none_or(|start| now >= start) && self.end.is_none_or(|end| now < end)
    }

    /// Whether the notice is shown on this path. A prefix ends at a slash: `/shop` is not `/shopping`.
    pub fn is_shown_on(&self, path: &[u8]) -> bool {
        self.paths.is_empty()
            || self.paths.iter().any(|prefix| {
                path.strip_prefix(prefix.as_bytes())
                    .is_some_and(|rest| rest.is_empty() || prefix.ends_with('/') || rest[0] == b'/')
            })
    }
}

const LEVELS: [(&str, Level); 4] = [
    ("info", Level::Info),
    ("promotion", Level::Promotion),
    ("warning", Level::Warning),
    ("critical", Level::Critical),
];

fn dismissal(fields: &Fields) -> Result<Option<Dismissal>, Refusal> {
    let days = fields.integer("dismissDays", 0, 365)?.unwrap_or(30);
    let said = [
        fields.string("textEn", MAX_TEXT)?.unwrap_or_default(),
        fields.string("textZh", MAX_TEXT)?.unwrap_or_default(),
        fields.string("link", MAX_LINK)?.unwrap_or_default(),
    ];
    Ok(fields.boolean("dismissible")?.unwrap_or(false).then(|| Dismissal::of(&said, days)))
}

fn banners(fields: &Fields, position: Position, dismissal: Option<&Dismissal>) -> Result<Option<Banners>, Refusal> {
    let level = fields.choice("level", &LEVELS)?.unwrap_or(Level::Info);
    let close = dismissal.map(Dismissal::link);
    let default =
        fields.choice("defaultLanguage", &[("en", Language::En), ("zh", Language::Zh)])?.unwrap_or(Language::En);
    let address = link(fields)?;
    let render = |text: &str, link_text: Option<&str>, language| {
        let (link_text, fallback) = (
            link_text.unwrap_or_default(),
            match language {
                Language::En => "Learn more",
                Language::Zh => "了解详情",
            },
        );
        let link =
            address.map(|address| Link { address, text: if link_text.is_empty() { fallback } else { link_text } });
        banner::render(text, link, &Look { language, level, position, close: close.as_deref() })
    };
    let (text_en, text_zh) = (text(fields, "textEn", MAX_TEXT)?, text(fields, "textZh", MAX_TEXT)?);
    let link_en = text(fields, "linkTextEn", MAX_LINK_TEXT)?;
    let link_zh = text(fields, "linkTextZh", MAX_LINK_TEXT)?;
    let en = text_en.map(|text| render(text, link_en, Language::En));
    let zh = text_zh.map(|text| render(text, link_zh, Language::Zh));
    Ok((en.is_some() || zh.is_some()).then_some(Banners { en, zh, default }))
}

/// A text for people. None if absent or blank.
fn text<'a>(fields: &Fields<'a>, name: &str, max: usize) -> Result<Option<&'a str>, Refusal> {
    let Some(text) = fields.string(name, max)? else {
        return Ok(None);
    };
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err(fields.refuse(name, "must not have control characters"));
    }
    let text = text.trim();
    Ok((!text.is_empty()).then_some(text))
}

fn link<'a>(fields: &Fields<'a>) -> Result<Option<&'a str>, Refusal> {
    let Some(address) = fields.string("link", MAX_LINK)?.filter(|a| !a.is_empty()) else {
        return Ok(None);
    };
    let lower = address.to_ascii_lowercase();
    let Some(rest) = lower.strip_prefix("https://").or_else(|| lower.strip_prefix("http://")) else {
        return Err(fields.refuse("link", "must begin with https:// or http://"));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err(fields.refuse("link", "has no host"));
    }
    if address.chars().any(|c| c.is_control() || c.is_whitespace() || c == '\\') {
        return Err(fields.refuse("link", "must not have blanks, control characters or backslashes"));
    }
    Ok(Some(address))
}

fn moment(fields: &Fields, name: &str) -> Result<Option<i64>, Refusal> {
    match fields.string(name, 40)?.filter(|text| !text.is_empty()) {
        None => Ok(None),
        Some(text) => time::parse(text).map(Some).ok_or_else(|| {
            fields
                .refuse(name, "must be a time with zone as in 2026-05-01T08:00:00+08:00 (RFC 3339), from 1970 to 2199")
        }),
    }
}

fn path(value: &serde_json::Value, path: String) -> Result<String, Refusal> {
    let text = config::string(value, &path, MAX_PATH)?;
    if !text.starts_with('/') {
        return Err(Refusal::new(path, "must begin with /"));
    }
    if text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '?' | '#')) {
        return Err(Refusal::new(path, "must be a path alone, without blanks, ? and #"));
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests;
