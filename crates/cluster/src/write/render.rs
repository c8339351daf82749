//! A plugin as a WasmPlugin's spec: as small as possible, and never silent about what Istio would read into silence
//! (`wasmplugin.md` §0): scheme, priority, phase and `match` are always there.

use marketplace_domain::{
    Direction, EnvVar, FailStrategy, MatchRule, PullPolicy, TargetRef,
    extension::{EnvValue, ExtensionSpec},
};
use serde_json::{Map, Value, json};

use crate::plugin::read_spec;

/// The spec as it should be. What is stored decides only how to say a default: a field that is there is answered
/// explicitly, for leaving it out would leave it as it is.
pub(crate) fn full_spec(spec: &ExtensionSpec, stored: Option<&Value>, foreign: bool) -> Map<String, Value> {
    let mut full = written(spec, stored);
    if let (true, Some(stored)) = (foreign, stored) {
        keep_same(&mut full, spec, stored);
    }
    full
}

fn written(spec: &ExtensionSpec, stored: Option<&Value>) -> Map<String, Value> {
    let has = |key: &str| stored.is_some_and(|stored| stored.get(key).is_some_and(|value| !value.is_null()));
    let mut full = Map::new();
    let mut put = |key: &str, value: Value| _ = full.insert(key.to_owned(), value);
    put("url", json!(spec.url));
    if let Some(sha256) = &spec.sha256 {
        put("sha256", json!(sha256));
    }
    if spec.pull_policy != PullPolicy::Unspecified || has("imagePullPolicy") {
        put("imagePullPolicy", json!(spec.pull_policy));
    }
    if let Some(secret) = &spec.pull_secret {
        put("imagePullSecret", json!(secret));
    }
    if let Some(config) = spec.config.as_ref().filter(|config| !is_empty(config)) {
        put("pluginConfig", config.clone());
    }
    if let Some(root_id) = &spec.root_id {
        put("pluginName", json!(root_id));
    }
    put("phase", json!(spec.phase));
    if let Some(priority) = spec.priority {
        put("priority", json!(priority));
    }
    if spec.fail_strategy != FailStrategy::Close || has("failStrategy") {
        put("failStrategy", json!(spec.fail_strategy));
    }
    if !spec.env.is_empty() {
        let stored = stored.and_then(|stored| stored.pointer("/vmConfig/env"));
        put("vmConfig", json!({ "env": spec.env.iter().map(|env| env_item(env, stored)).collect::<Vec<_>>() }));
    }
    put("match", matches(&spec.matches));
    if spec.network || has("type") {
        put("type", json!(if spec.network { "NETWORK" } else { "HTTP" }));
    }
    if let Some(labels) = &spec.selector {
        put("selector", json!({ "matchLabels": labels }));
    }
    if !spec.targets.is_empty() {
        put("targetRefs", spec.targets.iter().map(target).collect());
    }
    full
}

/// What means the same as before stays as its author wrote it: absent, or in other words.
fn keep_same(full: &mut Map<String, Value>, spec: &ExtensionSpec, stored: &Value) {
    let Ok(before) = read_spec(stored) else { return };
    let empty = json!({});
    let config = |spec: &ExtensionSpec| spec.config.clone().unwrap_or_else(|| empty.clone());
    let same = [
        (before.url == spec.url, &["url"][..]),
        (before.sha256 == spec.sha256, &["sha256"]),
        (before.pull_policy == spec.pull_policy, &["imagePullPolicy"]),
        (before.pull_secret == spec.pull_secret, &["imagePullSecret"]),
        (config(&before) == config(spec), &["pluginConfig"]),
        (before.root_id == spec.root_id, &["pluginName"]),
        (before.phase == spec.phase, &["phase"]),
        (before.priority == spec.priority, &["priority"]),
        (before.fail_strategy == spec.fail_strategy, &["failStrategy"]),
        (before.env == spec.env, &["vmConfig"]),
        (before.matches == spec.matches, &["match"]),
        (before.network == spec.network, &["type"]),
        (before.selector == spec.selector, &["selector"]),
        (before.targets == spec.targets, &["targetRefs", "targetRef"]),
    ];
    for key in same.into_iter().filter(|(same, _)| *same).flat_map(|(_, keys)| keys) {
        match stored.get(key) {
            Some(value) => _ = full.insert((*key).to_owned(), value.clone()),
            None => _ = full.remove(*key),
        }
    }
}

fn is_empty(config: &Value) -> bool {
    config.is_null() || config.as_object().is_some_and(Map::is_empty)
}

fn env_item(variable: &EnvVar, stored: Option<&Value>) -> Value {
    let is_it = |item: &&Value| item.get("name").and_then(Value::as_str) == Some(&variable.name);
    let before = stored.and_then(Value::as_array).and_then(|items| items.iter().find(is_it));
    match &variable.value {
        EnvValue::Host => json!({ "name": variable.name, "valueFrom": "HOST" }),
        EnvValue::Inline(value) if before.is_some_and(|item| item.get("valueFrom").is_some()) => {
            json!({ "name": variable.name, "value": value, "valueFrom": "INLINE" })
        }
        EnvValue::Inline(value) => json!({ "name": variable.name, "value": value }),
    }
}

/// No rules are all traffic; said out loud, so that nobody reads it as "inbound".
fn matches(rules: &[MatchRule]) -> Value {
    let all = [MatchRule { direction: Some(Direction::Both), ports: Vec::new() }];
    let rules = if rules.is_empty() { &all[..] } else { rules };
    let item = |rule: &MatchRule| {
        let mut item = Map::new();
        item.insert("mode".to_owned(), json!(rule.direction.unwrap_or(Direction::Both)));
        if !rule.ports.is_empty() {
            let ports: Vec<Value> = rule.ports.iter().map(|port| json!({ "number": port })).collect();
            item.insert("ports".to_owned(), json!(ports));
        }
        Value::Object(item)
    };
    rules.iter().map(item).collect()
}

fn target(target: &TargetRef) -> Value {
    match target.group.as_str() {
        "" => json!({ "kind": target.kind, "name": target.name }),
        group => json!({ "group": group, "kind": target.kind, "name": target.name }),
    }
}
