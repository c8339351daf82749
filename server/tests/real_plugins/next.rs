//! New versions of the plugins: the same code in a module of other bytes.

use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// A folder of plugins as `xtask plugins` makes it. It ends with the value.
pub struct NextVersions(PathBuf);

impl NextVersions {
    /// Of the plugins of these names in `built`.
    pub fn of(built: &Path, names: &[&str]) -> Self {
        let folder = std::env::temp_dir().join(format!("marketplace-next-{}", uuid::Uuid::new_v4()));
        for name in names {
            let (from, to) = (built.join(name), folder.join(name));
            std::fs::create_dir_all(&to).unwrap();
            for text in ["schema.json", "example.yaml", "README.md", "README.zh.md"] {
                std::fs::copy(from.join(text), to.join(text)).unwrap();
            }
            let manifest = std::fs::read_to_string(from.join("plugin.toml")).unwrap();
            let lines = manifest.lines().map(|line| match line.starts_with("version = \"") {
                true => "version = \"99.0.0\"",
                false => line,
            });
            std::fs::write(to.join("plugin.toml"), lines.collect::<Vec<_>>().join("\n")).unwrap();
            let mut module = std::fs::read(from.join("module.wasm")).unwrap();
            // A custom section of a name of its own, and nothing in it.
            module.extend_from_slice(b"\0\x05\x04next");
            std::fs::write(to.join("module.wasm"), module).unwrap();
        }
        Self(folder)
    }

    /// Where they are.
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// The digest of a plugin's module.
    pub fn digest(&self, name: &str) -> String {
        let module = std::fs::read(self.0.join(name).join("module.wasm")).unwrap();
        Sha256::digest(&module).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl Drop for NextVersions {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
