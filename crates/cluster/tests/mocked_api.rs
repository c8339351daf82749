//! The requests themselves: a service in this process that notes them and answers as told.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::client::Body;
use marketplace_cluster::{Cluster, Deleted, Desired, FIELD_MANAGER, Kind, KindState, WriteError};
use marketplace_domain::{extension::ExtensionSpec, problem::BadSecret};
use serde_json::{Value, json};

/// Method, path, query, content type, body.
#[derive(Debug, Clone)]
struct Seen {
    method: Method,
    path: String,
    query: String,
    content_type: String,
    body: Value,
}

/// Answers to writes and to reads of single objects; lists are empty and watches silent.
type Answer = dyn Fn(&Seen) -> (u16, Value) + Send + Sync;

struct Mock {
    cluster: Cluster,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Mock {
    fn new(answer: impl Fn(&Seen) -> (u16, Value) + Send + Sync + 'static) -> Mock {
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (notes, answer): (_, Arc<Answer>) = (Arc::clone(&seen), Arc::new(answer));
        let service = tower::service_fn(move |request: Request<Body>| {
            let (notes, answer) = (Arc::clone(&notes), Arc::clone(&answer));
            async move {
                let (parts, body) = request.into_parts();
                let body = body.collect().await.unwrap().to_bytes();
                let seen = Seen {
                    method: parts.method,
                    path: parts.uri.path().to_owned(),
                    query: parts.uri.query().unwrap_or_default().to_owned(),
                    content_type: parts.headers.get("content-type").map_or("", |v| v.to_str().unwrap()).to_owned(),
                    body: serde_json::from_slice(&body).unwrap_or_default(),
                };
                if seen.query.contains("watch=true") {
                    std::future::pending::<()>().await;
                }
                let (code, body) = answer(&seen);
                if seen.path.contains("/wasmplugins/") {
                    notes.lock().unwrap().push(seen);
                }
                let status = StatusCode::from_u16(code).unwrap();
                let body = http_body_util::Full::new(bytes::Bytes::from(body.to_string()));
                Ok::<_, Infallible>(Response::builder().status(status).body(body).unwrap())
            }
        });
        Mock { cluster: Cluster::over(service, "mock"), seen }
    }

    fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

fn list() -> (u16, Value) {
    (200, json!({"apiVersion": "v1", "kind": "List", "metadata": {"resourceVersion": "1"}, "items": []}))
}

fn not_found() -> (u16, Value) {
    (
        404,
        json!({"kind": "Status", "code": 404, "reason": "NotFound", "message": "not found",
        "details": {"name": "p", "kind": "wasmplugins"}}),
    )
}

fn stored(spec: Value) -> Value {
    json!({"apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin", "spec": spec,
        "metadata": {"name": "p", "namespace": "shop", "uid": "u", "resourceVersion": "7"}})
}

fn desired() -> Desired {
    let spec = ExtensionSpec { url: "oci://r.example.com/p:1".into(), priority: Some(10), ..ExtensionSpec::default() };
    Desired::new("shop".parse().unwrap(), "p".parse().unwrap(), spec)
}

/// Nothing is there; a write answers what was sent.
fn empty(seen: &Seen) -> (u16, Value) {
    match seen.method {
        Method::PATCH => (201, stored(seen.body["spec"].clone())),
        _ if seen.path.contains("/wasmplugins/") => not_found(),
        _ => list(),
    }
}

#[tokio::test]
async fn applies_under_one_name_strictly_and_without_force() {
    let mock = Mock::new(empty);
    let dry = mock.cluster.dry_run(&desired()).await.unwrap();
    let applied = mock.cluster.apply(&desired()).await.unwrap();
    assert!(applied.changed && applied.created && applied.uid == "u" && applied.resource_version == "7");
    let patches: Vec<Seen> = mock.requests().into_iter().filter(|seen| seen.method == Method::PATCH).collect();
    let path = "/apis/extensions.istio.io/v1alpha1/namespaces/shop/wasmplugins/p";
    for (seen, is_dry) in patches.iter().zip([true, false]) {
        assert_eq!((seen.path.as_str(), seen.content_type.as_str()), (path, "application/apply-patch+yaml"));
        let pairs: Vec<&str> = seen.query.split('&').filter(|pair| !pair.is_empty()).collect();
        assert!(pairs.contains(&format!("fieldManager={FIELD_MANAGER}").as_str()), "{pairs:?}");
        assert!(pairs.contains(&"fieldValidation=Strict"), "{pairs:?}");
        assert_eq!(pairs.contains(&"dryRun=All"), is_dry);
        assert!(!seen.query.contains("force"));
        assert_eq!(seen.body, mock.cluster.render(&desired()));
        assert_eq!(seen.body, dry.sent);
    }
    assert_eq!(patches.len(), 2);
}

#[tokio::test]
async fn writes_nothing_when_nothing_differs() {
    let rendered = Mock::new(empty).cluster.render(&desired())["spec"].clone();
    let mock = Mock::new(move |seen| match seen.path.contains("/wasmplugins/") {
        true => (200, stored(rendered.clone())),
        false => list(),
    });
    let applied = mock.cluster.apply(&desired()).await.unwrap();
    assert!(!applied.changed && !applied.created);
    assert!(mock.requests().iter().all(|seen| seen.method == Method::GET));
}

#[tokio::test]
async fn tells_conflicts_with_their_owners() {
    let mock = Mock::new(|seen| match seen.method {
        Method::PATCH => (
            409,
            json!({"kind": "Status", "code": 409, "reason": "Conflict", "message": "Apply failed",
            "details": {"causes": [{"reason": "FieldManagerConflict", "field": ".spec.url",
                "message": "conflict with \"kubectl\" using extensions.istio.io/v1alpha1"}]}}),
        ),
        _ => empty(seen),
    });
    let conflict = mock.cluster.apply(&desired()).await.unwrap_err();
    assert_eq!(conflict, WriteError::Conflict(vec![("spec.url".into(), "kubectl".into())]));
}

#[tokio::test]
async fn what_was_seen_has_to_be_what_is_there() {
    let mock = Mock::new(|seen| match seen.path.contains("/wasmplugins/") {
        true => (200, stored(json!({"url": "oci://r.example.com/other:1"}))),
        false => list(),
    });
    assert_eq!(mock.cluster.apply(&desired()).await.unwrap_err(), WriteError::ChangedMeanwhile);
    let old = Desired { resource_version: Some("6".into()), ..desired() };
    assert_eq!(mock.cluster.apply(&old).await.unwrap_err(), WriteError::ChangedMeanwhile);
    let current = Desired { resource_version: Some("7".into()), ..desired() };
    assert!(mock.cluster.apply(&current).await.unwrap().changed);
    let sent = mock.requests().pop().unwrap();
    assert_eq!(sent.body["metadata"]["resourceVersion"], "7");
    // Seen, and gone since.
    assert_eq!(Mock::new(empty).cluster.apply(&current).await.unwrap_err(), WriteError::Gone);
}

#[tokio::test]
async fn deletes_what_was_meant() {
    let mock = Mock::new(|seen| match seen.method {
        Method::DELETE => (200, json!({"kind": "Status", "status": "Success", "code": 200})),
        _ => empty(seen),
    });
    let (namespace, name) = ("shop".parse().unwrap(), "p".parse().unwrap());
    let deleted = mock.cluster.delete(&namespace, &name, Some("u")).await.unwrap();
    assert_eq!(deleted, Deleted { existed: true });
    assert_eq!(mock.requests()[0].body["preconditions"]["uid"], "u");
    let gone = Mock::new(empty).cluster.delete(&namespace, &name, None).await.unwrap();
    assert_eq!(gone, Deleted { existed: false });
}

#[tokio::test]
async fn a_missing_crd_is_a_state() {
    let mock = Mock::new(|seen| match seen.path.contains("wasmplugins") {
        true => (
            404,
            json!({"kind": "Status", "code": 404, "reason": "NotFound",
            "message": "the server could not find the requested resource", "details": {}}),
        ),
        false => list(),
    });
    assert!(mock.cluster.ready(Duration::from_secs(5)).await);
    assert_eq!(*mock.cluster.health().of(Kind::Plugins), KindState::CrdMissing);
    assert_eq!(*mock.cluster.health().of(Kind::Pods), KindState::Synced);
    assert_eq!(mock.cluster.apply(&desired()).await.unwrap_err(), WriteError::CrdMissing);
}

#[tokio::test]
async fn says_what_it_may_not_read_and_what_is_malformed() {
    let mock = Mock::new(|seen| match seen.path.as_str() {
        "/api/v1/pods" => (403, json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no pods"})),
        "/api/v1/services" => (
            200,
            json!({"metadata": {"resourceVersion": "1"}, "items": [
            {"metadata": {"name": "good", "namespace": "shop"}, "spec": {"ports": [{"port": 80}]}},
            {"metadata": {"name": "bad", "namespace": "shop"}, "spec": {"ports": "none"}}]}),
        ),
        _ => list(),
    });
    assert!(!mock.cluster.ready(Duration::from_millis(500)).await);
    let seen = mock.cluster.snapshot();
    assert_eq!(*seen.health.of(Kind::Pods), KindState::Forbidden("no pods".into()));
    assert_eq!(seen.services.len(), 1);
    assert_eq!((seen.malformed[0].kind, seen.malformed[0].name.as_str()), (Kind::Services, "bad"));
}

#[tokio::test]
async fn a_pull_secret_is_read_or_said_to_be_none() {
    let mock = Mock::new(|seen| match seen.path.as_str().strip_prefix("/api/v1/namespaces/shop/secrets/") {
        // {"auths":{}}
        Some("pull") => (
            200,
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "pull", "namespace": "shop"},
            "type": "kubernetes.io/dockerconfigjson", "data": {".dockerconfigjson": "eyJhdXRocyI6e319"}}),
        ),
        Some("opaque") => (
            200,
            json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "opaque", "namespace": "shop"},
            "type": "Opaque", "data": {".dockerconfigjson": "eyJhdXRocyI6e319"}}),
        ),
        Some("hidden") => (403, json!({"kind": "Status", "code": 403, "reason": "Forbidden", "message": "no"})),
        Some("broken") => (500, json!({"kind": "Status", "code": 500, "reason": "InternalError", "message": "no"})),
        Some(_) => not_found(),
        None => list(),
    });
    let read = async |name: &str| mock.cluster.pull_secret(&"shop".parse().unwrap(), &name.parse().unwrap()).await;
    assert_eq!(read("pull").await.as_deref(), Ok("{\"auths\":{}}"));
    for (name, why) in [
        ("opaque", BadSecret::OtherType),
        ("hidden", BadSecret::Forbidden),
        ("broken", BadSecret::Away),
        ("none", BadSecret::Gone),
    ] {
        assert_eq!(read(name).await, Err(why), "{name}");
    }
}
