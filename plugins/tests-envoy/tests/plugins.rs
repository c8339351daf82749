//! The built-in plugins in a real Envoy: what is on the wire, byte by byte.
//!
//! One test, because all cases share one Envoy and it must end with them.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // All of this file is a test.

mod cases;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cases::{Case, Outcome};
use tests_envoy::client::{self, Request};
use tests_envoy::envoy::{Envoy, Listener, Paths};
use tests_envoy::http2;
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
    let ports = envoy.ports();
    let mut failures = Vec::new();
    let mut run = |name: &str, check: &mut dyn FnMut()| match catch_unwind(AssertUnwindSafe(check)) {
        Ok(()) => println!("ok      {name}"),
        Err(_) => {
            println!("FAILED  {name}");
            failures.push(name.to_owned());
        }
    };
    for (case, listener) in cases.iter().zip(&names) {
        run(case.name, &mut || exchange(case, ports.get(listener).copied(), &envoy, &upstream));
    }
    for (i, case) in refused.iter().enumerate() {
        run(&format!("refused: {}", case.configuration), &mut || {
            assert!(!ports.contains_key(&format!("refused{i}")), "the listener was accepted");
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

/// Ten exchanges of its own at least, and all ten odd messages.
#[test]
fn every_plugin_has_its_table() {
    let cases = cases::all();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
    let folders = std::fs::read_dir(folder).expect("the folder of all plugins").map(|folder| folder.expect("a folder"));
    let plugins: Vec<_> = folders.filter(|folder| folder.path().join("plugin.toml").is_file()).collect();
    assert_eq!(plugins.len(), 20);
    for plugin in plugins {
        let module = plugin.file_name().to_string_lossy().replace('-', "_");
        let of = |case: &&Case| case.chain.last().is_some_and(|(last, _)| *last == module);
        let (odd, own): (Vec<&Case>, Vec<&Case>) =
            cases.iter().filter(of).partition(|case| case.path.starts_with("/edge/"));
        assert!(odd.len() == 10 && own.len() >= 10, "{module}: {} odd messages, {} of its own", odd.len(), own.len());
    }
}

fn exchange(case: &Case, port: Option<u16>, envoy: &Envoy, upstream: &Upstream) {
    let port = port.expect("a listener");
    let path = case.upstream_path.unwrap_or_else(|| case.path.split('?').next().unwrap_or_default());
    let mut received = Vec::new();
    for i in 0..case.times {
        upstream.answer(path, case.answer.clone());
        for (path, answer) in &case.callouts {
            upstream.answer(path, answer.clone());
        }
        let before: Vec<u64> = match i + 1 == case.times {
            true => case.counted.iter().map(|(name, _)| envoy.counter(name)).collect(),
            false => Vec::new(),
        };
        let request = Request { method: case.method, path: case.path, headers: &case.headers, payload: &case.payload };
        let send = if case.http2 { http2::send } else { client::send };
        received.push(send(port, request).expect("an answer"));
        for ((name, by), before) in case.counted.iter().zip(before) {
            let after = envoy.counter_once(name, before + by);
            assert_eq!(after - before, *by, "counter {name}; the answer: {:?}", received.last());
        }
    }
    if case.calls_later {
        wait_for(|| case.callouts.iter().all(|(path, _)| upstream.request(path).is_some_and(|call| call.complete)));
    }
    let log = || -> Vec<String> {
        let about = case.logged.unwrap_or_default();
        envoy.log().lines().filter(|line| line.contains(about)).map(str::to_owned).collect()
    };
    if case.logged.is_some() {
        wait_for(|| !log().is_empty());
    }
    let received_upstream = upstream.request(path);
    (case.check)(&Outcome {
        response: received.pop().expect("a response"),
        earlier: received,
        request: received_upstream.as_ref().map(|r| r.head.to_ascii_lowercase()).unwrap_or_default(),
        received: received_upstream,
        log: if case.logged.is_some() { log() } else { Vec::new() },
        calls: case.callouts.iter().map(|(path, _)| upstream.request(path)).collect(),
    });
}

/// Waits until something is so, but not for long: whether it is, the case itself looks.
fn wait_for(is_so: impl Fn() -> bool) {
    for _ in 0..60 {
        if is_so() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
