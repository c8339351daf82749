//! Watches: one JSON line for each change.

use std::{
    collections::VecDeque,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::{Value, json};
use tokio::{
    sync::watch::Receiver,
    time::{Instant, timeout_at},
};

use super::{Query, Target, select::Selection};
use crate::{
    kinds::WASM_PLUGIN,
    status::Refusal,
    store::{Happening, State, Store},
};

/// How often a quiet watch hears of the current version.
const BOOKMARK_EVERY: Duration = Duration::from_secs(30);
/// How long a watch lasts when the client does not say; real ones last 30 to 60 minutes.
const DEFAULT_TIMEOUT: u64 = 1800;

struct Watch {
    /// Weak: an open watch must not keep a mesh alive that nobody else holds.
    store: Weak<Store>,
    target: Target,
    selection: Selection,
    from: u64,
    epoch: u64,
    bookmarks: bool,
    signal: Receiver<u64>,
    ready: VecDeque<Bytes>,
    ends: Instant,
    next_bookmark: Instant,
    over: bool,
}

/// Opens a watch.
pub(super) fn watch(store: &Arc<Store>, target: &Target, query: &Query) -> Result<Response, Refusal> {
    let selection = Selection::parse(target.kind, query)?;
    // Subscribed before the state is read: nothing can slip between.
    let signal = store.subscribe();
    let state = store.lock();
    let timeout = query.get("timeoutSeconds").parse().unwrap_or(DEFAULT_TIMEOUT);
    let asked = query.get("resourceVersion");
    let mut watch = Watch {
        store: Arc::downgrade(store),
        target: target.clone(),
        selection,
        from: asked.parse().unwrap_or(0),
        epoch: state.epoch,
        bookmarks: query.flag("allowWatchBookmarks"),
        signal,
        ready: VecDeque::new(),
        ends: Instant::now() + Duration::from_secs(timeout),
        next_bookmark: Instant::now() + BOOKMARK_EVERY,
        over: false,
    };
    let initial = query.flag("sendInitialEvents");
    if initial || watch.from == 0 {
        watch.start(&state, initial && watch.bookmarks);
    }
    drop(state);
    let stream = futures::stream::unfold(watch, |mut watch| async move {
        let line = watch.next().await?;
        Some((line, watch))
    });
    Ok((StatusCode::OK, [(header::CONTENT_TYPE, "application/json")], Body::from_stream(stream)).into_response())
}

impl Watch {
    /// Everything there is, as additions.
    fn start(&mut self, state: &State, marked: bool) {
        for (_, object) in state.list(self.target.kind, self.target.namespace.as_deref()) {
            if self.selection.takes(object) {
                self.ready.push_back(line("ADDED", object));
            }
        }
        self.from = state.version;
        if marked {
            self.bookmark(true);
        }
    }

    fn bookmark(&mut self, initial: bool) {
        let mut metadata = json!({ "resourceVersion": self.from.to_string() });
        if initial {
            metadata["annotations"] = json!({ "k8s.io/initial-events-end": "true" });
        }
        let (version, kind) = (self.target.kind.api_version(), self.target.kind.kind);
        let object = json!({ "apiVersion": version, "kind": kind, "metadata": metadata });
        self.ready.push_back(line("BOOKMARK", &object));
    }

    async fn next(&mut self) -> Option<Result<Bytes, std::io::Error>> {
        loop {
            if let Some(line) = self.ready.pop_front() {
                return Some(Ok(line));
            }
            if self.over || Instant::now() >= self.ends {
                return None;
            }
            if let Err(broken) = self.read() {
                self.over = true;
                return Some(Err(broken));
            }
            if self.ready.is_empty() && !self.over {
                let until = if self.bookmarks { self.next_bookmark.min(self.ends) } else { self.ends };
                match timeout_at(until, self.signal.changed()).await {
                    Ok(Ok(())) => {}
                    // The mesh is gone.
                    Ok(Err(_)) => return None,
                    Err(_) if self.bookmarks && Instant::now() < self.ends => {
                        self.next_bookmark = Instant::now() + BOOKMARK_EVERY;
                        self.bookmark(false);
                    }
                    Err(_) => return None,
                }
            }
        }
    }

    /// Takes over what happened since the last look.
    fn read(&mut self) -> std::io::Result<()> {
        self.signal.mark_unchanged();
        let Some(store) = self.store.upgrade() else {
            self.over = true;
            return Ok(());
        };
        let state = store.lock();
        if state.faults.unreachable {
            return Err(std::io::Error::new(std::io::ErrorKind::ConnectionReset, "connection reset by peer"));
        }
        if self.from < state.forgotten {
            let message = format!("too old resource version: {} ({})", self.from, state.forgotten + 1);
            self.ready.push_back(line("ERROR", Refusal::new(410, "Expired", message).status()));
            self.over = true;
            return Ok(());
        }
        for event in state.since(self.from).filter(|event| event.kind == self.target.kind) {
            let here = self.target.namespace.as_deref().is_none_or(|ns| event.object["metadata"]["namespace"] == ns);
            if !here {
                continue;
            }
            let now = event.happening != Happening::Deleted && self.selection.takes(&event.object);
            let before = event.before.as_deref().is_some_and(|before| self.selection.takes(before));
            let word = match (before, now) {
                (false, true) => "ADDED",
                (true, true) => "MODIFIED",
                (true, false) => "DELETED",
                (false, false) => continue,
            };
            self.ready.push_back(line(word, &event.object));
        }
        self.from = self.from.max(state.version);
        let crd_gone = self.target.kind == WASM_PLUGIN && state.faults.crd_missing;
        if state.epoch != self.epoch || crd_gone {
            self.over = true;
        }
        Ok(())
    }
}

fn line(word: &str, object: &Value) -> Bytes {
    let mut text = json!({ "type": word, "object": object }).to_string();
    text.push('\n');
    text.into()
}
