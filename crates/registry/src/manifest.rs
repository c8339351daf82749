//! Manifests of images: which layer holds the module, by the three layouts that Istio's agent reads, in its order.

use marketplace_domain::{
    Digest,
    fetch::{FetchProblem, Layout},
};
use serde::Deserialize;

/// An image of Docker's kind.
pub const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// An image of OCI's.
pub const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
/// Several images of Docker's kind.
pub const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// Several images of OCI's.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const WASM_LAYER: &str = "application/vnd.module.wasm.content.layer.v1+wasm";

/// A manifest, or an index of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Manifest {
    /// One image.
    Image(Image),
    /// Several: the digest of the one for linux/amd64.
    Index(Digest),
}

/// An image as far as it matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// Where the module is.
    pub layer: Layer,
    /// How.
    pub layout: Layout,
}

/// A layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layer {
    /// Of its bytes as they are sent.
    pub digest: Digest,
    /// How many these are, by what the manifest says.
    pub size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    schema_version: u32,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
}

/// Reads a manifest. Its kind is what the registry says; what it says itself where the registry says nothing useful.
pub fn read(bytes: &[u8], content_type: &str) -> Result<Manifest, FetchProblem> {
    let wire: Wire = crate::object(bytes).map_err(|error| FetchProblem::Manifest(error.to_string()))?;
    if wire.schema_version == 1 {
        return Err(FetchProblem::Manifest("schemaVersion 1".to_owned()));
    }
    let said = content_type.split(';').next().unwrap_or_default().trim();
    let kind = if [DOCKER, OCI, LIST, INDEX].contains(&said) { said } else { wire.media_type.as_str() };
    if kind == INDEX || kind == LIST || (!wire.manifests.is_empty() && wire.layers.is_empty()) {
        return child(&wire.manifests).map(Manifest::Index);
    }
    image(&wire.layers, kind == DOCKER).map(Manifest::Image)
}

/// The image for linux/amd64, which is also what an image without a platform is for.
fn child(manifests: &[Descriptor]) -> Result<Digest, FetchProblem> {
    let fits = |one: &&Descriptor| {
        one.platform.as_ref().is_none_or(|platform| platform.os == "linux" && platform.architecture == "amd64")
    };
    digest(manifests.iter().find(fits).ok_or(FetchProblem::NoPlatform)?)
}

fn image(layers: &[Descriptor], docker: bool) -> Result<Image, FetchProblem> {
    let last = layers.last().ok_or(FetchProblem::NoLayers)?;
    let layer = |one: &Descriptor| Ok(Layer { digest: digest(one)?, size: one.size });
    let wanted = if docker { DOCKER_LAYER } else { OCI_LAYER };
    if last.media_type == wanted {
        let layout = if docker { Layout::DockerImage } else { Layout::OciImage };
        return Ok(Image { layer: layer(last)?, layout });
    }
    let module = layers.iter().find(|one| one.media_type == WASM_LAYER);
    match module {
        Some(module) if !docker && layers.len() == 2 => {
            Ok(Image { layer: layer(module)?, layout: Layout::OciArtifact })
        }
        Some(_) if !docker => Err(FetchProblem::ArtifactLayers { layers: layers.len() }),
        _ => Err(FetchProblem::LayerKind {
            found: last.media_type.chars().take(120).collect(),
            wanted: wanted.to_owned(),
        }),
    }
}

fn digest(descriptor: &Descriptor) -> Result<Digest, FetchProblem> {
    let digits = descriptor.digest.strip_prefix("sha256:").unwrap_or_default();
    digits.parse().map_err(|_| FetchProblem::Manifest("a digest that is not sha256".to_owned()))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn layer(kind: &str, digit: &str) -> Value {
        json!({"mediaType": kind, "digest": format!("sha256:{}", digit.repeat(64)), "size": 7})
    }

    fn image(kind: &str, layers: &[Value]) -> Result<Manifest, FetchProblem> {
        read(json!({"schemaVersion": 2, "mediaType": kind, "layers": layers}).to_string().as_bytes(), kind)
    }

    fn found(digit: &str, layout: Layout) -> Result<Manifest, FetchProblem> {
        let layer = Layer { digest: digit.repeat(64).parse().unwrap(), size: 7 };
        Ok(Manifest::Image(Image { layer, layout }))
    }

    #[test]
    fn the_three_layouts_and_what_is_none() {
        let other = layer("application/x", "0");
        assert_eq!(image(DOCKER, &[other.clone(), layer(DOCKER_LAYER, "1")]), found("1", Layout::DockerImage));
        assert_eq!(image(OCI, &[other.clone(), layer(OCI_LAYER, "1")]), found("1", Layout::OciImage));
        assert_eq!(image(OCI, &[layer(WASM_LAYER, "1"), other.clone()]), found("1", Layout::OciArtifact));
        assert_eq!(image(OCI, &[]), Err(FetchProblem::NoLayers));
        assert_eq!(image(OCI, &[layer(WASM_LAYER, "1")]), Err(FetchProblem::ArtifactLayers { layers: 1 }));
        let kind =
            |found: &str, wanted: &str| Err(FetchProblem::LayerKind { found: found.into(), wanted: wanted.into() });
        assert_eq!(image(OCI, &[layer("application/wasm", "1")]), kind("application/wasm", OCI_LAYER));
        assert_eq!(image(DOCKER, &[layer(WASM_LAYER, "1"), other]), kind("application/x", DOCKER_LAYER));
        assert_eq!(image(DOCKER, &[layer(OCI_LAYER, "1")]), kind(OCI_LAYER, DOCKER_LAYER));
        let zstd = "application/vnd.oci.image.layer.v1.tar+zstd";
        assert_eq!(image(OCI, &[layer(zstd, "1")]), kind(zstd, OCI_LAYER));
    }

    #[test]
    fn an_index_leads_to_linux_on_amd64() {
        let child = |os: &str, architecture: &str, digit: &str| json!({"digest": format!("sha256:{}", digit.repeat(64)), "platform": {"os": os, "architecture": architecture}});
        let index = |children: Vec<Value>| read(json!({"manifests": children}).to_string().as_bytes(), INDEX);
        let two = Ok(Manifest::Index("2".repeat(64).parse().unwrap()));
        assert_eq!(index(vec![child("linux", "arm64", "1"), child("linux", "amd64", "2")]), two);
        assert_eq!(index(vec![json!({"digest": format!("sha256:{}", "2".repeat(64))})]), two);
        assert_eq!(index(vec![child("linux", "arm64", "1")]), Err(FetchProblem::NoPlatform));
    }

    #[test]
    fn what_is_no_manifest() {
        for bytes in [&b""[..], b"[]", b"null", b"{\"layers\": 1}", b"<html>", b"{\"layers\": [{}]}"] {
            assert!(matches!(read(bytes, OCI), Err(FetchProblem::Manifest(_))), "{bytes:?}");
        }
        let weak =
            br#"{"layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": "sha512:00"}]}"#;
        assert!(matches!(read(weak, OCI), Err(FetchProblem::Manifest(_))));
        assert!(matches!(read(br#"{"schemaVersion": 1}"#, DOCKER), Err(FetchProblem::Manifest(_))));
    }
}
