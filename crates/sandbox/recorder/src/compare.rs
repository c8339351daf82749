//! Where the sandbox's answer differs from Envoy's, one readable line each, by the rules of `exchange.md` §6.

use marketplace_sandbox::report::{MetricKind, Outcome};

use crate::Answer;
use crate::answer::{Exchanged, Line, Message, Received};

/// What differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Differences {
    /// Any of these, and the two do not agree.
    pub must: Vec<String>,
    /// Counted apart: the trace, the order of headers.
    pub second: Vec<String>,
}

impl Differences {
    /// Whether the two agree in all that must.
    #[must_use]
    pub fn agree(&self) -> bool {
        self.must.is_empty()
    }

    /// Whether something of this part differs: `logs`, `trace` and so on.
    #[must_use]
    pub fn touches(&self, part: &str) -> bool {
        self.must.iter().chain(&self.second).any(|line| line.starts_with(part))
    }

    fn field<T: PartialEq + std::fmt::Debug>(&mut self, name: &str, envoy: &T, ours: &T) {
        if envoy != ours {
            self.must.push(format!("{name}: Envoy {envoy:?}, sandbox {ours:?}"));
        }
    }
}

/// Compares Envoy's answer with ours.
#[must_use]
pub fn compare(envoy: &Answer, ours: &Answer) -> Differences {
    let mut found = Differences::default();
    found.field("outcome", &envoy.outcome, &ours.outcome);
    found.field("load", &envoy.load, &ours.load);
    if envoy.outcome != ours.outcome || envoy.outcome == Outcome::CrashedEnvoy {
        return found;
    }
    logs(&mut found, envoy, ours);
    if envoy.outcome == Outcome::Refused {
        return found;
    }
    found.field("exchanges", &envoy.exchanges.len(), &ours.exchanges.len());
    let last = envoy.exchanges.len().saturating_sub(1);
    for (n, (envoy, ours)) in envoy.exchanges.iter().zip(&ours.exchanges).enumerate() {
        let place = if n == last { String::new() } else { format!("before[{n}].") };
        exchange(&mut found, &place, envoy, ours);
    }
    if envoy.outcome == Outcome::Hung {
        return found;
    }
    found.field("traps", &envoy.traps, &ours.traps);
    metrics(&mut found, envoy, ours);
    trace(&mut found, envoy, ours);
    found
}

fn logs(found: &mut Differences, envoy: &Answer, ours: &Answer) {
    let same = |envoy: &Line, ours: &Line| {
        envoy.level == ours.level
            && envoy.text == ours.text
            && (envoy.plugin.is_none() || ours.plugin.is_none() || envoy.plugin == ours.plugin)
    };
    let shown =
        |line: Option<&Line>| line.map_or("nothing".to_owned(), |line| format!("{:?} {:?}", line.level, line.text));
    let whole = !matches!(envoy.outcome, Outcome::Hung | Outcome::Refused);
    let count = if whole { envoy.logs.len().max(ours.logs.len()) } else { envoy.logs.len() };
    let differing = (0..count).find(|n| match (envoy.logs.get(*n), ours.logs.get(*n)) {
        (Some(envoy), Some(ours)) => !same(envoy, ours),
        _ => true,
    });
    if let Some(n) = differing {
        found.must.push(format!("logs[{n}]: Envoy {}, sandbox {}", shown(envoy.logs.get(n)), shown(ours.logs.get(n))));
    }
}

fn exchange(found: &mut Differences, place: &str, envoy: &Exchanged, ours: &Exchanged) {
    found.field(&format!("{place}outcome"), &envoy.outcome, &ours.outcome);
    let status = |client: &Option<Received>| client.as_ref().map(|client| client.status);
    found.field(&format!("{place}client.status"), &status(&envoy.client), &status(&ours.client));
    if envoy.outcome == Outcome::Hung || envoy.outcome == Outcome::CrashedEnvoy {
        return;
    }
    if let (Some(envoy), Some(ours)) = (&envoy.client, &ours.client) {
        let place = format!("{place}client");
        found.field(&format!("{place}.complete"), &envoy.complete, &ours.complete);
        headers(found, &place, &envoy.headers, &ours.headers);
        if envoy.complete && ours.complete {
            found.field(&format!("{place}.body"), &envoy.body, &ours.body);
            found.field(&format!("{place}.trailers"), &sorted(&envoy.trailers), &sorted(&ours.trailers));
        }
    }
    match (&envoy.upstream, &ours.upstream) {
        (Some(envoy), Some(ours)) => message(found, &format!("{place}upstream"), envoy, ours),
        (envoy, ours) => found.field(&format!("{place}upstream"), &envoy.is_some(), &ours.is_some()),
    }
    callouts(found, &format!("{place}callouts"), &envoy.callouts, &ours.callouts);
}

fn message(found: &mut Differences, place: &str, envoy: &Message, ours: &Message) {
    found.field(&format!("{place}.method"), &envoy.method, &ours.method);
    found.field(&format!("{place}.path"), &envoy.path, &ours.path);
    found.field(&format!("{place}.authority"), &envoy.authority, &ours.authority);
    headers(found, place, &envoy.headers, &ours.headers);
    found.field(&format!("{place}.body"), &envoy.body, &ours.body);
    found.field(&format!("{place}.trailers"), &sorted(&envoy.trailers), &sorted(&ours.trailers));
}

type Pairs = [(String, String)];

fn sorted(pairs: &Pairs) -> Vec<&(String, String)> {
    let mut sorted: Vec<_> = pairs.iter().collect();
    sorted.sort();
    sorted
}

fn headers(found: &mut Differences, place: &str, envoy: &Pairs, ours: &Pairs) {
    let (left, right) = (sorted(envoy), sorted(ours));
    if left != right {
        let missing: Vec<_> = left.iter().filter(|pair| !right.contains(pair)).collect();
        let extra: Vec<_> = right.iter().filter(|pair| !left.contains(pair)).collect();
        if missing.is_empty() && extra.is_empty() {
            found.must.push(format!("{place}.headers: Envoy {left:?}, sandbox {right:?}"));
        } else {
            found.must.push(format!("{place}.headers: only Envoy {missing:?}, only sandbox {extra:?}"));
        }
    } else if envoy != ours {
        found.second.push(format!("{place}.headers in another order: Envoy {envoy:?}, sandbox {ours:?}"));
    }
}

fn callouts(found: &mut Differences, place: &str, envoy: &[(String, Message)], ours: &[(String, Message)]) {
    let all = |list: &[(String, Message)]| {
        let mut all: Vec<(String, Message)> = list.to_vec();
        for (_, message) in &mut all {
            message.headers.sort();
            message.trailers.clear();
        }
        all.sort();
        all
    };
    let (left, right) = (all(envoy), all(ours));
    if left.len() != right.len() {
        found.must.push(format!("{place}: Envoy sent {}, sandbox {}", left.len(), right.len()));
        return;
    }
    for (n, ((cluster, envoy), (other, ours))) in left.iter().zip(&right).enumerate() {
        found.field(&format!("{place}[{n}].cluster"), cluster, other);
        message(found, &format!("{place}[{n}]"), envoy, ours);
    }
}

fn metrics(found: &mut Differences, envoy: &Answer, ours: &Answer) {
    for metric in &envoy.metrics {
        let other = ours.metrics.iter().find(|other| other.name == metric.name && other.kind == metric.kind);
        match (metric.value, other) {
            (Some(value), Some(other)) => {
                found.field(&format!("metrics.{}", metric.name), &Some(value), &other.value);
            }
            (Some(0) | None, _) => {}
            (Some(value), None) => found.must.push(format!("metrics.{}: Envoy {value}, sandbox none", metric.name)),
        }
    }
    for metric in &ours.metrics {
        let known = envoy.metrics.iter().any(|other| other.name == metric.name && other.kind == metric.kind);
        if !known && metric.kind == MetricKind::Counter && metric.value.is_some_and(|value| value > 0) {
            found.must.push(format!("metrics.{}: Envoy none, sandbox {:?}", metric.name, metric.value));
        }
    }
}

fn trace(found: &mut Differences, envoy: &Answer, ours: &Answer) {
    let (Some(envoy), Some(ours)) = (&envoy.trace, &ours.trace) else { return };
    let same = |n: &usize| envoy.get(*n).map(|call| sizeless(call)) == ours.get(*n).map(|call| sizeless(call));
    let differing = (0..envoy.len().max(ours.len())).find(|n| !same(n));
    if let Some(n) = differing {
        let shown = |trace: &[String]| trace.get(n).cloned().unwrap_or("the end".to_owned());
        found.second.push(format!("trace[{n}]: Envoy {}, sandbox {}", shown(envoy), shown(ours)));
    }
}

/// A logged text is compared as such, without what differs from run to run; its length is not.
fn sizeless(call: &str) -> &str {
    if call.starts_with("<env.proxy_log(") { call.rsplit_once(',').map_or(call, |(rest, _)| rest) } else { call }
}
