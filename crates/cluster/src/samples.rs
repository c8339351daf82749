//! Small objects for the unit tests of this crate.

use marketplace_domain::{
    Namespace,
    mesh::{Labels, Proxy, ProxyKind},
};

pub fn labels(pairs: &[(&str, &str)]) -> Labels {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

pub fn namespace(name: &str) -> Namespace {
    name.parse().unwrap()
}

pub fn proxy(of: &str, pod: &str, with: &[(&str, &str)]) -> Proxy {
    Proxy {
        namespace: namespace(of),
        pod: pod.to_owned(),
        workload: pod.to_owned(),
        labels: labels(with),
        kind: ProxyKind::Sidecar,
        gateway: None,
        revision: None,
        serves: Vec::new(),
        ready: true,
    }
}
