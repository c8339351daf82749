//! An API server that goes away and comes back.
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    io::ErrorKind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use kube::client::Body;
use marketplace_cluster::{Cluster, Health, KindState};
use serde_json::{Value, json};

fn list(items: Vec<Value>) -> Value {
    json!({"metadata": {"resourceVersion": "1"}, "items": items})
}

async fn until(cluster: &Cluster, what: &str, is_so: impl Fn(&Health) -> bool) {
    let mut changes = cluster.changes();
    let wait = async {
        while !is_so(&cluster.health()) {
            let _ = changes.recv().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(15), wait).await.expect(what);
}

#[tokio::test]
async fn is_said_with_its_time_and_ends_by_itself() {
    let away = Arc::new(AtomicBool::new(false));
    let switch = Arc::clone(&away);
    let service = tower::service_fn(move |request: Request<Body>| {
        let away = Arc::clone(&switch);
        async move {
            if away.load(Ordering::SeqCst) {
                return Err(std::io::Error::new(ErrorKind::ConnectionRefused, "connection refused"));
            }
            let watching = request.uri().query().unwrap_or_default().contains("watch=true");
            if watching {
                // Watches end now and then; the next one is the first to see an outage.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            let body = if watching { String::new() } else { list(vec![]).to_string() };
            Ok(Response::new(Full::new(Bytes::from(body))))
        }
    });
    let cluster = Cluster::over(service, "mock");
    assert!(cluster.ready(Duration::from_secs(5)).await);
    assert!(cluster.health().is_good());

    let before = chrono::Utc::now();
    away.store(true, Ordering::SeqCst);
    // Answers that were on their way still arrive; when all kinds fail there are none left.
    let failing = |health: &Health| health.kinds.values().all(|state| matches!(state, KindState::Failing(_)));
    until(&cluster, "the outage is seen", |health| failing(health) && health.unreachable_since.is_some()).await;
    let health = cluster.health();
    assert!(health.unreachable_since.unwrap() >= before);
    assert_eq!(health.unreachable_why.as_deref(), Some("connection refused"));
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(cluster.health().unreachable_since, health.unreachable_since, "since when stays what it was");

    away.store(false, Ordering::SeqCst);
    until(&cluster, "all is good again, though nothing changed", Health::is_good).await;
}
