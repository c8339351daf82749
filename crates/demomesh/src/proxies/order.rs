//! What istiod makes of a plugin's address and pull secret.

use marketplace_domain::Extension;
use serde_json::Value;

use super::fetch::Order;
use crate::{kinds::Kind, store::State};

/// What a proxy has to fetch for a plugin.
pub(super) fn order(state: &State, plugin: &Extension) -> Order {
    let spec = &plugin.spec;
    let url = match spec.url.split_once("://") {
        Some((scheme, rest)) => format!("{}://{rest}", scheme.to_ascii_lowercase()),
        None => format!("oci://{}", spec.url.trim_start_matches("oci:")),
    };
    let secret = spec.pull_secret.as_deref().filter(|_| url.starts_with("oci://")).map(|name| {
        let missing = || format!("missing image pulling secret {name} in namespace {}", plugin.namespace);
        let secret = Kind::of("Secret").and_then(|kind| state.get(kind, plugin.namespace.as_str(), name));
        secret.and_then(|secret| pull_secret(secret)).ok_or_else(missing)
    });
    Order { url, sha256: spec.sha256.as_ref().map(ToString::to_string), secret }
}

fn pull_secret(secret: &Value) -> Option<String> {
    let data = secret["data"][".dockerconfigjson"].as_str()?;
    (secret["type"] == "kubernetes.io/dockerconfigjson").then(|| unbase64(data))?
}

/// Base64 of Secrets, which are always padded and in the standard alphabet.
fn unbase64(text: &str) -> Option<String> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0_u32, 0);
    for byte in text.bytes().filter(|byte| *byte != b'=' && !byte.is_ascii_whitespace()) {
        bits = (bits << 6) | u32::try_from(ALPHABET.iter().position(|known| *known == byte)?).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}
