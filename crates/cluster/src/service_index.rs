//! The services of one namespace, found by a pod's labels without looking at each of them.

use std::{collections::HashMap, sync::Arc};

use marketplace_domain::{
    mesh::{Labels, Service, ServiceKey},
    reach::contains_all,
};

/// The services of one namespace that have a selector, by one label of it.
#[derive(Debug, Default)]
pub(crate) struct NamespaceServices {
    by_label: HashMap<(String, String), Vec<Arc<Service>>>,
}

impl NamespaceServices {
    pub fn new<'a>(services: impl Iterator<Item = &'a Arc<Service>>) -> Self {
        let mut by_label: HashMap<_, Vec<_>> = HashMap::new();
        for service in services {
            if let Some((key, value)) = service.selector.iter().next() {
                by_label.entry((key.clone(), value.clone())).or_default().push(Arc::clone(service));
            }
        }
        Self { by_label }
    }

    /// The services whose selector these labels contain.
    pub fn selecting(&self, labels: &Labels) -> Vec<ServiceKey> {
        labels
            .iter()
            .filter_map(|(key, value)| self.by_label.get(&(key.clone(), value.clone())))
            .flatten()
            .filter(|service| contains_all(labels, &service.selector))
            .map(|service| service.key.clone())
            .collect()
    }
}
