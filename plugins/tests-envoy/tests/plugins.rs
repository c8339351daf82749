//! The built-in plugins in a real Envoy: what is on the wire, byte by byte.
//!
//! One test, because all cases share one Envoy and it must end with them.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // All of this file is a test.

mod cases;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cases::{Case, Outcome};
use tests_envoy::client;
use tests_envoy::envoy::{Envoy, Listener, Paths};
use tests_envoy::upstream::Upstream;

#[test]
fn plugins_in_envoy() {
    let Some(paths) = Paths::from_environment().unwrap_or_else(|message| panic!("{message}")) else {
        println!("skipped: no Envoy (ALLOW_NO_ENVOY=1)");
        return;
    };
    let cases = cases::all();
    let refused = cases::refused();
    let mut listeners: Vec<Listener> = Vec::new();
    // Cases with the same chain share a listener.
    let names: Vec<String> = cases
        .iter()
        .map(|case| match listeners.iter().find(|l| l.chain == case.chain) {
            Some(listener) => listener.name.clone(),
            None => {
                let name = format!("case{}", listeners.len());
                listeners.push(Listener { name: name.clone(), chain: case.chain.clone() });
                name
            }
        })
        .collect();
    for (i, case) in refused.iter().enumerate() {
        listeners.push(Listener {
            name: format!("refused{i}"),
            chain: vec![(case.module, Some(case.configuration.to_owned()))],
        });
    }

    let upstream = Upstream::start().expect("an upstream");
    let envoy = Envoy::start(&paths, upstream.port(), &listeners).expect("a running Envoy");
    let mut failures = Vec::new();
    let mut run = |name: &str, check: &mut dyn FnMut()| match catch_unwind(AssertUnwindSafe(check)) {
        Ok(()) => println!("ok      {name}"),
        Err(_) => {
            println!("FAILED  {name}");
            failures.push(name.to_owned());
        }
    };
    for (case, listener) in cases.iter().zip(&names) {
        run(case.name, &mut || exchange(case, listener, &envoy, &upstream));
    }
    for (i, case) in refused.iter().enumerate() {
        run(&format!("refused: {}", case.configuration), &mut || {
            assert_eq!(envoy.port(&format!("refused{i}")), None, "the listener was accepted");
            let log = envoy.log();
            let lines = log.lines().filter(|line| line.contains(case.log));
            assert!(lines.count() > 0, "not in the log: {}", case.log);
        });
    }
    run("no plugin trapped", &mut || {
        let log = envoy.log();
        for word in ["panicked", "Uncaught", "unreachable"] {
            assert!(!log.contains(word), "{log}");
        }
    });
    assert!(failures.is_empty(), "failed: {failures:#?}\n{}", envoy.log());
    println!("{} cases, {} refusals", cases.len(), refused.len());
}

fn exchange(case: &Case, listener: &str, envoy: &Envoy, upstream: &Upstream) {
    let port = envoy.port(listener).expect("a listener");
    upstream.answer(case.path, case.answer.clone());
    let counters = |names: &[&str]| -> Vec<u64> { names.iter().map(|n| envoy.counter(n)).collect() };
    let names: Vec<&str> = case.counted.iter().map(|(name, _)| *name).collect();
    let before = counters(&names);
    let response = client::send(port, case.method, case.path, &case.headers).expect("an answer");
    let after = counters(&names);
    for ((name, by), (before, after)) in case.counted.iter().zip(before.iter().zip(after)) {
        assert_eq!(after - before, *by, "counter {name}");
    }
    (case.check)(&Outcome { response, request: upstream.request(case.path) });
}
