//! Skipping work whose inputs are those of last time.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

/// Collects what a step depends on.
#[derive(Default)]
pub struct Inputs(Sha256);

impl Inputs {
    /// Inputs of a step whose own code has this version: raise it when the step would write something else.
    pub fn new(step: &str, version: u32) -> Self {
        Self::default().text(step).text(&version.to_string())
    }

    /// Adds a setting.
    pub fn text(mut self, text: &str) -> Self {
        self.0.update(text.len().to_le_bytes());
        self.0.update(text);
        self
    }

    /// Adds a file by its content.
    pub fn file(self, path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        Ok(self.bytes(&bytes))
    }

    /// Adds content.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.0.update(bytes.len().to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// The digest of all of it.
    pub fn digest(self) -> String {
        format!("{:x}", self.0.finalize())
    }
}

/// The start of a digest, long enough to name a file by its content.
pub fn short_hash(bytes: &[u8]) -> String {
    let digest = format!("{:x}", Sha256::digest(bytes));
    digest.chars().take(16).collect()
}

/// What a step wrote down after it was done: its inputs' digest, then the files it made.
pub struct Stamp(PathBuf);

impl Stamp {
    /// The stamp kept at this path.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The files made last time, if the inputs are the same and all of the files are still there.
    pub fn outputs_if_fresh(&self, digest: &str) -> Option<Vec<String>> {
        let text = fs::read_to_string(&self.0).ok()?;
        let mut lines = text.lines();
        if lines.next()? != digest {
            return None;
        }
        let outputs: Vec<String> = lines.map(str::to_owned).collect();
        let folder = self.0.parent()?;
        outputs.iter().all(|name| folder.join(name).is_file()).then_some(outputs)
    }

    /// Writes down that the step is done. The outputs are relative to the stamp's folder.
    pub fn write(&self, digest: &str, outputs: &[String]) -> Result<()> {
        let text = format!("{digest}\n{}\n", outputs.join("\n"));
        fs::write(&self.0, text).with_context(|| format!("cannot write {}", self.0.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_inputs_same_digest_and_no_ambiguity_between_neighbours() {
        let digest = |a: &str, b: &str| Inputs::new("x", 1).text(a).text(b).digest();
        assert_eq!(digest("ab", "c"), digest("ab", "c"));
        assert_ne!(digest("ab", "c"), digest("a", "bc"));
        assert_ne!(Inputs::new("x", 1).digest(), Inputs::new("x", 2).digest());
    }

    #[test]
    fn a_missing_output_makes_a_stamp_stale() {
        let folder = std::env::temp_dir().join(format!("xtask-stamp-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let stamp = Stamp::at(folder.join(".stamp"));
        fs::write(folder.join("a.txt"), "a").unwrap();
        stamp.write("d1", &["a.txt".to_owned()]).unwrap();
        assert_eq!(stamp.outputs_if_fresh("d1"), Some(vec!["a.txt".to_owned()]));
        assert_eq!(stamp.outputs_if_fresh("d2"), None);
        fs::remove_file(folder.join("a.txt")).unwrap();
        assert_eq!(stamp.outputs_if_fresh("d1"), None);
        fs::remove_dir_all(&folder).unwrap();
    }
}
