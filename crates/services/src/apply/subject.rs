//! What is applied to whom, looked up: the plugin's release, the service with its proxies, the resource that is there.

use std::sync::Arc;

use marketplace_domain::{
    Digest, Extension, Namespace, ObjectName, PluginName, Release, Verdict,
    catalogue::Address,
    extension::{ExtensionKey, ExtensionSpec, TargetRef},
    mesh::{Proxy, ProxyKind, Service, ServiceKey},
    views::{
        apply::{ApplyTarget, VersionChoice, Versions},
        traffic::PluginRef,
        verdict::{ModuleView, Source},
    },
};

use crate::{
    Services,
    error::{Result, ServiceError},
    installed::{Index, is_ours},
    traffic::serving,
};

/// Everything the steps need to know.
pub struct Subject {
    /// The cluster at this moment.
    pub index: Arc<Index>,
    /// What is applied to whom.
    pub target: ApplyTarget,
    /// The namespace of the resource.
    pub namespace: Namespace,
    /// The service's address, where there is one service.
    pub key: Option<ServiceKey>,
    /// The service; `None` when it vanished.
    pub service: Option<Arc<Service>>,
    /// The resource that is edited.
    pub existing: Option<Arc<Extension>>,
    /// The plugin of the catalogue.
    pub plugin: Option<PluginRef>,
    /// Its release; of an edited resource, the one that it will have.
    pub release: Option<Release>,
    /// The versions to choose from, where an edited resource has a choice.
    pub versions: Option<Versions>,
    /// Where the module of another version is, and its digest, where an edited resource is moved to one.
    pub moved: Option<(String, Option<Digest>)>,
    /// Whether a version was asked for that the catalogue does not have (any more).
    pub version_gone: bool,
    /// The proxies that run plugins for the service.
    pub serving: Vec<Arc<Proxy>>,
    /// What the resource says before anything was typed.
    pub base: ExtensionSpec,
    /// Whether Envoy would load its module, as far as somebody looked.
    pub loading: ModuleView,
}

impl Subject {
    /// The schema of the configuration.
    pub fn schema(&self) -> Option<&serde_json::Value> {
        self.release.as_ref().and_then(|release| release.schema.as_ref())
    }

    /// Whether somebody else made the resource.
    pub fn foreign(&self) -> bool {
        self.existing.as_ref().is_some_and(|existing| !is_ours(existing))
    }

    /// Whether the plugin is tried by itself, without a service.
    pub fn alone(&self) -> bool {
        matches!(self.target, ApplyTarget::Alone { .. })
    }

    /// What kind of proxy runs the plugin.
    pub fn kind(&self) -> Option<ProxyKind> {
        self.serving.first().map(|proxy| proxy.kind)
    }

    /// A name for a new resource that nobody has.
    pub fn free_name(&self) -> String {
        let plugin = self.plugin.as_ref().map_or("plugin", |plugin| &plugin.name);
        let service = self.key.as_ref().map_or("service", |key| key.name.as_str());
        let stem = format!("{plugin}-{service}");
        let free = |name: &String| {
            name.parse::<ObjectName>().is_ok_and(|name| {
                self.index.snapshot.plugin(&ExtensionKey { namespace: self.namespace.clone(), name }).is_none()
            })
        };
        std::iter::once(stem.clone()).chain((2..100).map(|n| format!("{stem}-{n}"))).find(free).unwrap_or(stem)
    }
}

fn waypoint_target(waypoint: &Proxy, service: &ServiceKey) -> TargetRef {
    let (group, kind, name) = match &waypoint.gateway {
        Some(gateway) if !waypoint.serves.contains(service) => {
            ("gateway.networking.k8s.io", "Gateway", gateway.as_str())
        }
        _ => ("", "Service", service.name.as_str()),
    };
    TargetRef { group: group.to_owned(), kind: kind.to_owned(), name: name.to_owned() }
}

impl Services {
    /// Looks up a target; `version` is the one that an edited resource is to be moved to, empty for the one it has.
    pub(crate) async fn subject(&self, target: &ApplyTarget, version: &str) -> Result<Subject> {
        match target {
            ApplyTarget::New { service, plugin, version } => {
                self.new_subject(target, Some(service), plugin, version).await
            }
            ApplyTarget::Alone { plugin, version } => self.new_subject(target, None, plugin, version).await,
            ApplyTarget::Edit { namespace, resource } => {
                let key = ExtensionKey {
                    namespace: namespace.parse().map_err(|_| ServiceError::NotFound)?,
                    name: resource.parse().map_err(|_| ServiceError::NotFound)?,
                };
                self.edited_subject(target, &key, version).await
            }
        }
    }

    async fn new_subject(
        &self,
        target: &ApplyTarget,
        key: Option<&ServiceKey>,
        plugin: &str,
        version: &str,
    ) -> Result<Subject> {
        let name: PluginName = plugin.parse().map_err(|_| ServiceError::NotFound)?;
        let record = self.catalogue().plugin(&name).await?.ok_or(ServiceError::NotFound)?;
        let wanted = Some(version).filter(|version| !version.is_empty());
        let release = self.catalogue().release(&name, wanted).await?.ok_or(ServiceError::NotFound)?;
        let latest = record.releases.iter().find(|summary| summary.is_latest);
        let plugin = PluginRef {
            name: name.to_string(),
            title: record.meta.title,
            outdated: latest.is_some_and(|latest| latest.version != release.version),
            version: release.version.clone(),
        };
        let index = self.index();
        let service = key.and_then(|key| index.snapshot.service(key).cloned());
        let serving = key.map(|key| serving(&index.snapshot, key)).unwrap_or_default();
        let namespace = match key {
            Some(key) => key.namespace.clone(),
            // It stands nowhere, and no resource of it is ever made.
            None => "default".parse().map_err(|_| ServiceError::NotFound)?,
        };
        let mut base = ExtensionSpec {
            url: self.module_url(&release.address),
            sha256: release.sha256.clone(),
            ..ExtensionSpec::default()
        };
        // A waypoint takes plugins by target only; a sidecar by selector only. A waypoint's own service is not one of
        // those it serves: there the target is the waypoint itself.
        match (serving.first(), key) {
            (Some(proxy), Some(key)) if proxy.kind == ProxyKind::Waypoint => {
                base.targets = vec![waypoint_target(proxy, key)];
            }
            _ => base.selector = service.as_ref().map(|service| service.selector.clone()),
        }
        let loading = self.module_view(&release.address, release.sha256.as_ref()).await?;
        Ok(Subject {
            loading,
            target: target.clone(),
            namespace,
            key: key.cloned(),
            service,
            existing: None,
            plugin: Some(plugin),
            release: Some(release),
            versions: None,
            moved: None,
            version_gone: false,
            serving,
            base,
            index,
        })
    }

    async fn edited_subject(&self, target: &ApplyTarget, key: &ExtensionKey, version: &str) -> Result<Subject> {
        let index = self.index();
        let installed = index.all.get(key).ok_or(ServiceError::NotFound)?;
        let plugin = installed.plugin.clone();
        let of_catalogue = match &plugin {
            Some(plugin) => Some(self.of_catalogue(plugin, version).await?),
            None => None,
        };
        let OfCatalogue { release, versions, moved, gone } = of_catalogue.unwrap_or_default();
        let service = match installed.services.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        let spec = &installed.extension.spec;
        let loading = match (&release, spec.url.parse()) {
            (Some(release), _) => self.module_view(&release.address, release.sha256.as_ref()).await?,
            (None, Ok(url)) => self.module_view(&Address::Url(url), spec.sha256.as_ref()).await?,
            (None, Err(_)) => ModuleView { verdict: Verdict::default(), source: Source::NotYet, checked: None },
        };
        Ok(Subject {
            loading,
            target: target.clone(),
            namespace: key.namespace.clone(),
            service: service.as_ref().and_then(|key| index.snapshot.service(key).cloned()),
            key: service,
            existing: Some(installed.extension.clone()),
            plugin,
            release,
            versions,
            moved,
            version_gone: gone,
            serving: installed.proxies.clone(),
            base: installed.extension.spec.clone(),
            index,
        })
    }

    /// The release of a resource's plugin, or the other one that was asked for, and which there are.
    async fn of_catalogue(&self, plugin: &PluginRef, version: &str) -> Result<OfCatalogue> {
        let name: PluginName = plugin.name.parse().map_err(|_| ServiceError::NotFound)?;
        let mut found = OfCatalogue::default();
        if !version.is_empty() && version != plugin.version {
            found.release = self.catalogue().release(&name, Some(version)).await?;
            found.gone = found.release.is_none();
            found.moved = found.release.as_ref().map(|it| (self.module_url(&it.address), it.sha256.clone()));
        }
        if found.release.is_none() {
            found.release = self.catalogue().release(&name, Some(&plugin.version)).await?;
        }
        let releases = self.catalogue().plugin(&name).await?.map(|record| record.releases).unwrap_or_default();
        let mut all = Vec::new();
        for one in releases.into_iter().take(VERSIONS) {
            let verdict = self.module_view(&one.address, one.sha256.as_ref()).await?.verdict;
            all.push(VersionChoice { version: one.version, latest: one.is_latest, verdict });
        }
        let chosen = if found.moved.is_some() { version } else { &plugin.version };
        found.versions =
            (all.len() > 1).then(|| Versions { installed: plugin.version.clone(), chosen: chosen.to_owned(), all });
        Ok(found)
    }
}

/// How many versions are offered, the newest of them.
const VERSIONS: usize = 20;

/// What the catalogue says about a resource's plugin.
#[derive(Default)]
struct OfCatalogue {
    release: Option<Release>,
    versions: Option<Versions>,
    moved: Option<(String, Option<Digest>)>,
    gone: bool,
}
