//! All that is checked before a plugin is sent to a cluster (`wasmplugin.md` §2 and §3): what the API server or istiod
//! would refuse, what they take and then ignore, and what reaches the plugin changed. Fields are named as in the form.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    Namespace, ObjectName, Priority, Problem, Reason,
    extension::{EnvValue, ExtensionSpec, TargetRef},
    module_url::{BadUrl, ModuleUrl},
};

/// Most items of `vmConfig.env` (CRD).
const MAX_ENV: usize = 256;
/// Most characters of an environment variable's value (CRD).
const MAX_ENV_VALUE: usize = 2048;
/// Most bytes of names in the CRD and the webhook, which count differently.
const MAX_NAME: usize = 256;
/// Most items of `targetRefs` (CRD).
const MAX_TARGETS: usize = 16;
/// Most bytes of `pluginConfig`; etcd takes 1.5 MiB for the whole object.
const MAX_CONFIG: usize = 1 << 20;
/// The largest whole number that a 64-bit float holds with all smaller ones.
const EXACT: u64 = 1 << 53;

/// What is wrong with a plugin as it would be sent; empty when nothing is.
pub fn check(spec: &ExtensionSpec, namespace: &Namespace, name: &ObjectName) -> Vec<Problem> {
    let mut problems = Vec::new();
    // The types hold what Kubernetes asks of names; together they make a name inside Envoy, which has no limit.
    let _ = (namespace, name);
    check_module(spec, &mut problems);
    check_place(spec, &mut problems);
    check_config(spec.config.as_ref(), &mut problems);
    check_env(spec, &mut problems);
    check_matches(spec, &mut problems);
    check_reach(spec, &mut problems);
    problems
}

/// As [`check`], for a resource of somebody else: what it says already may stay, however odd (no priority, `file://`).
pub fn check_edit(
    before: &ExtensionSpec,
    after: &ExtensionSpec,
    namespace: &Namespace,
    name: &ObjectName,
) -> Vec<Problem> {
    let known = check(before, namespace, name);
    check(after, namespace, name).into_iter().filter(|problem| !known.contains(problem)).collect()
}

fn check_module(spec: &ExtensionSpec, problems: &mut Vec<Problem>) {
    let url = spec.url.parse::<ModuleUrl>();
    match &url {
        Err(BadUrl::Empty) => problems.push(Problem::at("url", Reason::Required)),
        Err(bad) => problems.push(Problem::at("url", Reason::AddressBad(bad.clone()))),
        // What is sent is the text itself, so a scheme in capitals or blanks around it have to go first.
        Ok(url) if url.as_str() != spec.url => {
            problems.push(Problem::at("url", Reason::AddressBad(BadUrl::NoScheme(url.to_string()))));
        }
        Ok(_) => {}
    }
    if let Some(secret) = &spec.pull_secret {
        // The CRD takes any text of 253 bytes; no Secret has a name that is not an RFC 1123 subdomain.
        if secret.parse::<ObjectName>().is_err() {
            problems.push(Problem::at("pullSecret", Reason::SecretMalformed));
        } else if url.is_ok_and(|url| !url.is_image()) {
            problems.push(Problem::at("pullSecret", Reason::SecretNotImage));
        }
    }
    if let Some(root_id) = &spec.root_id {
        check_length("rootId", root_id, MAX_NAME, problems);
    }
}

fn check_place(spec: &ExtensionSpec, problems: &mut Vec<Problem>) {
    match spec.priority {
        None => problems.push(Problem::at("priority", Reason::Required)),
        Some(number) if Priority::try_from(i64::from(number)).is_err() => {
            problems.push(Problem::at("priority", Reason::PriorityOutOfRange));
        }
        Some(_) => {}
    }
}

/// 1 to so many bytes: the CRD counts characters, the webhook bytes, so bytes are what passes both.
fn check_length(field: &str, text: &str, most: usize, problems: &mut Vec<Problem>) {
    if text.is_empty() {
        problems.push(Problem::at(field, Reason::Required));
    } else if text.len() > most {
        problems.push(Problem::at(field, Reason::TooLong(most as u32)));
    }
}

fn check_config(config: Option<&Value>, problems: &mut Vec<Problem>) {
    match config {
        None => {}
        Some(config @ Value::Object(_)) => {
            check_numbers("config", config, problems);
            if config.to_string().len() > MAX_CONFIG {
                problems.push(Problem::at("config", Reason::ConfigTooLarge(MAX_CONFIG as u32)));
            }
        }
        Some(_) => problems.push(Problem::at("config", Reason::ConfigNotAnObject)),
    }
}

/// Istio carries the configuration as protobuf's Struct, whose numbers are 64-bit floats (§2, measured).
fn check_numbers(path: &str, value: &Value, problems: &mut Vec<Problem>) {
    match value {
        Value::Number(number) => {
            let exact = match (number.as_i64(), number.as_u64()) {
                (Some(whole), _) => whole.unsigned_abs() <= EXACT,
                (None, Some(_)) => false,
                // Whole numbers beyond 64 bits are floats by now, and have lost digits already.
                (None, None) => number.as_f64().is_some_and(|float| float.abs() <= EXACT as f64),
            };
            if !exact {
                problems.push(Problem::at(path, Reason::NumberChanges(number.to_string())));
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                check_numbers(&format!("{path}/{at}"), item, problems);
            }
        }
        Value::Object(fields) => {
            for (key, item) in fields {
                // JSON pointer (RFC 6901).
                let key = key.replace('~', "~0").replace('/', "~1");
                check_numbers(&format!("{path}/{key}"), item, problems);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn check_env(spec: &ExtensionSpec, problems: &mut Vec<Problem>) {
    if spec.env.len() > MAX_ENV {
        problems.push(Problem::at("env", Reason::TooMany(MAX_ENV as u32)));
    }
    let mut seen = BTreeSet::new();
    for (at, variable) in spec.env.iter().enumerate() {
        let field = format!("env.{at}.name");
        let name = variable.name.as_str();
        let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
        let identifier =
            name.bytes().next().is_some_and(letter) && name.bytes().all(|byte| letter(byte) || byte.is_ascii_digit());
        check_length(&field, name, MAX_NAME, problems);
        if !name.is_empty() && !identifier {
            problems.push(Problem::at(&field, Reason::EnvNameMalformed));
        }
        // INLINE ones are stripped on the way, HOST ones reach the plugin (§2, measured): neither is meant.
        if name.starts_with("ISTIO_META_") {
            problems.push(Problem::at(&field, Reason::EnvReserved));
        }
        if !seen.insert(name) && !name.is_empty() {
            problems.push(Problem::at(&field, Reason::EnvDuplicate));
        }
        if let EnvValue::Inline(value) = &variable.value
            && value.chars().count() > MAX_ENV_VALUE
        {
            problems.push(Problem::at(format!("env.{at}.value"), Reason::TooLong(MAX_ENV_VALUE as u32)));
        }
    }
}

fn check_matches(spec: &ExtensionSpec, problems: &mut Vec<Problem>) {
    for (at, rule) in spec.matches.iter().enumerate() {
        let field = format!("match.{at}.ports");
        if rule.ports.contains(&0) {
            problems.push(Problem::at(&field, Reason::PortMalformed));
        }
        if rule.ports.iter().collect::<BTreeSet<_>>().len() < rule.ports.len() {
            problems.push(Problem::at(&field, Reason::PortDuplicate));
        }
    }
}

fn check_reach(spec: &ExtensionSpec, problems: &mut Vec<Problem>) {
    if let Some(selector) = &spec.selector {
        if !spec.targets.is_empty() {
            problems.push(Problem::at("selector", Reason::NotAChoice));
        }
        // The CRD refuses `*` and an empty key; any other syntax passes it and matches nothing.
        for (key, value) in selector {
            if !is_label_key(key) || !is_label_value(value) {
                problems.push(Problem::at(format!("selector.{key}"), Reason::NameMalformed));
            }
        }
    }
    if spec.targets.len() > MAX_TARGETS {
        problems.push(Problem::at("targets", Reason::TooMany(MAX_TARGETS as u32)));
    }
    for (at, target) in spec.targets.iter().enumerate() {
        if !is_allowed(target) {
            problems.push(Problem::at(format!("targets.{at}.kind"), Reason::NotAChoice));
        }
        check_length(&format!("targets.{at}.name"), &target.name, 253, problems);
    }
}

/// What istiod's webhook lets a plugin name (§4).
fn is_allowed(target: &TargetRef) -> bool {
    matches!(
        (target.group.as_str(), target.kind.as_str()),
        ("" | "core", "Service")
            | ("networking.istio.io", "ServiceEntry")
            | ("gateway.networking.k8s.io", "Gateway" | "GatewayClass")
    )
}

fn is_label_value(text: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii_alphanumeric());
    text.len() <= 63
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
        && edge(text.bytes().next())
        && edge(text.bytes().last())
}

fn is_label_key(text: &str) -> bool {
    let (prefix, name) = text.split_once('/').map_or((None, text), |(prefix, name)| (Some(prefix), name));
    prefix.is_none_or(|prefix| prefix.parse::<ObjectName>().is_ok()) && !name.is_empty() && is_label_value(name)
}

#[cfg(test)]
mod tests;
