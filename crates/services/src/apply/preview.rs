//! What the steps show: the resource, its difference, its place in the chain, who gets it.

use std::sync::Arc;

use marketplace_domain::{
    Extension, Problem, Reason,
    chain::{Link, chain},
    draft::Draft,
    extension::{EnvValue, EnvVar},
    mesh::Proxy,
    views::{
        apply::{ApplyView, ChainLink, EnvRow},
        trial::{HeaderRow, TrialView},
    },
};

use super::{
    read::{self, Said},
    resource::resources,
    subject::Subject,
};
use crate::{
    Services,
    configure::{self, Configured},
    diff, traffic,
    trial::{
        cast::Cast,
        chain::{Member, members, others},
        fields, samples,
    },
};

/// Everything, for what is typed now.
pub fn view(services: &Services, subject: &Subject, draft: Draft) -> ApplyView {
    let configured = configure::configured(subject.schema(), &draft);
    let said = read::read(subject, &draft, &configured);
    let extension = as_extension(subject, &said);
    let proxies = subject.index.snapshot.proxies_reached(&extension);
    let (before, after) = resources(services, subject, &said);
    let trial = trial_view(subject, &cast(subject, &draft, &configured, &said));
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
        versions: subject.versions.clone(),
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

/// Who takes part in a run of what is typed.
pub fn cast(subject: &Subject, draft: &Draft, configured: &Configured, said: &Said) -> Cast {
    let extension = as_extension(subject, said);
    let proxies = subject.index.snapshot.proxies_reached(&extension);
    let host = |variable: &EnvVar| (variable.value == EnvValue::Host).then(|| variable.name.clone());
    let secret = said.spec.pull_secret.as_ref().filter(|_| !subject.alone());
    Cast {
        draft: draft.clone(),
        members: members(subject, &extension, &proxies),
        url: said.spec.url.clone(),
        secret: secret.map(|name| (subject.namespace.clone(), name.clone())),
        unknown_env: said.spec.env.iter().filter_map(host).collect(),
        configuration: if configured.value.is_none() { configured.problems.clone() } else { Vec::new() },
    }
}

fn trial_view(subject: &Subject, cast: &Cast) -> TrialView {
    let draft = &cast.draft;
    let rows = |message: &str| {
        let mut rows = fields::rows(draft, message);
        let next = rows.last().map_or(0, |row| row.number + 1);
        rows.push(HeaderRow { number: next, ..HeaderRow::default() });
        rows
    };
    TrialView {
        samples: samples::titles(subject),
        by_yaml: fields::by_yaml(draft),
        yaml: fields::as_yaml(draft),
        request: rows("request"),
        upstream: rows("upstream"),
        chain: cast.members.iter().map(Member::view).collect(),
        unknown_env: cast.unknown_env.clone(),
        problems: cast.trial().problems,
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
