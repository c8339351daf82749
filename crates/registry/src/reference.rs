//! What an image is called: registry, repository, and tag or digest, read as the library in Istio's agent reads it.

use marketplace_domain::{Digest, ModuleUrl};

/// Docker Hub, which is meant where no registry is named.
const HUB: &str = "index.docker.io";

/// An image of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    /// `host` or `host:port`.
    pub registry: String,
    /// `team/plugin`
    pub repository: String,
    /// Which of its images.
    pub version: Version,
}

/// Which image of a repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Version {
    /// Whatever has this tag now.
    Tag(String),
    /// Exactly this one.
    Digest(Digest),
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Tag(tag) => f.write_str(tag),
            Self::Digest(digest) => write!(f, "sha256:{digest}"),
        }
    }
}

impl Reference {
    /// The image of an address that is one.
    pub fn of(url: &ModuleUrl) -> Option<Self> {
        let rest = url.as_str().strip_prefix("oci://")?;
        // With a tag and a digest, the digest counts.
        let (name, digest) = match rest.split_once('@') {
            Some((name, digest)) => (name, Some(digest.parse::<Digest>().ok()?)),
            None => (rest, None),
        };
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        let (registry, repository) = match name.split_once('/') {
            Some(("docker.io", rest)) => (HUB, rest),
            Some((host, rest)) if host.contains(['.', ':']) => (host, rest),
            _ => (HUB, name),
        };
        let implied = registry == HUB && !repository.contains('/');
        let repository = if implied { format!("library/{repository}") } else { repository.to_owned() };
        let version = match digest {
            Some(digest) => Version::Digest(digest),
            None => Version::Tag(tag.unwrap_or("latest").to_owned()),
        };
        Some(Self { registry: registry.to_owned(), repository, version })
    }

    /// The registry's key in a pull secret.
    pub fn secret_key(&self) -> &str {
        if self.registry == HUB { "https://index.docker.io/v1/" } else { &self.registry }
    }

    /// Whether Istio's agent tries http beside https from the start.
    pub fn may_be_plain(&self) -> bool {
        let authority = self.registry.as_str();
        let host = match authority.strip_prefix('[') {
            Some(v6) => v6.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        match host.parse::<std::net::IpAddr>() {
            Ok(std::net::IpAddr::V4(v4)) => v4.is_private() || v4.is_loopback(),
            Ok(std::net::IpAddr::V6(v6)) => v6.is_loopback(),
            Err(_) => host == "localhost" || host.ends_with(".localhost") || host.ends_with(".local"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(url: &str) -> (String, String, String) {
        let reference = Reference::of(&url.parse().unwrap()).unwrap();
        (reference.registry, reference.repository, reference.version.to_string())
    }

    #[test]
    fn names_are_read_as_istios_library_reads_them() {
        let digest = "a".repeat(64);
        for (url, registry, repository, version) in [
            ("oci://r.example.com/p", "r.example.com", "p", "latest"),
            ("oci://r.example.com:5000/a/b/p:1.0", "r.example.com:5000", "a/b/p", "1.0"),
            (&format!("oci://r.example.com/p:1@sha256:{digest}"), "r.example.com", "p", &format!("sha256:{digest}")),
            ("oci://[::1]:5000/p:2", "[::1]:5000", "p", "2"),
            ("oci://team/p:1", HUB, "team/p", "1"),
            ("oci://docker.io/p:1", HUB, "library/p", "1"),
        ] {
            assert_eq!(of(url), (registry.to_owned(), repository.to_owned(), version.to_owned()), "{url}");
        }
        assert_eq!(Reference::of(&"https://host/x.wasm".parse().unwrap()), None);
    }

    #[test]
    fn who_may_speak_http_from_the_start() {
        let plain = |url: &str| Reference::of(&url.parse().unwrap()).unwrap().may_be_plain();
        for url in [
            "oci://127.0.0.1:5000/p",
            "oci://10.0.0.1:5000/p",
            "oci://localhost:5000/p",
            "oci://r.local/p",
            "oci://[::1]:1/p",
        ] {
            assert!(plain(url), "{url}");
        }
        for url in ["oci://r.example.com/p", "oci://8.8.8.8:5000/p", "oci://team/p"] {
            assert!(!plain(url), "{url}");
        }
    }
}
