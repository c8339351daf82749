//! Reading a WasmPlugin: tolerant of whatever a cluster holds, whoever wrote it. Unknown words count as unset, as they
//! do for istiod; nothing that is read this way is ever written back (see [`crate::render`]).

use std::collections::BTreeMap;

use kube::core::{ApiResource, DynamicObject, GroupVersionKind};
use marketplace_domain::{
    Direction, EnvVar, Extension, MatchRule, TargetRef,
    extension::{EnvValue, ExtensionSpec},
};
use serde_json::Value;

/// API group and version of WasmPlugin (`wasmplugin.md` §1).
pub(crate) const API_VERSION: &str = "extensions.istio.io/v1alpha1";
/// Its kind.
pub(crate) const KIND: &str = "WasmPlugin";

/// WasmPlugin for kube's dynamic API.
pub(crate) fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk("extensions.istio.io", "v1alpha1", KIND);
    ApiResource::from_gvk_with_plural(&kind, "wasmplugins")
}

/// What a resource says, or why it cannot be understood.
pub(crate) fn read_plugin(object: &DynamicObject) -> Result<Extension, String> {
    let meta = &object.metadata;
    Ok(Extension {
        namespace: meta
            .namespace
            .as_deref()
            .unwrap_or_default()
            .parse()
            .map_err(|bad| format!("metadata.namespace: {bad}"))?,
        name: meta.name.as_deref().unwrap_or_default().parse().map_err(|bad| format!("metadata.name: {bad}"))?,
        uid: meta.uid.clone().unwrap_or_default(),
        resource_version: meta.resource_version.clone().unwrap_or_default(),
        created: meta.creation_timestamp.as_ref().map_or(0, |time| time.0.as_second()),
        manager: last_manager(meta),
        labels: meta.labels.clone().unwrap_or_default(),
        annotations: meta.annotations.clone().unwrap_or_default(),
        spec: read_spec(object.data.get("spec").unwrap_or(&Value::Null))?,
        deleting: meta.deletion_timestamp.is_some(),
    })
}

/// Who wrote the spec last. Entries for `status` are istiod's own.
fn last_manager(meta: &kube::core::ObjectMeta) -> Option<String> {
    let entries = meta.managed_fields.iter().flatten();
    let of_spec = entries.filter(|entry| {
        let fields = entry.fields_v1.as_ref().map(|fields| &fields.0);
        entry.subresource.as_deref().unwrap_or_default().is_empty()
            && fields.is_some_and(|fields| fields.get("f:spec").is_some())
    });
    of_spec.max_by_key(|entry| entry.time.as_ref().map(|time| time.0))?.manager.clone()
}

/// The part that people decide. Only an address is needed; everything else may be missing or odd.
pub(crate) fn read_spec(spec: &Value) -> Result<ExtensionSpec, String> {
    let url = text(spec, "url").ok_or("spec.url is missing")?;
    let mut targets: Vec<TargetRef> = items(spec, "targetRefs").iter().filter_map(read_target).collect();
    if targets.is_empty() {
        targets.extend(spec.get("targetRef").and_then(read_target));
    }
    Ok(ExtensionSpec {
        url,
        sha256: word(spec, "sha256"),
        pull_policy: word(spec, "imagePullPolicy").unwrap_or_default(),
        pull_secret: text(spec, "imagePullSecret"),
        config: spec.get("pluginConfig").filter(|config| !config.is_null()).cloned(),
        root_id: text(spec, "pluginName"),
        phase: word(spec, "phase").unwrap_or_default(),
        priority: spec.get("priority").and_then(Value::as_i64).and_then(|number| i32::try_from(number).ok()),
        fail_strategy: word(spec, "failStrategy").unwrap_or_default(),
        env: items(spec.get("vmConfig").unwrap_or(&Value::Null), "env").iter().filter_map(read_env).collect(),
        matches: items(spec, "match").iter().map(read_match).collect(),
        network: text(spec, "type").is_some_and(|kind| kind == "NETWORK"),
        selector: spec.get("selector").filter(|selector| selector.is_object()).map(read_labels),
        targets,
    })
}

fn text(of: &Value, key: &str) -> Option<String> {
    of.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn word<T: std::str::FromStr>(of: &Value, key: &str) -> Option<T> {
    text(of, key).and_then(|text| text.parse().ok())
}

fn items<'a>(of: &'a Value, key: &str) -> &'a [Value] {
    of.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn read_target(target: &Value) -> Option<TargetRef> {
    Some(TargetRef {
        group: text(target, "group").unwrap_or_default(),
        kind: text(target, "kind")?,
        name: text(target, "name")?,
    })
}

fn read_env(variable: &Value) -> Option<EnvVar> {
    let host = text(variable, "valueFrom").is_some_and(|from| from == "HOST");
    let value = if host { EnvValue::Host } else { EnvValue::Inline(text(variable, "value").unwrap_or_default()) };
    Some(EnvVar { name: text(variable, "name")?, value })
}

fn read_match(rule: &Value) -> MatchRule {
    let ports = items(rule, "ports").iter().filter_map(|port| port.get("number")?.as_u64());
    MatchRule {
        direction: word::<Direction>(rule, "mode"),
        ports: ports.filter_map(|number| u16::try_from(number).ok()).collect(),
    }
}

fn read_labels(selector: &Value) -> BTreeMap<String, String> {
    let labels = selector.get("matchLabels").and_then(Value::as_object).into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests;
