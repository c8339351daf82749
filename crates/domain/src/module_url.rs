//! Addresses of modules, parsed more strictly than Istio does: whatever Istio accepts and then drops silently, or can
//! never fetch, is refused here with a word of its own (`wasmplugin.md` §3).

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How a proxy gets a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Scheme {
    /// An image of a registry.
    Oci,
    /// A file by https.
    Https,
    /// A file by http.
    Http,
}

/// The address of a module, with an explicit lower-case scheme: `oci://registry:5000/check-header:latest`,
/// `https://bucket/filters/openid.wasm`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ModuleUrl {
    text: String,
    scheme: Scheme,
}

/// Why a text is no address of a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum BadUrl {
    /// Nothing was given.
    #[error("an address is needed")]
    Empty,
    /// More than 2048 characters.
    #[error("an address has at most 2048 characters")]
    TooLong,
    /// No scheme; the field is the address with `oci://` in front.
    #[error("the address needs a scheme, such as {0}")]
    NoScheme(String),
    /// A scheme that Istio does not fetch from, or that we do not offer (`file`).
    #[error("the scheme {0} is not one of oci, https, http")]
    Scheme(String),
    /// No host, or one with characters that hosts do not have.
    #[error("the host is missing or malformed")]
    Host,
    /// A port that is no number from 1 to 65535.
    #[error("the port is no number from 1 to 65535")]
    Port,
    /// User or password inside the address.
    #[error("the address holds a user or password")]
    Credentials,
    /// An image's repository with characters that registries do not take (lower-case letters, digits, `.`, `_`, `-`, `/`).
    #[error("the repository is missing or malformed")]
    Repository,
    /// An image's tag that cannot be one.
    #[error("the tag is malformed")]
    Tag,
    /// An image's digest that is not `sha256:` and 64 lower-case hexadecimal digits.
    #[error("the digest is malformed")]
    ImageDigest,
    /// An http(s) address that is no file.
    #[error("the path is missing")]
    Path,
    /// Blanks or control characters.
    #[error("the address has blanks or control characters in it")]
    Blank,
}

impl ModuleUrl {
    /// The address, as it goes into the resource.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How it is fetched.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whether it is an image of a registry.
    pub fn is_image(&self) -> bool {
        self.scheme == Scheme::Oci
    }

    /// The digest inside an image's address (`…@sha256:…`), which fixes the manifest.
    pub fn image_digest(&self) -> Option<crate::Digest> {
        if !self.is_image() {
            return None;
        }
        self.text.split_once('@').and_then(|(_, digest)| digest.parse().ok())
    }
}

impl FromStr for ModuleUrl {
    type Err = BadUrl;

    fn from_str(text: &str) -> Result<Self, BadUrl> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BadUrl::Empty);
        }
        if text.chars().count() > 2048 {
            return Err(BadUrl::TooLong);
        }
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            return Err(BadUrl::Blank);
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(without_scheme(text));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "oci" => {
                check_image(rest)?;
                Ok(Self { text: format!("oci://{rest}"), scheme: Scheme::Oci })
            }
            "https" => http("https", rest, Scheme::Https),
            "http" => http("http", rest, Scheme::Http),
            other => Err(BadUrl::Scheme(other.chars().take(32).collect())),
        }
    }
}

/// `registry:5000/x` and `10.0.0.5:5000/x`, which Istio rejects or drops, are images in the mind of whoever typed them.
fn without_scheme(text: &str) -> BadUrl {
    match text.split_once(':') {
        Some((word @ ("oci" | "http" | "https"), rest)) => {
            BadUrl::NoScheme(format!("{word}://{}", rest.trim_start_matches('/')))
        }
        _ if text.ends_with(".wasm") && !text.starts_with('/') => {
            BadUrl::NoScheme(format!("https://{}", text.trim_start_matches('/')))
        }
        _ => BadUrl::NoScheme(format!("oci://{}", text.trim_start_matches('/'))),
    }
}

/// `host[:port]`, as a registry or a web server has it.
fn check_host(authority: &str) -> Result<(), BadUrl> {
    if authority.contains('@') {
        return Err(BadUrl::Credentials);
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']').ok_or(BadUrl::Host)?;
            host.parse::<std::net::Ipv6Addr>().map_err(|_| BadUrl::Host)?;
            (None, rest.strip_prefix(':').or(if rest.is_empty() { None } else { Some("") }))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(authority), None),
        },
    };
    if let Some(host) = host {
        let label = |label: &str| {
            !label.is_empty()
                && label.len() <= 63
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
                && !label.starts_with('-')
                && !label.ends_with('-')
        };
        if host.len() > 253 || !host.split('.').all(label) {
            return Err(BadUrl::Host);
        }
    }
    match port {
        None => Ok(()),
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) && matches!(port.parse::<u16>(), Ok(1..)) => Ok(()),
        Some(_) => Err(BadUrl::Port),
    }
}

/// `host[:port]/repository[:tag][@sha256:digest]`, after the distribution specification's grammar.
fn check_image(rest: &str) -> Result<(), BadUrl> {
    let (name, digest) = match rest.split_once('@') {
        Some((name, digest)) => (name, Some(digest)),
        None => (rest, None),
    };
    if let Some(digest) = digest {
        if name.contains(':') && !name.contains('/') || !digest.starts_with("sha256:") {
            return Err(BadUrl::ImageDigest);
        }
        digest.parse::<crate::Digest>().map_err(|_| BadUrl::ImageDigest)?;
    }
    let Some((authority, path)) = name.split_once('/') else {
        return Err(if name.is_empty() { BadUrl::Host } else { BadUrl::Repository });
    };
    check_host(authority)?;
    let (repository, tag) = match path.split_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (path, None),
    };
    let piece = |piece: &str| {
        let edge = |b: Option<u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        edge(piece.bytes().next())
            && edge(piece.bytes().last())
            && piece.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    if repository.len() > 255 || !repository.split('/').all(piece) {
        return Err(BadUrl::Repository);
    }
    let good_tag = |tag: &str| {
        !tag.is_empty()
            && tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    match tag {
        Some(tag) if !good_tag(tag) => Err(BadUrl::Tag),
        _ => Ok(()),
    }
}

fn http(word: &str, rest: &str, scheme: Scheme) -> Result<ModuleUrl, BadUrl> {
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    check_host(authority.split(['?', '#']).next().unwrap_or_default())?;
    if path.is_empty() {
        return Err(BadUrl::Path);
    }
    let text = format!("{word}://{rest}");
    url::Url::parse(&text).map_err(|_| BadUrl::Host)?;
    Ok(ModuleUrl { text, scheme })
}

impl TryFrom<String> for ModuleUrl {
    type Error = BadUrl;

    fn try_from(text: String) -> Result<Self, BadUrl> {
        text.parse()
    }
}

impl From<ModuleUrl> for String {
    fn from(url: ModuleUrl) -> Self {
        url.text
    }
}

impl fmt::Display for ModuleUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad(text: &str) -> BadUrl {
        text.parse::<ModuleUrl>().expect_err(text)
    }

    #[test]
    fn takes_what_istio_fetches() {
        let digest = "a".repeat(64);
        for good in [
            "oci://registry:5000/check-header:latest",
            "oci://r.example.com/p:1",
            &format!("oci://r.example.com/team/p@sha256:{digest}"),
            &format!("oci://r.example.com:5000/p:1@sha256:{digest}"),
            "oci://10.0.0.5:5000/p",
            "oci://[::1]:5000/p",
            "https://bucket/filters/openid.wasm",
            "http://host.mesh:8080/modules/x.wasm?v=1",
        ] {
            assert_eq!(good.parse::<ModuleUrl>().map(|url| url.to_string()), Ok(good.to_owned()));
        }
        assert_eq!("OCI://r.example.com/p:1".parse::<ModuleUrl>().unwrap().as_str(), "oci://r.example.com/p:1");
    }

    #[test]
    fn names_the_scheme_that_is_missing() {
        assert_eq!(bad("10.0.0.5:5000/p"), BadUrl::NoScheme("oci://10.0.0.5:5000/p".into()));
        assert_eq!(bad("r.example.com:5000/p:1"), BadUrl::NoScheme("oci://r.example.com:5000/p:1".into()));
        assert_eq!(bad("r.example.com/p:1"), BadUrl::NoScheme("oci://r.example.com/p:1".into()));
        assert_eq!(bad("//r.example.com/p:1"), BadUrl::NoScheme("oci://r.example.com/p:1".into()));
        assert_eq!(bad("oci:r.example.com/p"), BadUrl::NoScheme("oci://r.example.com/p".into()));
        assert_eq!(bad("bucket/x.wasm"), BadUrl::NoScheme("https://bucket/x.wasm".into()));
        assert_eq!(bad("/opt/x.wasm"), BadUrl::NoScheme("oci://opt/x.wasm".into()));
    }

    #[test]
    fn refuses_what_istio_drops_or_never_fetches() {
        assert_eq!(bad(""), BadUrl::Empty);
        assert_eq!(bad("oci://"), BadUrl::Host);
        assert_eq!(bad("oci://r.example.com:abc/p"), BadUrl::Port);
        assert_eq!(bad("oci://r.example.com:99999/p"), BadUrl::Port);
        assert_eq!(bad("oci://r.example.com:0/p"), BadUrl::Port);
        assert_eq!(bad("oci://r%20x/p"), BadUrl::Host);
        assert_eq!(bad("ftp://bad host/x"), BadUrl::Blank);
        assert_eq!(bad("ftp://host/x"), BadUrl::Scheme("ftp".into()));
        assert_eq!(bad("file:///opt/x.wasm"), BadUrl::Scheme("file".into()));
        assert_eq!(bad("http:///x.wasm"), BadUrl::Host);
        assert_eq!(bad("oci://r.example.com/Upper"), BadUrl::Repository);
        assert_eq!(bad("oci://r.example.com/p:1:2"), BadUrl::Tag);
        assert_eq!(bad("oci://r.example.com/p@sha256:abc"), BadUrl::ImageDigest);
        assert_eq!(bad("oci://p"), BadUrl::Repository);
        assert_eq!(bad("https://bucket"), BadUrl::Path);
        assert_eq!(bad("https://u:p@bucket/x.wasm"), BadUrl::Credentials);
    }
}
