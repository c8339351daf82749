//! Values with holes, which may depend on the request's host or path.

use plugin_kit::plugin::Headers;
use plugin_kit::query;
use plugin_kit::template::{Groups, NoGroups, Template};
use regex_lite::Regex;

/// What may fill a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Name {
    /// A header of the message that is changed.
    Header(String),
    /// A header of the request, while the response is changed.
    RequestHeader(String),
    /// A query parameter of the request.
    Query(String),
    /// A cookie of the request.
    Cookie(String),
    /// The request's path, without query.
    Path,
    /// The request's host, as it was sent.
    Host,
    /// The request's method.
    Method,
    /// The response's status.
    Status,
}

impl Name {
    /// Reads a name.
    pub fn parse(text: &str, in_response: bool) -> Result<Self, String> {
        let known = match text.split_once('.') {
            Some((_, "")) => None,
            Some(("header", name)) => Some(Self::Header(name.to_ascii_lowercase())),
            Some(("request_header", name)) if in_response => Some(Self::RequestHeader(name.to_ascii_lowercase())),
            Some(("query", name)) => Some(Self::Query(name.to_owned())),
            Some(("cookie", name)) => Some(Self::Cookie(name.to_owned())),
            _ => match text {
                "path" => Some(Self::Path),
                "host" => Some(Self::Host),
                "method" => Some(Self::Method),
                "status" if in_response => Some(Self::Status),
                _ => None,
            },
        };
        let more = if in_response { ", request_header.NAME, status" } else { "" };
        known.ok_or_else(|| format!("unknown; known: header.NAME, query.NAME, cookie.NAME, path, host, method{more}"))
    }

    /// The request header that it is taken from, if it is.
    pub fn request_header(&self) -> Option<&str> {
        match self {
            Self::Header(_) | Self::Status => None,
            Self::RequestHeader(name) => Some(name),
            Self::Query(_) | Self::Path => Some(":path"),
            Self::Cookie(_) => Some("cookie"),
            Self::Host => Some(":authority"),
            Self::Method => Some(":method"),
        }
    }
}

/// What holes are filled from. For a request, both are the same.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The headers of the message that is changed.
    pub message: &'a dyn Headers,
    /// The headers of the request.
    pub request: &'a dyn Headers,
}

impl Sources<'_> {
    fn append(self, name: &Name, out: &mut Vec<u8>) {
        let value = match name {
            Name::Header(name) => self.message.get(name),
            Name::RequestHeader(name) => self.request.get(name),
            Name::Query(name) => self.path().and_then(|path| query::values(&path, name).into_iter().next()),
            Name::Cookie(name) => query::cookies(&self.request.all("cookie"), name).next().map(<[u8]>::to_vec),
            Name::Path => self.path().map(|path| plugin_kit::http::path_only(&path).to_vec()),
            Name::Host => self.request.get(":authority"),
            Name::Method => self.request.get(":method"),
            Name::Status => self.message.get(":status"),
        };
        out.extend_from_slice(&value.unwrap_or_default());
    }

    fn path(self) -> Option<Vec<u8>> {
        self.request.get(":path")
    }
}

/// What a pattern looks at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Where {
    /// The host, as it was sent.
    Host,
    /// The path with its query.
    Path,
}

/// A value with holes.
#[derive(Debug)]
pub struct Text {
    template: Template<Name>,
    pattern: Option<(Where, Regex)>,
}

impl Text {
    /// A value that is written only if the pattern finds something.
    pub fn new(template: Template<Name>, pattern: Option<(Where, Regex)>) -> Self {
        Self { template, pattern }
    }

    /// The request headers that it needs.
    pub fn request_headers(&self) -> impl Iterator<Item = &str> {
        let in_holes = self.template.parts().iter().filter_map(|part| match part {
            plugin_kit::template::Part::Value(name) => name.request_header(),
            _ => None,
        });
        let in_pattern = self.pattern.as_ref().map(|(what, _)| match what {
            Where::Host => ":authority",
            Where::Path => ":path",
        });
        in_holes.chain(in_pattern)
    }

    /// The value. None: the pattern finds nothing.
    pub fn fill(&self, sources: Sources) -> Option<Vec<u8>> {
        let fill = |groups: &dyn Groups| self.template.fill(groups, |name, out| sources.append(name, out));
        let Some((what, regex)) = &self.pattern else {
            return Some(fill(&NoGroups));
        };
        let seen = sources.request.get(match what {
            Where::Host => ":authority",
            Where::Path => ":path",
        })?;
        regex.captures(std::str::from_utf8(&seen).ok()?).map(|captures| fill(&captures))
    }
}
