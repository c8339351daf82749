//! Who is sent where.

use plugin_kit::pattern::Pattern;
use plugin_kit::scope;
use plugin_kit::template::NoGroups;

use crate::settings::{Rewrite, Settings};
use crate::target::{self, Place};

/// How many redirects in a row a client is led through before it is called a circle. Browsers give up after some twenty.
const MOST_HOPS: usize = 10;

/// What becomes of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Course {
    /// Nothing is said about it.
    Straight,
    /// It is sent to this address with this status.
    Redirect(u16, String),
    /// It would be led in a circle, so it goes on.
    Circle,
    /// A rule is meant, but what the client wrote makes it unusable.
    Unusable,
}

/// The redirect of a request, if that does not lead in a circle.
pub fn redirect(settings: &Settings, method: &[u8], from: &Place) -> Course {
    let Some(step) = step(settings, method, from) else {
        return Course::Straight;
    };
    let Some((status, address, first)) = step else {
        return Course::Unusable;
    };
    let mut at = first;
    for _ in 0..MOST_HOPS {
        if at == *from {
            return Course::Circle;
        }
        // What other hosts do, we do not know.
        if at.host != from.host {
            return Course::Redirect(status, address);
        }
        match self::step(settings, method, &at) {
            Some(Some((.., next))) => at = next,
            _ => return Course::Redirect(status, address),
        }
    }
    Course::Circle
}

type Step = Option<(u16, String, Place)>;

/// One redirect. None: there is none. Some(None): it is unusable.
fn step(settings: &Settings, method: &[u8], from: &Place) -> Option<Step> {
    if settings.http_to_https && !from.tls {
        return Some(to_https(settings, method, from));
    }
    let allowed = &settings.allowed_hosts;
    if let Some(target) = settings.table.get(&from.path) {
        let led = target.address(&NoGroups, from, settings.keep_query, allowed);
        return Some(led.map(|(address, place)| (settings.status, address, place)));
    }
    let request =
        scope::Target { path: from.path.clone(), clear: true, method: method.to_vec(), host: from.host.clone() };
    settings.redirects.iter().find_map(|rule| {
        if !rule.scope.matches(&request) {
            return None;
        }
        let found = rule.from.find(&from.path)?;
        let led = rule.to.address(&found, from, rule.keep_query, allowed);
        Some(led.map(|(address, place)| (rule.status, address, place)))
    })
}

fn to_https(settings: &Settings, method: &[u8], from: &Place) -> Step {
    if !target::is_authority(&from.host) {
        return None;
    }
    let host = String::from_utf8_lossy(&from.host);
    let port = if settings.https_port == 443 { String::new() } else { format!(":{}", settings.https_port) };
    let path = target::one_slash(&target::written(&from.path));
    let query = if from.query.is_empty() { String::new() } else { format!("?{}", target::written(&from.query)) };
    // With 301, a POST would become a GET.
    let status = if matches!(method, b"GET" | b"HEAD") { 301 } else { 308 };
    Some((status, format!("https://{host}{port}{path}{query}"), Place { tls: true, ..from.clone() }))
}

/// A request's new path with its query, and its new host, where they change.
#[derive(Debug, PartialEq, Eq)]
pub struct Rewritten {
    /// For `:path`.
    pub path: Option<String>,
    /// For `:authority`.
    pub host: Option<String>,
}

/// The rewrite of a request. None: there is none. Some(None): it is unusable.
pub fn rewrite(settings: &Settings, method: &[u8], from: &Place) -> Option<Option<Rewritten>> {
    let request =
        scope::Target { path: from.path.clone(), clear: true, method: method.to_vec(), host: from.host.clone() };
    settings
        .rewrites
        .iter()
        .filter(|rule| rule.scope.matches(&request))
        .find_map(|rule| one(rule, from, &settings.allowed_hosts))
}

fn one(rule: &Rewrite, from: &Place, allowed: &[Pattern]) -> Option<Option<Rewritten>> {
    let found = rule.from.find(&from.path)?;
    // `/files/..%2fadmin` is a file for us and something else for the upstream.
    if target::climbs(&from.path) {
        return Some(None);
    }
    let path = match &rule.to {
        None => None,
        Some(to) => match to.address(&found, from, rule.keep_query, allowed) {
            Some((address, _)) if !target::climbs(plugin_kit::http::path_only(address.as_bytes())) => Some(address),
            _ => return Some(None),
        },
    };
    let host = match &rule.host {
        None => None,
        Some(host) => {
            let (host, open) = host;
            let host = host.fill(&found, |value, out| {
                out.extend_from_slice(match value {
                    target::Value::Host => &from.host,
                    target::Value::Path => &from.path,
                });
            });
            let host = host.to_ascii_lowercase();
            let good = target::is_authority(&host) && (!open || allowed.iter().any(|pattern| pattern.matches(&host)));
            if !good {
                return Some(None);
            }
            Some(String::from_utf8_lossy(&host).into_owned())
        }
    };
    Some(Some(Rewritten { path, host }))
}

#[cfg(test)]
mod tests;
