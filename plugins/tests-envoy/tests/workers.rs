//! What the workers of one proxy share.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // All of this file is a test.

use std::thread;

use tests_envoy::client;
use tests_envoy::envoy::{Envoy, Listener, Paths};
use tests_envoy::upstream::{Upstream, sized};

/// Each request has a connection of its own, and each connection a worker.
fn ask(port: u16, key: &str, times: usize) -> Vec<u16> {
    let header = format!("x-key: {key}");
    let one = |_| client::get(port, "/", &[&header, "connection: close"]).expect("an answer").status;
    (0..times).map(one).collect()
}

#[test]
fn all_workers_take_from_one_bucket() {
    let Some(paths) = Paths::from_environment().unwrap_or_else(|message| panic!("{message}")) else {
        println!("skipped: no Envoy (ALLOW_NO_ENVOY=1)");
        return;
    };
    let rules = r#"{"rule_items":[{"limit_by_per_header":"x-key","limit_keys":[{"key":"*","query_per_day":60}]}]}"#;
    let listener = Listener { name: "limited".into(), chain: vec![("local_rate_limit", Some(rules.into()))] };
    let upstream = Upstream::start().expect("an upstream");
    upstream.answer("/", sized(&[], b"ok"));
    let envoy = Envoy::with_workers(3, &paths, upstream.port(), &[listener]).expect("a running Envoy");
    let port = envoy.ports()["limited"];
    let clients: Vec<_> = (0..6).map(|_| thread::spawn(move || ask(port, "a", 25))).collect();
    let statuses: Vec<u16> = clients.into_iter().flat_map(|client| client.join().expect("a client")).collect();
    let count = |status| statuses.iter().filter(|s| **s == status).count();
    assert!(envoy.busy_workers() >= 2, "only {} of the workers had work", envoy.busy_workers());
    assert_eq!((count(200), count(429)), (60, 90), "{statuses:?}");
    assert_eq!(envoy.counter_once("local_rate_limit_passed", 60), 60);
    assert_eq!(envoy.counter_once("local_rate_limit_errors", 0), 0);
    // Another value has a bucket of its own.
    assert_eq!(ask(port, "b", 1), [200]);
}
