//! Pull secrets: read only for a run that somebody asked for, never watched, never kept.

use std::time::Duration;

use k8s_openapi::api::core::v1::Secret;
use kube::{Api, Client, Error};
use marketplace_domain::problem::BadSecret;

/// The only type that Istio takes (`wasmplugin.md` §8).
const TYPE: &str = "kubernetes.io/dockerconfigjson";
const KEY: &str = ".dockerconfigjson";

/// Somebody waits.
const PATIENCE: Duration = Duration::from_secs(5);

/// The `.dockerconfigjson` of a pull secret.
pub(crate) async fn read(client: &Client, namespace: &str, name: &str) -> Result<String, BadSecret> {
    let secrets: Api<Secret> = Api::namespaced(client.clone(), namespace);
    let answer = tokio::time::timeout(PATIENCE, secrets.get_opt(name)).await.map_err(|_| BadSecret::Away)?;
    let secret = match answer {
        Ok(secret) => secret.ok_or(BadSecret::Gone)?,
        Err(Error::Api(status)) if matches!(status.code, 401 | 403) => return Err(BadSecret::Forbidden),
        Err(_) => return Err(BadSecret::Away),
    };
    let bytes = secret.data.filter(|_| secret.type_.as_deref() == Some(TYPE)).and_then(|mut data| data.remove(KEY));
    bytes.and_then(|bytes| String::from_utf8(bytes.0).ok()).ok_or(BadSecret::OtherType)
}
