//! Getting at the module inside of what was downloaded.

use std::io::Read;

use flate2::read::MultiGzDecoder;

/// The largest module; Istio's own limit is 256 MiB.
pub(super) const SIZE_LIMIT: usize = 32 * 1024 * 1024;

/// Unpacks gzip and tar around a module, in any nesting that a person would make.
pub(super) fn module(mut bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    for _ in 0..4 {
        if bytes.starts_with(&[0x1f, 0x8b]) {
            bytes = gunzip(&bytes)?;
        } else if bytes.get(257..262) == Some(b"ustar") {
            bytes = untar(&bytes, |_| true)?.ok_or("wasm plugin binary not found in the archive")?;
        } else {
            break;
        }
    }
    Ok(bytes)
}

/// `plugin.wasm` out of an image's layer.
pub(super) fn plugin_of_layer(layer: &[u8]) -> Result<Vec<u8>, String> {
    let tar = gunzip(layer)?;
    let found = untar(&tar, |path| path.file_name().is_some_and(|name| name == "plugin.wasm"))?;
    found.ok_or_else(|| "could not extract wasm binary: wasm plugin filename not found: plugin.wasm".into())
}

fn gunzip(bytes: &[u8]) -> Result<Vec<u8>, String> {
    read(MultiGzDecoder::new(bytes)).map_err(|error| format!("failed to unpack gzip: {error}"))
}

fn untar(bytes: &[u8], wanted: fn(&std::path::Path) -> bool) -> Result<Option<Vec<u8>>, String> {
    let bad = |error: std::io::Error| format!("failed to read tar: {error}");
    for entry in tar::Archive::new(bytes).entries().map_err(bad)? {
        let entry = entry.map_err(bad)?;
        if entry.header().entry_type().is_file() && entry.path().is_ok_and(|path| wanted(&path)) {
            return read(entry).map(Some).map_err(bad);
        }
    }
    Ok(None)
}

/// Reads up to the limit; what is larger is cut, as Istio's agent does.
fn read(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(SIZE_LIMIT as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
