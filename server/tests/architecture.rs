//! Which crate may know which. Read from `cargo metadata`, so a wrong arrow fails before anybody relies on it.
#![allow(clippy::unwrap_used)]

#[path = "architecture/cargo_leptos.rs"]
mod cargo_leptos;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Our crates and, of ours, the ones each may depend on. For tests (`dev`) any may use `marketplace-testkit` and
/// `marketplace-demomesh`.
const ARROWS: [(&str, &[&str]); 14] = [
    ("marketplace-domain", &[]),
    ("marketplace-catalogue", &["marketplace-domain"]),
    ("marketplace-cluster", &["marketplace-domain"]),
    ("marketplace-registry", &["marketplace-domain"]),
    ("marketplace-sandbox", &["marketplace-domain"]),
    (
        "marketplace-services",
        &[
            "marketplace-domain",
            "marketplace-catalogue",
            "marketplace-cluster",
            "marketplace-registry",
            "marketplace-sandbox",
        ],
    ),
    // What `check` and `try` do, without server, database and cluster.
    ("marketplace-commands", &["marketplace-domain", "marketplace-sandbox"]),
    ("app", &["marketplace-domain", "marketplace-services"]),
    ("frontend", &["app"]),
    // The binary puts the parts together, so it sees them all.
    (
        "server",
        &[
            "app",
            "marketplace-domain",
            "marketplace-catalogue",
            "marketplace-cluster",
            "marketplace-commands",
            "marketplace-services",
            "marketplace-demomesh",
            // For `check` and `try` on the command line, and the pool of workers.
            "marketplace-registry",
            "marketplace-sandbox",
        ],
    ),
    ("marketplace-demomesh", &["marketplace-domain"]),
    ("marketplace-testkit", &["marketplace-domain", "marketplace-catalogue"]),
    // For tests: nobody may depend on it.
    ("marketplace-recorder", &["marketplace-sandbox"]),
    ("xtask", &[]),
];

/// Crates of others that only some of ours may name, each with the reason in [`ARROWS`]' spirit: one place knows the
/// database, one knows Kubernetes, and the use cases know neither pages nor HTTP.
const KEPT_TO: [(&str, &[&str]); 11] = [
    ("sqlx", &["marketplace-catalogue", "marketplace-testkit"]),
    ("kube", &["marketplace-cluster"]),
    ("k8s-openapi", &["marketplace-cluster"]),
    ("leptos", &["app", "frontend", "server"]),
    ("leptos_router", &["app"]),
    ("leptos_axum", &["app", "server"]),
    ("axum", &["server", "marketplace-demomesh"]),
    ("clap", &["server", "marketplace-commands", "xtask"]),
    ("wasm-bindgen-cli-support", &["xtask"]),
    ("wasmparser", &["marketplace-sandbox"]),
    ("wasmtime", &["marketplace-sandbox"]),
];

/// What the domain must never name: it has no IO, and it builds for browsers.
const NOT_IN_DOMAIN: [&str; 5] = ["tokio", "reqwest", "hyper", "tracing", "rand"];

struct Edge {
    to: String,
    dev: bool,
    optional: bool,
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

fn edges() -> BTreeMap<String, Vec<Edge>> {
    let metadata = metadata();
    let edge = |dependency: &Value| Edge {
        to: dependency["name"].as_str().unwrap().to_owned(),
        dev: dependency["kind"] == "dev",
        optional: dependency["optional"] == true,
    };
    let packages = metadata["packages"].as_array().unwrap().iter();
    packages
        .map(|package| {
            let edges = package["dependencies"].as_array().unwrap().iter().map(edge).collect();
            (package["name"].as_str().unwrap().to_owned(), edges)
        })
        .collect()
}

#[test]
fn our_crates_point_in_one_direction() {
    let edges = edges();
    let allowed: BTreeMap<&str, &[&str]> = ARROWS.into_iter().collect();
    let known: BTreeSet<&str> = allowed.keys().copied().collect();
    let there: BTreeSet<&str> = edges.keys().map(String::as_str).collect();
    assert_eq!(there, known, "a crate is missing in ARROWS, or is gone");
    for (from, edges) in &edges {
        for edge in edges.iter().filter(|edge| known.contains(edge.to.as_str())) {
            let to = edge.to.as_str();
            let for_tests = edge.dev && matches!(to, "marketplace-testkit" | "marketplace-demomesh");
            // A test may also name what its crate's dependencies hold anyway.
            let near = edge.dev && allowed[from.as_str()].iter().any(|middle| allowed[middle].contains(&to));
            assert!(for_tests || near || allowed[from.as_str()].contains(&to), "{from} must not depend on {to}");
        }
    }
}

#[test]
fn the_browser_gets_nothing_of_the_server() {
    for edge in &edges()["app"] {
        let server_only = ["marketplace-services", "leptos_axum"].contains(&edge.to.as_str());
        assert!(!server_only || edge.optional || edge.dev, "app's {} must be optional", edge.to);
    }
}

#[test]
fn heavy_libraries_stay_where_they_belong() {
    for (from, edges) in &edges() {
        for edge in edges.iter().filter(|edge| !edge.dev) {
            if let Some((library, homes)) = KEPT_TO.iter().find(|(library, _)| *library == edge.to) {
                assert!(homes.contains(&from.as_str()), "{from} must not depend on {library}");
            }
        }
    }
}

#[test]
fn the_domain_has_no_io() {
    for edge in edges()["marketplace-domain"].iter().filter(|edge| !edge.dev) {
        assert!(!NOT_IN_DOMAIN.contains(&edge.to.as_str()), "the domain must not depend on {}", edge.to);
    }
}

#[test]
fn only_the_demo_mesh_is_without_kubernetes_libraries_and_with_its_api() {
    let edges = edges();
    let kubernetes = |edge: &&Edge| edge.to.starts_with("kube") || edge.to == "k8s-openapi";
    assert_eq!(edges["marketplace-demomesh"].iter().filter(|edge| !edge.dev).filter(kubernetes).count(), 0);
    for (from, edges) in edges.iter().filter(|(from, _)| from.as_str() != "server") {
        let used = edges.iter().any(|edge| edge.to == "marketplace-demomesh" && !edge.dev);
        assert!(!used, "{from} must not use the demo mesh outside of tests");
    }
}

/// A title that a page sets by itself can be read by the server when the page is gone: one request in 500 was answered 500.
#[test]
fn pages_name_themselves_by_page_title() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../app/src/pages");
    let (mut folders, mut seen) = (vec![pages], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            assert!(!text.contains("leptos_meta"), "{} must not set its title by itself", path.display());
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} files");
}
