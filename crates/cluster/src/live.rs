//! What was read so far, kept as types of the domain: each object is converted once for each of its changes, and a
//! snapshot costs no more than what changed since the last one.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use marketplace_domain::{
    Extension, Namespace,
    extension::ExtensionKey,
    mesh::{MeshSettings, Proxy, ProxyKind, Service, ServiceKey},
};
use serde_json::Value;

use crate::{
    Health, Kind, Malformed, NamespaceInfo, Snapshot, classify::PodFacts, pods::NamespacePods,
    service_index::NamespaceServices, services::ServiceFacts,
};

/// A waypoint, by namespace and name.
type WaypointKey = (Namespace, String);

/// Everything that is known, and what of the snapshot is out of date.
pub(crate) struct Live {
    service_facts: BTreeMap<ServiceKey, ServiceFacts>,
    pod_facts: BTreeMap<Namespace, BTreeMap<String, PodFacts>>,
    /// The WasmPlugins as they are stored, without `status`.
    pub raw: BTreeMap<ExtensionKey, Arc<Value>>,
    malformed: BTreeMap<(Kind, String, String), String>,
    served: BTreeMap<WaypointKey, Vec<ServiceKey>>,
    stale: Stale,
    snapshot: Snapshot,
    taken: Option<Arc<Snapshot>>,
}

#[derive(Default)]
struct Stale {
    services: BTreeSet<ServiceKey>,
    pods: BTreeSet<Namespace>,
    plugins: bool,
    malformed: bool,
}

impl Live {
    pub fn new(settings: MeshSettings) -> Self {
        Self {
            service_facts: BTreeMap::new(),
            pod_facts: BTreeMap::new(),
            raw: BTreeMap::new(),
            malformed: BTreeMap::new(),
            served: BTreeMap::new(),
            stale: Stale::default(),
            snapshot: Snapshot {
                namespaces: Arc::default(),
                services: Arc::default(),
                plugins: Arc::default(),
                malformed: Arc::default(),
                settings,
                istio_version: None,
                health: Health::default(),
                pods: Arc::default(),
                by_namespace: Arc::default(),
                plugins_in: Arc::default(),
            },
            taken: None,
        }
    }

    pub fn health(&self) -> &Health {
        &self.snapshot.health
    }

    /// Changes the health; says whether it became another one.
    pub fn change_health(&mut self, change: impl FnOnce(&mut Health)) -> bool {
        let before = self.snapshot.health.clone();
        change(&mut self.snapshot.health);
        let changed = before != self.snapshot.health;
        if changed {
            self.taken = None;
        }
        changed
    }

    /// Sets the root namespace; says whether it became another one.
    pub fn set_settings(&mut self, settings: MeshSettings) -> bool {
        let changed = self.snapshot.settings != settings;
        if changed {
            self.snapshot.settings = settings;
            self.taken = None;
        }
        changed
    }

    pub fn plugin(&self, key: &ExtensionKey) -> Option<&Arc<Extension>> {
        self.snapshot.plugins.get(key)
    }

    pub fn put_namespace(&mut self, namespace: Namespace, info: Option<NamespaceInfo>) {
        self.taken = None;
        let namespaces = Arc::make_mut(&mut self.snapshot.namespaces);
        let before = match info {
            Some(ref info) => namespaces.insert(namespace.clone(), info.clone()),
            None => namespaces.remove(&namespace),
        };
        // Labels decide about the waypoint of its services and the kind of its pods.
        if before != info {
            let services = self.service_facts.keys().filter(|key| key.namespace == namespace).cloned();
            self.stale.services.extend(services);
            self.stale.pods.insert(namespace);
        }
    }

    pub fn put_service(&mut self, key: ServiceKey, facts: Option<ServiceFacts>) {
        self.taken = None;
        match facts {
            Some(facts) => _ = self.service_facts.insert(key.clone(), facts),
            None => _ = self.service_facts.remove(&key),
        }
        self.stale.services.insert(key);
    }

    pub fn put_pod(&mut self, namespace: Namespace, pod: String, facts: Option<PodFacts>) {
        self.taken = None;
        let pods = self.pod_facts.entry(namespace.clone()).or_default();
        match facts {
            Some(facts) => _ = pods.insert(pod, facts),
            None => _ = pods.remove(&pod),
        }
        self.stale.pods.insert(namespace);
    }

    pub fn put_plugin(&mut self, key: ExtensionKey, plugin: Option<(Extension, Value)>) {
        self.taken = None;
        self.stale.plugins = true;
        let plugins = Arc::make_mut(&mut self.snapshot.plugins);
        match plugin {
            Some((plugin, raw)) => {
                self.raw.insert(key.clone(), Arc::new(raw));
                plugins.insert(key, Arc::new(plugin));
            }
            None => {
                self.raw.remove(&key);
                plugins.remove(&key);
            }
        }
    }

    /// Remembers why an object was skipped; `None` when it is good, or gone.
    pub fn put_malformed(&mut self, kind: Kind, namespace: &str, name: &str, why: Option<String>) {
        let key = (kind, namespace.to_owned(), name.to_owned());
        let before = match why.clone() {
            Some(why) => self.malformed.insert(key, why),
            None => self.malformed.remove(&key),
        };
        if before != why {
            self.stale.malformed = true;
            self.taken = None;
        }
    }

    /// The objects of a kind that are known, as namespace and name: what is not in a new list has been deleted.
    pub fn known(&self, kind: Kind) -> BTreeSet<(String, String)> {
        let pair = |namespace: &Namespace, name: &str| (namespace.to_string(), name.to_owned());
        let skipped = self.malformed.keys().filter(|key| key.0 == kind).map(|key| (key.1.clone(), key.2.clone()));
        let known: Vec<(String, String)> = match kind {
            Kind::Namespaces => self.snapshot.namespaces.keys().map(|name| (String::new(), name.to_string())).collect(),
            Kind::Services => self.service_facts.keys().map(|key| pair(&key.namespace, key.name.as_str())).collect(),
            Kind::Pods => self
                .pod_facts
                .iter()
                .flat_map(|(namespace, pods)| pods.keys().map(move |pod| pair(namespace, pod)))
                .collect(),
            Kind::Plugins => self.raw.keys().map(|key| pair(&key.namespace, key.name.as_str())).collect(),
            Kind::Health => Vec::new(),
        };
        known.into_iter().chain(skipped).collect()
    }

    /// The cluster as it is known now.
    pub fn snapshot(&mut self) -> Arc<Snapshot> {
        if let Some(taken) = &self.taken {
            return Arc::clone(taken);
        }
        self.refresh();
        let taken = Arc::new(self.snapshot.clone());
        self.taken = Some(Arc::clone(&taken));
        taken
    }

    fn refresh(&mut self) {
        let mut stale = std::mem::take(&mut self.stale);
        for namespace in &stale.pods {
            let named = self.service_facts.values().filter(|facts| facts.key.namespace == *namespace);
            stale.services.extend(named.filter(|facts| facts.has_named_targets()).map(|facts| facts.key.clone()));
        }
        if !stale.services.is_empty() {
            self.refresh_services(&stale.services);
            self.refresh_served(&mut stale.pods);
        }
        if !stale.pods.is_empty() {
            self.refresh_pods(&stale.pods);
        }
        if stale.plugins {
            let mut plugins_in: BTreeMap<Namespace, Vec<Arc<Extension>>> = BTreeMap::new();
            for plugin in self.snapshot.plugins.values() {
                plugins_in.entry(plugin.namespace.clone()).or_default().push(Arc::clone(plugin));
            }
            self.snapshot.plugins_in = Arc::new(plugins_in);
        }
        if stale.malformed {
            let as_malformed = |((kind, namespace, name), why): (&(Kind, String, String), &String)| Malformed {
                kind: *kind,
                namespace: namespace.clone(),
                name: name.clone(),
                why: why.clone(),
            };
            self.snapshot.malformed = Arc::new(self.malformed.iter().map(as_malformed).collect());
        }
    }

    fn refresh_services(&mut self, stale: &BTreeSet<ServiceKey>) {
        let services = Arc::make_mut(&mut self.snapshot.services);
        let mut namespaces = BTreeSet::new();
        for key in stale {
            namespaces.insert(&key.namespace);
            match self.service_facts.get(key) {
                None => _ = services.remove(key),
                Some(facts) => {
                    let info = self.snapshot.namespaces.get(&key.namespace);
                    let pods = self.pod_facts.get(&key.namespace);
                    services.insert(key.clone(), Arc::new(complete_service(facts, info, pods)));
                }
            }
        }
        let by_namespace = Arc::make_mut(&mut self.snapshot.by_namespace);
        for namespace in namespaces {
            let own = services.values().filter(|service| service.key.namespace == *namespace);
            by_namespace.insert(namespace.clone(), Arc::new(NamespaceServices::new(own)));
        }
    }

    /// What each waypoint serves; its pods say it, so they are out of date when it changes.
    fn refresh_served(&mut self, stale: &mut BTreeSet<Namespace>) {
        let mut served: BTreeMap<WaypointKey, Vec<ServiceKey>> = BTreeMap::new();
        for service in self.snapshot.services.values() {
            if let Some(waypoint) = &service.waypoint {
                served.entry(waypoint.clone()).or_default().push(service.key.clone());
            }
        }
        let changed = |key: &&WaypointKey| served.get(*key) != self.served.get(*key);
        stale.extend(served.keys().chain(self.served.keys()).filter(changed).map(|(namespace, _)| namespace.clone()));
        self.served = served;
    }

    fn refresh_pods(&mut self, stale: &BTreeSet<Namespace>) {
        let pods = Arc::make_mut(&mut self.snapshot.pods);
        for namespace in stale {
            let Some(facts) = self.pod_facts.get(namespace).filter(|facts| !facts.is_empty()) else {
                pods.remove(namespace);
                continue;
            };
            let ambient = self.snapshot.namespaces.get(namespace).is_some_and(|info| info.ambient);
            let proxies = facts.values().map(|facts| complete_proxy(facts, ambient, &self.served)).collect();
            pods.insert(namespace.clone(), Arc::new(NamespacePods::new(proxies)));
        }
        let versions = self.pod_facts.values().flat_map(BTreeMap::values);
        self.snapshot.istio_version = versions.filter_map(|facts| facts.istio_version.clone()).max();
    }
}

fn complete_service(
    facts: &ServiceFacts,
    namespace: Option<&NamespaceInfo>,
    pods: Option<&BTreeMap<String, PodFacts>>,
) -> Service {
    let resolve = |name: &str| {
        let mut pods = pods.into_iter().flat_map(BTreeMap::values);
        let selected = pods.find(|pod| {
            !facts.selector.is_empty() && marketplace_domain::reach::contains_all(&pod.proxy.labels, &facts.selector)
        })?;
        selected.ports.iter().find(|(port, _)| port == name).map(|(_, number)| *number)
    };
    let ports = facts.ports.iter().map(|(port, named)| {
        let mut port = port.clone();
        if let Some(name) = named {
            port.target = resolve(name);
        }
        port
    });
    let waypoint = facts.waypoint.clone().unwrap_or_else(|| namespace.and_then(|info| info.waypoint.clone()));
    Service { key: facts.key.clone(), selector: facts.selector.clone(), ports: ports.collect(), waypoint }
}

/// The pod's own proxy, unless its namespace or the services of a waypoint say more about it.
fn complete_proxy(facts: &PodFacts, ambient: bool, served: &BTreeMap<WaypointKey, Vec<ServiceKey>>) -> Arc<Proxy> {
    match facts.proxy.kind {
        // Meant for the ambient mesh: not redirected yet, but what a person has to know is the same.
        ProxyKind::None if facts.ambient.unwrap_or(ambient) => {
            Arc::new(Proxy { kind: ProxyKind::Ambient, ..Proxy::clone(&facts.proxy) })
        }
        ProxyKind::Waypoint => {
            let gateway = facts.proxy.gateway.clone().unwrap_or_default();
            let serves = served.get(&(facts.proxy.namespace.clone(), gateway)).cloned().unwrap_or_default();
            Arc::new(Proxy { serves, ..Proxy::clone(&facts.proxy) })
        }
        _ => Arc::clone(&facts.proxy),
    }
}

#[cfg(test)]
mod tests;
