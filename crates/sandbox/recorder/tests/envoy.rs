//! A real Envoy, asked anew for some of the probe's cases: its answers are the recorded ones, and the sandbox's are its.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use marketplace_recorder::golden;

/// One case of so many, from each group; all of them are for `marketplace-recorder golden check`.
const EVERY: usize = 12;

#[test]
fn envoy_answers_as_recorded() {
    let Some(envoy) = std::env::var_os("ENVOY_BIN") else {
        println!("skipped: ENVOY_BIN is not set");
        return;
    };
    let (asked, differing) = golden::asked_anew(envoy.as_ref(), &[], EVERY, 3).unwrap();
    assert!(asked > 500, "only {asked} cases");
    assert!(differing.is_empty(), "{} of {asked} differ:\n{}", differing.len(), differing.join("\n"));
}
