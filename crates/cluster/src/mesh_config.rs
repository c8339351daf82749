//! What the mesh says about itself: the root namespace out of Istio's configuration.

use k8s_openapi::api::core::v1::ConfigMap;
use kube::{Api, Client};
use marketplace_domain::{Namespace, mesh::MeshSettings};

/// Where Istio is installed unless somebody chose otherwise.
const SYSTEM: &str = "istio-system";

/// What holds when the mesh does not say otherwise (`meshConfig.rootNamespace`, `wasmplugin.md` §4).
pub(crate) fn default_settings() -> Option<MeshSettings> {
    SYSTEM.parse().ok().map(|root_namespace| MeshSettings { root_namespace })
}

/// The settings in the ConfigMap `istio`; `None` when it cannot be read, which a small role may well forbid.
pub(crate) async fn read(client: &Client) -> Option<MeshSettings> {
    let maps: Api<ConfigMap> = Api::namespaced(client.clone(), SYSTEM);
    let map = maps.get_opt("istio").await.ok()??;
    let mesh = map.data?.remove("mesh")?;
    Some(MeshSettings { root_namespace: root_namespace(&mesh)? })
}

/// One key of a YAML mapping, at its outer level; not worth a parser.
fn root_namespace(mesh: &str) -> Option<Namespace> {
    match mesh.lines().find_map(|line| line.strip_prefix("rootNamespace:")) {
        Some(value) => value.split('#').next()?.trim().trim_matches(['"', '\'']).parse().ok(),
        None => SYSTEM.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_root_namespace() {
        let of = |text: &str| root_namespace(text).map(|namespace| namespace.to_string());
        assert_eq!(of("accessLogFile: x\nrootNamespace: mesh-root\n").as_deref(), Some("mesh-root"));
        assert_eq!(of("rootNamespace: \"mesh-root\" # ours\n").as_deref(), Some("mesh-root"));
        assert_eq!(of("defaultConfig:\n  rootNamespace: no\n").as_deref(), Some("istio-system"));
        assert_eq!(of("rootNamespace: Not Good\n"), None);
    }
}
