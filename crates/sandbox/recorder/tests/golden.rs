//! The sandbox against Envoy's recorded answers to the probe's cases. Where there is an Envoy, `marketplace-recorder
//! golden check` asks it anew.

use marketplace_recorder::{cases, golden};

#[test]
fn the_sandbox_answers_as_envoy_did() {
    let mut missed = Vec::new();
    let mut count = 0;
    for (group, made) in cases::groups() {
        count += made.len();
        let differing = golden::differing(group, &made).unwrap();
        missed.extend(differing.into_iter().filter(|(_, found)| !found.agree()).map(|(name, found)| {
            format!("{group}: {name}\n    {}", found.must.join("\n    "))
        }));
    }
    assert!(count > 1_000, "only {count} cases");
    assert!(missed.is_empty(), "{} of {count} differ:\n{}", missed.len(), missed.join("\n"));
}
