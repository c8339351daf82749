//! A real Envoy, asked anew for all of the probe's cases: its answers are the recorded ones, which the sandbox is held
//! against.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

use marketplace_recorder::golden;

/// Envoys at once: most of the time each waits for something to happen.
const ENVOYS: usize = 10;

#[test]
fn envoy_answers_as_recorded() {
    let Some(envoy) = std::env::var_os("ENVOY_BIN") else {
        println!("skipped: ENVOY_BIN is not set");
        return;
    };
    let (asked, differing) = golden::asked_anew(envoy.as_ref(), &[], ENVOYS).unwrap();
    assert!(asked > 9_000, "only {asked} cases");
    assert!(differing.is_empty(), "{} of {asked} differ:\n{}", differing.len(), differing.join("\n"));
}
