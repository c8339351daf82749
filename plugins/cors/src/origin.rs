//! Which origins are allowed.

use plugin_kit::config::Refusal;
use plugin_kit::pattern;
use regex_lite::Regex;

/// The allowed origins.
#[derive(Debug, Default)]
pub struct Origins {
    /// Any origin at all.
    pub any: bool,
    /// Serialised origins, in lower case.
    pub exact: Vec<String>,
    /// Expressions for whole origins.
    pub matching: Vec<Regex>,
}

impl Origins {
    /// Whether a page of this origin is let in.
    pub fn allow(&self, origin: &str) -> bool {
        self.any
            || self.exact.iter().any(|exact| exact == origin)
            || self.matching.iter().any(|regex| regex.is_match(origin))
    }
}

/// An `origin` header as text: None if no browser would send it. What is not of this form is never echoed.
pub fn read(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?;
    let printable = text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b',' | b'"' | b'<' | b'>'));
    (printable && (1..=512).contains(&text.len())).then_some(text)
}

/// An origin as browsers write it: scheme, host and port, nothing else.
pub fn exact(text: &str) -> Result<String, &'static str> {
    const WANTED: &str = "must be an origin such as https://shop.example.com, without path; or *";
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    if text == "null" {
        return Ok(text);
    }
    let (scheme, host) = text.split_once("://").ok_or(WANTED)?;
    let is_scheme = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b)) && !scheme.is_empty();
    let is_host = host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b)) && !host.is_empty();
    if !is_scheme || !is_host {
        return Err(WANTED);
    }
    // Browsers leave a default port out.
    let port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    let bare = host.strip_suffix(port).unwrap_or(host);
    Ok(format!("{scheme}://{bare}"))
}

/// An expression for whole origins: what stands around a match would be another origin.
pub fn regex(text: &str, path: &str) -> Result<Regex, Refusal> {
    // By itself first, or `a)|(b` would leave the brackets around it.
    pattern::regex(text, path, false)?;
    pattern::regex(&format!("^(?:{text})$"), path, false)
}

/// A pattern such as `https://*.example.com:[8080,9090]` as an expression. A star stands for a part of a host name and
/// never reaches over `/`, `:` or `@`; `[*]` for any port or none.
pub fn pattern(text: &str, path: &str) -> Result<Regex, Refusal> {
    let refuse = |why: String| Refusal::new(path, why);
    let text = text.to_ascii_lowercase();
    let (front, ports) = match text.strip_suffix(']').and_then(|front| front.rsplit_once(":[")) {
        None => (text.as_str(), String::new()),
        Some((front, "*")) => (front, "(?::[0-9]+)?".to_owned()),
        Some((front, list)) => (front, ports(list).map_err(refuse)?),
    };
    let mut expression = String::new();
    for c in front.chars() {
        match c {
            '*' => expression.push_str("[a-z0-9._-]+"),
            c if c.is_ascii_alphanumeric() || c == '-' => expression.push(c),
            ':' | '/' | '.' | '_' | '[' | ']' => expression.extend(['\\', c]),
            c => return Err(refuse(format!("'{}' cannot be part of an origin", c.escape_default()))),
        }
    }
    if !front.contains("://") {
        return Err(refuse("must begin with a scheme, as in https://*.example.com".to_owned()));
    }
    pattern::regex(&format!("^{expression}{ports}$"), path, false)
}

fn ports(list: &str) -> Result<String, String> {
    let ports: Vec<&str> = list.split(',').map(str::trim).collect();
    if ports.iter().any(|port| port.parse::<u16>().is_err()) {
        return Err("ports must be numbers as in :[8080,9090], or :[*]".to_owned());
    }
    // 80 and 443 are left out by browsers, so a list with one of them also means none.
    let optional = if ports.iter().any(|port| matches!(*port, "80" | "443")) { "?" } else { "" };
    Ok(format!("(?::(?:{})){optional}", ports.join("|")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pattern(text: &str) -> Result<Regex, Refusal> {
        super::pattern(text, "p")
    }

    fn regex(text: &str) -> Result<Regex, Refusal> {
        super::regex(text, "p")
    }

    #[test]
    fn what_browsers_send_is_read() {
        for good in ["null", "https://a.example", "http://[::1]:8080", "moz-extension://abc-1"] {
            assert_eq!(read(good.as_bytes()), Some(good));
        }
        for bad in [&b""[..], b"a b", b"https://a\r\nx: y", b"https://\xff", b"https://a,https://b"] {
            assert_eq!(read(bad), None);
        }
        assert_eq!(read(&[b'a'; 513]), None);
    }

    #[test]
    fn origins_are_written_as_browsers_do() {
        for (text, origin) in [
            ("https://A.example/", "https://a.example"),
            ("https://a.example:443", "https://a.example"),
            ("http://a.example:80", "http://a.example"),
            ("http://a.example:443", "http://a.example:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("null", "null"),
        ] {
            assert_eq!(exact(text).as_deref(), Ok(origin));
        }
        for bad in ["", "a.example", "https://", "https://a/b", "https://a b", "://a", "https://a*"] {
            assert!(exact(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn stars_stay_within_the_host() {
        let one = pattern("https://*.example.com").expect("good");
        for good in ["https://a.example.com", "https://a.b.example.com"] {
            assert!(one.is_match(good), "{good}");
        }
        for bad in [
            "https://example.com",
            "https://.example.com.evil",
            "https://evil/.example.com",
            "https://evil:1@a.example.com",
            "https://evil?.example.com",
            "http://a.example.com",
            "https://a.example.com:8443",
            "https://a_example.com",
            "https://aXexample.com",
            "xhttps://a.example.com",
        ] {
            assert!(!one.is_match(bad), "{bad}");
        }
    }

    #[test]
    fn ports_are_listed_or_any() {
        let listed = pattern("http://localhost:[8080,80]").expect("good");
        assert!(listed.is_match("http://localhost:8080") && listed.is_match("http://localhost"));
        assert!(!listed.is_match("http://localhost:808") && !listed.is_match("http://localhost:80801"));
        let some = pattern("http://localhost:[8080]").expect("good");
        assert!(!some.is_match("http://localhost"));
        let any = pattern("http://localhost:[*]").expect("good");
        assert!(any.is_match("http://localhost:1") && any.is_match("http://localhost"));
        for bad in ["http://a:[x]", "http://a:[]", "a.example", "http://a?b", "http://a b", "http://a:[99999]"] {
            assert!(pattern(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn expressions_match_whole_origins() {
        let one = regex("https://a|https://b").expect("good");
        assert!(one.is_match("https://a") && one.is_match("https://b"));
        assert!(!one.is_match("https://a.evil") && !one.is_match("x https://b"));
        assert!(regex("(").is_err() && regex("a)|(?:b").is_err() && regex("(a{99}){99}{99}").is_err());
    }
}
