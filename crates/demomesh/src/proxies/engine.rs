//! The control plane of the demo mesh: sends plugins to proxies when something changes, and has them fetched.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::{
    FutureExt,
    future::{BoxFuture, Shared},
};
use marketplace_domain::{Extension, PullPolicy, mesh::MeshSettings, reach};
use tokio::task::JoinSet;

use super::{
    fetch::{self, Order},
    fleet::{Checked, Fleet, Outcome, Proxies, Running, Slot},
    module,
    order::order,
    view,
};
use crate::{admission::dropped_by_istiod, kinds::WASM_PLUGIN, store::Store};

/// istiod waits this long for more changes before it sends anything.
const DEBOUNCE: Duration = Duration::from_millis(100);

/// One download for all proxies that want the same after the same change.
type Download = Shared<BoxFuture<'static, Result<Checked, String>>>;
type Downloads = Arc<Mutex<HashMap<Order, Download>>>;

/// One delivery to a proxy.
struct Delivery {
    proxy: String,
    plugin: String,
    attempt: u64,
    order: Order,
    /// The module is there already; nothing is fetched.
    cached: Option<Checked>,
}

/// Runs until it is dropped.
pub(crate) async fn run(store: Arc<Store>, fleet: Arc<Fleet>) {
    let mut changes = store.subscribe();
    let downloads = Downloads::default();
    let mut running = JoinSet::new();
    let mut deliveries = 0;
    loop {
        while running.try_join_next().is_some() {}
        downloads.lock().unwrap_or_else(PoisonError::into_inner).clear();
        let sent = push(&store, &fleet, &mut deliveries);
        for delivery in sent {
            running.spawn(deliver(delivery, fleet.clone(), downloads.clone()));
        }
        notify(&fleet);
        if changes.changed().await.is_err() {
            return;
        }
        tokio::time::sleep(DEBOUNCE).await;
        changes.mark_unchanged();
    }
}

/// Compares what each proxy has with what it should have.
fn push(store: &Store, fleet: &Fleet, deliveries: &mut u64) -> Vec<Delivery> {
    let state = store.lock();
    let mesh = settings();
    let plugins: Vec<_> = state
        .list(WASM_PLUGIN, None)
        .filter_map(|(_, object)| view::extension(object))
        .map(|plugin| {
            let order = order(&state, &plugin);
            (plugin, order)
        })
        .collect();
    let seen = state.list(WASM_PLUGIN, None).map(|((_, namespace, name), object)| {
        let version = object["metadata"]["resourceVersion"].as_str().unwrap_or_default();
        (format!("{namespace}/{name}"), version.to_owned())
    });
    let seen = seen.collect();
    let proxies = view::proxies(&state);
    drop(state);
    let mut fleet = fleet.lock();
    fleet.seen = seen;
    let mut before = std::mem::take(&mut fleet.all);
    let mut sent = Vec::new();
    for (proxy, uid) in proxies.into_iter().filter(|(proxy, _)| proxy.ready) {
        let key = proxy.key();
        let mut running = match before.remove(&key).filter(|running| running.uid == uid) {
            Some(running) => Running { proxy, ..running },
            None => Running { proxy, uid, slots: BTreeMap::new(), cache: HashMap::new() },
        };
        if let Some(mesh) = &mesh {
            let meant: Vec<_> = plugins
                .iter()
                .filter(|(plugin, _)| !plugin.deleting && reach::reaches(plugin, &running.proxy, mesh).is_yes())
                .collect();
            send(&mut running, &key, &meant, deliveries, &mut sent);
        }
        fleet.all.insert(key, running);
    }
    sent
}

fn settings() -> Option<MeshSettings> {
    Some(MeshSettings { root_namespace: "istio-system".parse().ok()? })
}

/// Brings one proxy up to date.
fn send(
    running: &mut Running,
    proxy: &str,
    meant: &[&(Extension, Order)],
    deliveries: &mut u64,
    sent: &mut Vec<Delivery>,
) {
    let slots_before = running.slots.len();
    running
        .slots
        .retain(|key, slot| meant.iter().any(|(plugin, _)| plugin.key() == *key && plugin.uid == slot.plugin.uid));
    let gone = running.slots.len() != slots_before;
    let is_new = |(plugin, order): &&&(Extension, Order)| {
        running
            .slots
            .get(&plugin.key())
            .is_none_or(|slot| slot.plugin.resource_version != plugin.resource_version || slot.order != *order)
    };
    // No push without a change: a module that turns up later is not noticed (§9, "Retry").
    if !gone && !meant.iter().any(|one| is_new(&one)) {
        return;
    }
    let frozen = running.frozen_by().map(str::to_owned);
    for (plugin, order) in meant {
        let key = plugin.key();
        let old = running.slots.remove(&key);
        let known = old.is_some();
        let mut slot = old.unwrap_or_else(|| Slot {
            plugin: plugin.clone(),
            order: order.clone(),
            outcome: Outcome::Pending,
            runs: false,
            refused: false,
            attempt: 0,
        });
        let kept_back = !known || matches!(slot.outcome, Outcome::Frozen(_) | Outcome::NotDelivered(_));
        let wanted = order != &slot.order || !same_content(plugin, &slot.plugin);
        let again = plugin.resource_version != slot.plugin.resource_version && asks_again(plugin);
        let failed = matches!(slot.outcome, Outcome::Deny(_) | Outcome::Allow(_));
        slot.plugin = plugin.clone();
        slot.order = order.clone();
        if let Some(reason) = undeliverable(plugin, running) {
            // A version that ran is removed; nothing is fetched.
            (slot.runs, slot.refused) = (false, false);
            slot.outcome = Outcome::NotDelivered(reason);
            *deliveries += 1;
            slot.attempt = *deliveries;
        } else if let Some(refused) = frozen.as_ref().filter(|_| kept_back) {
            slot.outcome = Outcome::Frozen(format!(
                "the proxy refuses {refused}, and as long as it does no new plugin reaches it"
            ));
        } else if kept_back || wanted || again || failed {
            *deliveries += 1;
            slot.attempt = *deliveries;
            let cache_key = (order.url.clone(), order.sha256.clone());
            let cached = running.cache.get(&cache_key).filter(|_| !again).cloned();
            // Envoy goes on with what it has while a failed fetch is tried again.
            if !failed || wanted {
                slot.outcome = Outcome::Pending;
            }
            sent.push(Delivery {
                proxy: proxy.to_owned(),
                plugin: key.clone(),
                attempt: slot.attempt,
                order: order.clone(),
                cached,
            });
        }
        running.slots.insert(key, slot);
    }
}

/// Why istiod sends nothing, if so.
fn undeliverable(plugin: &Extension, running: &Running) -> Option<String> {
    if dropped_by_istiod(&plugin.spec.url) {
        return Some(format!("istiod drops the plugin: it cannot parse the address {}", plugin.spec.url));
    }
    let matches = reach::ever_matches(plugin, running.proxy.kind);
    (!matches).then(|| "no listener of this proxy has traffic that the plugin's match takes".to_owned())
}

/// Whether Envoy would see no difference.
fn same_content(a: &Extension, b: &Extension) -> bool {
    let content = |plugin: &Extension| {
        let spec = &plugin.spec;
        (spec.config.clone(), spec.root_id.clone(), spec.fail_strategy, spec.env.clone())
    };
    content(a) == content(b)
}

/// Whether the registry is asked again at every change of the resource (§8, "Pull policy").
fn asks_again(plugin: &Extension) -> bool {
    let spec = &plugin.spec;
    let pinned = spec.sha256.is_some() || spec.url.contains("@sha256:");
    let latest = spec.pull_policy == PullPolicy::Unspecified && is_image(&spec.url) && spec.url.ends_with(":latest");
    !pinned && (spec.pull_policy == PullPolicy::Always || latest)
}

fn is_image(url: &str) -> bool {
    url.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("oci://")) || !url.contains("://")
}

async fn deliver(delivery: Delivery, fleet: Arc<Fleet>, downloads: Downloads) {
    // Proxies are not all equally quick: 50 to 300 ms, another time for each.
    let spread = fetch::sha256(format!("{}{}{}", delivery.proxy, delivery.plugin, delivery.attempt).as_bytes());
    let jitter = u64::from_str_radix(&spread[..4], 16).unwrap_or(0) % 250;
    tokio::time::sleep(Duration::from_millis(50 + jitter)).await;
    let answer = match delivery.cached {
        Some(checked) => Ok(checked),
        None if delivery.order.url.starts_with("file://") => {
            // Envoy reads files itself, and no container here holds one.
            Ok(Err(format!("Invalid path: {}", delivery.order.url.trim_start_matches("file://"))))
        }
        None => {
            let download = {
                let mut downloads = downloads.lock().unwrap_or_else(PoisonError::into_inner);
                downloads.entry(delivery.order.clone()).or_insert_with(|| download(delivery.order.clone())).clone()
            };
            download.await
        }
    };
    {
        let mut proxies = fleet.lock();
        settle(&mut proxies, &delivery.proxy, &delivery.plugin, delivery.attempt, &delivery.order, answer);
    }
    notify(&fleet);
}

fn settle(
    proxies: &mut Proxies,
    proxy: &str,
    plugin: &str,
    attempt: u64,
    order: &Order,
    answer: Result<Checked, String>,
) {
    let Some(running) = proxies.all.get_mut(proxy) else { return };
    let Some(slot) = running.slots.get_mut(plugin).filter(|slot| slot.attempt == attempt) else { return };
    if let Ok(checked) = &answer {
        running.cache.insert((order.url.clone(), order.sha256.clone()), checked.clone());
    }
    slot.settle(answer);
}

fn download(order: Order) -> Download {
    async move {
        let bytes = fetch::fetch(order).await?;
        Ok(module::check(&bytes))
    }
    .boxed()
    .shared()
}

/// Tells all who listen, outside of the lock: they may ask for states at once.
fn notify(fleet: &Fleet) {
    let listeners = fleet.lock().listeners.clone();
    listeners.iter().for_each(|listener| listener());
}
