//! Which plugins a tried request passes: those that the proxy would run for it, in Istio's order, as far as we have their
//! modules or may fetch them.

use std::sync::Arc;

use marketplace_domain::{
    Direction, Extension, ModuleUrl,
    catalogue::Address,
    chain::{Link, chain},
    extension::{EnvValue, ExtensionSpec},
    mesh::Proxy,
    module_url::BadUrl,
    views::trial::{LeftOut, TrialPlugin},
};
use serde_json::{Map, Value};

use crate::{apply::subject::Subject, modules::Place};

/// A run has at most so many plugins.
const MOST: usize = 8;

/// One plugin of the proxy.
pub struct Member {
    /// The resource's name.
    pub name: String,
    /// Whether it is the one that is tried.
    pub this: bool,
    /// Why it does not run.
    pub left_out: Option<LeftOut>,
    /// Where its module is; `None` where only the proxy can get at it.
    pub place: Option<Place>,
    /// The digest of the module that was fetched for this run.
    pub found: Option<String>,
    /// As an exchange says it, but for the module.
    entry: Map<String, Value>,
}

impl Member {
    /// As an exchange says it. A module that nobody can get at is one of zeros, so that everything else can be read.
    pub fn value(&self) -> Value {
        let module = match &self.place {
            Some(Place::Ours(digest)) => format!("sha256:{digest}"),
            Some(Place::Elsewhere { url, .. }) => url.to_string(),
            None => format!("sha256:{}", "0".repeat(64)),
        };
        let mut entry = self.entry.clone();
        entry.shift_insert(0, "module".to_owned(), module.into());
        // Whoever runs the exchange again gets this very module, or hears that it is another one by now.
        if let (Some(Place::Elsewhere { .. }), Some(found)) = (&self.place, &self.found) {
            entry.shift_insert(1, "sha256".to_owned(), found.as_str().into());
        }
        entry.into()
    }

    /// For the page.
    pub fn view(&self) -> TrialPlugin {
        TrialPlugin { name: self.name.clone(), this: self.this, left_out: self.left_out }
    }
}

/// The plugins of the first of these proxies, or of the one that serves, with `extension` among them.
pub fn members(subject: &Subject, extension: &Extension, proxies: &[Arc<Proxy>]) -> Vec<Member> {
    let Some(proxy) = proxies.first().or(subject.serving.first()) else { return vec![this(subject, extension)] };
    let others = others(subject, extension, proxy);
    let mut plugins: Vec<&Extension> = others.iter().map(Arc::as_ref).collect();
    plugins.push(extension);
    let mut room = MOST - 1;
    chain(proxy.kind, &plugins, &proxy.namespace, &subject.index.snapshot.settings)
        .into_iter()
        .filter_map(|link| match link {
            Link::Istio(_) => None,
            Link::Plugin(plugin) if plugin.id() == extension.id() => Some(this(subject, extension)),
            Link::Plugin(plugin) => {
                let place = of_another(subject, &plugin.spec);
                let left_out = if plugin.spec.network {
                    Some(LeftOut::Network)
                } else if !meets(&plugin.spec, &extension.spec) {
                    Some(LeftOut::OtherTraffic)
                } else if place.is_none() {
                    Some(LeftOut::ModuleUnknown)
                } else if room == 0 {
                    Some(LeftOut::TooMany)
                } else {
                    room -= 1;
                    None
                };
                let entry = entry(plugin, &plugin.key().replace('/', "."));
                Some(Member { name: plugin.name.to_string(), this: false, left_out, place, found: None, entry })
            }
        })
        .collect()
}

/// The other plugins that a proxy has.
pub fn others(subject: &Subject, extension: &Extension, proxy: &Proxy) -> Vec<Arc<Extension>> {
    let reaching = subject.index.snapshot.plugins_reaching(proxy);
    reaching.into_iter().filter(|other| other.id() != extension.id()).collect()
}

fn this(subject: &Subject, extension: &Extension) -> Member {
    let place = match &subject.release {
        Some(release) if subject.existing.is_none() => Some(match &release.address {
            Address::Hosted(digest) => Place::Ours(digest.clone()),
            Address::Url(url) => Place::elsewhere(url.clone(), release.sha256.clone()),
        }),
        _ => of_spec(subject, &extension.spec),
    };
    // A plugin by itself has no resource whose name Envoy could know.
    let alone = subject.plugin.as_ref().filter(|_| subject.alone()).map(|plugin| plugin.name.clone());
    let name = alone.clone().unwrap_or_else(|| extension.name.to_string());
    let entry = entry(extension, &alone.unwrap_or_else(|| extension.key().replace('/', ".")));
    Member { name, this: true, left_out: None, place, found: None, entry }
}

/// Where the module of a resource is.
fn of_spec(subject: &Subject, spec: &ExtensionSpec) -> Option<Place> {
    if let Some(digest) = subject.index.known.hosted(spec) {
        return Some(Place::Ours(digest));
    }
    let url: ModuleUrl = match spec.url.parse() {
        Ok(url) => url,
        // Istio reads it so, too.
        Err(BadUrl::NoScheme(with)) => with.parse().ok()?,
        Err(_) => return None,
    };
    Some(Place::elsewhere(url, spec.sha256.clone()))
}

/// The same for a plugin that nobody asked about: it is fetched only from where the catalogue says.
fn of_another(subject: &Subject, spec: &ExtensionSpec) -> Option<Place> {
    of_spec(subject, spec).filter(|place| matches!(place, Place::Ours(_)) || subject.index.known.find(spec).is_some())
}

fn entry(extension: &Extension, name: &str) -> Map<String, Value> {
    let spec = &extension.spec;
    let mut entry = Map::new();
    entry.insert("name".to_owned(), name.into());
    if let Some(root_id) = &spec.root_id {
        entry.insert("root_id".to_owned(), root_id.as_str().into());
    }
    if let Some(config) = &spec.config {
        entry.insert("config".to_owned(), config.clone());
    }
    let env: Map<String, Value> = spec
        .env
        .iter()
        .filter_map(|variable| match &variable.value {
            EnvValue::Inline(value) => Some((variable.name.clone(), value.as_str().into())),
            EnvValue::Host => None,
        })
        .collect();
    if !env.is_empty() {
        entry.insert("env".to_owned(), env.into());
    }
    entry.insert("fail_strategy".to_owned(), spec.fail_strategy.as_str().into());
    entry
}

/// Whether some request meets both: on the same side of the proxy, at the same port.
fn meets(one: &ExtensionSpec, other: &ExtensionSpec) -> bool {
    let all = [marketplace_domain::MatchRule::default()];
    let rules = |spec: &'_ ExtensionSpec| if spec.matches.is_empty() { all.to_vec() } else { spec.matches.clone() };
    let side = |direction: Option<Direction>| direction.unwrap_or(Direction::Both);
    rules(one).iter().any(|a| {
        rules(other).iter().any(|b| {
            let (x, y) = (side(a.direction), side(b.direction));
            let sides = x == y || x == Direction::Both || y == Direction::Both;
            sides && (a.ports.is_empty() || b.ports.is_empty() || a.ports.iter().any(|port| b.ports.contains(port)))
        })
    })
}

#[cfg(test)]
mod tests {
    use marketplace_domain::MatchRule;

    use super::*;

    fn spec(direction: Option<Direction>, ports: &[u16]) -> ExtensionSpec {
        ExtensionSpec { matches: vec![MatchRule { direction, ports: ports.to_vec() }], ..ExtensionSpec::default() }
    }

    #[test]
    fn plugins_meet_on_one_side_at_one_port() {
        let server = spec(Some(Direction::Server), &[80]);
        for (other, wanted) in [
            (ExtensionSpec::default(), true),
            (spec(None, &[]), true),
            (spec(Some(Direction::Both), &[80, 81]), true),
            (spec(Some(Direction::Client), &[]), false),
            (spec(Some(Direction::Server), &[81]), false),
        ] {
            assert_eq!((meets(&server, &other), meets(&other, &server)), (wanted, wanted), "{:?}", other.matches);
        }
    }
}
