//! How a registry asks for a login, and which ways of asking Istio's agent takes.

use std::net::IpAddr;

use marketplace_domain::fetch::{BadRealm, FetchProblem};
use url::{Host, Url};

/// Longest header that is read.
const MOST: usize = 8 * 1024;

/// A challenge: its scheme in lower case, and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// `bearer` or `basic`.
    pub scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The first challenge of a `WWW-Authenticate` header.
    pub fn parse(header: &str) -> Option<Self> {
        let header = header.get(..MOST).unwrap_or(header).trim();
        let (scheme, mut rest) = header.split_once(' ').unwrap_or((header, ""));
        if scheme.is_empty() {
            return None;
        }
        let mut parameters = Vec::new();
        while let Some((name, behind)) = rest.split_once('=') {
            let name = name.trim_matches([' ', ',', '\t']).to_ascii_lowercase();
            let (value, behind) = value(behind.trim_start());
            parameters.push((name, value));
            rest = behind;
        }
        Some(Self { scheme: scheme.to_ascii_lowercase(), parameters })
    }

    /// A parameter; empty where it is missing.
    pub fn get(&self, name: &str) -> &str {
        self.parameters.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// The realm, which Istio's agent takes only if it is an http(s) address that looks public. It looks at the realm of
    /// every challenge, and a Basic one's is a phrase for people as a rule: such a registry cannot be used (measured with
    /// Istio 1.31).
    pub fn realm(&self) -> Result<Url, FetchProblem> {
        let realm = self.get("realm");
        let refused = |why| FetchProblem::Realm { realm: realm.chars().take(100).collect(), why };
        let url = Url::parse(realm).map_err(|_| refused(BadRealm::NoAddress))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(refused(BadRealm::NoAddress));
        }
        let public = match url.host() {
            Some(Host::Domain(name)) => {
                let name = name.trim_end_matches('.');
                name != "localhost" && !name.ends_with(".localhost") && name != "metadata.google.internal"
            }
            Some(Host::Ipv4(v4)) => !is_private(v4.into()),
            Some(Host::Ipv6(v6)) => !is_private(v6.into()),
            None => return Err(refused(BadRealm::NoAddress)),
        };
        if public { Ok(url) } else { Err(refused(BadRealm::Private)) }
    }
}

/// What Istio's agent takes for private. Not all that we refuse to call: that is asked again when the realm is called.
fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_unspecified(),
        IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback() || v6.is_unicast_link_local() || v6.is_unspecified(),
    }
}

/// A value, quoted or not, and what is behind it.
fn value(text: &str) -> (String, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        let (value, rest) = text.split_at(end);
        return (value.to_owned(), rest);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (value, quoted.get(at + 1..).unwrap_or_default()),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            other => value.push(other),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_read_quoted_or_not() {
        let challenge =
            Challenge::parse(r#"Bearer realm="https://auth.example/token?a=b",service=r.example, scope="a,b\"c""#)
                .unwrap();
        assert_eq!(challenge.scheme, "bearer");
        assert_eq!(challenge.get("realm"), "https://auth.example/token?a=b");
        assert_eq!((challenge.get("service"), challenge.get("scope"), challenge.get("x")), ("r.example", "a,b\"c", ""));
        assert_eq!(Challenge::parse("Basic").unwrap().get("realm"), "");
        assert_eq!(Challenge::parse("  "), None);
        for odd in ["Bearer =", "Bearer realm=\"", "Bearer realm=\"\\", "Bearer ===,,,", "Bearer é=\"é\\é"] {
            assert!(Challenge::parse(odd).is_some(), "{odd}");
        }
    }

    #[test]
    fn realms_that_istio_refuses() {
        let realm = |realm: &str| {
            Challenge::parse(&format!("Bearer realm=\"{realm}\"")).unwrap().realm().map(|url| url.to_string())
        };
        assert_eq!(realm("https://auth.example/t"), Ok("https://auth.example/t".into()));
        for (text, why) in [
            ("", BadRealm::NoAddress),
            ("Registry Realm", BadRealm::NoAddress),
            ("file:///etc/passwd", BadRealm::NoAddress),
            ("http://127.0.0.1/t", BadRealm::Private),
            ("http://2130706433/t", BadRealm::Private),
            ("http://169.254.169.254/t", BadRealm::Private),
            ("http://[::ffff:10.0.0.1]/t", BadRealm::Private),
            ("https://localhost/t", BadRealm::Private),
            ("https://metadata.google.internal/t", BadRealm::Private),
        ] {
            assert_eq!(realm(text), Err(FetchProblem::Realm { realm: text.into(), why }), "{text}");
        }
    }
}
