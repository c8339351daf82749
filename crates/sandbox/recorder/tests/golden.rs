//! The sandbox against Envoy's recorded answers to the probe's cases. Where there is an Envoy, `marketplace-recorder
//! golden check` asks it anew.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use marketplace_recorder::{cases, golden};

/// A new difference fails, and so does one that is gone and still listed.
#[test]
fn the_sandbox_answers_as_envoy_did_but_for_what_is_listed() {
    let mut found = Vec::new();
    let mut count = 0;
    for (group, made) in cases::groups() {
        count += made.len();
        let names: BTreeSet<&str> = made.iter().map(|case| case.name.as_str()).collect();
        assert_eq!(names.len(), made.len(), "{group}: a name stands for two cases");
        let differing = golden::differing(group, &made).unwrap();
        let missed = differing.into_iter().filter(|(_, found)| !found.agree());
        found.extend(missed.map(|(name, found)| (format!("{group}: {name}"), found.must.join("\n    "))));
    }
    assert!(count > 5_000, "only {count} cases");
    let listed = golden::misses().unwrap();
    let new: Vec<String> = found
        .iter()
        .filter(|(name, _)| !listed.contains(name))
        .map(|(name, lines)| format!("{name}\n    {lines}"))
        .collect();
    assert!(new.is_empty(), "{} of {count} differ:\n{}", new.len(), new.join("\n"));
    let names: BTreeSet<String> = found.into_iter().map(|(name, _)| name).collect();
    let gone: Vec<&String> = listed.difference(&names).collect();
    assert!(gone.is_empty(), "no longer different: {gone:#?}");
}
