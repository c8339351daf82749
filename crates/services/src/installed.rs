//! The plugin resources of the cluster, joined with the catalogue and with what the proxies do.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use marketplace_cluster::Snapshot;
use marketplace_domain::{
    Extension, PluginName,
    extension::ExtensionKey,
    mesh::{Proxy, ProxyKind, ServiceKey},
    state::{ProxyState, ProxyStates},
    views::{
        market::Use,
        traffic::{
            InstalledPage, InstalledQuery, InstalledRow, PluginRef, ProxyStateView, Scope, StateSummary, state_word,
        },
    },
};

use crate::{Services, error::Result, known::Known};

/// Rows of a page of the list.
const PER_PAGE: usize = 50;

/// One resource with what follows from the cluster's state.
pub struct Installed {
    /// The resource.
    pub extension: Arc<Extension>,
    /// The proxies that get it.
    pub proxies: Vec<Arc<Proxy>>,
    /// The services it reaches.
    pub services: Vec<ServiceKey>,
    /// Which plugin of the catalogue it is.
    pub plugin: Option<PluginRef>,
}

/// All resources at one moment. Made once for each state of the cluster and the catalogue, and shared by all pages.
pub struct Index {
    /// The moment.
    pub snapshot: Arc<Snapshot>,
    /// What the catalogue knew.
    pub known: Arc<Known>,
    /// By namespace and name.
    pub all: BTreeMap<ExtensionKey, Installed>,
    /// Which resources reach a service.
    pub by_service: HashMap<ServiceKey, Vec<ExtensionKey>>,
    /// How many services use a plugin of the catalogue.
    pub usage: Vec<(PluginName, i64)>,
}

impl Index {
    /// Joins a state of the cluster with the catalogue's addresses.
    pub fn new(snapshot: Arc<Snapshot>, known: Arc<Known>) -> Self {
        let mut all = BTreeMap::new();
        let mut by_service: HashMap<ServiceKey, Vec<ExtensionKey>> = HashMap::new();
        let mut used: BTreeMap<String, Vec<ServiceKey>> = BTreeMap::new();
        for (key, extension) in snapshot.plugins.iter() {
            let services = snapshot.services_of(extension);
            let plugin = known.find(&extension.spec).cloned();
            for service in &services {
                by_service.entry(service.clone()).or_default().push(key.clone());
            }
            if let Some(plugin) = &plugin {
                used.entry(plugin.name.clone()).or_default().extend(services.iter().cloned());
            }
            let proxies = snapshot.proxies_reached(extension);
            all.insert(key.clone(), Installed { extension: extension.clone(), proxies, services, plugin });
        }
        let usage = used
            .into_iter()
            .filter_map(|(name, mut services)| {
                services.sort();
                services.dedup();
                Some((name.parse().ok()?, services.len() as i64))
            })
            .collect();
        Self { snapshot, known, all, by_service, usage }
    }

    /// The resources that use a plugin.
    pub fn uses(&self, plugin: &str, states: &dyn ProxyStates) -> Vec<Use> {
        let of = |installed: &&Installed| installed.plugin.as_ref().is_some_and(|known| known.name == plugin);
        self.all
            .values()
            .filter(of)
            .map(|installed| Use {
                namespace: installed.extension.namespace.to_string(),
                resource: installed.extension.name.to_string(),
                services: installed.services.clone(),
                version: installed.plugin.as_ref().map(|plugin| plugin.version.clone()),
                state: installed.summary(states),
            })
            .collect()
    }

    /// The plugins of a service in the order in which a request meets them.
    pub fn chain_of(&self, service: &ServiceKey, states: &dyn ProxyStates) -> Vec<InstalledRow> {
        let Some(keys) = self.by_service.get(service) else { return Vec::new() };
        let found: Vec<&Installed> = keys.iter().filter_map(|key| self.all.get(key)).collect();
        let extensions: Vec<&Extension> = found.iter().map(|installed| installed.extension.as_ref()).collect();
        let kind = found.iter().flat_map(|i| &i.proxies).next().map_or(ProxyKind::Sidecar, |proxy| proxy.kind);
        let order = marketplace_domain::chain::chain(kind, &extensions, &service.namespace, &self.snapshot.settings);
        order
            .into_iter()
            .filter_map(|link| match link {
                marketplace_domain::chain::Link::Plugin(extension) => self.all.get(&extension.id()),
                marketplace_domain::chain::Link::Istio(_) => None,
            })
            .map(|installed| self.row(installed, states))
            .collect()
    }

    /// One row of a list.
    pub fn row(&self, installed: &Installed, states: &dyn ProxyStates) -> InstalledRow {
        let extension = &installed.extension;
        InstalledRow {
            namespace: extension.namespace.to_string(),
            resource: extension.name.to_string(),
            uid: extension.uid.clone(),
            plugin: installed.plugin.clone(),
            url: extension.spec.url.clone(),
            scope: self.scope(installed),
            phase: extension.spec.phase,
            priority: extension.spec.priority,
            fail_strategy: extension.spec.fail_strategy,
            state: installed.summary(states),
            created: extension.created,
            manager: extension.manager.clone(),
            ours: is_ours(extension),
        }
    }

    fn scope(&self, installed: &Installed) -> Scope {
        let spec = &installed.extension.spec;
        if let Some(target) = spec.targets.first().filter(|target| target.kind != "Service") {
            return Scope::Gateway(target.name.clone());
        }
        match &spec.selector {
            Some(labels) if !labels.is_empty() && installed.services.is_empty() => {
                let pairs: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                Scope::Selector(pairs.join(", "))
            }
            Some(labels) if !labels.is_empty() => Scope::Services(installed.services.clone()),
            _ if !spec.targets.is_empty() => Scope::Services(installed.services.clone()),
            _ if installed.extension.namespace == self.snapshot.settings.root_namespace => Scope::Mesh,
            _ => Scope::Namespace,
        }
    }
}

impl Installed {
    /// How its proxies are.
    pub fn summary(&self, states: &dyn ProxyStates) -> StateSummary {
        let key = self.extension.key();
        let proxies: Vec<ProxyStateView> = self
            .proxies
            .iter()
            .map(|proxy| ProxyStateView {
                proxy: proxy.key(),
                workload: proxy.workload.clone(),
                state: states.state(&key, &proxy.key()),
            })
            .collect();
        StateSummary {
            loaded: proxies.iter().filter(|proxy| proxy.state == ProxyState::Loaded).count() as u32,
            worst: proxies.iter().map(|proxy| proxy.state.severity()).max(),
            proxies,
        }
    }
}

/// Whether a resource was written last by us.
pub fn is_ours(extension: &Extension) -> bool {
    extension.manager.as_deref() == Some(marketplace_cluster::FIELD_MANAGER)
}

/// The part of a list that a page shows, the page's number and how many there are.
pub fn paged<T>(mut items: Vec<T>, page: u32, per_page: usize) -> (Vec<T>, u32, u32) {
    let pages = items.len().div_ceil(per_page).max(1) as u32;
    let page = page.clamp(1, pages);
    let start = (page as usize - 1) * per_page;
    let rest = items.split_off(start.min(items.len()));
    (rest.into_iter().take(per_page).collect(), page, pages)
}

impl Services {
    /// Every plugin resource of the cluster, whoever made it.
    pub async fn installed(&self, query: &InstalledQuery) -> Result<InstalledPage> {
        let index = self.index();
        let text = query.text.trim().to_lowercase();
        let fits = |installed: &&Installed| {
            let extension = &installed.extension;
            let named = installed.plugin.as_ref().is_some_and(|plugin| plugin.name == query.plugin);
            let texts = || {
                extension.name.as_str().contains(&text)
                    || installed.services.iter().any(|key| key.name.as_str().contains(&text))
                    || installed.plugin.as_ref().is_some_and(|plugin| {
                        plugin.title.en.to_lowercase().contains(&text) || plugin.title.zh.contains(&text)
                    })
            };
            (query.namespace.is_empty() || extension.namespace.as_str() == query.namespace)
                && (query.plugin.is_empty() || named || extension.name.as_str() == query.plugin)
                && (text.is_empty() || texts())
                && (query.state.is_empty() || state_word(installed.summary(self.states()).worst) == query.state)
        };
        let found: Vec<&Installed> = index.all.values().filter(fits).collect();
        let total = found.len() as u32;
        let (found, page, pages) = paged(found, query.page, PER_PAGE);
        let mut plugins: Vec<String> = index
            .all
            .values()
            .map(|i| i.plugin.as_ref().map_or_else(|| i.extension.name.to_string(), |plugin| plugin.name.clone()))
            .collect();
        plugins.sort();
        plugins.dedup();
        let mut namespaces: Vec<String> = index.all.keys().map(|key| key.namespace.to_string()).collect();
        namespaces.dedup();
        Ok(InstalledPage {
            rows: found.into_iter().map(|installed| index.row(installed, self.states())).collect(),
            total,
            page,
            pages,
            namespaces,
            plugins,
        })
    }
}
