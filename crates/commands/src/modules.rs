//! Finds the modules of an exchange: files, the store, addresses. Each is read and digested once.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread;

use marketplace_sandbox::exchange::{ModuleRef, Reading, Wanted};
use marketplace_sandbox::modules::MAX_BYTES;
use marketplace_sandbox::{Module, Modules};

use crate::arguments::Places;
use crate::fetch::{Fetch, NotFetched};

/// Bytes of modules that are remembered.
const REMEMBERED: usize = 512 << 20;

/// A file of so many bytes is read by two threads.
const LARGE: u64 = 1 << 20;

/// Why a module could not be had: a code of the contract, and words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NotFound {
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

type Found = Result<Module, NotFound>;

/// See the module.
pub(crate) struct Finder<'a> {
    places: &'a Places,
    fetch: &'a dyn Fetch,
    known: Mutex<HashMap<Key, Found>>,
    built_in: OnceLock<HashMap<String, PathBuf>>,
}

#[derive(PartialEq, Eq, Hash)]
enum Key {
    /// As it is on the disk now.
    File {
        device: u64,
        inode: u64,
        size: u64,
        seconds: i64,
        nanoseconds: i64,
    },
    Address(String),
}

impl<'a> Finder<'a> {
    pub(crate) fn new(places: &'a Places, fetch: &'a dyn Fetch) -> Self {
        Self { places, fetch, known: Mutex::default(), built_in: OnceLock::new() }
    }

    /// The modules of an exchange whose paths are relative to `base`. What is wrong with any is added to `reading`.
    pub(crate) fn modules(&self, reading: &mut Reading, base: &Path) -> Modules {
        let mut modules = Vec::new();
        let mut errors = Vec::new();
        for wanted in &reading.wanted {
            match self.module(wanted, base) {
                Ok(module) => modules.push(module),
                Err(NotFound { code, message }) => errors.push(wanted.problem(code, message)),
            }
        }
        reading.add(errors);
        Modules::new(modules)
    }

    fn module(&self, wanted: &Wanted, base: &Path) -> Found {
        let module = match &wanted.module {
            ModuleRef::Path(path) => self.file(&base.join(path))?,
            ModuleRef::Store(sha256) => self.stored(sha256)?,
            ModuleRef::Url(address) => self.address(address)?,
            // The reader lets it pass only where a plugin's own samples are read.
            ModuleRef::Own => return Err(not_found("`self` means nothing here".to_owned())),
        };
        match wanted.sha256() {
            Some(digest) if digest != module.sha256() => {
                let message = format!("the module's digest is {}", module.sha256());
                Err(NotFound { code: "module_digest", message })
            }
            _ => Ok(module),
        }
    }

    /// The module at an address.
    pub(crate) fn address(&self, address: &str) -> Found {
        self.remember(Key::Address(address.to_owned()), || {
            let bytes = self.fetch.fetch(address).map_err(|error| match error {
                NotFetched::TooLarge(message) => NotFound { code: "module_too_large", message },
                NotFetched::Failed(message) => NotFound { code: "module_fetch", message },
            })?;
            if bytes.len() as u64 > MAX_BYTES { Err(too_large(address)) } else { Ok(Module::new(bytes)) }
        })
    }

    fn file(&self, path: &Path) -> Found {
        let unreadable = |error: io::Error| not_found(format!("{} cannot be read: {error}", path.display()));
        let file = File::open(path).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        if !about.is_file() {
            return read(&file, &path.display().to_string());
        }
        let key = Key::File {
            device: about.dev(),
            inode: about.ino(),
            size: about.len(),
            seconds: about.mtime(),
            nanoseconds: about.mtime_nsec(),
        };
        self.remember(key, || read(&file, &path.display().to_string()))
    }

    /// Modules of the data folder, then those of the built-in plugins.
    fn stored(&self, sha256: &str) -> Found {
        let store = self.places.data_dir().map(|folder| folder.join("modules").join(format!("{sha256}.wasm")));
        let stored = store.filter(|path| path.is_file()).or_else(|| self.built_in().get(sha256).cloned());
        let Some(path) = stored else {
            return Err(not_found(format!("there is no module of the digest {sha256} in the store")));
        };
        let module = self.file(&path)?;
        if module.sha256() == sha256 {
            return Ok(module);
        }
        let message = format!("{} is damaged: its digest is {}", path.display(), module.sha256());
        Err(NotFound { code: "module_digest", message })
    }

    fn built_in(&self) -> &HashMap<String, PathBuf> {
        self.built_in.get_or_init(|| {
            let folders = self.places.plugins_dir().and_then(|folder| fs::read_dir(folder).ok());
            let modules = folders.into_iter().flatten().flatten().map(|folder| folder.path().join("module.wasm"));
            modules.filter_map(|path| Some((self.file(&path).ok()?.sha256().to_owned(), path))).collect()
        })
    }

    fn remember(&self, key: Key, find: impl FnOnce() -> Found) -> Found {
        if let Some(found) = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return found.clone();
        }
        let found = find();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let held: usize = known.values().flatten().map(|module| module.bytes().len()).sum();
        if held > REMEMBERED {
            known.clear();
        }
        known.insert(key, found.clone());
        found
    }
}

/// Reads a module and digests it.
fn read(file: &File, name: &str) -> Found {
    read_file(file, name).map(Module::new)
}

/// Reads the bytes of a module from a file, and no more than a module may have.
pub(crate) fn read_file(file: &File, name: &str) -> Result<Vec<u8>, NotFound> {
    let size = file.metadata().ok().filter(Metadata::is_file).map_or(0, |about| about.len());
    if !(LARGE..=MAX_BYTES).contains(&size) {
        return read_bytes(file, name);
    }
    // Most of the time goes into memory that is touched for the first time, which two can do at once.
    let mut bytes = vec![0; usize::try_from(size).unwrap_or_default()];
    let half = bytes.len() / 2;
    let (first, second) = bytes.split_at_mut(half);
    let (one, other) = thread::scope(|scope| {
        let other = scope.spawn(|| file.read_exact_at(second, half as u64));
        (file.read_exact_at(first, 0), other.join())
    });
    let broken = || Err(io::Error::other("a thread came to grief"));
    one.and(other.unwrap_or_else(|_| broken()))
        .map_err(|error| not_found(format!("{name} cannot be read: {error}")))?;
    Ok(bytes)
}

/// Reads the bytes of a module, and no more than a module may have.
pub(crate) fn read_bytes(from: impl Read, name: &str) -> Result<Vec<u8>, NotFound> {
    let mut bytes = Vec::new();
    let done = from.take(MAX_BYTES + 1).read_to_end(&mut bytes);
    done.map_err(|error| not_found(format!("{name} cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES { Err(too_large(name)) } else { Ok(bytes) }
}

fn not_found(message: String) -> NotFound {
    NotFound { code: "module_not_found", message }
}

fn too_large(name: &str) -> NotFound {
    NotFound {
        code: "module_too_large",
        message: format!("{name} has more than the {MAX_BYTES} bytes that a module may have"),
    }
}
