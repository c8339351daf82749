//! Compiled code on disk, so that a module is compiled once per engine and settings, not once per process.
//!
//! The folder is ours alone (0700), and every file in it carries a MAC of a key that lies there too (0600): what another
//! user, an older version or a broken disk put there is not run but compiled again.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use rayon::prelude::*;
use wasmtime::{Engine, Module};

use super::vm::machine;
use crate::threads;

/// The largest code file that is read: ten times what the largest plugin seen in the wild compiles to.
const MAX_FILE: u64 = 512 << 20;
const KEY_BYTES: usize = 32;
/// Bytes of code that are digested at once.
const PIECE: u64 = 256 << 10;
/// No process writes a file for so long.
const DRAFT_AGE: Duration = Duration::from_secs(600);

/// A folder of compiled modules.
#[derive(Debug, Clone)]
pub struct Cache {
    folder: PathBuf,
    key: [u8; KEY_BYTES],
    max_bytes: u64,
}

static SHARED: OnceLock<Cache> = OnceLock::new();

/// The cache of this process, if it was given one.
pub(crate) fn shared() -> Option<&'static Cache> {
    SHARED.get()
}

impl Cache {
    /// Opens the folder, or makes it. It holds at most `max_bytes` of code; the least recently used goes first.
    ///
    /// # Errors
    /// When the folder or its key is not ours alone, or the disk fails.
    pub fn open(folder: &Path, max_bytes: u64) -> io::Result<Self> {
        if !folder.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        private(&fs::symlink_metadata(folder)?, true)?;
        let path = folder.join("key");
        let key = match ours(&path) {
            Ok(mut file) => {
                let mut key = [0; KEY_BYTES];
                file.read_exact(&mut key)?;
                key
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => new_key(folder, &path)?,
            Err(error) => return Err(error),
        };
        Ok(Self { folder: folder.to_owned(), key, max_bytes })
    }

    /// Makes this the cache of the process. Only the first call has an effect.
    pub fn share(self) {
        let _ = SHARED.set(self);
    }

    /// The code of a module, if it is here and untouched.
    pub(crate) fn load(&self, engine: &Engine, sha256: &str) -> Option<Module> {
        let (code, mac) = self.paths(engine, sha256);
        let file = ours(&code).ok()?;
        let mut expected = [0; blake3::OUT_LEN];
        ours(&mac).ok()?.read_exact(&mut expected).ok()?;
        // Comparing hashes of this type takes the same time wherever they differ.
        if self.mac(engine, sha256, &file).ok()? != blake3::Hash::from_bytes(expected) {
            let _ = fs::remove_file(&code);
            let _ = fs::remove_file(&mac);
            return None;
        }
        let _ = file.set_modified(SystemTime::now());
        deserialize(engine, file)
    }

    /// Keeps the code of a module. Failing to is not worth a word: it will be compiled again.
    pub(crate) fn store(&self, engine: &Engine, sha256: &str, module: &Module) {
        let Ok(bytes) = module.serialize() else { return };
        let (code, mac) = self.paths(engine, sha256);
        // A process that stops between the two leaves code that is compiled again, never code that is wrongly run.
        if let Ok(hash) = self.mac(engine, sha256, bytes.as_slice())
            && write(&self.folder, &code, &bytes).is_ok()
        {
            let _ = write(&self.folder, &mac, hash.as_bytes());
        }
        self.shrink();
    }

    fn paths(&self, engine: &Engine, sha256: &str) -> (PathBuf, PathBuf) {
        let name = format!("{sha256}-{:016x}", machine::fingerprint(engine));
        (self.folder.join(format!("{name}.code")), self.folder.join(format!("{name}.mac")))
    }

    /// Over the code and over what it is the code of. Code is large: its pieces are digested on all processors.
    fn mac(&self, engine: &Engine, sha256: &str, code: &(impl Code + ?Sized)) -> io::Result<blake3::Hash> {
        let size = code.size()?;
        // Room that was used once is not asked from the kernel again, page by page.
        let piece = |room: &mut Vec<u8>, n: u64| {
            room.resize(usize::try_from(PIECE.min(size - n * PIECE)).map_err(io::Error::other)?, 0);
            code.read(room, n * PIECE)?;
            Ok(blake3::keyed_hash(&self.key, room))
        };
        let pieces: Vec<blake3::Hash> = if size <= PIECE {
            vec![piece(&mut Vec::new(), 0)?]
        } else {
            threads::share(|| {
                (0..size.div_ceil(PIECE)).into_par_iter().map_init(Vec::new, piece).collect::<io::Result<_>>()
            })?
        };
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(sha256.as_bytes());
        hasher.update(&machine::fingerprint(engine).to_le_bytes());
        hasher.update(&size.to_le_bytes());
        for piece in pieces {
            hasher.update(piece.as_bytes());
        }
        Ok(hasher.finalize())
    }

    fn shrink(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let files: Vec<(SystemTime, u64, PathBuf)> = entries
            .flatten()
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().ok()?, metadata.len(), entry.path()))
            })
            .collect();
        let (mut files, others): (Vec<_>, Vec<_>) =
            files.into_iter().partition(|(_, _, path)| path.extension().is_some_and(|extension| extension == "code"));
        // Of a process that was stopped while it wrote.
        for (modified, _, path) in others {
            let draft = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("draft-"));
            if draft && modified.elapsed().is_ok_and(|age| age > DRAFT_AGE) {
                let _ = fs::remove_file(path);
            }
        }
        files.sort();
        let mut total: u64 = files.iter().map(|(_, size, _)| size).sum();
        for (_, size, path) in files {
            if total <= self.max_bytes {
                break;
            }
            total -= size;
            let _ = fs::remove_file(&path);
            let _ = fs::remove_file(path.with_extension("mac"));
        }
    }
}

/// Compiled code, in memory or on the disk.
trait Code: Sync {
    fn size(&self) -> io::Result<u64>;
    fn read(&self, room: &mut [u8], at: u64) -> io::Result<()>;
}

impl Code for File {
    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read(&self, room: &mut [u8], at: u64) -> io::Result<()> {
        self.read_exact_at(room, at)
    }
}

impl Code for [u8] {
    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }

    fn read(&self, room: &mut [u8], at: u64) -> io::Result<()> {
        let from = usize::try_from(at).ok().and_then(|at| self.get(at..at.checked_add(room.len())?));
        room.copy_from_slice(from.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

/// Turns a verified file into code: mapped, so that only what is run is ever read into memory.
#[allow(unsafe_code)]
fn deserialize(engine: &Engine, file: File) -> Option<Module> {
    // SAFETY: `Module::deserialize_open_file` must only be given what `Module::serialize` of the same engine version and
    // settings has made, since the machine code in it is run; and the file must not change while it is mapped.
    //
    // The only caller has just checked a keyed BLAKE3 MAC over what this open file holds, the module's digest and the
    // engine's fingerprint. The key is 32 random bytes in a file of ours that no other user can read (checked when it was
    // opened), and only `Cache::store` writes a MAC with it, over the output of `serialize`.
    //
    // Neither file nor folder can be opened by another user (checked), and of our own processes none writes to a file
    // that has its name: `write` makes a new one and renames it, and what is removed stays as it is for those who have it
    // open. Whoever could change it nevertheless runs as our user already, could read the key, and needs no forged code.
    unsafe { Module::deserialize_open_file(engine, file) }.ok()
}

/// Opens a file that is ours alone and no link.
fn ours(path: &Path) -> io::Result<File> {
    let no_follow = i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or(0);
    let file = OpenOptions::new().read(true).write(true).custom_flags(no_follow).open(path)?;
    let metadata = file.metadata()?;
    private(&metadata, false)?;
    if metadata.len() > MAX_FILE {
        return Err(io::Error::other("too large"));
    }
    Ok(file)
}

fn private(metadata: &fs::Metadata, folder: bool) -> io::Result<()> {
    let mine = metadata.uid() == rustix::process::geteuid().as_raw() && metadata.mode() & 0o077 == 0;
    if mine && metadata.is_dir() == folder && !metadata.is_symlink() {
        Ok(())
    } else {
        Err(io::Error::new(io::ErrorKind::PermissionDenied, "the cache of compiled code is open to other users"))
    }
}

/// Two processes may begin at once: the key that is there first is everybody's.
fn new_key(folder: &Path, path: &Path) -> io::Result<[u8; KEY_BYTES]> {
    let mut key = [0; KEY_BYTES];
    getrandom::fill(&mut key).map_err(io::Error::other)?;
    let draft = draft(folder)?;
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?.write_all(&key)?;
    let linked = fs::hard_link(&draft, path);
    fs::remove_file(&draft)?;
    match linked {
        Ok(()) => Ok(key),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            ours(path)?.read_exact(&mut key)?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

/// The whole file or none of it.
fn write(folder: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = draft(folder)?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(bytes))
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

fn draft(folder: &Path) -> io::Result<PathBuf> {
    let number = getrandom::u64().map_err(io::Error::other)?;
    Ok(folder.join(format!("draft-{number:016x}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn code(engine: &Engine) -> Module {
        Module::new(engine, wat::parse_str("(module (func (export \"f\")))").unwrap()).unwrap()
    }

    #[test]
    fn what_was_kept_is_found_until_it_is_touched() {
        let engine = machine::engine().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code");
        let cache = Cache::open(&path, 1 << 20).unwrap();
        cache.store(engine, "a", &code(engine));
        assert!(Cache::open(&path, 1 << 20).unwrap().load(engine, "a").is_some());
        assert!(cache.load(engine, "b").is_none());
        // Another module's file in its place.
        let (here, mac) = cache.paths(engine, "a");
        let (there, there_mac) = cache.paths(engine, "b");
        fs::copy(&here, &there).unwrap();
        fs::copy(&mac, &there_mac).unwrap();
        assert!(cache.load(engine, "b").is_none());
        let mut bytes = fs::read(&here).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(&here, bytes).unwrap();
        assert!(cache.load(engine, "a").is_none());
        assert!(!here.exists(), "a touched file is thrown away");
    }

    #[test]
    fn every_byte_and_its_place_is_in_the_mac() {
        let engine = machine::engine().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(&folder.path().join("code"), 1 << 20).unwrap();
        let piece = usize::try_from(PIECE).unwrap();
        let bytes: Vec<u8> = (0..piece * 2 + 5).map(|n| u8::try_from(n % 251).unwrap()).collect();
        let mac = |bytes: &[u8]| cache.mac(engine, "a", bytes).unwrap();
        let path = folder.path().join("file");
        fs::write(&path, &bytes).unwrap();
        assert_eq!(cache.mac(engine, "a", &File::open(path).unwrap()).unwrap(), mac(&bytes));
        let swapped = [&bytes[piece..piece * 2], &bytes[..piece], &bytes[piece * 2..]].concat();
        let touched = [&bytes[..piece * 2 + 4], &[0]].concat();
        for other in [&swapped, &touched, &bytes[..piece * 2], &[bytes.as_slice(), &[0]].concat()] {
            assert_ne!(mac(other), mac(&bytes));
        }
        assert_ne!(cache.mac(engine, "b", bytes.as_slice()).unwrap(), mac(&bytes));
    }

    #[test]
    fn code_that_is_in_use_may_be_thrown_away() {
        let engine = machine::engine().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code");
        let cache = Cache::open(&path, 1 << 20).unwrap();
        cache.store(engine, "a", &code(engine));
        let module = cache.load(engine, "a").unwrap();
        fs::remove_dir_all(path).unwrap();
        let mut store = wasmtime::Store::new(engine, ());
        store.set_fuel(1_000).unwrap();
        store.set_epoch_deadline(1_000_000);
        let instance = wasmtime::Instance::new(&mut store, &module, &[]).unwrap();
        instance.get_typed_func::<(), ()>(&mut store, "f").unwrap().call(&mut store, ()).unwrap();
    }

    #[test]
    fn a_folder_that_others_can_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        assert_eq!(Cache::open(folder.path(), 1).unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn the_oldest_goes_when_there_is_too_much() {
        let engine = machine::engine().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("code");
        let module = code(engine);
        let size = module.serialize().unwrap().len() as u64;
        let cache = Cache::open(&path, size * 2).unwrap();
        for name in ["a", "b", "c"] {
            cache.store(engine, name, &module);
            let (code, _) = cache.paths(engine, name);
            if code.exists() {
                let age = std::time::Duration::from_secs(100 - u64::from(name.as_bytes()[0] - b'a') * 10);
                File::options().write(true).open(code).unwrap().set_modified(SystemTime::now() - age).unwrap();
            }
        }
        assert!(cache.load(engine, "a").is_none());
        assert!(cache.load(engine, "b").is_some() && cache.load(engine, "c").is_some());
    }
}
