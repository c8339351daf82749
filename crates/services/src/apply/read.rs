//! From the fields of the form to the resource they say, with everything that is wrong.

use std::collections::BTreeSet;

use marketplace_domain::{
    Digest, Direction, Loads, ObjectName, Problem, PullPolicy, Reason,
    draft::Draft,
    extension::{EnvValue, EnvVar, ExtensionKey, ExtensionSpec, MatchRule},
    mesh::ProxyKind,
    module_url::Scheme,
    views::apply::EnvRow,
};

use super::{prefill::typed_match, subject::Subject};
use crate::{configure::Configured, traffic::cannot};

/// The box that says "I know that it would not load".
pub const CONFIRM: &str = "confirmRefused";

/// What the form says.
pub struct Said {
    /// The name of the resource.
    pub name: Option<ObjectName>,
    /// What it asks for.
    pub spec: ExtensionSpec,
    /// Everything that is wrong.
    pub problems: Vec<Problem>,
}

/// Reads all fields.
pub fn read(subject: &Subject, draft: &Draft, configured: &Configured) -> Said {
    let mut problems = configured.problems.clone();
    let name = name(subject, draft, &mut problems);
    let mut spec = subject.base.clone();
    if subject.existing.is_some() && subject.plugin.is_none() {
        spec.url = draft.get("url").trim().to_owned();
        spec.sha256 = match draft.get("sha256").trim() {
            "" => None,
            typed => {
                typed.parse::<Digest>().map_err(|_| problems.push(Problem::at("sha256", Reason::DigestMalformed))).ok()
            }
        };
    }
    if subject.version_gone {
        problems.push(Problem::at("version", Reason::NotAChoice));
    }
    if let Some((url, sha256)) = &subject.moved {
        (spec.url, spec.sha256) = (url.clone(), sha256.clone());
        if !is_image(&spec.url) {
            // What says how an image is pulled says nothing any more, and there are no fields for it.
            (spec.pull_policy, spec.pull_secret) = (PullPolicy::default(), None);
        }
    }
    choice(draft, "phase", &mut spec.phase, &mut problems);
    choice(draft, "failStrategy", &mut spec.fail_strategy, &mut problems);
    spec.priority = priority(subject, draft, &mut problems);
    if is_image(&spec.url) {
        choice(draft, "pullPolicy", &mut spec.pull_policy, &mut problems);
        spec.pull_secret = Some(draft.get("pullSecret").trim().to_owned()).filter(|secret| !secret.is_empty());
    }
    spec.config = configured.value.clone().filter(|value| value.as_object().is_none_or(|map| !map.is_empty()));
    env(draft, &mut spec, &mut problems);
    matches(subject, draft, &mut spec, &mut problems);
    reach(subject, &mut problems);
    if subject.loading.verdict.loads == Loads::No && draft.get(CONFIRM) != "yes" {
        problems.push(Problem::at(CONFIRM, Reason::WouldNotLoad));
    }
    if let Some(name) = &name {
        let found = match &subject.existing {
            Some(existing) => marketplace_domain::check::check_edit(&existing.spec, &spec, &subject.namespace, name),
            None => marketplace_domain::check::check(&spec, &subject.namespace, name),
        };
        let alone = subject.alone();
        for problem in found.into_iter().filter(|problem| !alone || problem.field.starts_with("env")) {
            // What is not typed here cannot be mended here: the service's own selector, its own targets.
            if !problems.iter().any(|known| known.field == problem.field) {
                problems.push(problem);
            }
        }
    }
    Said { name, spec, problems }
}

/// Whether an address is an image of a registry.
pub fn is_image(url: &str) -> bool {
    url.parse::<marketplace_domain::ModuleUrl>().is_ok_and(|url| url.scheme() == Scheme::Oci)
}

fn name(subject: &Subject, draft: &Draft, problems: &mut Vec<Problem>) -> Option<ObjectName> {
    if let Some(existing) = &subject.existing {
        return Some(existing.name.clone());
    }
    let typed = draft.get("name").trim();
    match typed.parse::<ObjectName>() {
        Ok(name) => {
            let key = ExtensionKey { namespace: subject.namespace.clone(), name: name.clone() };
            if subject.index.snapshot.plugin(&key).is_some() {
                problems.push(Problem::at("name", Reason::ResourceTaken));
            }
            Some(name)
        }
        Err(_) => {
            let reason = if typed.is_empty() { Reason::Required } else { Reason::NameMalformed };
            problems.push(Problem::at("name", reason));
            None
        }
    }
}

fn choice<T: std::str::FromStr>(draft: &Draft, field: &str, into: &mut T, problems: &mut Vec<Problem>) {
    match draft.get(field).parse() {
        Ok(chosen) => *into = chosen,
        Err(_) if !draft.has(field) => {}
        Err(_) => problems.push(Problem::at(field, Reason::NotAChoice)),
    }
}

fn priority(subject: &Subject, draft: &Draft, problems: &mut Vec<Problem>) -> Option<i32> {
    let typed = draft.get("priority").trim();
    let before = subject.existing.as_ref().and_then(|existing| existing.spec.priority);
    // What a resource of somebody else says already may stay, however odd.
    if subject.existing.is_some() && typed == before.map(|number| number.to_string()).unwrap_or_default() {
        return before;
    }
    match typed.parse::<marketplace_domain::Priority>() {
        Ok(priority) => Some(i32::from(priority.get())),
        Err(_) => {
            problems.push(Problem::at("priority", Reason::PriorityOutOfRange));
            before
        }
    }
}

/// The rows of the environment with something in them, as typed.
pub fn env_rows(draft: &Draft) -> Vec<EnvRow> {
    let numbers: BTreeSet<usize> =
        draft.fields.keys().filter_map(|name| name.strip_prefix("env.")?.split('.').next()?.parse().ok()).collect();
    numbers
        .into_iter()
        .take(300)
        .map(|n| EnvRow {
            name: draft.get(&format!("env.{n}.name")).trim().to_owned(),
            from: draft.get(&format!("env.{n}.from")).to_owned(),
            value: draft.get(&format!("env.{n}.value")).to_owned(),
        })
        .filter(|row| !(row.name.is_empty() && row.value.is_empty()))
        .collect()
}

fn env(draft: &Draft, spec: &mut ExtensionSpec, problems: &mut Vec<Problem>) {
    spec.env.clear();
    for (n, row) in env_rows(draft).into_iter().enumerate() {
        let value = match row.from.as_str() {
            "HOST" => {
                if !row.value.is_empty() {
                    problems.push(Problem::at(format!("env.{n}.value"), Reason::EnvHostWithValue));
                }
                EnvValue::Host
            }
            _ => EnvValue::Inline(row.value),
        };
        spec.env.push(EnvVar { name: row.name, value });
    }
}

fn matches(subject: &Subject, draft: &Draft, spec: &mut ExtensionSpec, problems: &mut Vec<Problem>) {
    let (direction_before, ports_before) = typed_match(&subject.base.matches);
    let untouched = draft.get("direction") == direction_before && draft.get("ports").trim() == ports_before;
    if !(subject.existing.is_some() && untouched) {
        let mut direction = Direction::Server;
        choice(draft, "direction", &mut direction, problems);
        spec.matches = vec![MatchRule { direction: Some(direction), ports: ports(draft.get("ports"), problems) }];
    }
    let Some(rule) = spec.matches.first() else { return };
    match subject.kind() {
        Some(ProxyKind::Waypoint) => {
            if !rule.ports.is_empty() {
                problems.push(Problem::at("ports", Reason::PortsOnWaypoint));
            }
            if rule.direction == Some(Direction::Client) {
                problems.push(Problem::at("direction", Reason::DirectionOnWaypoint));
            }
        }
        Some(ProxyKind::Gateway | ProxyKind::ApiGateway) if rule.direction == Some(Direction::Server) => {
            problems.push(Problem::at("direction", Reason::DirectionOnGateway));
        }
        _ => {}
    }
}

fn ports(typed: &str, problems: &mut Vec<Problem>) -> Vec<u16> {
    let mut ports = Vec::new();
    for piece in typed.split([',', '，', ' ', ';']).filter(|piece| !piece.is_empty()) {
        match piece.parse::<u16>() {
            Ok(port @ 1..) if ports.contains(&port) => problems.push(Problem::at("ports", Reason::PortDuplicate)),
            Ok(port @ 1..) => ports.push(port),
            _ => problems.push(Problem::at("ports", Reason::PortMalformed)),
        }
    }
    ports
}

/// A new plugin that nobody would get, or whose service is not there any more, is not applied.
fn reach(subject: &Subject, problems: &mut Vec<Problem>) {
    if subject.existing.is_some() || subject.alone() {
        return;
    }
    match &subject.service {
        None => problems.push(Problem::at("", Reason::ServiceGone)),
        Some(service) => {
            if let Some(why) = cannot(&subject.index.snapshot, service) {
                problems.push(Problem::at("", Reason::NoProxy(why)));
            }
        }
    }
}
