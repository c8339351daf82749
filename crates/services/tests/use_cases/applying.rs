//! Applying, and what follows from it on all pages.

use marketplace_domain::views::{market::MarketQuery, traffic::Scope};
use marketplace_services::ServiceError;
use serde_json::{Value, json};

use crate::setup::{BASE, WHO, edit, key, new, setup, until};

fn without_defaults(object: &Value) -> Value {
    let mut object = object.clone();
    for field in ["uid", "resourceVersion", "generation", "creationTimestamp", "managedFields"] {
        object["metadata"].as_object_mut().unwrap().remove(field);
    }
    object
}

#[tokio::test]
async fn a_resource_is_as_small_as_possible_and_never_silent() {
    let setup = setup().await;
    let stored = setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let digest = stored["spec"]["sha256"].as_str().unwrap();
    assert_eq!(
        without_defaults(&stored),
        json!({
            "apiVersion": "extensions.istio.io/v1alpha1",
            "kind": "WasmPlugin",
            "metadata": { "namespace": "bookinfo", "name": "data-masking-reviews" },
            "spec": {
                "url": format!("{BASE}/modules/{digest}.wasm"),
                "sha256": digest,
                "phase": "UNSPECIFIED_PHASE",
                "priority": 100,
                "match": [{ "mode": "SERVER" }],
                "selector": { "matchLabels": { "app": "reviews" } },
                "pluginConfig": {
                    "detectors": ["phone", "id-card", "bank-card", "email"],
                    "mask": "*",
                    "patterns": [{ "match": "order-([0-9]{8,})", "keepLast": 4 }],
                    "jsonPaths": [{ "path": "$..password" }],
                    "maskRequests": true,
                    "contentTypes": ["application/json", "application/*+json", "text/html"],
                    "maxBodyKiB": 512,
                    "largeBodies": "stream",
                },
            },
        })
    );
    let managers = stored["metadata"]["managedFields"].as_array().unwrap();
    let named: Vec<_> = managers.iter().map(|one| (&one["manager"], &one["operation"])).collect();
    assert_eq!(named, [(&json!("plugin-marketplace"), &json!("Apply"))]);

    let row = setup.row("bookinfo", "data-masking-reviews").await.unwrap();
    assert!(row.ours);
    assert_eq!(row.plugin.map(|plugin| plugin.name), Some("data-masking".to_owned()));
    assert_eq!(row.scope, Scope::Services(vec![key("bookinfo/reviews")]));
    assert_eq!(row.state.proxies.len(), 4);
}

#[tokio::test]
async fn behind_a_waypoint_the_service_is_the_target() {
    let setup = setup().await;
    let stored = setup.applied(&new("ambient/orders", "data-masking"), &[]).await;
    let spec = &stored["spec"];
    assert_eq!(spec["targetRefs"], json!([{ "kind": "Service", "name": "orders" }]));
    assert_eq!(spec.get("selector"), None);
    assert_eq!(spec["match"], json!([{ "mode": "SERVER" }]));
    let row = setup.row("ambient", "data-masking-orders").await.unwrap();
    assert_eq!(row.scope, Scope::Services(vec![key("ambient/orders")]));
    assert_eq!(row.state.proxies.len(), 1, "the waypoint alone");
}

#[tokio::test]
async fn on_a_gateway_the_direction_is_outbound() {
    let setup = setup().await;
    let view = setup.services.apply_view(&new("bookinfo/bookinfo-gateway-istio", "data-masking"), None).await.unwrap();
    assert_eq!((view.draft.get("direction"), view.problems.as_slice()), ("CLIENT", &[][..]));
    assert!(view.resource_yaml.contains("gateway.networking.k8s.io/gateway-name: bookinfo-gateway"));
}

#[tokio::test]
async fn all_that_can_be_said_is_written() {
    let setup = setup().await;
    let target = new("bookinfo/reviews", "data-masking");
    let stored = setup.applied(
        &target,
        &[
            ("name", "mask-more"),
            ("phase", "AUTHZ"),
            ("priority", "1000"),
            ("failStrategy", "FAIL_OPEN"),
            ("direction", "CLIENT_AND_SERVER"),
            ("ports", "9080, 9443"),
            ("env.0.name", "REGION"),
            ("env.0.from", "INLINE"),
            ("env.0.value", "eu"),
            ("env.1.name", "HOSTNAME"),
            ("env.1.from", "HOST"),
            ("env.1.value", ""),
        ],
    );
    let spec = &stored.await["spec"];
    assert_eq!(spec["phase"], "AUTHZ");
    assert_eq!(spec["priority"], 1000);
    assert_eq!(spec["failStrategy"], "FAIL_OPEN");
    assert_eq!(
        spec["match"],
        json!([{ "mode": "CLIENT_AND_SERVER", "ports": [{ "number": 9080 }, { "number": 9443 }] }])
    );
    let env = json!([{ "name": "REGION", "value": "eu" }, { "name": "HOSTNAME", "valueFrom": "HOST" }]);
    assert_eq!(spec["vmConfig"]["env"], env);
}

#[tokio::test]
async fn the_review_shows_exactly_what_is_stored() {
    let setup = setup().await;
    let target = new("bookinfo/reviews", "data-masking");
    let shown = setup.services.apply_view(&target, None).await.unwrap();
    assert!(shown.diff.iter().all(|line| line.sign == '+'), "all of it is new");
    assert_eq!(shown.proxies.len(), 4);
    setup.applied(&target, &[]).await;
    let after = setup.services.apply_view(&edit("bookinfo", "data-masking-reviews"), None).await.unwrap();
    // The API server gives fields back in an order of its own.
    let parsed = |text: &str| serde_yaml_ng::from_str::<Value>(text).unwrap();
    assert_eq!(parsed(&after.resource_yaml), parsed(&shown.resource_yaml));
    assert!(after.diff.iter().all(|line| line.sign == ' '), "{:?}", after.diff);
}

#[tokio::test]
async fn use_is_counted_on_the_market() {
    let setup = setup().await;
    let card = async || {
        let page = setup.services.market(&MarketQuery::default(), Default::default()).await.unwrap();
        (page.cards.into_iter().find(|card| card.name == "data-masking").unwrap().services, page.facets.in_use)
    };
    assert_eq!(card().await, (0, 0));
    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    setup.applied(&new("bookinfo/ratings", "data-masking"), &[]).await;
    assert_eq!(card().await, (2, 1));
    let page = setup.services.plugin_page(&"data-masking".parse().unwrap(), None).await.unwrap();
    let uses: Vec<_> = page.uses.iter().map(|used| used.resource.as_str()).collect();
    assert_eq!(uses, ["data-masking-ratings", "data-masking-reviews"]);
    assert_eq!(page.versions[0].services, 2);
}

#[tokio::test]
async fn a_service_shows_its_plugins_in_their_order() {
    let setup = setup().await;
    let target = new("bookinfo/reviews", "data-masking");
    setup.applied(&target, &[("name", "last")]).await;
    setup.applied(&target, &[("name", "first"), ("phase", "AUTHN"), ("priority", "1")]).await;
    setup.applied(&target, &[("name", "middle"), ("priority", "200")]).await;
    let page = setup.services.service_page(&key("bookinfo/reviews")).await.unwrap();
    let order: Vec<_> = page.plugins.iter().map(|row| row.resource.as_str()).collect();
    assert_eq!(order, ["first", "middle", "last"]);
}

#[tokio::test]
async fn uninstalling_takes_exactly_what_was_looked_at() {
    let setup = setup().await;
    setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    let uid = setup.row("bookinfo", "data-masking-reviews").await.unwrap().uid;
    let (namespace, name) = ("bookinfo".parse().unwrap(), "data-masking-reviews".parse().unwrap());

    let before = setup.everything();
    let other = setup.services.uninstall(&namespace, &name, "11111111-1111-1111-1111-111111111111", WHO).await;
    assert!(matches!(other, Err(ServiceError::ChangedMeanwhile)), "{other:?}");
    assert_eq!(setup.everything(), before);

    setup.services.uninstall(&namespace, &name, &uid, WHO).await.unwrap();
    assert_eq!(setup.stored("bookinfo", "data-masking-reviews"), Value::Null);
    until("it is gone from the list", async || setup.row("bookinfo", "data-masking-reviews").await.is_none()).await;
    // Pressing the button twice is no failure.
    setup.services.uninstall(&namespace, &name, &uid, WHO).await.unwrap();
    let page = setup.services.activity(None).await.unwrap();
    assert_eq!(page.entries.iter().filter(|entry| entry.action == "uninstalled").count(), 1);
}

#[tokio::test]
async fn what_was_done_is_on_record_with_its_difference() {
    let setup = setup().await;
    let stored = setup.applied(&new("bookinfo/reviews", "data-masking"), &[]).await;
    setup.applied(&edit("bookinfo", "data-masking-reviews"), &[("priority", "7")]).await;
    let (namespace, name) = ("bookinfo".parse().unwrap(), "data-masking-reviews".parse().unwrap());
    let uid = stored["metadata"]["uid"].as_str().unwrap();
    setup.services.uninstall(&namespace, &name, uid, WHO).await.unwrap();

    let page = setup.services.activity(None).await.unwrap();
    let actions: Vec<_> = page.entries.iter().map(|entry| entry.action.as_str()).collect();
    assert_eq!(actions[..3], ["uninstalled", "edited", "applied"]);
    for entry in &page.entries[..3] {
        assert_eq!(entry.who, WHO);
        assert_eq!(entry.plugin.as_deref(), Some("data-masking"));
        assert_eq!(entry.service.as_deref(), Some("bookinfo/reviews"));
        assert_eq!(entry.resource.as_deref(), Some("bookinfo/data-masking-reviews"));
        assert_eq!(entry.outcome, "ok");
    }
    let changed = |n: usize| {
        let lines = page.entries[n].diff.iter().filter(|line| line.sign != ' ');
        lines.map(|line| format!("{}{}", line.sign, line.text)).collect::<Vec<_>>()
    };
    assert_eq!(changed(1), ["-  priority: 100", "+  priority: 7"]);
    assert!(changed(0).iter().all(|line| line.starts_with('-')) && changed(0).len() > 10);
    assert!(changed(2).iter().all(|line| line.starts_with('+')) && changed(2).len() > 10);
}
