//! The pods of one namespace, found by their labels without looking at each of them.

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use marketplace_domain::{
    mesh::{Labels, Proxy},
    reach::contains_all,
};

/// Positions of pods by a label's key and value.
type ByLabel = HashMap<String, HashMap<String, Vec<usize>>>;

/// The pods of one namespace, sorted by name.
#[derive(Debug, Default)]
pub(crate) struct NamespacePods {
    pub proxies: Vec<Arc<Proxy>>,
    /// Made at the first question: most moments of most namespaces are never asked about.
    by_label: OnceLock<ByLabel>,
}

impl NamespacePods {
    pub fn new(proxies: Vec<Arc<Proxy>>) -> Self {
        Self { proxies, by_label: OnceLock::new() }
    }

    /// The pods whose labels contain all of the selector's; all of them for an empty one.
    pub fn matching(&self, selector: &Labels) -> Vec<Arc<Proxy>> {
        if selector.is_empty() {
            return self.proxies.clone();
        }
        let by_label = self.by_label.get_or_init(|| index(&self.proxies));
        let found = |(key, value): (&String, &String)| {
            by_label.get(key).and_then(|values| values.get(value)).map_or(&[][..], Vec::as_slice)
        };
        // The rarest label leaves the fewest pods to compare.
        let candidates = selector.iter().map(found).min_by_key(|pods| pods.len()).unwrap_or_default();
        candidates
            .iter()
            .filter_map(|&at| self.proxies.get(at))
            .filter(|proxy| contains_all(&proxy.labels, selector))
            .cloned()
            .collect()
    }
}

fn index(proxies: &[Arc<Proxy>]) -> ByLabel {
    let mut by_label = ByLabel::new();
    for (at, proxy) in proxies.iter().enumerate() {
        for (key, value) in &proxy.labels {
            let values = match by_label.get_mut(key) {
                Some(values) => values,
                None => by_label.entry(key.clone()).or_default(),
            };
            match values.get_mut(value) {
                Some(pods) => pods.push(at),
                None => _ = values.insert(value.clone(), vec![at]),
            }
        }
    }
    by_label
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn finds_by_the_rarest_label_and_compares_all() {
        let pods = NamespacePods::new(vec![
            Arc::new(samples::proxy("shop", "a-1", &[("app", "a"), ("version", "v1")])),
            Arc::new(samples::proxy("shop", "a-2", &[("app", "a"), ("version", "v2")])),
            Arc::new(samples::proxy("shop", "b-1", &[("app", "b"), ("version", "v1")])),
        ]);
        let names = |selector: &[(&str, &str)]| {
            pods.matching(&samples::labels(selector)).iter().map(|proxy| proxy.pod.clone()).collect::<Vec<_>>()
        };
        assert_eq!(names(&[("app", "a")]), ["a-1", "a-2"]);
        assert_eq!(names(&[("app", "a"), ("version", "v1")]), ["a-1"]);
        assert_eq!(names(&[("app", "c")]), [""; 0]);
        assert_eq!(names(&[]).len(), 3);
    }
}
