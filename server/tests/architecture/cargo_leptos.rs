//! What `[[workspace.metadata.leptos]]` says of the workspace is so: `cargo leptos watch` reads it, and nothing else of ours.

use std::path::Path;

use serde_json::Value;

use super::metadata;

#[test]
fn packages_and_their_targets_are_there() {
    let metadata = metadata();
    let told = &metadata["metadata"]["leptos"][0];
    let targets = |package: &Value, kind: &str| -> Vec<Value> {
        let packages = metadata["packages"].as_array().unwrap();
        let found = packages.iter().find(|found| &found["name"] == package).unwrap();
        let targets = found["targets"].as_array().unwrap().iter();
        targets.filter(|target| target["kind"][0] == kind).map(|target| target["name"].clone()).collect()
    };
    assert!(targets(&told["bin-package"], "bin").contains(&told["bin-target"]));
    assert_eq!(told["bin-exe-name"], told["bin-target"], "by default it looks for a file with the package's name");
    assert_eq!(targets(&told["lib-package"], "cdylib").len(), 1);
}

#[test]
fn the_style_sheet_comes_whole() {
    let metadata = metadata();
    let told = &metadata["metadata"]["leptos"][0];
    let sheet = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(told["style-file"].as_str().unwrap());
    let sheet = std::fs::read_to_string(sheet).unwrap();
    assert!(sheet.contains("@import"), "else it need not be bundled");
    assert_eq!(told["style-bundle"], true);
}

#[test]
fn its_files_are_not_those_of_make_run() {
    let metadata = metadata();
    let told = &metadata["metadata"]["leptos"][0];
    assert_ne!(told["site-root"], "site");
    assert_eq!(told["output-name"], "marketplace", "the name that pages ask for");
    assert_eq!(told.get("hash-files"), None, "a sheet with a hash is not found in pages that are open");
}
