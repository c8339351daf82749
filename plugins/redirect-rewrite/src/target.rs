//! Where a rule leads.
//!
//! What a client wrote gets into an address here, so an address is written such that it cannot lead elsewhere: a path
//! begins with one slash (`//evil` and `/\evil` are other hosts for browsers), a host comes from the configuration or is on
//! a list, and whatever may not stand in an address is percent-encoded, line ends first of all.

use plugin_kit::config::Refusal;
use plugin_kit::pattern::Pattern;
use plugin_kit::template::{Groups, Part, Template};

/// What may stand in a target besides groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value {
    /// The request's path, without query.
    Path,
    /// The request's host, without port.
    Host,
}

/// What of a request targets are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// TLS was spoken with the client.
    pub tls: bool,
    /// In lower case, without port.
    pub host: Vec<u8>,
    /// Without query.
    pub path: Vec<u8>,
    /// Without its question mark.
    pub query: Vec<u8>,
}

/// The longest address that is written.
const MAX_ADDRESS: usize = 8192;

/// Where a rule leads.
#[derive(Debug)]
pub struct Target {
    origin: Option<Origin>,
    /// Path, perhaps with query and fragment.
    rest: Template<Value>,
}

#[derive(Debug)]
struct Origin {
    tls: bool,
    authority: Template<Value>,
    /// Clients have a say in it.
    open: bool,
}

/// Reads a name in a template.
pub fn value(name: &str) -> Result<Value, String> {
    match name {
        "path" => Ok(Value::Path),
        "host" => Ok(Value::Host),
        _ => Err("unknown; known: path, host".to_owned()),
    }
}

fn fill(template: &Template<Value>, groups: &dyn Groups, from: &Place) -> Vec<u8> {
    template.fill(groups, |value, out| {
        out.extend_from_slice(match value {
            Value::Path => &from.path,
            Value::Host => &from.host,
        });
    })
}

impl Target {
    /// Reads a target found at `path`: `/path` or `https://host/path`. `groups`: of the rule's pattern; `hosts_listed`: hosts
    /// that clients have a say in will be looked up.
    pub fn read(text: &str, path: &str, groups: Option<usize>, hosts_listed: bool) -> Result<Self, Refusal> {
        let template = |text: &str| Template::read(text, path, groups, value);
        let (scheme, rest) = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
            (Some(rest), _) => (Some(true), rest),
            (_, Some(rest)) => (Some(false), rest),
            _ => (None, text),
        };
        let Some(tls) = scheme else {
            let rest = template(text)?;
            let good = match &rest.parts()[0] {
                Part::Text(text) => text.starts_with('/') && !text.starts_with("//"),
                other => *other == Part::Value(Value::Path),
            };
            return match good {
                true => Ok(Self { origin: None, rest }),
                false => Err(Refusal::new(path, "must begin with one /, ${path}, http:// or https://")),
            };
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let end = rest.find("${path}").map_or(end, |at| at.min(end));
        let authority = template(&rest[..end])?;
        let open = authority.parts().iter().any(|part| matches!(part, Part::Group(_)));
        if open && !hosts_listed {
            return Err(Refusal::new(path, "clients would choose the host: say in allowed_hosts which ones are good"));
        }
        let plain: Vec<u8> = authority
            .parts()
            .iter()
            .flat_map(|part| match part {
                Part::Text(text) => text.as_bytes(),
                _ => b"x",
            })
            .copied()
            .collect();
        if !is_authority(&plain) {
            return Err(Refusal::new(path, "its host must be a name or an address, perhaps with a port"));
        }
        Ok(Self { origin: Some(Origin { tls, authority, open }), rest: template(&rest[end..])? })
    }

    /// Whether it stays on the same host.
    pub fn is_local(&self) -> bool {
        self.origin.is_none()
    }

    /// The address, and the place it leads to. None: what a client wrote makes it unusable.
    pub fn address(
        &self,
        groups: &dyn Groups,
        from: &Place,
        keep_query: bool,
        allowed: &[Pattern],
    ) -> Option<(String, Place)> {
        let mut to = from.clone();
        let mut address = String::new();
        if let Some(origin) = &self.origin {
            let authority = fill(&origin.authority, groups, from).to_ascii_lowercase();
            let host = without_port(&authority);
            if !is_authority(&authority) || (origin.open && !allowed.iter().any(|pattern| pattern.matches(host))) {
                return None;
            }
            to.tls = origin.tls;
            to.host = host.to_vec();
            address =
                format!("{}://{}", if origin.tls { "https" } else { "http" }, String::from_utf8_lossy(&authority));
        }
        let written = written(&fill(&self.rest, groups, from));
        let (before, fragment) =
            written.split_once('#').map_or((&written[..], None), |(before, after)| (before, Some(after)));
        let (path, query) = before.split_once('?').map_or((before, None), |(path, query)| (path, Some(query)));
        let path = one_slash(path);
        let query = match (query, keep_query && !from.query.is_empty()) {
            (own, false) => own.map(str::to_owned),
            (None | Some(""), true) => Some(self::written(&from.query)),
            (Some(own), true) => Some(format!("{own}&{}", self::written(&from.query))),
        };
        to.path = path.clone().into_bytes();
        to.query = query.clone().unwrap_or_default().into_bytes();
        address.push_str(&path);
        for (mark, part) in [("?", query.as_deref()), ("#", fragment)] {
            if let Some(part) = part {
                address.push_str(mark);
                address.push_str(part);
            }
        }
        (address.len() <= MAX_ADDRESS).then_some((address, to))
    }
}

/// A host name or address with or without port, and nothing that could end it early.
pub fn is_authority(text: &[u8]) -> bool {
    let (host, port) = match text.iter().rposition(|&b| b == b':') {
        Some(colon) if !text.ends_with(b"]") => (&text[..colon], Some(&text[colon + 1..])),
        _ => (text, None),
    };
    let inside = host.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    let good_host = match inside {
        Some(v6) => !v6.is_empty() && v6.iter().all(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.')),
        None => !host.is_empty() && host.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_')),
    };
    good_host && port.is_none_or(|port| (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit))
}

fn without_port(authority: &[u8]) -> &[u8] {
    match authority.iter().rposition(|&b| b == b':') {
        Some(colon) if !authority.ends_with(b"]") => &authority[..colon],
        _ => authority,
    }
}

/// What may stand in an address stays as it is, the rest is percent-encoded.
pub fn written(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for &byte in text {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A path that begins with one slash and not with two.
pub fn one_slash(path: &str) -> String {
    format!("/{}", path.trim_start_matches('/'))
}

/// Whether a path leads upwards in some way of reading it: `..`, also encoded.
pub fn climbs(path: &[u8]) -> bool {
    let decoded = plugin_kit::query::decode(path, false);
    let twice = plugin_kit::query::decode(&decoded, false);
    [path, &decoded, &twice].iter().any(|path| {
        path.split(|b| matches!(b, b'/' | b'\\')).any(|segment| {
            let name = segment.split(|&b| b == b';').next().unwrap_or_default();
            name == b".." || name == b"."
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_kit::config::Refusal;
    use proptest::prelude::*;
    use serde_json::Value as Json;

    fn place(path: &str, query: &str) -> Place {
        Place { tls: true, host: b"shop.example".to_vec(), path: path.into(), query: query.into() }
    }

    fn led(from: &str, to: &str, path: &str, query: &str) -> Option<String> {
        let allowed = [Pattern::read(&Json::from("*.good.example"), "h", true).expect("good")];
        let pattern = Pattern::read(&Json::from(from), "from", false).expect("good");
        let target = Target::read(to, "to", Some(pattern.groups()), true).expect("good");
        let found = pattern.find(path.as_bytes())?;
        target.address(&found, &place(path, query), true, &allowed).map(|(address, _)| address)
    }

    #[test]
    fn holes_and_queries() {
        for (from, to, path, query, wanted) in [
            ("/old/*", "/new/$1", "/old/a/b", "x=1", "/new/a/b?x=1"),
            ("~^/u/([0-9]+)$", "/user?id=$1", "/u/7", "x=1", "/user?id=7&x=1"),
            ("/a", "https://www.${host}${path}#top", "/a", "q", "https://www.shop.example/a?q#top"),
            ("/a", "https://other.example:8443", "/a", "", "https://other.example:8443/"),
            ("~^/to/([^/]+)/(.*)$", "https://$1/$2", "/to/A.good.example/x", "", "https://a.good.example/x"),
        ] {
            assert_eq!(led(from, to, path, query).as_deref(), Some(wanted), "{path}");
        }
    }

    #[test]
    fn no_client_leads_elsewhere() {
        for (path, wanted) in [
            ("/go//evil.example", "/evil.example"),
            ("/go///evil.example/%2f..", "/evil.example/%2f.."),
            ("/go/\\evil.example", "/%5Cevil.example"),
            ("/go/\\/evil.example", "/%5C/evil.example"),
            ("/go/\r\nset-cookie: a=1", "/%0D%0Aset-cookie:%20a=1"),
            ("/go/\t/evil.example", "/%09/evil.example"),
            ("/go/https://evil.example", "/https://evil.example"),
            ("/go/javascript:alert(1)", "/javascript:alert(1)"),
            ("/go/@evil.example", "/@evil.example"),
            ("/go/\u{4e2d}", "/%E4%B8%AD"),
        ] {
            assert_eq!(led("/go/*", "/$1", path, "").as_deref(), Some(wanted), "{path}");
            let behind = led("/go/*", "https://shop.example/$1", path, "").expect("an address");
            assert_eq!(behind, format!("https://shop.example{wanted}"), "{path}");
        }
        for path in [
            "/to/evil.example/x",
            "/to/good.example/x",
            "/to/a@b.good.example/x",
            "/to/evil.example%2f.good.example/x",
            "/to/evil\\.good.example/",
            "/to/[::1].good.example/",
        ] {
            assert_eq!(led("~^/to/([^/]+)/(.*)$", "https://$1/$2", path, ""), None, "{path}");
        }
    }

    fn refused(to: &str) -> Refusal {
        Target::read(to, "to", Some(1), false).expect_err(to)
    }

    #[test]
    fn targets_that_cannot_be_safe_are_refused() {
        for to in [
            "",
            "x",
            "//evil.example",
            "javascript:alert(1)",
            "$1",
            "${host}/x",
            "ftp://a/",
            "https://$1/",
            "https://a.$1/",
            "https://user@host/",
            "https:///x",
            "https://a b/",
            "/${query}",
            "/$2",
            "https://host:x/",
            "https://[::1/",
        ] {
            assert_eq!(refused(to).field(), "to");
        }
    }

    #[test]
    fn climbing_is_seen_in_any_writing() {
        for path in ["/a/../b", "/a/%2e%2e/b", "/a/%252e%252e/b", "/a/..%2fb", "/a/..\\b", "/a/..;x/b", "/a/./b", "/.."]
        {
            assert!(climbs(path.as_bytes()), "{path}");
        }
        for path in ["/a/b", "/a/..b", "/a/...", "/a.b", "/"] {
            assert!(!climbs(path.as_bytes()), "{path}");
        }
    }

    proptest! {
        #[test]
        fn addresses_stay_on_the_host(rest in proptest::collection::vec(any::<u8>(), 0..40), query in proptest::collection::vec(any::<u8>(), 0..20)) {
            let pattern = Pattern::read(&Json::from("/go/*"), "from", false).expect("good");
            let target = Target::read("/$1", "to", Some(1), false).expect("good");
            let from = Place { path: [b"/go/", &rest[..]].concat(), query, ..place("", "") };
            let found = pattern.find(&from.path).expect("found");
            let (address, to) = target.address(&found, &from, true, &[]).expect("an address");
            prop_assert!(address.starts_with('/') && !address.starts_with("//") && !address.contains('\\'));
            prop_assert!(address.bytes().all(|b| b.is_ascii_graphic()));
            prop_assert_eq!(to.host, from.host);
        }
    }
}
