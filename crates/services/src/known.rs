//! Which plugin of the catalogue a resource of the cluster is: told by its digest and its address, since the resource
//! itself carries no mark of ours.

use std::collections::{HashMap, HashSet};

use marketplace_catalogue::AddressRow;
use marketplace_domain::{Digest, catalogue::Address, extension::ExtensionSpec, views::traffic::PluginRef};

/// The catalogue's addresses, looked up by what a resource says.
#[derive(Default)]
pub struct Known {
    by_digest: HashMap<Digest, PluginRef>,
    by_url: HashMap<String, PluginRef>,
    hosted: HashSet<Digest>,
}

impl Known {
    /// From the catalogue's rows.
    pub fn new(rows: Vec<AddressRow>) -> Self {
        let mut known = Self::default();
        // The newest release wins where two have the same module.
        for row in rows.into_iter().rev() {
            let plugin = PluginRef {
                name: row.plugin.to_string(),
                title: row.title,
                version: row.version,
                outdated: !row.is_latest,
            };
            if let Some(digest) = row.sha256 {
                known.by_digest.insert(digest, plugin.clone());
            }
            match row.address {
                Address::Hosted(digest) => {
                    known.hosted.insert(digest.clone());
                    known.by_digest.insert(digest, plugin)
                }
                Address::Url(url) => known.by_url.insert(url.to_string(), plugin),
            };
        }
        known
    }

    /// The plugin and version that a resource runs.
    pub fn find(&self, spec: &ExtensionSpec) -> Option<&PluginRef> {
        let digest = spec.sha256.clone().or(at_our_address(spec));
        digest.and_then(|digest| self.by_digest.get(&digest)).or_else(|| self.by_url.get(spec.url.trim()))
    }

    /// The module that a resource runs, where we have it.
    pub fn hosted(&self, spec: &ExtensionSpec) -> Option<Digest> {
        spec.sha256.clone().or(at_our_address(spec)).filter(|digest| self.hosted.contains(digest))
    }
}

/// The digest in an address of the form that we serve modules under.
fn at_our_address(spec: &ExtensionSpec) -> Option<Digest> {
    spec.url.rsplit_once("/modules/").and_then(|(_, file)| file.strip_suffix(".wasm")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use marketplace_domain::Localised;

    use super::*;

    fn row(version: &str, address: Address, sha256: Option<&str>, is_latest: bool) -> AddressRow {
        AddressRow {
            plugin: "mask".parse().unwrap(),
            title: Localised::new("Mask", "脱敏"),
            version: version.into(),
            address,
            sha256: sha256.map(|digits| digits.parse().unwrap()),
            is_latest,
        }
    }

    #[test]
    fn by_digest_by_hosted_address_and_by_url() {
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let known = Known::new(vec![
            row("2", Address::Hosted(two.parse().unwrap()), Some(&two), true),
            row("1", Address::Url("oci://r.example.com/mask:1".parse().unwrap()), Some(&one), false),
        ]);
        let spec = |url: &str, sha256: Option<&str>| ExtensionSpec {
            url: url.into(),
            sha256: sha256.map(|digits| digits.parse().unwrap()),
            ..ExtensionSpec::default()
        };
        let version = |spec| known.find(&spec).map(|plugin| (plugin.version.as_str(), plugin.outdated));
        assert_eq!(version(spec(&format!("http://other:1/modules/{two}.wasm"), None)), Some(("2", false)));
        assert_eq!(version(spec("oci://mirror/mask@x", Some(&one))), Some(("1", true)));
        assert_eq!(version(spec("oci://r.example.com/mask:1", None)), Some(("1", true)));
        assert_eq!(version(spec("oci://r.example.com/other:1", None)), None);
    }
}
