//! The services of the cluster and their plugins.

use std::{collections::BTreeMap, sync::Arc};

use marketplace_cluster::Snapshot;
use marketplace_domain::{
    mesh::{Proxy, ProxyKind, Service, ServiceKey},
    problem::NoProxy,
    views::traffic::{ProxyView, ServiceLine, ServicePage, TrafficPage, TrafficQuery, WorkloadView},
};

use crate::{
    Services,
    error::{Result, ServiceError},
    installed::{Index, paged},
};

/// Services on a page of the list.
const PER_PAGE: usize = 50;

/// Why no plugin can reach a service, if none can.
pub fn cannot(snapshot: &Snapshot, service: &Service) -> Option<NoProxy> {
    if !snapshot.waypoint_of(&service.key).is_empty() {
        return None;
    }
    if service.selector.is_empty() {
        return Some(NoProxy::NoSelector);
    }
    let pods = snapshot.workloads_of(&service.key);
    if pods.is_empty() {
        return Some(NoProxy::NoPods);
    }
    if pods.iter().any(|pod| pod.kind.runs_plugins()) {
        return None;
    }
    let any = |kind| pods.iter().any(|pod: &Arc<Proxy>| pod.kind == kind);
    Some(match () {
        () if any(ProxyKind::Ambient) => NoProxy::AmbientWithoutWaypoint,
        () if any(ProxyKind::Proxyless) => NoProxy::Proxyless,
        () => NoProxy::NoSidecar,
    })
}

/// The proxies that run plugins for a service: its waypoint's when it has one, else its own.
pub fn serving(snapshot: &Snapshot, key: &ServiceKey) -> Vec<Arc<Proxy>> {
    let waypoint = snapshot.waypoint_of(key);
    if !waypoint.is_empty() {
        return waypoint;
    }
    snapshot.workloads_of(key).into_iter().filter(|proxy| proxy.kind.runs_plugins()).collect()
}

/// A proxy as pages show it.
pub fn proxy_view(proxy: &Proxy) -> ProxyView {
    ProxyView { pod: proxy.pod.clone(), namespace: proxy.namespace.to_string(), kind: proxy.kind, ready: proxy.ready }
}

impl Services {
    /// The services of the cluster.
    pub async fn traffic(&self, query: &TrafficQuery) -> Result<TrafficPage> {
        let index = self.index();
        let text = query.text.trim().to_lowercase();
        let mut namespaces: BTreeMap<&str, u32> = BTreeMap::new();
        let mut found = Vec::new();
        for (key, service) in index.snapshot.services.iter() {
            *namespaces.entry(key.namespace.as_str()).or_default() += 1;
            let fits = (query.namespace.is_empty() || key.namespace.as_str() == query.namespace)
                && (text.is_empty() || key.name.as_str().contains(&text));
            if fits {
                found.push(service);
            }
        }
        let total = found.len() as u32;
        let (found, page, pages) = paged(found, query.page, PER_PAGE);
        Ok(TrafficPage {
            namespaces: namespaces.into_iter().map(|(name, count)| (name.to_owned(), count)).collect(),
            services: found.into_iter().map(|service| self.service_line(&index, service)).collect(),
            total,
            page,
            pages,
        })
    }

    fn service_line(&self, index: &Index, service: &Service) -> ServiceLine {
        let pods = index.snapshot.workloads_of(&service.key);
        let serving = serving(&index.snapshot, &service.key);
        let mut workloads: Vec<&str> = pods.iter().map(|pod| pod.workload.as_str()).collect();
        workloads.sort_unstable();
        workloads.dedup();
        let plugins = index.chain_of(&service.key, self.states());
        ServiceLine {
            key: service.key.clone(),
            workloads: workloads.len() as u32,
            proxies: serving.len() as u32,
            kind: serving.first().or(pods.first()).map_or(ProxyKind::None, |proxy| proxy.kind),
            cannot: cannot(&index.snapshot, service),
            worst: plugins.iter().filter_map(|row| row.state.worst).max(),
            plugins: plugins.into_iter().map(|row| row.plugin.map_or(row.resource, |plugin| plugin.name)).collect(),
        }
    }

    /// One service: its workloads, proxies and plugins.
    pub async fn service_page(&self, key: &ServiceKey) -> Result<ServicePage> {
        let index = self.index();
        let service = index.snapshot.service(key).ok_or(ServiceError::NotFound)?;
        let mut workloads: BTreeMap<(String, String), Vec<ProxyView>> = BTreeMap::new();
        for proxy in index.snapshot.proxies_of(key) {
            let workload = (proxy.namespace.to_string(), proxy.workload.clone());
            workloads.entry(workload).or_default().push(proxy_view(&proxy));
        }
        Ok(ServicePage {
            key: key.clone(),
            ports: service.ports.clone(),
            workloads: workloads
                .into_iter()
                .map(|((namespace, name), proxies)| WorkloadView { name, namespace, proxies })
                .collect(),
            waypoint: service.waypoint.as_ref().map(|(namespace, name)| format!("{namespace}/{name}")),
            cannot: cannot(&index.snapshot, service),
            plugins: index.chain_of(key, self.states()),
        })
    }
}
