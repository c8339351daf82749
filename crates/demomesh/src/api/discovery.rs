//! What the API says of itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kinds::{KINDS, Kind, WASM_PLUGIN};

/// The version that the API claims: the one whose behaviour it was compared with.
const VERSION: &str = "v1.36.0";

/// The document at a discovery address, if it is one.
pub(super) fn document(path: &str, with_plugins: bool) -> Option<Value> {
    let served = || KINDS.iter().filter(move |kind| with_plugins || *kind != WASM_PLUGIN);
    let parts: Vec<_> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["version"] => Some(json!({
            "major": "1", "minor": "36", "gitVersion": format!("{VERSION}+demo"), "gitCommit": "", "gitTreeState": "clean",
            "buildDate": "1970-01-01T00:00:00Z", "goVersion": "", "compiler": "", "platform": "linux/amd64",
        })),
        ["healthz" | "readyz" | "livez"] => Some(Value::String("ok".into())),
        ["api"] => Some(json!({
            "kind": "APIVersions", "versions": ["v1"],
            "serverAddressByClientCIDRs": [{ "clientCIDR": "0.0.0.0/0", "serverAddress": "127.0.0.1:6443" }],
        })),
        ["apis"] => {
            let mut groups: BTreeMap<_, Vec<&Kind>> = BTreeMap::new();
            served()
                .filter(|kind| !kind.group.is_empty())
                .for_each(|kind| groups.entry(kind.group).or_default().push(kind));
            let groups: Vec<_> = groups.into_iter().filter_map(|(name, kinds)| group(name, kinds.first()?)).collect();
            Some(json!({ "kind": "APIGroupList", "apiVersion": "v1", "groups": groups }))
        }
        ["apis", name] => {
            let first = served().find(|kind| kind.group == *name)?;
            let mut document = group(name, first)?;
            document["kind"] = "APIGroup".into();
            document["apiVersion"] = "v1".into();
            Some(document)
        }
        ["api", version] => resources("", version, served()),
        ["apis", group, version] => resources(group, version, served()),
        _ => None,
    }
}

fn group(name: &str, first: &Kind) -> Option<Value> {
    let version = json!({ "groupVersion": first.api_version(), "version": first.version });
    (!name.is_empty()).then(|| json!({ "name": name, "versions": [version], "preferredVersion": version }))
}

fn resources(group: &str, version: &str, served: impl Iterator<Item = &'static Kind>) -> Option<Value> {
    let mut group_version = None;
    let resources: Vec<_> = served
        .filter(|kind| kind.group == group && kind.version == version)
        .map(|kind| {
            group_version = Some(kind.api_version());
            json!({
                "name": kind.plural, "singularName": kind.kind.to_lowercase(), "namespaced": kind.namespaced,
                "kind": kind.kind, "verbs": ["create", "delete", "get", "list", "patch", "update", "watch"],
            })
        })
        .collect();
    Some(json!({
        "kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version?, "resources": resources,
    }))
}
