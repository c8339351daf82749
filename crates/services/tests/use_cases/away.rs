//! The cluster refuses, or is away: pages stay up with what was last seen, and nothing typed is lost.

use marketplace_domain::{Reason, views::traffic::TrafficQuery};
use marketplace_services::ServiceError;
use serde_json::json;

use crate::setup::{WHO, new, only, refused, setup, until};

#[tokio::test]
async fn without_rights_nothing_is_written_and_nothing_is_lost() {
    let setup = setup().await;
    let target = new("bookinfo/reviews", "data-masking");
    setup.mesh.set_forbidden(true);
    let before = setup.everything();
    let (kept, problems) = refused(setup.send(&target, &[("priority", "42")]).await);
    let (field, reason) = only(&problems);
    assert!(
        field.is_empty() && matches!(reason, Reason::Forbidden(words) if words.contains("wasmplugins")),
        "{reason:?}"
    );
    assert_eq!(setup.everything(), before);

    let row = setup.row("shop", "request-tagger").await.unwrap();
    let (namespace, name) = ("shop".parse().unwrap(), "request-tagger".parse().unwrap());
    let refused = setup.services.uninstall(&namespace, &name, &row.uid, WHO).await;
    assert!(matches!(refused, Err(ServiceError::Forbidden(_))), "{refused:?}");

    setup.mesh.set_forbidden(false);
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    assert_eq!(view.draft.get("priority"), "42");
    setup.services.apply(&target, &view.draft, Some(kept), WHO).await.unwrap();
    assert_eq!(setup.stored("bookinfo", "data-masking-reviews")["spec"]["priority"], 42);
}

#[tokio::test]
async fn with_the_cluster_away_pages_show_what_was_last_seen() {
    let setup = setup().await;
    let target = new("bookinfo/reviews", "data-masking");
    let draft = setup.typed(&target, &[("priority", "42")]).await;
    assert_eq!(setup.services.frame(WHO).await.cluster.stale_since, None);
    setup.mesh.set_unreachable(true);
    until("somebody notices", async || setup.services.frame(WHO).await.cluster.stale_since.is_some()).await;

    let services = setup.services.traffic(&TrafficQuery::default()).await.unwrap();
    assert!(services.total > 8, "what was seen is still there");
    assert!(setup.row("shop", "request-tagger").await.is_some());
    let (kept, problems) = refused(setup.services.apply(&target, &draft, None, WHO).await);
    let (field, reason) = only(&problems);
    assert!(field.is_empty() && matches!(reason, Reason::ClusterAway(_)), "{reason:?}");
    let view = setup.services.apply_view(&target, Some(kept)).await.unwrap();
    assert_eq!(view.draft.get("priority"), "42");
    let row = setup.row("shop", "request-tagger").await.unwrap();
    let (namespace, name) = ("shop".parse().unwrap(), "request-tagger".parse().unwrap());
    let away = setup.services.uninstall(&namespace, &name, &row.uid, WHO).await;
    assert!(matches!(away, Err(ServiceError::ClusterUnavailable(_))), "{away:?}");

    setup.mesh.set_unreachable(false);
    until("it is back", async || setup.services.frame(WHO).await.cluster.stale_since.is_none()).await;
    setup.services.apply(&target, &view.draft, Some(kept), WHO).await.unwrap();
    assert_eq!(setup.stored("bookinfo", "data-masking-reviews")["spec"]["priority"], 42);
}

#[tokio::test]
async fn what_others_do_is_seen_without_asking() {
    let setup = setup().await;
    let mut changes = setup.services.changes();
    let made = json!({
        "apiVersion": "extensions.istio.io/v1alpha1", "kind": "WasmPlugin",
        "metadata": { "namespace": "shop", "name": "by-hand" },
        "spec": { "url": "oci://registry.example.com/by-hand:1", "selector": { "matchLabels": { "app": "cart" } } },
    });
    setup.mesh.create_as("kubectl-create", &made).unwrap();
    changes.recv().await.unwrap();
    until("it is in the list", async || setup.row("shop", "by-hand").await.is_some()).await;
    setup.mesh.delete("WasmPlugin", "shop", "by-hand").unwrap();
    until("it is gone", async || setup.row("shop", "by-hand").await.is_none()).await;
}

#[tokio::test]
async fn a_cluster_without_istio_says_so() {
    let setup = setup().await;
    setup.mesh.remove_crd();
    until("the frame says so", async || setup.services.frame(WHO).await.cluster.crd_missing).await;
    let (_, problems) = refused(setup.send(&new("bookinfo/reviews", "data-masking"), &[]).await);
    assert_eq!(only(&problems), ("", &Reason::CrdMissing));
}

#[tokio::test]
async fn what_cannot_be_read_is_reported_and_hides_nothing() {
    let setup = setup().await;
    setup.mesh.put_malformed();
    until("the frame says so", async || !setup.services.frame(WHO).await.cluster.malformed.is_empty()).await;
    assert!(setup.row("shop", "request-tagger").await.is_some());
}
