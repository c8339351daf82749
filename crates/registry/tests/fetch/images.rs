//! Images, in the layouts that Istio's agent reads and in those it does not.

use marketplace_domain::fetch::{BadArchive, FetchProblem, Instead, Layout, Oversize};
use marketplace_registry::manifest::{DOCKER, INDEX, OCI};
use serde_json::json;

use crate::{
    pack::{MODULE, digest, gzip, tar},
    site::{Site, answer, fetch, fetch_pinned},
};

const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const WASM_LAYER: &str = "application/vnd.module.wasm.content.layer.v1+wasm";

fn packed() -> Vec<u8> {
    gzip(&tar(&[("bin/", b""), ("bin/plugin.wasm.bak", b"x"), ("./plugin.wasm", MODULE)]))
}

async fn registry() -> (Site, String) {
    let site = Site::start().await;
    site.open();
    let host = site.at("r.example.com");
    (site, format!("oci://{host}/team/p"))
}

#[tokio::test]
async fn the_three_layouts() {
    let (site, image) = registry().await;
    let layer = packed();
    for (tag, kind, layers, layout) in [
        ("docker", DOCKER, vec![(DOCKER_LAYER, b"other".as_slice()), (DOCKER_LAYER, &layer)], Layout::DockerImage),
        ("compat", OCI, vec![(OCI_LAYER, &layer)], Layout::OciImage),
        (
            "higress",
            OCI,
            vec![("application/vnd.module.wasm.spec.v1+yaml", b"spec"), (OCI_LAYER, &layer)],
            Layout::OciImage,
        ),
        (
            "artifact",
            OCI,
            vec![(WASM_LAYER, MODULE), ("application/vnd.module.wasm.config.v1+json", b"{}")],
            Layout::OciArtifact,
        ),
    ] {
        let digest = site.image("team/p", tag, kind, &layers);
        let found = fetch(&format!("{image}:{tag}")).await.unwrap();
        assert_eq!(
            (found.bytes.as_slice(), found.digest.as_str(), found.layout),
            (MODULE, digest.as_str(), layout),
            "{tag}"
        );
        assert!(fetch(&format!("{image}@sha256:{digest}")).await.is_ok());
        assert!(fetch_pinned(&format!("{image}:{tag}"), &digest).await.is_ok());
    }
}

#[tokio::test]
async fn layouts_that_istio_refuses_are_refused_in_the_same_way() {
    let (site, image) = registry().await;
    let (layer, module) = (packed(), digest(MODULE));
    let kind = |found: &str| FetchProblem::LayerKind { found: found.into(), wanted: OCI_LAYER.into() };
    let plain = "application/vnd.oci.image.layer.v1.tar";
    let empty = gzip(&tar(&[("plugin.wasm", b"")]));
    let other = gzip(&tar(&[("main.wasm", MODULE)]));
    let cut = &layer[..layer.len() / 2];
    for (tag, layers, problem) in [
        ("artifact1", vec![(WASM_LAYER, MODULE)], FetchProblem::ArtifactLayers { layers: 1 }),
        ("cncf", vec![("application/wasm", MODULE)], kind("application/wasm")),
        ("plaintar", vec![(plain, layer.as_slice())], kind(plain)),
        ("none", vec![], FetchProblem::NoLayers),
        ("noplugin", vec![(OCI_LAYER, &other)], FetchProblem::NoPluginFile),
        ("empty", vec![(OCI_LAYER, &empty)], FetchProblem::NotWasm(Instead::Empty)),
        ("nogzip", vec![(OCI_LAYER, MODULE)], FetchProblem::Archive(BadArchive::Gzip)),
        ("cut", vec![(OCI_LAYER, cut)], FetchProblem::Archive(BadArchive::Tar)),
    ] {
        site.image("team/p", tag, OCI, &layers);
        assert_eq!(fetch(&format!("{image}:{tag}")).await, Err(problem), "{tag}");
    }
    // An image is not compared with the digest of its module.
    site.image("team/p", "good", OCI, &[(OCI_LAYER, &layer)]);
    assert!(matches!(fetch_pinned(&format!("{image}:good"), &module).await, Err(FetchProblem::Digest { .. })));
}

#[tokio::test]
async fn of_an_index_the_image_for_linux_on_amd64_counts() {
    let (site, image) = registry().await;
    let child = site.image("team/p", "child", OCI, &[(OCI_LAYER, &packed())]);
    let index = site.manifest(
        "team/p",
        "index",
        INDEX,
        &json!({"manifests": [
            {"digest": format!("sha256:{}", "0".repeat(64)), "platform": {"os": "linux", "architecture": "arm64"}},
            {"digest": format!("sha256:{child}"), "platform": {"os": "linux", "architecture": "amd64"}},
        ]}),
    );
    let found = fetch(&format!("{image}:index")).await.unwrap();
    assert_eq!((found.bytes.as_slice(), found.digest.as_str()), (MODULE, child.as_str()));
    let pinned = Err(FetchProblem::IndexPinned { image: child.parse().unwrap() });
    assert_eq!(fetch_pinned(&format!("{image}:index"), &index).await, pinned);
    assert_eq!(fetch(&format!("{image}@sha256:{index}")).await, pinned);
    assert!(fetch_pinned(&format!("{image}:index"), &child).await.is_ok());

    let other = json!({"digest": format!("sha256:{child}"), "platform": {"os": "linux", "architecture": "s390x"}});
    site.manifest("team/p", "s390x", INDEX, &json!({"manifests": [other]}));
    assert_eq!(fetch(&format!("{image}:s390x")).await, Err(FetchProblem::NoPlatform));
    let itself = json!({"manifests": [{"digest": format!("sha256:{}", "0".repeat(64))}]});
    site.manifest("team/p", "nested", INDEX, &itself);
    assert!(matches!(fetch(&format!("{image}:nested")).await, Err(FetchProblem::ImageMissing { .. })));
}

#[tokio::test]
async fn what_a_registry_must_not_get_away_with() {
    let (site, image) = registry().await;
    let layer = packed();
    let digest = site.image("team/p", "good", OCI, &[(OCI_LAYER, &layer)]);
    // Other bytes under the digest that was asked for.
    let lie = "1".repeat(64);
    site.typed(&format!("/v2/team/p/manifests/sha256:{lie}"), OCI, b"{\"layers\": []}");
    assert!(
        matches!(fetch(&format!("{image}@sha256:{lie}")).await, Err(FetchProblem::Digest { wanted, .. }) if wanted.as_str() == lie)
    );
    let blob = format!("/v2/team/p/blobs/sha256:{}", crate::pack::digest(&layer));
    site.put(&blob, b"something else");
    assert_eq!(fetch(&format!("{image}@sha256:{digest}")).await, Err(FetchProblem::LayerDamaged));

    site.typed("/v2/team/p/manifests/html", "text/html", b"<html>");
    assert!(matches!(fetch(&format!("{image}:html")).await, Err(FetchProblem::Manifest(_))));
    let missing = FetchProblem::ImageMissing { registry: site.at("r.example.com"), image: "team/p:gone".into() };
    assert_eq!(fetch(&format!("{image}:gone")).await, Err(missing));
    // A layer that says how large it is, and one that does not.
    let large = vec![7; 300_000];
    site.image("team/p", "large", OCI, &[(OCI_LAYER, &large)]);
    let too_large = Err(FetchProblem::TooLarge { what: Oversize::Download, most: 200_000 });
    assert_eq!(fetch(&format!("{image}:large")).await, too_large);
    let hidden = json!({"layers": [{"mediaType": OCI_LAYER, "digest": format!("sha256:{}", crate::pack::digest(&large)), "size": 9}]});
    site.manifest("team/p", "hidden", OCI, &hidden);
    assert_eq!(fetch(&format!("{image}:hidden")).await, too_large);
}

#[tokio::test]
async fn a_blob_elsewhere_is_followed_without_our_name() {
    let (site, image) = registry().await;
    let layer = packed();
    site.image("team/p", "1", OCI, &[(OCI_LAYER, &layer)]);
    let (blob, to) = (format!("/v2/team/p/blobs/sha256:{}", digest(&layer)), site.at("cdn.example.com"));
    site.on(&blob, move |_, _| answer(307, &[("location", &format!("http://u:p@{to}/blob"))], ""));
    site.put("/blob", &layer);
    let realm = site.at("auth.example.com");
    site.on("/v2/", move |_, _| {
        answer(401, &[("www-authenticate", &format!("Bearer realm=\"http://{realm}/token\",service=\"r\""))], "")
    });
    site.put("/token", br#"{"token": "abc"}"#);
    assert_eq!(fetch(&format!("{image}:1")).await.unwrap().bytes, MODULE);
    assert_eq!(site.headers("/v2/team/p/manifests/1")["authorization"], "Bearer abc");
    assert_eq!(site.headers(&blob)["authorization"], "Bearer abc");
    assert!(!site.headers("/blob").contains_key("authorization"));
}
