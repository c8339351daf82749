//! Configurations that take each other's place in one proxy, and come again.

#![allow(clippy::expect_used, clippy::panic, clippy::print_stdout)] // All of this file is a test.

use std::thread;
use std::time::Duration;

use tests_envoy::client;
use tests_envoy::envoy::{Envoy, Listener, Paths};
use tests_envoy::upstream::{Upstream, sized};

/// One key is good; what passes is logged by the service, each line at once.
fn listeners(key: &str) -> Vec<Listener> {
    let keys = format!(r#"{{"consumers":[{{"name":"{key}","credentials":["{key}"]}}]}}"#);
    let log = r#"{"output":"service","service":{"host":"service.test","port":8080,"path":"/lines","maxBatch":1,"maxWaitMs":50}}"#;
    vec![Listener {
        name: "replaced".into(),
        chain: vec![("access_log", Some(log.to_owned())), ("key_auth", Some(keys))],
    }]
}

/// The status with a key, as soon as the listener with this key serves: workers take it one after the other.
fn ask(envoy: &Envoy, key: &str, wanted: u16) -> u16 {
    let mut status = 0;
    for _ in 0..100 {
        let port = envoy.ports().get("replaced").copied().expect("a listener");
        let header = format!("apikey: {key}");
        // Where a listener ends while it is asked, nothing is answered.
        status = client::get(port, "/", &[&header, "connection: close"]).map_or(0, |response| response.status);
        if status == wanted {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    status
}

#[test]
fn configurations_come_go_and_come_again() {
    let Some(paths) = Paths::from_environment().unwrap_or_else(|message| panic!("{message}")) else {
        println!("skipped: no Envoy (ALLOW_NO_ENVOY=1)");
        return;
    };
    let upstream = Upstream::start().expect("an upstream");
    upstream.answer("/", sized(&[], b"ok"));
    let envoy =
        Envoy::with_workers(2, &paths, upstream.port(), &listeners("first-key-of-all")).expect("a running Envoy");
    for key in ["first-key-of-all", "second-key-of-all", "first-key-of-all", "first-key-of-all", "second-key-of-all"] {
        envoy.replace(&listeners(key)).expect("taken");
        upstream.answer("/lines", sized(&[], b""));
        assert_eq!(ask(&envoy, key, 200), 200, "{key}");
        assert_eq!(ask(&envoy, "no-key-of-any", 401), 401);
        // The clock of the new configuration ticks.
        let said = || upstream.request("/lines").map(|call| String::from_utf8_lossy(&call.body).into_owned());
        let logged = (0..60).any(|_| {
            thread::sleep(Duration::from_millis(50));
            said().is_some_and(|line| line.contains("\"status\":"))
        });
        assert!(logged, "{key}: {:?}", said());
    }
    // What is refused changes nothing, however often it comes.
    for _ in 0..2 {
        let mut refused = listeners("third-key-of-all");
        refused[0].chain[1].1 = Some(r#"{"consumers":[{"name":"a"}]}"#.to_owned());
        envoy.replace(&refused).expect("refused");
        assert_eq!(ask(&envoy, "second-key-of-all", 200), 200);
        assert!(
            envoy.log().contains("key-auth: configuration refused: field \"consumers[0].credentials\": is missing")
        );
    }
    for word in ["panicked", "Uncaught", "unreachable"] {
        assert!(!envoy.log().contains(word), "{}", envoy.log());
    }
}
