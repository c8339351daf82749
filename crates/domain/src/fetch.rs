//! Fetching a module as Istio's agent does (`wasmplugin.md` §8): how it was found, and what can be in the way.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{Digest, placement::BadWord};

/// In which form the module was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Served by the marketplace itself.
    Hosted,
    /// An image of Docker's kind; `plugin.wasm` in its last layer.
    DockerImage,
    /// An OCI image; `plugin.wasm` in its last layer.
    OciImage,
    /// An OCI artifact of two layers, one of which is the module.
    OciArtifact,
    /// The bare module.
    File,
    /// The module inside of gzip, tar or both.
    Packed,
}

impl Layout {
    const ALL: [Self; 6] =
        [Self::Hosted, Self::DockerImage, Self::OciImage, Self::OciArtifact, Self::File, Self::Packed];

    /// The word in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hosted => "hosted",
            Self::DockerImage => "docker-image",
            Self::OciImage => "oci-image",
            Self::OciArtifact => "oci-artifact",
            Self::File => "file",
            Self::Packed => "packed",
        }
    }
}

impl FromStr for Layout {
    type Err = BadWord;

    fn from_str(text: &str) -> Result<Self, BadWord> {
        Self::ALL.into_iter().find(|known| known.as_str() == text).ok_or(BadWord)
    }
}

/// What a size was too large for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Oversize {
    /// What was sent.
    Download,
    /// What came out when it was unpacked.
    Unpacked,
    /// The module itself.
    Module,
}

/// Why Istio's agent would not follow a registry's answer to where it asks for a login (`wasmplugin.md` §8, SSRF guards).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadRealm {
    /// It is no http(s) address.
    NoAddress,
    /// It names a private address or this machine.
    Private,
}

/// How packed content could not be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BadArchive {
    /// It is not gzip, or it is damaged.
    Gzip,
    /// It is not tar, or it is damaged.
    Tar,
    /// The first entry of a tar file, which is the one that Istio takes, is no file.
    FirstIsNoFile,
}

/// What was found where a module should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Instead {
    /// Nothing at all.
    Empty,
    /// A page.
    Html,
    /// Something packed that Istio does not unpack.
    Packed,
    /// WebAssembly as text.
    Wat,
    /// Anything else.
    Other,
}

/// Why a module could not be fetched. Said in words by the pages (`app`, `texts::fetch`); `Display` is for logs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "kebab-case")]
pub enum FetchProblem {
    /// The marketplace may not look there: the address is private and the operator has not allowed it.
    #[error("{host} is {address}, which the marketplace may not call")]
    NotAllowed {
        /// The host of the address.
        host: String,
        /// What it resolves to.
        address: String,
    },
    /// Nobody knows this name.
    #[error("unknown host {host}")]
    HostUnknown {
        /// The host of the address.
        host: String,
    },
    /// No connection, or it broke.
    #[error("no connection to {host}: {words}")]
    Unreachable {
        /// The host of the address.
        host: String,
        /// The system's words.
        words: String,
    },
    /// The certificate is not good, or no TLS is spoken there.
    #[error("no TLS with {host}: {words}")]
    Tls {
        /// The host of the address.
        host: String,
        /// The library's words.
        words: String,
    },
    /// It took too long.
    #[error("no module within {seconds} s")]
    TimedOut {
        /// How long it was waited for.
        seconds: u64,
    },
    /// Too many are being fetched at this moment.
    #[error("busy")]
    Busy,
    /// An answer other than 200.
    #[error("{host} answered {status}")]
    Status {
        /// Who answered.
        host: String,
        /// Its status.
        status: u16,
    },
    /// One redirect after the other, or one to nowhere.
    #[error("too many redirects, or one that leads nowhere")]
    Redirects,
    /// The registry wants to know who asks, or hides that there is no such image.
    #[error("{registry} asks for a login")]
    LoginNeeded {
        /// The registry.
        registry: String,
    },
    /// The registry does not take the pull secret.
    #[error("{registry} refuses the pull secret")]
    LoginRefused {
        /// The registry.
        registry: String,
    },
    /// The pull secret is no `.dockerconfigjson`.
    #[error("the pull secret is no .dockerconfigjson")]
    SecretMalformed,
    /// Istio's agent does not follow this registry's way to a login.
    #[error("the registry's realm {realm:?} is one that Istio refuses")]
    Realm {
        /// The realm, shortened.
        realm: String,
        /// What is wrong with it.
        why: BadRealm,
    },
    /// There is no such image, tag or digest.
    #[error("{registry} has no {image}")]
    ImageMissing {
        /// The registry.
        registry: String,
        /// Repository and tag or digest.
        image: String,
    },
    /// An index of images, none of which is for linux/amd64.
    #[error("no image for linux/amd64 in the index")]
    NoPlatform,
    /// The registry answers with something that is no manifest; what.
    #[error("not a manifest: {0}")]
    Manifest(String),
    /// The image has no layer.
    #[error("the image has no layer")]
    NoLayers,
    /// An artifact whose only layer is the module: Istio takes two, exactly.
    #[error("an artifact of {layers} layers, where Istio takes two")]
    ArtifactLayers {
        /// How many it has.
        layers: usize,
    },
    /// The last layer is of a kind that Istio does not read.
    #[error("the last layer is {found}, where Istio reads {wanted}")]
    LayerKind {
        /// Its media type.
        found: String,
        /// The one Istio reads.
        wanted: String,
    },
    /// The last layer has no `plugin.wasm`.
    #[error("no plugin.wasm in the last layer")]
    NoPluginFile,
    /// A layer whose bytes are not those of its digest.
    #[error("a layer does not have its digest")]
    LayerDamaged,
    /// It could not be unpacked.
    #[error("cannot be unpacked: {0:?}")]
    Archive(BadArchive),
    /// Larger than the marketplace reads.
    #[error("{what:?} larger than {most} bytes")]
    TooLarge {
        /// Which of the sizes.
        what: Oversize,
        /// The limit in bytes.
        most: u64,
    },
    /// What was found is not WebAssembly.
    #[error("not WebAssembly but {0:?}")]
    NotWasm(Instead),
    /// It is not what the digest says.
    #[error("digest {found} in place of {wanted}")]
    Digest {
        /// The digest that was given.
        wanted: Digest,
        /// The digest of what is there.
        found: Digest,
    },
    /// The digest is that of the index, and Istio compares with the image for linux/amd64 inside.
    #[error("the digest is the index's; the image has {image}")]
    IndexPinned {
        /// The image's digest.
        image: Digest,
    },
}

impl FetchProblem {
    /// Whether it tells of our place in the network or of our rights rather than of the module: a proxy may well get it.
    pub fn is_about_us(&self) -> bool {
        matches!(
            self,
            Self::NotAllowed { .. }
                | Self::HostUnknown { .. }
                | Self::Unreachable { .. }
                | Self::Tls { .. }
                | Self::TimedOut { .. }
                | Self::Busy
                | Self::LoginNeeded { .. }
                | Self::TooLarge { .. }
        ) || matches!(self, Self::Status { status, .. } if *status >= 500 || matches!(status, 401 | 403 | 407 | 429))
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
