//! What the steps show: the resource, its difference, its place in the chain, who gets it.

use std::sync::Arc;

use marketplace_cluster::Desired;
use marketplace_domain::{
    Extension, Problem, Reason,
    chain::{Link, chain},
    draft::Draft,
    extension::{EnvValue, EnvVar, ExtensionSpec},
    mesh::Proxy,
    views::{
        apply::{ApplyView, ChainLink, EnvRow},
        trial::{HeaderRow, TrialView},
    },
};
use serde_json::Value;

use super::{
    read::{self, Said},
    subject::Subject,
};
use crate::{
    Services,
    configure::{self, Configured, yaml},
    diff, traffic,
    trial::{
        Trial,
        chain::{Member, members, others},
        fields,
    },
};

/// Everything, for what is typed now.
pub fn view(services: &Services, subject: &Subject, draft: Draft) -> ApplyView {
    let configured = configure::configured(subject.schema(), &draft);
    let said = read::read(subject, &draft, &configured);
    let extension = as_extension(subject, &said);
    let proxies = subject.index.snapshot.proxies_reached(&extension);
    let (before, after) = resources(services, subject, &said);
    let (trial, members) = trial(subject, &draft, &configured, &said);
    let trial = trial_view(subject, &draft, trial, &members);
    let mut env = read::env_rows(&draft);
    env.push(EnvRow { from: "INLINE".to_owned(), ..EnvRow::default() });
    ApplyView {
        target: subject.target.clone(),
        plugin: subject.plugin.clone(),
        service: subject.key.clone(),
        form: configured.form,
        yaml: configured.yaml,
        env,
        schema: subject.schema().is_some(),
        proposal: subject.release.as_ref().map(|release| release.proposal),
        image: read::is_image(&said.spec.url),
        trial,
        warnings: warnings(subject, &extension, &proxies),
        chain: links(subject, &extension, &proxies),
        proxies: proxies.iter().map(|proxy| traffic::proxy_view(proxy)).collect(),
        cannot: subject.service.as_ref().and_then(|service| traffic::cannot(&subject.index.snapshot, service)),
        diff: diff::lines(&before, &after),
        resource_yaml: after,
        exists: subject.existing.is_some(),
        foreign: subject.foreign(),
        loading: subject.loading.clone(),
        problems: said.problems,
        draft,
    }
}

/// What a run of what is typed needs, and the plugins of the proxy.
pub fn trial(subject: &Subject, draft: &Draft, configured: &Configured, said: &Said) -> (Trial, Vec<Member>) {
    let extension = as_extension(subject, said);
    let proxies = subject.index.snapshot.proxies_reached(&extension);
    let members = members(subject, &extension, &proxies);
    let host = |variable: &EnvVar| (variable.value == EnvValue::Host).then(|| variable.name.clone());
    let unknown_env = said.spec.env.iter().filter_map(host).collect();
    let mut trial = Trial::new(draft, &members, &said.spec.url, unknown_env);
    if configured.value.is_none() {
        // Without it nobody knows what the plugin would be given.
        trial.exchange = None;
        trial.problems.extend(configured.problems.iter().cloned());
    }
    (trial, members)
}

fn trial_view(subject: &Subject, draft: &Draft, trial: Trial, members: &[Member]) -> TrialView {
    let rows = |message: &str| {
        let mut rows = fields::rows(draft, message);
        let next = rows.last().map_or(0, |row| row.number + 1);
        rows.push(HeaderRow { number: next, ..HeaderRow::default() });
        rows
    };
    let samples = subject.release.iter().flat_map(|release| &release.samples);
    TrialView {
        samples: samples.map(|sample| sample.title.clone()).collect(),
        by_yaml: fields::by_yaml(draft),
        yaml: fields::as_yaml(draft),
        request: rows("request"),
        upstream: rows("upstream"),
        chain: members.iter().map(Member::view).collect(),
        unknown_env: trial.unknown_env,
        problems: trial.problems,
    }
}

/// The resource as it would be, for the questions that are asked of resources.
fn as_extension(subject: &Subject, said: &Said) -> Extension {
    let spec = said.spec.clone();
    match &subject.existing {
        Some(existing) => Extension { spec, ..existing.as_ref().clone() },
        None => Extension {
            namespace: subject.namespace.clone(),
            // A name that is not good yet must still be shown in the chain.
            name: said.name.clone().or_else(|| subject.free_name().parse().ok()).unwrap_or_else(placeholder),
            uid: String::new(),
            resource_version: String::new(),
            created: i64::MAX,
            manager: None,
            labels: Default::default(),
            annotations: Default::default(),
            spec,
            deleting: false,
        },
    }
}

#[allow(clippy::expect_used)]
fn placeholder() -> marketplace_domain::ObjectName {
    "plugin".parse().expect("a good name")
}

/// What is to be written.
pub fn desired(subject: &Subject, said: &Said) -> Option<Desired> {
    let mut desired = Desired::new(subject.namespace.clone(), said.name.clone()?, said.spec.clone());
    desired.foreign = subject.foreign();
    Some(desired)
}

/// The resource in the cluster and the resource as it will be, as YAML.
pub fn resources(services: &Services, subject: &Subject, said: &Said) -> (String, String) {
    let before = subject
        .existing
        .as_ref()
        .and_then(|existing| services.cluster().raw(&existing.namespace, &existing.name))
        .map(clean);
    let after = match desired(subject, said) {
        Some(mut desired) => {
            desired.foreign = false;
            let full = clean(services.cluster().render(&desired));
            match &before {
                Some(before) => merged(before.clone(), &full, &subject.base, services, subject),
                None => full,
            }
        }
        None => Value::Null,
    };
    let text = |value: Option<&Value>| value.filter(|value| !value.is_null()).map(yaml::write).unwrap_or_default();
    (text(before.as_ref()), text(Some(&after)))
}

/// What the cluster will hold: fields we do not know stay; fields that the form took away go.
fn merged(before: Value, full: &Value, base: &ExtensionSpec, services: &Services, subject: &Subject) -> Value {
    let mut after = before;
    let was = subject.existing.as_ref().map(|existing| {
        let mut same = Desired::new(existing.namespace.clone(), existing.name.clone(), base.clone());
        same.foreign = false;
        services.cluster().render(&same)
    });
    let fields = |value: &Value| value["spec"].as_object().cloned().unwrap_or_default();
    let (old, new) = (was.as_ref().map(fields).unwrap_or_default(), fields(full));
    if let Some(spec) = after["spec"].as_object_mut() {
        for (name, value) in &new {
            // Only what the form changed: what Istio reads alike may be written in another way.
            if old.get(name) != Some(value) {
                spec.insert(name.clone(), value.clone());
            }
        }
        for name in old.keys().filter(|name| !new.contains_key(*name)) {
            spec.shift_remove(name);
        }
    }
    after
}

/// Without what the API server adds by itself.
pub fn clean(mut object: Value) -> Value {
    if let Some(object) = object.as_object_mut() {
        object.shift_remove("status");
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            for name in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink"] {
                metadata.shift_remove(name);
            }
        }
        // One order for all, so that differences show what differs.
        let order = ["apiVersion", "kind", "metadata", "spec"];
        let mut sorted: serde_json::Map<String, Value> =
            order.iter().filter_map(|name| Some(((*name).to_owned(), object.shift_remove(*name)?))).collect();
        sorted.append(object);
        *object = sorted;
    }
    object
}

fn links(subject: &Subject, extension: &Extension, proxies: &[Arc<Proxy>]) -> Vec<ChainLink> {
    let Some(proxy) = proxies.first().or(subject.serving.first()) else { return Vec::new() };
    let others = others(subject, extension, proxy);
    let mut plugins: Vec<&Extension> = others.iter().map(Arc::as_ref).collect();
    plugins.push(extension);
    chain(proxy.kind, &plugins, &proxy.namespace, &subject.index.snapshot.settings)
        .into_iter()
        .map(|link| match link {
            Link::Istio(filter) => ChainLink::Istio(format!("{filter:?}")),
            Link::Plugin(plugin) => ChainLink::Plugin {
                name: plugin.name.to_string(),
                phase: plugin.spec.phase,
                priority: plugin.spec.priority,
                this: plugin.id() == extension.id(),
            },
        })
        .collect()
}

/// What is worth knowing, and no reason to refuse.
fn warnings(subject: &Subject, extension: &Extension, proxies: &[Arc<Proxy>]) -> Vec<Problem> {
    let mut warnings = Vec::new();
    if let Some(key) = &subject.key {
        let others: Vec<String> = subject
            .index
            .snapshot
            .services_of(extension)
            .into_iter()
            .filter(|service| service != key)
            .map(|service| service.to_string())
            .collect();
        if !others.is_empty() {
            warnings.push(Problem::at("", Reason::AlsoReaches(others)));
        }
    }
    if let Some(service) = &subject.service
        && !service.ports.is_empty()
        && service.ports.iter().all(|port| port.http == Some(false))
    {
        warnings.push(Problem::at("", Reason::NoHttpPort));
    }
    let pinned = extension.spec.sha256.is_some() || extension.spec.url.contains("@sha256:");
    if !pinned {
        warnings.push(Problem::at("", Reason::NotPinned));
    }
    for variable in extension.spec.env.iter().filter(|variable| variable.value == EnvValue::Host) {
        warnings.push(Problem::at("", Reason::EnvFromHost(variable.name.clone())));
    }
    if subject.existing.is_some() && proxies.is_empty() {
        warnings.push(Problem::at("", Reason::NoProxy(marketplace_domain::problem::NoProxy::NoPods)));
    }
    warnings
}
