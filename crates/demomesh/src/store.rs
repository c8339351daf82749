//! The objects, and the log of their changes that watches read.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde_json::Value;
use tokio::sync::watch;

use crate::kinds::{Kind, NAMESPACE, WASM_PLUGIN};

/// How many changes watches can catch up on; a real API server keeps a few minutes of them.
const LOG_LIMIT: usize = 4096;

/// Where an object is.
pub(crate) type Key = (&'static str, String, String);

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Happening {
    Added,
    Modified,
    Deleted,
}

/// One change.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub version: u64,
    pub kind: &'static Kind,
    pub happening: Happening,
    pub object: Arc<Value>,
    /// What was there before: selectors of watches need it to see objects leave.
    pub before: Option<Arc<Value>>,
}

/// Everything that a test can break.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub unreachable: bool,
    pub forbidden: bool,
    pub crd_missing: bool,
}

/// The state behind the lock.
#[derive(Debug)]
pub(crate) struct State {
    pub objects: BTreeMap<Key, Arc<Value>>,
    /// The last version given out; one counter for all kinds, as in etcd.
    pub version: u64,
    log: VecDeque<Event>,
    /// Watches from this version or an earlier one cannot be served any more.
    pub forgotten: u64,
    pub faults: Faults,
    /// Counts how often open watches were told to end.
    pub epoch: u64,
}

/// The store: short critical sections, and a signal after each.
#[derive(Debug)]
pub(crate) struct Store {
    state: Mutex<State>,
    signal: watch::Sender<u64>,
}

impl Store {
    /// An empty store. The first version is not 1: real clusters never answer with it, and tests use it as "too old".
    pub fn new() -> Self {
        let state = State {
            objects: BTreeMap::new(),
            version: 100,
            log: VecDeque::new(),
            forgotten: 100,
            faults: Faults::default(),
            epoch: 0,
        };
        Self { state: Mutex::new(state), signal: watch::Sender::new(0) }
    }

    /// Locks it. A panic of another holder leaves whole objects behind, so the data is still good.
    pub fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Tells all who wait that something changed.
    pub fn signal(&self) {
        self.signal.send_modify(|count| *count += 1);
    }

    /// Waits for changes.
    pub fn subscribe(&self) -> watch::Receiver<u64> {
        self.signal.subscribe()
    }
}

impl State {
    /// One object.
    pub fn get(&self, kind: &Kind, namespace: &str, name: &str) -> Option<&Arc<Value>> {
        self.objects.get(&(kind.plural, namespace.to_owned(), name.to_owned()))
    }

    /// All objects of a kind, of one namespace if given, in the order of their names.
    pub fn list<'a>(
        &'a self,
        kind: &Kind,
        namespace: Option<&'a str>,
    ) -> impl Iterator<Item = (&'a Key, &'a Arc<Value>)> {
        let plural = kind.plural;
        let from = (plural, namespace.unwrap_or_default().to_owned(), String::new());
        self.objects.range(from..).take_while(move |((of, in_namespace, _), _)| {
            *of == plural && namespace.is_none_or(|ns| ns == in_namespace)
        })
    }

    /// Whether a namespace is there.
    pub fn has_namespace(&self, name: &str) -> bool {
        self.get(NAMESPACE, "", name).is_some()
    }

    /// Stores an object under a new version, which it gets, and logs the change.
    pub fn put(&mut self, kind: &'static Kind, mut object: Value) -> Arc<Value> {
        self.version += 1;
        object["metadata"]["resourceVersion"] = self.version.to_string().into();
        let key = key_of(kind, &object);
        let object = Arc::new(object);
        let before = self.objects.insert(key, object.clone());
        let happening = if before.is_some() { Happening::Modified } else { Happening::Added };
        self.log(Event { version: self.version, kind, happening, object: object.clone(), before });
        object
    }

    /// Takes an object away; the logged object carries the version of the deletion, as from a real API server.
    pub fn remove(&mut self, kind: &'static Kind, namespace: &str, name: &str) -> Option<Arc<Value>> {
        let gone = self.objects.remove(&(kind.plural, namespace.to_owned(), name.to_owned()))?;
        self.version += 1;
        let mut last = Value::clone(&gone);
        last["metadata"]["resourceVersion"] = self.version.to_string().into();
        let object = Arc::new(last);
        self.log(Event {
            version: self.version,
            kind,
            happening: Happening::Deleted,
            object,
            before: Some(gone.clone()),
        });
        Some(gone)
    }

    fn log(&mut self, event: Event) {
        self.log.push_back(event);
        if self.log.len() > LOG_LIMIT
            && let Some(oldest) = self.log.pop_front()
        {
            self.forgotten = oldest.version;
        }
    }

    /// The changes after a version.
    pub fn since(&self, version: u64) -> impl Iterator<Item = &Event> {
        self.log.iter().skip(self.log.partition_point(|event| event.version <= version))
    }

    /// Forgets all changes so far, so that whoever watches from before must list again.
    pub fn forget(&mut self) {
        self.log.clear();
        self.version += 1;
        self.forgotten = self.version;
    }

    /// The resource definition and all its objects disappear.
    pub fn remove_crd(&mut self) {
        let keys: Vec<_> = self.list(WASM_PLUGIN, None).map(|(key, _)| key.clone()).collect();
        for (_, namespace, name) in keys {
            self.remove(WASM_PLUGIN, &namespace, &name);
        }
        self.faults.crd_missing = true;
    }
}

fn key_of(kind: &Kind, object: &Value) -> Key {
    let text = |field: &str| object["metadata"][field].as_str().unwrap_or_default().to_owned();
    (kind.plural, if kind.namespaced { text("namespace") } else { String::new() }, text("name"))
}
