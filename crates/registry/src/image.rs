//! Images of registries: the part of the distribution protocol that a module needs.

use marketplace_domain::{
    Digest,
    fetch::{FetchProblem, Layout, Oversize},
};
use reqwest::{
    Response,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, WWW_AUTHENTICATE},
};
use serde::Deserialize;
use url::Url;

use crate::{
    challenge::Challenge,
    dial::{self, Dial},
    digest_of,
    manifest::{self, DOCKER, INDEX, Image, LIST, Manifest, OCI},
    reference::{Reference, Version},
    secret::{self, Credentials},
    unpack::{self, Limits},
};

/// The largest manifest or token that is read.
const MANIFEST: usize = 4 << 20;
/// An index in an index in an index …
const NESTED: usize = 3;

/// A registry that answers, and how we say who we are there.
struct Registry<'a> {
    dial: &'a Dial,
    base: Url,
    reference: &'a Reference,
    credentials: Option<Credentials>,
    authorization: Option<HeaderValue>,
}

/// A module out of an image.
pub(crate) struct Found {
    /// The module.
    pub bytes: Vec<u8>,
    /// Of the image's manifest.
    pub digest: Digest,
    /// Which layout it had.
    pub layout: Layout,
}

/// Fetches the module of an image.
pub(crate) async fn fetch(
    dial: &Dial,
    reference: &Reference,
    wanted: Option<&Digest>,
    secret: Option<&str>,
    limits: Limits,
) -> Result<Found, FetchProblem> {
    let credentials = match secret {
        Some(secret) => secret::credentials(secret, reference.secret_key())?,
        None => None,
    };
    let registry = Registry::find(dial, reference, credentials).await?;
    let (image, digest) = registry.image(wanted).await?;
    let too_large = || FetchProblem::TooLarge { what: Oversize::Download, most: limits.download as u64 };
    if image.layer.size > limits.download as u64 {
        return Err(too_large());
    }
    let path = format!("blobs/sha256:{}", image.layer.digest);
    let response = registry.get(&path, "*/*").await?;
    let bytes = dial::body(response, limits.download).await?;
    let layout = image.layout;
    let unpacked = tokio::task::spawn_blocking(move || {
        if digest_of(&bytes) != image.layer.digest {
            return Err(FetchProblem::LayerDamaged);
        }
        if layout == Layout::OciArtifact { unpack::module(bytes, limits) } else { unpack::layer(&bytes, limits) }
    });
    let bytes = unpacked.await.map_err(|error| FetchProblem::Manifest(error.to_string()))??;
    Ok(Found { bytes, digest, layout })
}

impl<'a> Registry<'a> {
    /// Finds out whether the registry speaks https, and logs in if it asks for that.
    async fn find(
        dial: &'a Dial,
        reference: &'a Reference,
        credentials: Option<Credentials>,
    ) -> Result<Self, FetchProblem> {
        let at = |scheme: &str| {
            let base = Url::parse(&format!("{scheme}://{}/v2/", reference.registry));
            base.map_err(|_| FetchProblem::HostUnknown { host: reference.registry.clone() })
        };
        let mut base = at("https")?;
        let mut answer = dial.get(&base, &HeaderMap::new()).await;
        let plain = match &answer {
            Err(problem) => {
                dial::answered_plainly(problem)
                    || reference.may_be_plain()
                        && matches!(problem, FetchProblem::Unreachable { .. } | FetchProblem::Tls { .. })
            }
            Ok(_) => false,
        };
        if plain {
            base = at("http")?;
            answer = dial.get(&base, &HeaderMap::new()).await;
        }
        let answer = answer?;
        let mut registry = Self { dial, base, reference, credentials, authorization: None };
        match answer.status().as_u16() {
            200 => {}
            401 | 403 => registry.authorization = registry.authorize(&answer).await?,
            status => return Err(registry.status(status)),
        }
        Ok(registry)
    }

    /// Answers a challenge: with the secret's user, or with a token that the registry's token service gives.
    async fn authorize(&self, answer: &Response) -> Result<Option<HeaderValue>, FetchProblem> {
        let headers = answer.headers().get_all(WWW_AUTHENTICATE).iter().filter_map(|value| value.to_str().ok());
        let challenges: Vec<_> = headers.filter_map(Challenge::parse).collect();
        let bearer = challenges.iter().find(|one| one.scheme == "bearer");
        let Some(challenge) = bearer.or_else(|| challenges.iter().find(|one| one.scheme == "basic")) else {
            return Err(self.denied());
        };
        let realm = challenge.realm()?;
        match &self.credentials {
            Some(Credentials::Token(_)) => Ok(self.credentials.as_ref().and_then(Credentials::header)),
            Some(Credentials::Basic(_)) if bearer.is_none() => {
                Ok(self.credentials.as_ref().and_then(Credentials::header))
            }
            None if bearer.is_none() => Err(self.denied()),
            _ => self.token(realm, challenge.get("service")).await.map(Some),
        }
    }

    async fn token(&self, mut realm: Url, service: &str) -> Result<HeaderValue, FetchProblem> {
        #[derive(Deserialize)]
        struct Token {
            #[serde(default)]
            token: String,
            #[serde(default)]
            access_token: String,
        }
        {
            let mut query = realm.query_pairs_mut();
            query.append_pair("scope", &format!("repository:{}:pull", self.reference.repository));
            if !service.is_empty() {
                query.append_pair("service", service);
            }
        }
        let mut headers = HeaderMap::new();
        if let Some(value) = self.credentials.as_ref().and_then(Credentials::header) {
            headers.insert(AUTHORIZATION, value);
        }
        let answer = self.dial.get(&realm, &headers).await?;
        match answer.status().as_u16() {
            200 => {}
            400 | 401 | 403 => return Err(self.denied()),
            status => return Err(FetchProblem::Status { host: dial::host_of(&realm), status }),
        }
        let token: Token = crate::object(&dial::body(answer, MANIFEST).await?)
            .map_err(|_| FetchProblem::Manifest("no token in the answer".to_owned()))?;
        let token = if token.token.is_empty() { token.access_token } else { token.token };
        let value = Credentials::Token(token).header();
        value.ok_or_else(|| FetchProblem::Manifest("a malformed token".to_owned()))
    }

    /// The image of the reference, and its digest. Of an index, the image for linux/amd64: its digest is the one that
    /// Istio compares.
    async fn image(&self, wanted: Option<&Digest>) -> Result<(Image, Digest), FetchProblem> {
        let mut path = format!("manifests/{}", self.reference.version);
        let mut asked = match &self.reference.version {
            Version::Digest(digest) => Some(digest.clone()),
            Version::Tag(_) => None,
        };
        let accept = [DOCKER, OCI, INDEX, LIST].join(", ");
        let mut indices = Vec::new();
        for _ in 0..=NESTED {
            let answer = self.get(&path, &accept).await?;
            let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
            let kind = kind.to_owned();
            let bytes = dial::body(answer, MANIFEST).await?;
            let digest = digest_of(&bytes);
            if let Some(asked) = asked.filter(|asked| *asked != digest) {
                return Err(FetchProblem::Digest { wanted: asked, found: digest });
            }
            match manifest::read(&bytes, &kind)? {
                Manifest::Index(child) => {
                    path = format!("manifests/sha256:{child}");
                    indices.push(digest);
                    asked = Some(child);
                }
                Manifest::Image(image) => {
                    let pinned = match &self.reference.version {
                        Version::Digest(pinned) => Some(pinned),
                        Version::Tag(_) => None,
                    };
                    let wrong = wanted.into_iter().chain(pinned).find(|pinned| **pinned != digest);
                    return match wrong {
                        None => Ok((image, digest)),
                        Some(pinned) if indices.contains(pinned) => Err(FetchProblem::IndexPinned { image: digest }),
                        Some(pinned) => Err(FetchProblem::Digest { wanted: pinned.clone(), found: digest }),
                    };
                }
            }
        }
        Err(FetchProblem::Manifest("an index in an index".to_owned()))
    }

    /// A part of the repository.
    async fn get(&self, path: &str, accept: &str) -> Result<Response, FetchProblem> {
        let url = self.base.join(&format!("{}/{path}", self.reference.repository));
        let url = url.map_err(|_| FetchProblem::HostUnknown { host: self.reference.registry.clone() })?;
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap_or(HeaderValue::from_static("*/*")));
        if let Some(value) = &self.authorization {
            headers.insert(AUTHORIZATION, value.clone());
        }
        let response = self.dial.get(&url, &headers).await?;
        match response.status().as_u16() {
            200 => Ok(response),
            status => Err(self.status(status)),
        }
    }

    fn status(&self, status: u16) -> FetchProblem {
        let registry = self.reference.registry.clone();
        match status {
            401 | 403 => self.denied(),
            404 => {
                let image = match &self.reference.version {
                    Version::Tag(tag) => format!("{}:{tag}", self.reference.repository),
                    Version::Digest(digest) => format!("{}@sha256:{digest}", self.reference.repository),
                };
                FetchProblem::ImageMissing { registry, image }
            }
            status => FetchProblem::Status { host: registry, status },
        }
    }

    fn denied(&self) -> FetchProblem {
        let registry = self.reference.registry.clone();
        if self.credentials.is_some() {
            FetchProblem::LoginRefused { registry }
        } else {
            FetchProblem::LoginNeeded { registry }
        }
    }
}
