//! Images of registries: the part of the distribution protocol that a module needs.

use reqwest::{Client, RequestBuilder, Response, header};
use serde_json::Value;

use super::{
    fetch::{body, chain, sha256},
    unpack,
};

const DOCKER: &str = "application/vnd.docker.distribution.manifest.v2+json";
const OCI: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
const WASM_LAYER: &str = "application/vnd.module.wasm.content.layer.v1+wasm";

struct Registry<'a> {
    client: &'a Client,
    base: String,
    repository: String,
    /// The value of the Authorization header, once known.
    authorization: Option<String>,
    /// User and password in base64, out of the pull secret.
    credentials: Option<String>,
}

/// Fetches the module of an image.
pub(super) async fn fetch(
    client: &Client,
    reference: &str,
    wanted: Option<&str>,
    secret: Option<&str>,
) -> Result<Vec<u8>, String> {
    let failed = |why: String| format!("could not fetch Wasm OCI image: {why}");
    let (host, repository, tag) = split(reference).ok_or_else(|| failed("could not parse reference".into()))?;
    let credentials = secret.and_then(|secret| credentials(secret, &host));
    let mut registry = Registry { client, base: String::new(), repository, authorization: None, credentials };
    let (manifest, digest) = registry.manifest(&host, &tag).await.map_err(&failed)?;
    if let Some(wanted) = wanted.filter(|wanted| *wanted != digest) {
        return Err(format!("wasm image digest mismatch: wanted {wanted}, got {digest}"));
    }
    let (layer, raw) = layer_of(&manifest).map_err(&failed)?;
    let address = format!("{}/v2/{}/blobs/{layer}", registry.base, registry.repository);
    let response = registry.get(&address, "*/*").await.map_err(&failed)?;
    let bytes = body(response).await.map_err(&failed)?;
    if format!("sha256:{}", sha256(&bytes)) != layer {
        return Err(failed(format!("layer {layer} does not have its digest")));
    }
    if raw { Ok(bytes) } else { unpack::plugin_of_layer(&bytes).map_err(failed) }
}

/// Registry, repository, and tag or digest.
fn split(reference: &str) -> Option<(String, String, String)> {
    let (name, tag) = match reference.split_once('@') {
        Some((name, digest)) => (name, digest),
        None => match reference.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, tag),
            _ => (reference, "latest"),
        },
    };
    // With a tag and a digest, the digest counts.
    let name = match name.rsplit_once(':') {
        Some((before, tag)) if reference.contains('@') && !tag.contains('/') => before,
        _ => name,
    };
    let (host, repository) = match name.split_once('/') {
        Some((host, rest)) if host.contains(['.', ':']) || host == "localhost" => (host, rest.to_owned()),
        Some(_) => ("index.docker.io", name.to_owned()),
        None => ("index.docker.io", format!("library/{name}")),
    };
    let good = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-/".contains(&b);
    let fits = !repository.is_empty() && repository.bytes().all(good) && !host.is_empty();
    fits.then(|| (host.to_owned(), repository, tag.to_owned()))
}

/// Whether Istio speaks plain http to this registry from the start.
fn is_plain(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let private = name.parse::<std::net::Ipv4Addr>().is_ok_and(|ip| ip.is_private() || ip.is_loopback());
    private || name == "localhost" || name.ends_with(".localhost")
}

fn credentials(secret: &str, host: &str) -> Option<String> {
    let config: Value = serde_json::from_str(secret).ok()?;
    let key = if host == "index.docker.io" { "https://index.docker.io/v1/" } else { host };
    config["auths"][key]["auth"].as_str().map(str::to_owned)
}

impl Registry<'_> {
    /// The manifest, and its digest. Finds out whether the registry speaks https.
    async fn manifest(&mut self, host: &str, tag: &str) -> Result<(Value, String), String> {
        let schemes: &[&str] = if is_plain(host) { &["http"] } else { &["https", "http"] };
        let mut first_failure = None;
        for scheme in schemes {
            self.base = format!("{scheme}://{host}");
            match self.manifest_of(tag).await {
                Ok(found) => return Ok(found),
                Err(why) => {
                    first_failure.get_or_insert(why);
                }
            }
        }
        Err(first_failure.unwrap_or_default())
    }

    async fn manifest_of(&mut self, tag: &str) -> Result<(Value, String), String> {
        let accept = [DOCKER, OCI, INDEX, LIST].join(", ");
        let mut tag = tag.to_owned();
        for _ in 0..2 {
            let address = format!("{}/v2/{}/manifests/{tag}", self.base, self.repository);
            let bytes = body(self.get(&address, &accept).await?).await?;
            let digest = sha256(&bytes);
            let manifest: Value = serde_json::from_slice(&bytes).map_err(|error| format!("bad manifest: {error}"))?;
            if tag.starts_with("sha256:") && tag != format!("sha256:{digest}") {
                return Err(format!("manifest digest {digest} does not match requested {tag}"));
            }
            let Some(children) = manifest["manifests"].as_array() else { return Ok((manifest, digest)) };
            let child = children
                .iter()
                .find(|one| one["platform"]["os"] == "linux" && one["platform"]["architecture"] == "amd64");
            child
                .and_then(|child| child["digest"].as_str())
                .ok_or("no child with platform linux/amd64 in index")?
                .clone_into(&mut tag);
        }
        Err("index inside of an index".into())
    }

    async fn get(&mut self, address: &str, accept: &str) -> Result<Response, String> {
        let mut response = self.request(address, accept).send().await.map_err(|error| chain(&error))?;
        if response.status() == 401 && self.authorization.is_none() {
            let challenge = response.headers().get(header::WWW_AUTHENTICATE).and_then(|value| value.to_str().ok());
            self.authorization = Some(self.authorize(challenge.unwrap_or_default()).await?);
            response = self.request(address, accept).send().await.map_err(|error| chain(&error))?;
        }
        if response.status().is_success() { Ok(response) } else { Err(format!("GET {address}: {}", response.status())) }
    }

    fn request(&self, address: &str, accept: &str) -> RequestBuilder {
        let request = self.client.get(address).header(header::ACCEPT, accept);
        match &self.authorization {
            Some(value) => request.header(header::AUTHORIZATION, value),
            None => request,
        }
    }

    /// Answers a challenge: with the secret's user, or with a token that the registry's token service gives.
    async fn authorize(&self, challenge: &str) -> Result<String, String> {
        let basic = self.credentials.as_ref().map(|auth| format!("Basic {auth}"));
        let Some(parameters) = challenge.strip_prefix("Bearer ") else {
            return basic.ok_or_else(|| "UNAUTHORIZED: authentication required".into());
        };
        let parameter = |name: &str| {
            let found = parameters.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
            found.unwrap_or_default().trim_matches('"').to_owned()
        };
        let scope = format!("repository:{}:pull", self.repository);
        let realm = url::Url::parse_with_params(
            &parameter("realm"),
            [("service", parameter("service").as_str()), ("scope", &scope)],
        )
        .map_err(|error| format!("bad realm: {error}"))?;
        let mut request = self.client.get(realm);
        if let Some(basic) = basic {
            request = request.header(header::AUTHORIZATION, basic);
        }
        let response = request.send().await.map_err(|error| chain(&error))?;
        if !response.status().is_success() {
            return Err(format!("token: {}", response.status()));
        }
        let answer: Value = serde_json::from_slice(&body(response).await?).unwrap_or_default();
        let token = answer["token"].as_str().or(answer["access_token"].as_str()).ok_or("no token in the answer")?;
        Ok(format!("Bearer {token}"))
    }
}

/// The digest of the layer with the module, and whether it holds the module as it is (`wasmplugin.md` §8).
fn layer_of(manifest: &Value) -> Result<(String, bool), String> {
    let layers = manifest["layers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let is = |layer: &Value, kind: &str| layer["mediaType"] == kind;
    let digest = |layer: &Value| layer["digest"].as_str().unwrap_or_default().to_owned();
    let last = layers.last().ok_or("number of layers must be greater than zero")?;
    let packed = if is(manifest, DOCKER) { DOCKER_LAYER } else { OCI_LAYER };
    if is(last, packed) {
        return Ok((digest(last), false));
    }
    let raw = layers.iter().find(|layer| is(layer, WASM_LAYER));
    match raw {
        Some(layer) if layers.len() == 2 => Ok((digest(layer), true)),
        _ => {
            let found = last["mediaType"].as_str().unwrap_or_default();
            Err(format!(
                "the given image is in invalid format as an OCI image: invalid media type {found} (expect {packed}), number \
                 of layers {}",
                layers.len()
            ))
        }
    }
}
