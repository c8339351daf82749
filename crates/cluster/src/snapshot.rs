//! What is in the cluster at one moment, as types of the domain. Cheap to take and to keep: everything in it is shared.

use std::{collections::BTreeMap, sync::Arc};

use marketplace_domain::{
    Extension, Namespace,
    extension::ExtensionKey,
    mesh::{Labels, MeshSettings, Proxy, Service, ServiceKey},
    reach,
};

use crate::{Health, Kind, pods::NamespacePods, service_index::NamespaceServices};

/// A namespace and what its labels say about the mesh (`wasmplugin.md` §13).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamespaceInfo {
    /// All its labels.
    pub labels: Labels,
    /// Whether new pods get a sidecar (`istio-injection=enabled`, or a revision in `istio.io/rev`).
    pub injected: bool,
    /// The control plane revision or tag its label asks for.
    pub revision: Option<String>,
    /// Whether its pods are meant to be in the ambient mesh.
    pub ambient: bool,
    /// The waypoint of its services, `(namespace, name)`, unless they name their own.
    pub waypoint: Option<(Namespace, String)>,
}

/// An object that cannot be understood, and so is shown nowhere else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// Its kind.
    pub kind: Kind,
    /// Its namespace; empty for none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// What is wrong with it, in the words of the parser (English).
    pub why: String,
}

/// The cluster at one moment.
#[derive(Debug, Clone)]
pub struct Snapshot {
    /// All namespaces.
    pub namespaces: Arc<BTreeMap<Namespace, NamespaceInfo>>,
    /// All services.
    pub services: Arc<BTreeMap<ServiceKey, Arc<Service>>>,
    /// All WasmPlugins.
    pub plugins: Arc<BTreeMap<ExtensionKey, Arc<Extension>>>,
    /// Objects that were skipped.
    pub malformed: Arc<Vec<Malformed>>,
    /// Settings of the mesh.
    pub settings: MeshSettings,
    /// The version of the control plane, where its pods say it.
    pub istio_version: Option<String>,
    /// How well we see the cluster.
    pub health: Health,
    pub(crate) pods: Arc<BTreeMap<Namespace, Arc<NamespacePods>>>,
    pub(crate) by_namespace: Arc<BTreeMap<Namespace, Arc<NamespaceServices>>>,
    pub(crate) plugins_in: Arc<BTreeMap<Namespace, Vec<Arc<Extension>>>>,
}

impl Snapshot {
    /// The pods of a namespace that are in the mesh or could be, by name.
    pub fn proxies(&self, namespace: &Namespace) -> &[Arc<Proxy>] {
        self.pods.get(namespace).map_or(&[], |pods| &pods.proxies)
    }

    /// All pods of all namespaces.
    pub fn all_proxies(&self) -> impl Iterator<Item = &Arc<Proxy>> {
        self.pods.values().flat_map(|pods| pods.proxies.iter())
    }

    /// One pod.
    pub fn proxy(&self, namespace: &Namespace, pod: &str) -> Option<&Arc<Proxy>> {
        let proxies = self.proxies(namespace);
        proxies.binary_search_by(|proxy| proxy.pod.as_str().cmp(pod)).ok().and_then(|at| proxies.get(at))
    }

    /// One service.
    pub fn service(&self, key: &ServiceKey) -> Option<&Arc<Service>> {
        self.services.get(key)
    }

    /// One plugin.
    pub fn plugin(&self, key: &ExtensionKey) -> Option<&Arc<Extension>> {
        self.plugins.get(key)
    }

    /// The plugins of a namespace, by name.
    pub fn plugins_in(&self, namespace: &Namespace) -> &[Arc<Extension>] {
        self.plugins_in.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// The pods behind a service: those of its namespace whose labels contain its selector. None for a service without
    /// a selector.
    pub fn workloads_of(&self, key: &ServiceKey) -> Vec<Arc<Proxy>> {
        match (self.services.get(key), self.pods.get(&key.namespace)) {
            (Some(service), Some(pods)) if !service.selector.is_empty() => pods.matching(&service.selector),
            _ => Vec::new(),
        }
    }

    /// The proxies that requests to a service pass: those of its pods and, behind a waypoint, those of the waypoint.
    pub fn proxies_of(&self, key: &ServiceKey) -> Vec<Arc<Proxy>> {
        let mut proxies = self.workloads_of(key);
        proxies.extend(self.waypoint_of(key));
        proxies
    }

    /// The pods of the waypoint in front of a service; none when it has none, or none of its pods exists.
    pub fn waypoint_of(&self, key: &ServiceKey) -> Vec<Arc<Proxy>> {
        let Some((namespace, name)) = self.services.get(key).and_then(|service| service.waypoint.as_ref()) else {
            return Vec::new();
        };
        let is_it = |proxy: &&Arc<Proxy>| {
            proxy.kind == marketplace_domain::mesh::ProxyKind::Waypoint && proxy.gateway.as_deref() == Some(name)
        };
        self.proxies(namespace).iter().filter(is_it).cloned().collect()
    }

    /// The services whose selector a pod's labels contain, and for a waypoint those it serves.
    pub fn services_selecting(&self, proxy: &Proxy) -> Vec<ServiceKey> {
        let mut services = self
            .by_namespace
            .get(&proxy.namespace)
            .map(|services| services.selecting(&proxy.labels))
            .unwrap_or_default();
        services.extend(proxy.serves.iter().cloned());
        services.sort();
        services.dedup();
        services
    }

    /// The plugins that a proxy gets (`wasmplugin.md` §4), in no particular order; [`marketplace_domain::chain`] has it.
    pub fn plugins_reaching(&self, proxy: &Proxy) -> Vec<Arc<Extension>> {
        reach::candidate_namespaces(proxy, &self.settings)
            .into_iter()
            .flat_map(|namespace| self.plugins_in(namespace))
            .filter(|plugin| reach::reaches(plugin, proxy, &self.settings).is_yes())
            .cloned()
            .collect()
    }

    /// The proxies that get a plugin (`wasmplugin.md` §4), by namespace and pod.
    pub fn proxies_reached(&self, plugin: &Extension) -> Vec<Arc<Proxy>> {
        let everywhere = plugin.namespace == self.settings.root_namespace || !plugin.spec.targets.is_empty();
        let pods: Vec<&Arc<NamespacePods>> = match everywhere {
            true => self.pods.values().collect(),
            false => self.pods.get(&plugin.namespace).into_iter().collect(),
        };
        let empty = Labels::new();
        let selector = plugin.spec.selector.as_ref().unwrap_or(&empty);
        pods.into_iter()
            .flat_map(|pods| pods.matching(selector))
            .filter(|proxy| reach::reaches(plugin, proxy, &self.settings).is_yes())
            .collect()
    }

    /// The services whose requests pass a plugin on some proxy: those of the pods that get it, and on a waypoint those
    /// it is meant for.
    pub fn services_of(&self, plugin: &Extension) -> Vec<ServiceKey> {
        let mut services: Vec<ServiceKey> = self
            .proxies_reached(plugin)
            .iter()
            .flat_map(|proxy| self.services_selecting(proxy).into_iter().map(move |key| (proxy, key)))
            .filter(|(proxy, key)| reach::passes(plugin, proxy, key))
            .map(|(_, key)| key)
            .collect();
        services.sort();
        services.dedup();
        services
    }
}
