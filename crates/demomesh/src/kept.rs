//! The plugins of the mesh in a file, so that what people applied is still there after a restart. Everything else of the
//! mesh is made anew each time.

use std::{
    fs,
    io::{self, Read, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    kinds::{Kind, NAMESPACE, WASM_PLUGIN},
    store::{State, Store},
};

/// More than the demo mesh will ever hold; a larger file is not ours.
const LARGEST: u64 = 16 * 1024 * 1024;

/// What the file holds.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Kept {
    /// The last version given out: versions must not come back for other contents.
    version: u64,
    /// Where the mesh served the modules of its own plugins. The port is another one after each start.
    base: String,
    plugins: Vec<Value>,
}

impl Kept {
    /// What is there now.
    fn of(state: &State, base: &str) -> Self {
        let plugins = state.list(WASM_PLUGIN, None).map(|(_, object)| Value::clone(object)).collect();
        Self { version: state.version, base: base.to_owned(), plugins }
    }

    /// What was kept; `None` when nothing was. A file that cannot be read is put aside, never overwritten.
    pub(crate) fn read(file: &Path) -> Option<Self> {
        let error = match read(file) {
            Ok(kept) => return Some(kept),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => error,
        };
        let aside = file.with_extension("unreadable");
        tracing::warn!(%error, aside = %aside.display(), "the kept plugins of the demo mesh are unreadable and put aside");
        if let Err(error) = fs::rename(file, &aside) {
            tracing::warn!(%error, "and they could not be put aside");
        }
        None
    }

    /// Puts the plugins into a state that holds the namespaces already.
    pub(crate) fn restore(self, state: &mut State, base: &str) {
        state.version = state.version.max(self.version);
        for mut plugin in self.plugins {
            let text = |field: &str| plugin["metadata"][field].as_str().unwrap_or_default();
            let known =
                plugin["kind"].as_str().and_then(Kind::of).is_some_and(|kind| kind.plural == WASM_PLUGIN.plural);
            if !known || text("name").is_empty() || state.get(NAMESPACE, "", text("namespace")).is_none() {
                tracing::warn!(
                    name = text("name"),
                    namespace = text("namespace"),
                    "a kept plugin has no place any more"
                );
                continue;
            }
            let moved = plugin["spec"]["url"]
                .as_str()
                .and_then(|url| url.strip_prefix(&self.base))
                .map(|path| format!("{base}{path}"));
            if let Some(url) = moved {
                plugin["spec"]["url"] = url.into();
            }
            state.put(WASM_PLUGIN, plugin);
        }
    }
}

fn read(file: &Path) -> io::Result<Kept> {
    let mut text = String::new();
    let size = fs::File::open(file)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if size as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is too large"));
    }
    Ok(serde_json::from_str(&text)?)
}

/// Writes the file after each change, for as long as the mesh runs.
pub(crate) async fn keep(store: Arc<Store>, base: String, file: PathBuf) {
    let mut changes = store.subscribe();
    let mut last = None;
    loop {
        changes.borrow_and_update();
        let now = Kept::of(&store.lock(), &base);
        if last.as_ref() != Some(&now) {
            last = save(now, &file).await;
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Answers with what is in the file now, if that is known.
async fn save(kept: Kept, file: &Path) -> Option<Kept> {
    let file = file.to_owned();
    let written = tokio::task::spawn_blocking(move || write(&kept, &file).map(|()| kept)).await;
    match written {
        Ok(Ok(kept)) => Some(kept),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the plugins of the demo mesh cannot be kept; they will be gone after a restart");
            None
        }
        Err(_) => None,
    }
}

/// Whole or not at all: a stop in the middle leaves the last good file.
fn write(kept: &Kept, file: &Path) -> io::Result<()> {
    let half = file.with_extension("half");
    let mut to = fs::File::create(&half)?;
    to.write_all(&serde_json::to_vec(kept)?)?;
    to.sync_all()?;
    fs::rename(&half, file)
}
