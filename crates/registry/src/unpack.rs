//! Getting at the module inside of what was downloaded. Nothing is written anywhere: names in archives are compared and
//! forgotten. What comes out is counted while it comes out, so that a small file cannot become a large one.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;
use marketplace_domain::fetch::{BadArchive, FetchProblem, Instead, Oversize};

/// The file that images hold.
const PLUGIN_FILE: &[u8] = b"plugin.wasm";
/// Packed inside of packed inside of packed …
const NESTED: usize = 8;

/// What may be read at most, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// What is sent.
    pub download: usize,
    /// All that comes out of unpacking.
    pub unpacked: usize,
    /// The module.
    pub module: usize,
}

impl Default for Limits {
    /// A module as large as the sandbox takes it; layers may hold a little more.
    fn default() -> Self {
        Self { download: 32 << 20, unpacked: 64 << 20, module: 16 << 20 }
    }
}

/// The module in what a web server sent: as it is, or inside of gzip and tar, however nested. Of a tar file the first
/// entry counts.
pub fn file(bytes: Vec<u8>, limits: Limits) -> Result<Vec<u8>, FetchProblem> {
    let mut bytes = bytes;
    let mut left = limits.unpacked;
    for _ in 0..NESTED {
        if is_wasm(&bytes) {
            break;
        }
        bytes = if is_gzip(&bytes) {
            read(Counted::new(MultiGzDecoder::new(bytes.as_slice()), left), BadArchive::Gzip, limits)?
        } else if is_tar(&bytes) {
            first_entry(&bytes, limits)?
        } else {
            break;
        };
        left = left.saturating_sub(bytes.len());
    }
    module(bytes, limits)
}

/// `plugin.wasm` out of a layer: tar inside of gzip. The first file of that name counts, in whatever folder.
pub fn layer(bytes: &[u8], limits: Limits) -> Result<Vec<u8>, FetchProblem> {
    let unpacked = Counted::new(MultiGzDecoder::new(bytes), limits.unpacked);
    // The first bytes tell whether this is gzip at all; later the two cannot be told apart.
    if !is_gzip(bytes) {
        return Err(FetchProblem::Archive(BadArchive::Gzip));
    }
    let mut archive = tar::Archive::new(unpacked);
    let entries = archive.entries().map_err(|error| failed(&error, BadArchive::Tar, limits))?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(&error, BadArchive::Tar, limits))?;
        let path = entry.path_bytes();
        let name = path.rsplit(|byte| *byte == b'/').find(|part| !part.is_empty());
        if name == Some(PLUGIN_FILE) {
            drop(path);
            return module(whole(entry, limits)?, limits);
        }
    }
    Err(FetchProblem::NoPluginFile)
}

/// A module, if these bytes may be one: what Istio's agent looks at before it hands anything to Envoy.
pub fn module(bytes: Vec<u8>, limits: Limits) -> Result<Vec<u8>, FetchProblem> {
    if bytes.len() > limits.module {
        return Err(FetchProblem::TooLarge { what: Oversize::Module, most: limits.module as u64 });
    }
    if is_wasm(&bytes) { Ok(bytes) } else { Err(FetchProblem::NotWasm(instead(&bytes))) }
}

fn is_wasm(bytes: &[u8]) -> bool {
    bytes.len() >= 8 && bytes.starts_with(b"\0asm")
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// What somebody put where a module should be.
fn instead(bytes: &[u8]) -> Instead {
    let text = bytes.get(..256).unwrap_or(bytes).trim_ascii_start().to_ascii_lowercase();
    let begins = |words: &[&[u8]]| words.iter().any(|word| text.starts_with(word));
    if bytes.is_empty() {
        Instead::Empty
    } else if begins(&[b"<!doctype", b"<html", b"<?xml"]) {
        Instead::Html
    } else if begins(&[b"(module", b"(component", b";;"]) {
        Instead::Wat
    } else if is_gzip(bytes)
        || is_tar(bytes)
        || begins(&[b"\x28\xb5\x2f\xfd", b"pk\x03\x04", b"\xfd7zxz", b"bzh", b"7z\xbc\xaf"])
    {
        Instead::Packed
    } else {
        Instead::Other
    }
}

/// What Istio takes out of a tar file: the first entry, whatever it is called.
fn first_entry(bytes: &[u8], limits: Limits) -> Result<Vec<u8>, FetchProblem> {
    let bad = |error: io::Error| failed(&error, BadArchive::Tar, limits);
    let mut archive = tar::Archive::new(bytes);
    let entry = archive.entries().map_err(bad)?.next().ok_or(FetchProblem::Archive(BadArchive::Tar))?.map_err(bad)?;
    if !entry.header().entry_type().is_file() {
        return Err(FetchProblem::Archive(BadArchive::FirstIsNoFile));
    }
    whole(entry, limits)
}

/// An entry, all of it: one that is cut is damaged.
fn whole(entry: tar::Entry<'_, impl Read>, limits: Limits) -> Result<Vec<u8>, FetchProblem> {
    let size = entry.size();
    if size > limits.module as u64 {
        return Err(FetchProblem::TooLarge { what: Oversize::Module, most: limits.module as u64 });
    }
    let bytes = read(entry, BadArchive::Tar, limits)?;
    if bytes.len() as u64 == size { Ok(bytes) } else { Err(FetchProblem::Archive(BadArchive::Tar)) }
}

fn read(mut from: impl Read, kind: BadArchive, limits: Limits) -> Result<Vec<u8>, FetchProblem> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).map_err(|error| failed(&error, kind, limits))?;
    Ok(bytes)
}

fn failed(error: &io::Error, kind: BadArchive, limits: Limits) -> FetchProblem {
    let too_much = error.kind() == io::ErrorKind::FileTooLarge;
    if too_much {
        FetchProblem::TooLarge { what: Oversize::Unpacked, most: limits.unpacked as u64 }
    } else {
        FetchProblem::Archive(kind)
    }
}

/// Fails once more was read than may be.
struct Counted<R> {
    inner: R,
    left: usize,
}

impl<R> Counted<R> {
    fn new(inner: R, left: usize) -> Self {
        Self { inner, left }
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(count).ok_or_else(|| io::Error::from(io::ErrorKind::FileTooLarge))?;
        Ok(count)
    }
}
