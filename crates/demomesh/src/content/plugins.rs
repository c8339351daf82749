//! Two plugins that others made before the product came: one runs, one does not.

use bytes::Bytes;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A module that the demo mesh serves itself, because there may be no internet.
#[derive(Debug, Clone)]
pub(crate) struct Hosted {
    /// Its path.
    pub path: &'static str,
    /// Its bytes.
    pub bytes: Bytes,
}

/// A module that does nothing, in the smallest form that Envoy takes: one page of memory and four functions.
const DO_NOTHING: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x0f\x03`\x01\x7f\x01\x7f`\x02\x7f\x7f\x01\x7f`\0\0\
    \x03\x05\x04\0\x01\x01\x02\
    \x05\x03\x01\0\x01\
    \x07V\x05\
    \x06memory\x02\0\
    \x06malloc\0\0\
    \x12proxy_on_configure\0\x01\
    \x11proxy_on_vm_start\0\x02\
    \x17proxy_abi_version_0_2_1\0\x03\
    \x0a\x14\x04\x05\0A\x80\x08\x0b\x04\0A\x01\x0b\x04\0A\x01\x0b\x02\0\x0b";

fn do_nothing() -> Bytes {
    Bytes::from_static(DO_NOTHING)
}

/// What the demo mesh serves.
pub(crate) fn hosted() -> Vec<Hosted> {
    ["/request-tagger.wasm", "/fraud-check.wasm"].into_iter().map(|path| Hosted { path, bytes: do_nothing() }).collect()
}

/// Who made it (server-side apply or not), and the object.
pub(crate) fn plugins(base: &str) -> Vec<(&'static str, bool, Value)> {
    let hash = Sha256::digest(do_nothing());
    let sha256: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    let plugin = |name: &str, labels: Value, spec: Value| {
        json!({
            "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
            "metadata": { "namespace": "shop", "name": name, "labels": labels }, "spec": spec,
        })
    };
    let good = plugin(
        "request-tagger",
        json!({ "app.kubernetes.io/instance": "shop", "app.kubernetes.io/managed-by": "argo-cd" }),
        json!({
            "url": format!("{base}/request-tagger.wasm"), "sha256": sha256, "phase": "STATS", "priority": 20,
            "failStrategy": "FAIL_OPEN", "selector": { "matchLabels": { "app": "storefront" } },
            "match": [{ "mode": "SERVER" }], "pluginConfig": { "header": "x-shop-request", "sample": 0.25 },
        }),
    );
    // Pinned to a build that was overwritten since: what the address gives does not have this digest.
    let broken = plugin(
        "fraud-check",
        json!({ "team": "payments" }),
        json!({
            "url": format!("{base}/fraud-check.wasm"), "sha256": "5f0e".repeat(16), "phase": "AUTHZ",
            "failStrategy": "FAIL_CLOSE", "selector": { "matchLabels": { "app": "checkout" } },
        }),
    );
    vec![("argocd-controller", true, good), ("kubectl-client-side-apply", false, broken)]
}
