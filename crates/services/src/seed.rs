//! The built-in plugins: from the folder that the build made into the catalogue.

use std::path::Path;

use marketplace_catalogue::Seeded;
use marketplace_domain::{
    Category, Digest, Direction, FailStrategy, Localised, Origin, Phase, PluginMeta, PluginName, Priority, Proposal,
    Release,
    catalogue::{Address, Sample, is_version},
};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use crate::{
    Services, configure,
    error::{Result, ServiceError},
    trial,
};

/// `plugin.toml`. Unknown keys are refused: a typing mistake must not pass silently.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    name: PluginName,
    version: String,
    category: Category,
    phase: Phase,
    priority: Priority,
    fail_strategy: FailStrategy,
    direction: Direction,
    schema: String,
    example: String,
    en: Texts,
    zh: Texts,
    /// Exchanges to try the plugin with, in the form of an exchange file. The plugin itself is `module = "self"`.
    #[serde(default, rename = "sample")]
    samples: Vec<toml::Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Texts {
    name: String,
    description: String,
    readme: String,
    /// Titles of the samples in their order. In English they may be left out: a sample's own name is one.
    #[serde(default)]
    samples: Vec<String>,
}

impl Services {
    /// Brings the plugins of a folder (`<name>/plugin.toml`, `module.wasm`, …) into the catalogue. Idempotent. Returns how
    /// many there are.
    pub async fn seed(&self, folder: &Path) -> Result<usize> {
        let mut folders: Vec<_> = std::fs::read_dir(folder)
            .map_err(|error| internal(folder, &error))?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.join("plugin.toml").is_file())
            .collect();
        folders.sort();
        let mut changed = false;
        for path in &folders {
            let (meta, release, module) = read(path)?;
            let seeded = self.catalogue().seed(&meta, &release, &module).await?;
            if seeded != Seeded::Unchanged {
                tracing::info!(plugin = %meta.name, version = release.version, ?seeded, "built-in plugin");
                changed = true;
            }
        }
        if changed {
            self.catalogue_changed().await;
        }
        Ok(folders.len())
    }
}

fn internal(path: &Path, error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Internal(format!("built-in plugin {}: {error}", path.display()))
}

fn read(path: &Path) -> Result<(PluginMeta, Release, Vec<u8>)> {
    let file = |name: &str| {
        let path = path.join(name);
        std::fs::read_to_string(&path).map_err(|error| internal(&path, &error))
    };
    let manifest: Manifest = toml::from_str(&file("plugin.toml")?).map_err(|error| internal(path, &error))?;
    if !is_version(&manifest.version) {
        return Err(internal(path, &"the version is malformed"));
    }
    let samples = samples(&manifest).map_err(|error| internal(path, &error))?;
    let module = std::fs::read(path.join("module.wasm")).map_err(|error| internal(path, &error))?;
    let digest = Digest::from_bytes(Sha256::digest(&module).into());
    let schema = serde_json::from_str(&file(&manifest.schema)?).map_err(|error| internal(path, &error))?;
    configure::validator(&schema).map_err(|error| internal(path, &error))?;
    let release = Release {
        version: manifest.version,
        address: Address::Hosted(digest.clone()),
        sha256: Some(digest),
        schema: Some(schema),
        example: Some(file(&manifest.example)?),
        readme: Localised::new(file(&manifest.en.readme)?, file(&manifest.zh.readme)?),
        proposal: Proposal {
            phase: manifest.phase,
            priority: manifest.priority,
            fail_strategy: manifest.fail_strategy,
            direction: manifest.direction,
        },
        samples,
    };
    let meta = PluginMeta {
        name: manifest.name,
        title: Localised::new(manifest.en.name, manifest.zh.name),
        description: Localised::new(manifest.en.description, manifest.zh.description),
        category: manifest.category,
        origin: Origin::Builtin,
    };
    Ok((meta, release, module))
}

fn samples(manifest: &Manifest) -> std::result::Result<Vec<Sample>, String> {
    for titles in [&manifest.en.samples, &manifest.zh.samples] {
        if titles.len() > manifest.samples.len() {
            return Err(format!("{} samples have {} titles", manifest.samples.len(), titles.len()));
        }
    }
    let sample = |(number, table): (usize, &toml::Table)| {
        let exchange = serde_json::to_value(table).map_err(|error| error.to_string())?;
        trial::check_sample(&exchange)?;
        let name = exchange["name"].as_str().unwrap_or_default();
        let title = |titles: &[String]| titles.get(number).map_or(name, String::as_str).to_owned();
        let title = Localised::new(title(&manifest.en.samples), title(&manifest.zh.samples));
        if title.en.is_empty() {
            return Err("a sample without a name".to_owned());
        }
        Ok(Sample { title, exchange })
    };
    manifest.samples.iter().enumerate().map(sample).collect()
}
