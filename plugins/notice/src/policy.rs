//! Which requests and answers get the notice.

use plugin_kit::http;

use crate::language::{self, Language};
use crate::settings::Settings;

/// What the headers of a request say.
#[derive(Debug, Default)]
pub struct Request {
    /// `:method`.
    pub method: Option<Vec<u8>>,
    /// `:path`.
    pub path: Option<Vec<u8>>,
    /// `accept`.
    pub accept: Option<Vec<u8>>,
    /// `accept-language`.
    pub accept_language: Option<Vec<u8>>,
    /// `sec-fetch-dest`.
    pub fetch_dest: Option<Vec<u8>>,
    /// `x-requested-with`.
    pub requested_with: Option<Vec<u8>>,
    /// The visitor has put the notice away.
    pub dismissed: bool,
    /// Nanoseconds since 1970.
    pub now: i64,
}

/// What a request asks for, as far as the notice goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// The language of the notice.
    pub language: Language,
    /// The request is a HEAD.
    pub to_head: bool,
    /// The request says that it wants HTML.
    pub wants_html: bool,
    /// The notice has been put away: pages only say that it would depend on that.
    pub dismissed: bool,
}

/// Decides about a request. None: whatever is answered, there is no notice.
pub fn visit(request: &Request, settings: &Settings) -> Option<Visit> {
    let banners = settings.banners.as_ref()?;
    let path = http::path_only(request.path.as_deref().unwrap_or_default());
    if !settings.is_shown_on(path) || !settings.is_shown_at(request.now) {
        return None;
    }
    // Browsers say what a request is for; a fragment fetched by a script is no page.
    let is_page = request.fetch_dest.as_deref().is_none_or(|dest| dest.eq_ignore_ascii_case(b"document"));
    let by_script = request.requested_with.as_deref().is_some_and(|by| by.eq_ignore_ascii_case(b"XMLHttpRequest"));
    if !is_page || by_script {
        return None;
    }
    let accept = request.accept.as_deref().unwrap_or_default();
    Some(Visit {
        language: language::choose(request.accept_language.as_deref(), banners.default),
        dismissed: request.dismissed,
        to_head: request.method.as_deref() == Some(b"HEAD"),
        wants_html: accept.to_ascii_lowercase().windows(9).any(|w| w == b"text/html"),
    })
}

/// What the headers of an answer say.
#[derive(Debug, Default)]
pub struct Answer {
    /// `:status`.
    pub status: Option<Vec<u8>>,
    /// `content-type`.
    pub content_type: Option<Vec<u8>>,
    /// `content-encoding`.
    pub content_encoding: Option<Vec<u8>>,
    /// `content-length`.
    pub content_length: Option<Vec<u8>>,
    /// `content-disposition`.
    pub content_disposition: Option<Vec<u8>>,
    /// The answer ends with its headers.
    pub no_body: bool,
}

/// What is done with an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    /// Collect the page and put the notice in.
    Show,
    /// No body comes, but the headers are to be those of the page with the notice.
    HeadersOnly,
    /// A page for a visitor who has put the notice away.
    Dismissed,
    /// Not a whole HTML page.
    Skip,
    /// A page, but compressed.
    Encoded,
    /// A page, but too large.
    TooLarge,
}

/// Decides about an answer to a visit.
pub fn plan(answer: &Answer, visit: Visit, settings: &Settings) -> Plan {
    let status = answer.status.as_deref().unwrap_or_default();
    if http::is_bodiless_status(status) || status == b"206" {
        return Plan::Skip;
    }
    let content_type = answer.content_type.as_deref().unwrap_or_default();
    let is_html = http::media_type(content_type)
        .is_some_and(|media| matches!(media.as_str(), "text/html" | "application/xhtml+xml"));
    // In UTF-16 and UTF-32 no tag looks like a tag.
    let wide = ["utf-16", "utf-32", "ucs-2"].iter().any(|charset| http::has_charset(content_type, charset));
    let download = answer
        .content_disposition
        .as_deref()
        .is_some_and(|value| value.to_ascii_lowercase().starts_with(b"attachment"));
    if !is_html || wide || download {
        return Plan::Skip;
    }
    if visit.dismissed {
        return Plan::Dismissed;
    }
    let unreadable = if !http::is_plain(answer.content_encoding.as_deref()) {
        Some(Plan::Encoded)
    } else {
        let length = answer.content_length.as_deref().and_then(http::length);
        length.is_some_and(|length| length > settings.max_body as u64).then_some(Plan::TooLarge)
    };
    match (unreadable, answer.no_body) {
        (Some(_), true) => Plan::Skip,
        (Some(plan), false) => plan,
        (None, _) if visit.to_head => Plan::HeadersOnly,
        (None, true) => Plan::Skip,
        (None, false) => Plan::Show,
    }
}

#[cfg(test)]
mod tests;
