//! `xtask licences`: what `cargo deny check licenses bans` does for us, by the same `deny.toml`, in a second and with
//! nothing to install. Advisories are left to cargo-deny itself: they need its database.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::cargo;

#[derive(Deserialize)]
struct Deny {
    licenses: Licenses,
    bans: Bans,
    sources: Sources,
}

#[derive(Deserialize)]
struct Licenses {
    allow: BTreeSet<String>,
    #[serde(default)]
    exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    #[serde(rename = "crate")]
    name: String,
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Bans {
    #[serde(default)]
    deny: Vec<Banned>,
}

#[derive(Deserialize)]
struct Banned {
    #[serde(rename = "crate")]
    name: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
struct Sources {
    #[serde(rename = "allow-registry")]
    registries: Vec<String>,
}

struct Package {
    name: String,
    version: String,
    licence: String,
    source: Option<String>,
}

/// Checks both workspaces; prints every fault before it fails.
pub fn check(root: &Path) -> Result<()> {
    let text = fs::read_to_string(root.join("deny.toml")).context("cannot read deny.toml")?;
    let deny: Deny = toml::from_str(&text).context("deny.toml")?;
    let packages = all(root)?;
    let faults: Vec<String> = packages.iter().filter_map(|package| fault(&deny, package)).collect();
    for fault in &faults {
        println!("{fault}");
    }
    if !faults.is_empty() {
        bail!("{} of {} packages break deny.toml", faults.len(), packages.len());
    }
    println!(
        "licences: {} packages agree with deny.toml (advisories need cargo-deny and its database)",
        packages.len()
    );
    Ok(())
}

/// Every package with its licence, for people who get a release.
pub fn list(root: &Path) -> Result<String> {
    let mut lines: Vec<String> =
        all(root)?.into_iter().map(|p| format!("{} {}: {}", p.name, p.version, p.licence)).collect();
    lines.sort();
    lines.dedup();
    Ok(lines.join("\n") + "\n")
}

fn all(root: &Path) -> Result<Vec<Package>> {
    let mut packages = packages(&cargo::metadata(root, &[])?)?;
    packages.extend(self::packages(&cargo::metadata(root, &["--manifest-path", "plugins/Cargo.toml"])?)?);
    Ok(packages)
}

fn packages(metadata: &Value) -> Result<Vec<Package>> {
    let list = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(list
        .iter()
        .map(|p| Package {
            name: text(&p["name"]),
            version: text(&p["version"]),
            licence: text(&p["license"]),
            source: p["source"].as_str().map(str::to_owned),
        })
        .collect())
}

fn fault(deny: &Deny, package: &Package) -> Option<String> {
    let who = format!("{} {}", package.name, package.version);
    // Ours have no source: they lie in this repository, under its own licence.
    let source = package.source.as_deref()?;
    if !deny.sources.registries.iter().any(|registry| source == format!("registry+{registry}")) {
        return Some(format!("{who}: comes from {source}"));
    }
    if let Some(banned) = deny.bans.deny.iter().find(|banned| banned.name == package.name) {
        return Some(format!("{who}: not wanted here: {}", banned.reason));
    }
    let excepted = deny.licenses.exceptions.iter().find(|e| e.name == package.name);
    let allowed = |id: &str| deny.licenses.allow.contains(id) || excepted.is_some_and(|e| e.allow.contains(id));
    (!permits(&package.licence, &allowed)).then(|| format!("{who}: licence “{}”", package.licence))
}

/// Whether a licence expression can be met: OR binds weaker than AND, `A/B` is the old way to write OR.
fn permits(expression: &str, allowed: &dyn Fn(&str) -> bool) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let verdict = any_of(&words, &mut at, allowed);
    verdict && at == words.len()
}

fn any_of(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut verdict = all_of(words, at, allowed);
    while words.get(*at) == Some(&"OR") {
        *at += 1;
        verdict |= all_of(words, at, allowed);
    }
    verdict
}

fn all_of(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let mut verdict = one(words, at, allowed);
    while words.get(*at) == Some(&"AND") {
        *at += 1;
        verdict &= one(words, at, allowed);
    }
    verdict
}

fn one(words: &[&str], at: &mut usize, allowed: &dyn Fn(&str) -> bool) -> bool {
    let Some(word) = words.get(*at) else { return false };
    *at += 1;
    if *word == "(" {
        let verdict = any_of(words, at, allowed);
        let closed = words.get(*at) == Some(&")");
        *at += 1;
        return verdict && closed;
    }
    if words.get(*at) == Some(&"WITH") {
        let whole = format!("{word} WITH {}", words.get(*at + 1).unwrap_or(&""));
        *at += 2;
        // An exception only gives more rights than the licence it belongs to.
        return allowed(&whole) || allowed(word);
    }
    allowed(word)
}

#[cfg(test)]
mod tests {
    use super::permits;

    #[track_caller]
    fn check(expression: &str, expected: bool) {
        let allowed = |id: &str| ["MIT", "Apache-2.0", "Unicode-3.0"].contains(&id);
        assert_eq!(permits(expression, &allowed), expected, "{expression}");
    }

    #[test]
    fn reads_licence_expressions() {
        check("MIT", true);
        check("GPL-3.0", false);
        check("", false);
        check("MIT/Apache-2.0", true);
        check("GPL-3.0 OR MIT", true);
        check("MIT AND GPL-3.0", false);
        check("(MIT OR GPL-3.0) AND Unicode-3.0", true);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("GPL-2.0 WITH Classpath-exception-2.0 OR MIT", true);
        check("(MIT OR GPL-3.0", false);
        check("MIT GPL-3.0", false);
    }
}
