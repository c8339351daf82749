//! The fields of the form before anything was typed: what the resource says, or what the plugin proposes.

use marketplace_domain::{
    Direction,
    draft::Draft,
    extension::{EnvValue, ExtensionSpec, MatchRule},
    mesh::ProxyKind,
};

use super::subject::Subject;
use crate::{
    configure::{self, yaml},
    trial::samples,
};

/// All fields, as nobody has touched them.
pub fn prefill(subject: &Subject) -> Draft {
    let mut draft = Draft::default();
    match &subject.existing {
        Some(existing) => {
            from_spec(&existing.spec, &mut draft);
            draft.set("seen", &existing.resource_version);
            draft.set("name", existing.name.as_str());
            let value = existing.spec.config.clone().unwrap_or_else(configure::schema::empty);
            draft.set("yaml", yaml::write(&value));
            let said = configure::fill(subject.schema(), &value, &mut draft);
            draft.set("mode", if said { "form" } else { "yaml" });
        }
        None => proposed(subject, &mut draft),
    }
    samples::prefill(subject, &mut draft);
    draft
}

fn proposed(subject: &Subject, draft: &mut Draft) {
    draft.set("name", subject.free_name());
    from_spec(&subject.base, draft);
    let Some(release) = &subject.release else { return };
    draft.set("phase", release.proposal.phase.as_str());
    draft.set("priority", release.proposal.priority.to_string());
    draft.set("failStrategy", release.proposal.fail_strategy.as_str());
    // Gateways have outbound listeners only, waypoints inbound ones only (wasmplugin.md §5).
    let direction = match subject.kind() {
        Some(ProxyKind::Gateway | ProxyKind::ApiGateway) => Direction::Client,
        Some(ProxyKind::Waypoint) => Direction::Server,
        _ => release.proposal.direction,
    };
    draft.set("direction", direction.as_str());
    let example = release.example.clone().unwrap_or_default();
    draft.set("yaml", &example);
    let said = yaml::parse(&example).is_ok_and(|value| configure::fill(subject.schema(), &value, draft));
    draft.set("mode", if said { "form" } else { "yaml" });
}

fn from_spec(spec: &ExtensionSpec, draft: &mut Draft) {
    draft.set("url", &spec.url);
    draft.set("sha256", spec.sha256.as_ref().map(marketplace_domain::Digest::as_str).unwrap_or_default());
    draft.set("phase", spec.phase.as_str());
    draft.set("priority", spec.priority.map(|priority| priority.to_string()).unwrap_or_default());
    draft.set("failStrategy", spec.fail_strategy.as_str());
    draft.set("pullPolicy", spec.pull_policy.as_str());
    draft.set("pullSecret", spec.pull_secret.clone().unwrap_or_default());
    let (direction, ports) = typed_match(&spec.matches);
    draft.set("direction", direction);
    draft.set("ports", ports);
    for (n, variable) in spec.env.iter().enumerate() {
        draft.set(format!("env.{n}.name"), &variable.name);
        let (from, value) = match &variable.value {
            EnvValue::Inline(value) => ("INLINE", value.as_str()),
            EnvValue::Host => ("HOST", ""),
        };
        draft.set(format!("env.{n}.from"), from);
        draft.set(format!("env.{n}.value"), value);
    }
}

/// Direction and ports as the form has them. The form has one rule; a resource with several keeps them as long as
/// neither field is changed.
pub fn typed_match(rules: &[MatchRule]) -> (String, String) {
    let first = rules.first();
    let direction = first.and_then(|rule| rule.direction).unwrap_or(Direction::Both);
    let ports: Vec<String> = first.into_iter().flat_map(|rule| &rule.ports).map(u16::to_string).collect();
    (direction.as_str().to_owned(), ports.join(", "))
}
