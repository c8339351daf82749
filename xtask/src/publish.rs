//! Writing files as the server serves them: named by their content, compressed in advance.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::stamp::short_hash;

/// Whether compressed copies are written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// As small as it gets: this happens once, and every browser pays for the result.
    Best,
    /// None at all.
    None,
}

/// Below this many bytes a compressed copy saves nothing.
const WORTH_COMPRESSING: usize = 256;

/// Writes files into one folder and remembers which.
pub struct Files {
    folder: PathBuf,
    compression: Compression,
    written: Vec<String>,
}

impl Files {
    /// Files of this folder.
    pub fn new(folder: &Path, compression: Compression) -> Self {
        Self { folder: folder.to_path_buf(), compression, written: Vec::new() }
    }

    /// Writes `stem.<hash>.extension`; returns the hash.
    pub fn hashed(&mut self, stem: &str, extension: &str, bytes: &[u8]) -> Result<String> {
        let hash = short_hash(bytes);
        self.named(&format!("{stem}.{hash}.{extension}"), bytes)?;
        Ok(hash)
    }

    /// Writes a file under its own name.
    pub fn named(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        self.write(name.to_owned(), bytes)?;
        if self.compression == Compression::Best && bytes.len() >= WORTH_COMPRESSING {
            self.write(format!("{name}.br"), &brotli(bytes)?)?;
            self.write(format!("{name}.gz"), &gzip(bytes)?)?;
        }
        Ok(())
    }

    /// The names written, relative to the folder.
    pub fn into_written(self) -> Vec<String> {
        self.written
    }

    fn write(&mut self, name: String, bytes: &[u8]) -> Result<()> {
        replace(&self.folder.join(&name), bytes)?;
        self.written.push(name);
        Ok(())
    }
}

/// Writes a file so that a reader sees either the old one or the new one, whole.
pub fn replace(path: &Path, bytes: &[u8]) -> Result<()> {
    let folder = path.parent().context("a file lies in a folder")?;
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let name = path.file_name().context("a file has a name")?.to_string_lossy();
    let beside = folder.join(format!(".{name}.new"));
    fs::write(&beside, bytes).with_context(|| format!("cannot write {}", beside.display()))?;
    fs::rename(&beside, path).with_context(|| format!("cannot write {}", path.display()))
}

/// Removes what earlier builds left in the folder, at any depth.
pub fn remove_others(folder: &Path, keep: &BTreeSet<String>) -> Result<()> {
    for name in walk(folder, "")? {
        if !keep.contains(&name) && name != ".stamp" {
            fs::remove_file(folder.join(&name))?;
        }
    }
    Ok(())
}

/// Prints the sizes people ask about.
pub fn report(folder: &Path, written: &[String]) -> Result<()> {
    for name in written.iter().filter(|name| !name.ends_with(".br") && !name.ends_with(".gz")) {
        let size = |path: PathBuf| fs::metadata(path).map(|m| m.len());
        let plain = size(folder.join(name))?;
        match size(folder.join(format!("{name}.br"))) {
            Ok(small) => println!("  {name}: {plain} bytes, {small} with brotli"),
            Err(_) => println!("  {name}: {plain} bytes"),
        }
    }
    Ok(())
}

/// All files of a folder, as paths relative to it.
fn walk(folder: &Path, prefix: &str) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder.join(prefix))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            found.extend(walk(folder, &path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    let mut small = Vec::new();
    brotli::BrotliCompress(&mut &bytes[..], &mut small, &parameters)?;
    Ok(small)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_compressed_copies_and_removes_what_is_old() {
        let folder = std::env::temp_dir().join(format!("xtask-publish-{}", std::process::id()));
        fs::create_dir_all(folder.join("snippets")).unwrap();
        fs::write(folder.join("old.js"), "old").unwrap();
        fs::write(folder.join("snippets/old.js"), "old").unwrap();

        let mut files = Files::new(&folder, Compression::Best);
        let text = "let x = 1;\n".repeat(100);
        let hash = files.hashed("m", "js", text.as_bytes()).unwrap();
        let written = files.into_written();
        assert_eq!(written, [format!("m.{hash}.js"), format!("m.{hash}.js.br"), format!("m.{hash}.js.gz")]);

        remove_others(&folder, &written.iter().cloned().collect()).unwrap();
        let mut left = walk(&folder, "").unwrap();
        left.sort();
        assert_eq!(left, written);
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut &fs::read(folder.join(&written[1])).unwrap()[..], &mut plain).unwrap();
        assert_eq!(plain, text.as_bytes());
        fs::remove_dir_all(&folder).unwrap();
    }
}
